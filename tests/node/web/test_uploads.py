"""Photos that come with a form: their cost is bounded, the fault stands at the field, no trace."""

from __future__ import annotations

import io
import os
import random
import struct
import tempfile
import zlib
from pathlib import Path

import aiohttp
import pytest

from node.media import photo
from node.media.photo import PhotoLimits
from node.training.photos import draw_face
from node.users.policy import Role
from node.web import posting
from tests.support.exchanged import add_case
from tests.support.pages import Answer, PagesUnderTest
from tests.support.traces import PIECE_BYTES

REASON = "the mother brought it"


def chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)


def png(width: int, height: int, rows: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def upload(content: bytes) -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field("reason", REASON)
    form.add_field("kind", "photo")
    form.add_field("photos", io.BytesIO(content), filename="x.png", content_type="image/png")
    return form


async def sent(web: PagesUnderTest, content: bytes) -> tuple[Answer, int]:
    """Upload; return the answer, and how many versions the case has then."""
    case_id = await add_case(web.core)
    answer = await web.post(
        f"/photos/{case_id}", await web.signed_in(Role.CASEWORKER), upload(content)
    )
    return answer, (await web.core.cases.get(case_id)).row.version


def leftovers(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for whatever is put down for a moment."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize(
    ("content", "words"),
    [
        # 13 megabytes of pixels in a few kilobytes, and one that only says it is vast.
        (png(9000, 9000, b"\0" * 500_000), "The photo is too large."),
        (png(60_000, 60_000, b""), "The photo is too large."),
        (png(400, 400, b"\0" * 100), "The photo cannot be read."),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "This is no photo."),
        (b"PK\x03\x04" + b"\0" * 4000, "This is no photo."),
        (b"\xff\xd8\xff" + b"\xe1\xff\xff" * 4000, "The photo cannot be read."),
    ],
    ids=["bomb", "vast", "cut", "svg", "zip", "segments"],
)
async def test_a_photo_that_is_none_is_refused_at_its_field(
    web: PagesUnderTest, temporary: Path, content: bytes, words: str
) -> None:
    answer, version = await sent(web, content)
    assert answer.status == 422
    assert f'id="fault-photos">{words}' in answer.text
    assert REASON in answer.text
    assert version == 1
    assert leftovers(temporary) == []


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (PhotoLimits(wall_seconds=0.05), "photo_timeout"),
        (PhotoLimits(memory_bytes=64 * 1024 * 1024), "photo_worker_failed"),
        (PhotoLimits(cpu_seconds=0), "photo_timeout"),
    ],
    ids=["slow", "memory", "busy"],
)
async def test_the_limits_of_the_worker_hold(
    web: PagesUnderTest, temporary: Path, monkeypatch: pytest.MonkeyPatch, limits, code: str
) -> None:
    clean = photo.clean_photo
    monkeypatch.setattr(
        "node.cases.cases.clean_photo", lambda data, **_: clean(data, limits=limits)
    )
    answer, version = await sent(web, png(3000, 3000, b"\0" * 9_001 * 3000))
    assert answer.status == 422
    assert 'id="fault-photos"' in answer.text
    assert version == 1
    assert leftovers(temporary) == []


async def test_a_worker_that_is_killed_takes_nothing_with_it(
    web: PagesUnderTest, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    converse = photo._converse

    def killed(child, data: bytes, output_bytes: int) -> bytes:
        os.kill(child.pid, 9)
        return converse(child, data, output_bytes)

    monkeypatch.setattr(photo, "_converse", killed)
    answer, version = await sent(web, draw_face(random.Random(1)))
    assert answer.status == 422
    assert 'id="fault-photos">The photo cannot be read.' in answer.text
    assert version == 1
    assert leftovers(temporary) == []
    monkeypatch.undo()
    answer, version = await sent(web, draw_face(random.Random(1)))
    assert (answer.status, version) == (303, 2)


async def test_a_large_photo_is_never_put_on_the_disk_as_it_came(
    web: PagesUnderTest, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def note(*_arguments: object, **_more: object) -> None:
        opened.append("a file")
        raise OSError

    for name in ("TemporaryFile", "SpooledTemporaryFile", "NamedTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, note)
    noise = os.urandom(12 * 1024 * 1024)
    answer, _ = await sent(web, b"\xff\xd8\xff" + noise)
    assert answer.status == 422
    assert opened == []
    piece = noise[:PIECE_BYTES]
    assert not any(piece in each.read_bytes() for each in leftovers(temporary.parent))


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> int:
    """How much a form with files may hold, while a server starts."""
    monkeypatch.setattr(posting, "FILES_BYTES", posting.FORM_BYTES + 1)
    return posting.FORM_BYTES + 1


async def test_what_is_too_large_is_said_at_the_field(little: int, web: PagesUnderTest) -> None:
    answer, version = await sent(web, b"\xff\xd8\xff" + bytes(little))
    assert answer.status == 422
    assert 'id="fault-photos">The photo is too large.' in answer.text
    assert version == 1
