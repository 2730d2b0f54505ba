"""Vaults: what opens, and that each kind of bad file gets its own answer."""

from __future__ import annotations

import hashlib
import os
import stat
import struct
from pathlib import Path

import pytest

from keys import vault
from keys.errors import (
    KeyFileError,
    KeyFileExists,
    VaultDamaged,
    VaultTooNew,
    WrongPassphrase,
)
from keys.vault import KdfCost, load_vault, open_vault, seal_vault, store_vault
from tests.keys.federation import CHEAP, fixed_random

SECRET = b"thirty-two bytes of real secrecy"
PASSPHRASE = "correct horse, Größe 7".encode()


def sealed(secret: bytes = SECRET) -> bytes:
    return seal_vault(secret, PASSPHRASE, cost=CHEAP, random=fixed_random("vault"))


def with_checksum(body: bytes) -> bytes:
    return body + hashlib.sha256(body).digest()


@pytest.mark.parametrize("secret", [b"", b"x", SECRET, bytes(10_000)])
def test_sealed_secret_opens_again(secret: bytes) -> None:
    assert open_vault(sealed(secret), PASSPHRASE) == secret


def test_format_is_the_documented_one() -> None:
    data = sealed()
    assert data[:8] == b"HWVAULT\x00"
    assert data[8] == 1
    assert struct.unpack(">IIB", data[9:18]) == (8, 1, 1)
    assert data[18:34] == fixed_random("vault")(16)
    assert len(data) == 46 + len(SECRET) + 16 + 32
    assert data[-32:] == hashlib.sha256(data[:-32]).digest()


def test_standard_cost_works_and_is_the_specified_one() -> None:
    cost = vault.STANDARD_COST
    assert (cost.memory_kib, cost.iterations, cost.lanes) == (65536, 3, 4)
    data = seal_vault(SECRET, PASSPHRASE, cost=cost, random=os.urandom)
    assert open_vault(data, PASSPHRASE) == SECRET


def test_secret_is_not_in_the_file_and_two_files_differ() -> None:
    random = fixed_random("two")
    first = seal_vault(SECRET, PASSPHRASE, cost=CHEAP, random=random)
    second = seal_vault(SECRET, PASSPHRASE, cost=CHEAP, random=random)
    assert SECRET not in first
    assert first[46:] != second[46:]


def test_wrong_passphrase_is_called_that_and_hints() -> None:
    with pytest.raises(WrongPassphrase) as caught:
        open_vault(sealed(), b"wrong")
    assert caught.value.sentence == "the passphrase does not open the key file"
    assert "caps lock" in caught.value.hint
    assert caught.value.__suppress_context__


def test_empty_passphrase_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        seal_vault(SECRET, b"", cost=CHEAP, random=fixed_random("empty"))


def test_every_flipped_byte_is_seen_as_damage_not_as_a_wrong_passphrase() -> None:
    data = sealed()
    for index in range(len(data)):
        for bit in (0x01, 0x80):
            damaged = bytearray(data)
            damaged[index] ^= bit
            # A higher version number is a later version's, whatever else it holds.
            expected = VaultTooNew if index == 8 and damaged[8] > 1 else VaultDamaged
            with pytest.raises(expected):
                open_vault(bytes(damaged), PASSPHRASE)


def test_every_changed_byte_under_a_mended_checksum_still_does_not_open() -> None:
    body = sealed()[:-32]
    for index in range(len(body)):
        changed = bytearray(body)
        changed[index] ^= 0x04
        with pytest.raises((VaultDamaged, VaultTooNew, WrongPassphrase)):
            open_vault(with_checksum(bytes(changed)), PASSPHRASE)


def test_every_truncation_is_damage() -> None:
    data = sealed()
    for length in range(len(data)):
        with pytest.raises(VaultDamaged):
            open_vault(data[:length], PASSPHRASE)


