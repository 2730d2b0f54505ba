"""Key files: the secret half stays, and the public half cannot be changed unnoticed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from keys.errors import KeyFileError, KeyFileExists
from keys.tuf_keys import CompositeKey, create_directory_key, load_directory_key
from node.errors import ArgumentError
from node.federation import key_files
from node.federation.key_files import encode_public_key, make_key, parse_public_key, read_public_key
from tests.support.nodes import PASSPHRASE, seeded

KEY = create_directory_key(seeded("key files")).public_key
ENCODED = encode_public_key(KEY)


def test_a_new_key_opens_with_its_passphrase_and_has_a_public_half(tmp_path: Path) -> None:
    path = tmp_path / "mine.key"
    made = make_key(path, PASSPHRASE)
    assert load_directory_key(path, PASSPHRASE).public_key == made
    assert read_public_key(tmp_path / "mine.key.pub").to_dict() == made.to_dict()
    assert path.stat().st_mode & 0o077 == 0
    assert sorted(each.name for each in tmp_path.iterdir()) == ["mine.key", "mine.key.pub"]


@pytest.mark.parametrize("name", ["mine.key", "mine.key.pub"])
def test_nothing_is_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"precious")
    with pytest.raises(KeyFileExists, match="exists already"):
        make_key(tmp_path / "mine.key", PASSPHRASE)
    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"precious"]


def test_a_key_that_cannot_be_written_leaves_no_public_half(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError):
        make_key(tmp_path / "missing" / "mine.key", PASSPHRASE)
    assert list(tmp_path.iterdir()) == []


def test_the_public_half_stands_as_in_the_root_file() -> None:
    assert json.loads(ENCODED) == {"keyid": KEY.keyid, **KEY.to_dict()}


def test_every_changed_byte_of_the_public_half_is_refused() -> None:
    for position in range(len(ENCODED)):
        changed = bytearray(ENCODED)
        changed[position] ^= 1
        if changed.split() == ENCODED.split():
            continue
        with pytest.raises(ArgumentError, match="changed on the way"):
            parse_public_key(bytes(changed))


@pytest.mark.parametrize(
    "data",
    [ENCODED.replace(b"\n", b"\r\n"), b"\n" + ENCODED + b"\n\n", ENCODED.replace(b"\n", b"\n  ")],
)
def test_a_program_for_mail_may_change_the_ends_of_lines(data: bytes) -> None:
    assert parse_public_key(data) == KEY


def other(**changes: object) -> bytes:
    return json.dumps({**json.loads(ENCODED), **changes}).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b"[" * 100_000,
        b"\xff" * 100,
        other(keyid="00" * 32),
        other(keyid=1),
        other(scheme="other"),
        other(more=1),
        other(keyval={"public": KEY.public_bytes.hex().upper()}),
        other(keyval={"public": KEY.public_bytes.hex(), "private": ""}),
        other(keyval=[]),
        ENCODED.replace(b'"scheme"', b'"scheme": "x", "scheme"'),
    ],
)
def test_another_file_is_refused(data: bytes) -> None:
    with pytest.raises(ArgumentError, match="changed on the way"):
        parse_public_key(data)


def test_the_secret_half_is_refused_by_name(tmp_path: Path) -> None:
    make_key(tmp_path / "mine.key", PASSPHRASE)
    with pytest.raises(ArgumentError, match="secret"):
        read_public_key(tmp_path / "mine.key")


def test_a_huge_file_is_not_read_to_its_end(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "huge.pub"
    path.write_bytes(ENCODED + b" " * key_files.PUBLIC_KEY_BYTES)
    seen = []
    monkeypatch.setattr(CompositeKey, "from_dict", lambda *_: seen.append(1))
    with pytest.raises(ArgumentError, match="changed on the way"):
        read_public_key(path)
    assert seen == []
