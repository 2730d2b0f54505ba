"""Own cases: what is refused leaves nothing behind."""

from __future__ import annotations

import pytest

from node.app import Core
from node.errors import NodeError
from protocol import limits
from protocol.pb.homeward.v1 import case_pb2
from tests.node.media.test_photo import encoded, picture, png_bomb
from tests.support.snapshots import snapshot

NOT_A_PHOTO = b"no photo at all"
GOOD_PHOTO = encoded(picture(), "JPEG")


@pytest.mark.parametrize(
    ("case", "reason", "code"),
    [
        (case_pb2.Case(status="x" * 10_000), "a call", "bad_case"),
        (case_pb2.Case(), "x" * (limits.REASON_CHARACTERS + 1), "reason_too_long"),
    ],
)
async def test_a_refused_case_leaves_neither_a_row_nor_a_file(
    core: Core, case: case_pb2.Case, reason: str, code: str
) -> None:
    await refused(core, case, NOT_A_PHOTO, reason, code)


@pytest.mark.parametrize(
    ("photo", "code"),
    [
        (NOT_A_PHOTO, "photo_kind_refused"),
        (png_bomb(50_000, 50_000), "photo_too_large"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "photo_unreadable"),
    ],
    ids=["no photo", "a bomb", "a HEIC without a picture"],
)
async def test_a_refused_photo_leaves_nothing_of_the_one_before_it(
    core: Core, photo: bytes, code: str
) -> None:
    await refused(core, case_pb2.Case(), photo, "a call", code)


async def refused(core: Core, case: case_pb2.Case, photo: bytes, reason: str, code: str) -> None:
    before = await snapshot(core)
    with pytest.raises(NodeError) as refusal:
        await core.cases.add(case, [GOOD_PHOTO, photo], made_by="a", reason=reason)
    assert refusal.value.code == code
    assert await snapshot(core) == before
    assert core.context.blobs.ids() == set()