def test_trailing_bytes_are_damage() -> None:
    with pytest.raises(VaultDamaged):
        open_vault(sealed() + b"\x00", PASSPHRASE)


@pytest.mark.parametrize(
    ("memory_kib", "iterations", "lanes"),
    [(2**32 - 1, 1, 1), (256 * 1024 + 1, 1, 1), (8, 17, 1), (8, 0, 1), (8, 1, 0), (8, 1, 2)],
)
def test_parameters_out_of_bounds_are_refused_before_memory_is_taken(
    monkeypatch: pytest.MonkeyPatch, memory_kib: int, iterations: int, lanes: int
) -> None:
    body = bytearray(sealed()[:-32])
    body[9:18] = struct.pack(">IIB", memory_kib, iterations, lanes)
    monkeypatch.setattr(vault, "Argon2id", None)
    with pytest.raises(VaultDamaged):
        open_vault(with_checksum(bytes(body)), PASSPHRASE)
    with pytest.raises(ValueError, match="out of bounds"):
        KdfCost(memory_kib=memory_kib, iterations=iterations, lanes=lanes)


def test_newer_version_is_told_from_damage_whatever_follows() -> None:
    with pytest.raises(VaultTooNew, match="newer version"):
        open_vault(b"HWVAULT\x00\x02" + bytes(3), PASSPHRASE)


def test_version_before_the_first_is_damage() -> None:
    body = bytearray(sealed()[:-32])
    body[8] = 0
    with pytest.raises(VaultDamaged):
        open_vault(with_checksum(bytes(body)), PASSPHRASE)


def test_secret_too_long_to_be_loaded_again_is_never_sealed() -> None:
    with pytest.raises(ValueError, match="too long"):
        sealed(bytes(vault.VAULT_BYTES))


def test_stored_vault_is_private_and_loads_again(tmp_path: Path) -> None:
    path = tmp_path / "node.vault"
    store_vault(path, SECRET, PASSPHRASE, cost=CHEAP, random=fixed_random("file"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["node.vault"]
    assert load_vault(path, PASSPHRASE) == SECRET


def test_existing_vault_is_never_overwritten_unasked(tmp_path: Path) -> None:
    path = tmp_path / "node.vault"
    random = fixed_random("file")
    store_vault(path, SECRET, PASSPHRASE, cost=CHEAP, random=random)
    before = path.read_bytes()
    with pytest.raises(KeyFileExists):
        store_vault(path, b"other", PASSPHRASE, cost=CHEAP, random=random)
    assert path.read_bytes() == before
    store_vault(path, b"other", PASSPHRASE, cost=CHEAP, random=random, is_replacing=True)
    assert load_vault(path, PASSPHRASE) == b"other"


def test_failed_write_leaves_the_old_vault_and_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "node.vault"
    random = fixed_random("file")
    store_vault(path, SECRET, PASSPHRASE, cost=CHEAP, random=random)
    before = path.read_bytes()

    def disk_full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", disk_full)
    with pytest.raises(KeyFileError, match="No space left"):
        store_vault(path, b"other", PASSPHRASE, cost=CHEAP, random=random, is_replacing=True)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["node.vault"]


def test_leftover_of_a_crash_does_not_hinder_the_next_store(tmp_path: Path) -> None:
    (tmp_path / "node.vault.tmp").write_bytes(b"half")
    path = tmp_path / "node.vault"
    store_vault(path, SECRET, PASSPHRASE, cost=CHEAP, random=fixed_random("file"))
    assert load_vault(path, PASSPHRASE) == SECRET
    assert [each.name for each in tmp_path.iterdir()] == ["node.vault"]


def test_missing_file_and_oversized_file_are_file_errors(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="No such file"):
        load_vault(tmp_path / "absent", PASSPHRASE)
    (tmp_path / "huge").write_bytes(bytes(vault.VAULT_BYTES + 1))
    with pytest.raises(KeyFileError, match="larger"):
        load_vault(tmp_path / "huge", PASSPHRASE)
