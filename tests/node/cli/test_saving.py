"""Received files are written whole and checked, or not at all."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest

from node.cli.saving import save
from node.errors import NodeError
from node.store.blobs import BlobStore
from protocol.attachment import encrypt_chunks

KEY, CONTENT, LEG = bytes(range(32)), b"a picture " * 20_000, "ab" * 16


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "be" / "blobs").mkdir(parents=True)
    return tmp_path / "be"


def received(home: Path, **changes) -> dict:
    blob_id, size = BlobStore(home / "blobs").put_file(encrypt_chunks(KEY, [CONTENT]))
    return {
        "file_id": "../../f1",
        "blob_id": blob_id.hex(),
        "blob_size": size,
        "key": base64.b64encode(KEY).decode(),
        "media_type": "image/jpeg",
        "size": len(CONTENT),
        "digest": hashlib.sha256(CONTENT).hexdigest(),
        "is_complete": True,
        **changes,
    }


def test_a_file_is_named_by_us_and_not_by_the_peer(home: Path, tmp_path: Path) -> None:
    paths = save(home, [received(home)], tmp_path / "out", LEG)
    assert paths == [str(tmp_path / "out" / "abababab-1.jpg")]
    assert Path(paths[0]).read_bytes() == CONTENT


def test_only_kinds_that_we_send_get_an_ending_that_opens_by_itself(
    home: Path, tmp_path: Path
) -> None:
    (path,) = save(home, [received(home, media_type="text/html")], tmp_path / "out", LEG)
    assert path.endswith("abababab-1.bin")


@pytest.mark.parametrize(
    "changes",
    [
        {"digest": "00" * 32},
        {"size": len(CONTENT) - 1},
        {"size": len(CONTENT) + 1},
        {"key": base64.b64encode(bytes(32)).decode()},
    ],
)
def test_what_is_not_the_announced_file_leaves_nothing(
    home: Path, tmp_path: Path, changes: dict
) -> None:
    with pytest.raises(NodeError, match="not the one that was announced"):
        save(home, [received(home, **changes)], tmp_path / "out", LEG)
    assert list((tmp_path / "out").iterdir()) == []


def test_files_that_are_still_coming_are_not_written(home: Path, tmp_path: Path) -> None:
    with pytest.raises(NodeError, match="not all files are here yet"):
        save(home, [received(home, is_complete=False)], tmp_path / "out", LEG)
    assert not (tmp_path / "out").exists()
