"""Own cases: what is refused leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from node.errors import NodeError
from protocol import limits
from protocol.pb.homeward.v1 import case_pb2
from tests.support.nodes import DirectLink, SettableClock, make_federation, open_core

NOT_A_PHOTO = b"no photo at all"


@pytest.mark.parametrize(
    ("case", "reason", "code"),
    [
        (case_pb2.Case(status="x" * 10_000), "a call", "bad_case"),
        (case_pb2.Case(), "x" * (limits.REASON_CHARACTERS + 1), "reason_too_long"),
        (case_pb2.Case(), "a call", "photo_kind_refused"),
    ],
)
async def test_a_refused_case_leaves_neither_a_row_nor_a_file(
    tmp_path: Path, case: case_pb2.Case, reason: str, code: str
) -> None:
    federation = make_federation(tmp_path, ("be.example",))
    core = open_core(federation, "be.example", DirectLink(), SettableClock())
    with pytest.raises(NodeError) as refusal:
        await core.cases.add(case, [NOT_A_PHOTO], made_by="a", reason=reason)
    assert refusal.value.code == code
    assert await core.cases.list() == []
    assert core.context.blobs.ids() == set()
    await core.close()
