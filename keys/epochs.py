"""Encryption keys that do not live long: one a week, destroyed two weeks after it began.

An epoch is one week of UTC, numbered by the weeks since 1970-01-01: its number,
beginning and end follow from the clock alone, so there is no counter to lose.
Each epoch has an independent X-Wing seed. `ensure` keeps the current epoch and the
next `EPOCHS_AHEAD`; `destroy_expired` removes seeds `EPOCH_KEPT_MS` after the end.
Both may be called at any time, any number of times, and stopped anywhere.

One file an epoch, `<number>.epoch`: magic 8 ("HWEPOCH" 00), u8 version = 1, u64 number,
u64 starts_at_ms, u64 ends_at_ms, nonce 12, then the seed sealed with the wrapping
key of the identity (ChaCha20-Poly1305, all before it as associated data).

What destroying is worth: see `files.destroy_file` on SSDs. The seeds are sealed under
the wrapping key, so leftover blocks alone open nothing; leftover blocks and the
identity together do. The folder must not be part of any backup, and needs none: peers
seal again for an epoch that is gone. For the same reason a clock that jumped ahead
costs a resend, not a message.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from keys.errors import EpochDamaged
from keys.files import TEMPORARY_SUFFIX, destroy_file, load_file, store_file
from keys.vault import RandomBytes
from protocol import limits
from protocol.suite import SEED_BYTES, KemOpener
from protocol.values import Epoch

_SUFFIX: Final = ".epoch"
_MAGIC: Final = b"HWEPOCH\x00"
_VERSION: Final = 1
_HEADER: Final = struct.Struct(">8sBQQQ12s")
_NONCE_BYTES: Final = 12
_FILE_BYTES: Final = _HEADER.size + SEED_BYTES + 16


@dataclass(frozen=True, slots=True)
class _Held:
    epoch: Epoch
    opener: KemOpener
    path: Path


class EpochStore:
    """The epochs of one node, on disk and parsed in memory.

    Invariants: a seed is on disk before it is in memory or published, and gone from
    memory before it is destroyed on disk. For one thread at a time, but `opener` may be
    called from others.
    """

    def __init__(self, folder: Path, wrapping_key: bytes, random: RandomBytes) -> None:
        """Read the folder, which must exist, and finish what a crash left half done.

        Raises:
            EpochDamaged: a file does not open with this wrapping key.
            KeyFileError: a file cannot be read.
        """
        self._folder = folder
        self._cipher = ChaCha20Poly1305(wrapping_key)
        self._random = random
        self._held: dict[int, _Held] = {}
        self._by_key_id: dict[bytes, KemOpener] = {}
        self._load()

    def ensure(self, now_ms: int) -> bool:
        """Make what is missing of the current epoch and those ahead.

        Returns:
            Whether an epoch was made, that is, whether a new descriptor is needed.
        """
        missing = [number for number in _wanted(now_ms) if number not in self._held]
        for number in missing:
            self._create(number)
        return bool(missing)

    def destroy_expired(self, now_ms: int) -> int:
        """Destroy the seeds of epochs that ended long enough ago; return how many."""
        over = [
            held
            for held in self._held.values()
            if held.epoch.ends_at_ms + limits.EPOCH_KEPT_MS <= now_ms
        ]
        for held in over:
            self._forget(held)
            destroy_file(held.path)
        return len(over)

    def published(self, now_ms: int) -> tuple[Epoch, ...]:
        """Return the current epoch and those ahead, ascending, for the descriptor."""
        return tuple(self._held[number].epoch for number in _wanted(now_ms) if number in self._held)

    def opener(self, kem_key_id: bytes) -> KemOpener | None:
        """Return what opens messages to this key, or None when its seed is not there (any more)."""
        return self._by_key_id.get(kem_key_id)

    def _load(self) -> None:
        for leftover in self._folder.glob(f"*{_SUFFIX}{TEMPORARY_SUFFIX}"):
            # A crash between writing and renaming; the seed was never in use.
            destroy_file(leftover)
        for path in sorted(self._folder.glob(f"*{_SUFFIX}")):
            data = load_file(path, _FILE_BYTES)
            if data and not any(data):
                # A crash between overwriting and removing.
                destroy_file(path)
                continue
            self._remember(self._open(path, data))

    def _create(self, number: int) -> None:
        starts_at_ms = number * limits.EPOCH_MS
        ends_at_ms = starts_at_ms + limits.EPOCH_MS
        seed, nonce = self._random(SEED_BYTES), self._random(_NONCE_BYTES)
        header = _HEADER.pack(_MAGIC, _VERSION, number, starts_at_ms, ends_at_ms, nonce)
        path = self._folder / f"{number}{_SUFFIX}"
        store_file(path, header + self._cipher.encrypt(nonce, seed, header), is_replacing=False)
        self._remember(_held(number, seed, starts_at_ms, ends_at_ms, path))

    def _open(self, path: Path, data: bytes) -> _Held:
        if len(data) != _FILE_BYTES:
            raise EpochDamaged(path.name)
        magic, version, number, starts_at_ms, ends_at_ms, nonce = _HEADER.unpack_from(data)
        # The name is not sealed: without this check a file could pose as another epoch's.
        if (magic, version, f"{number}{_SUFFIX}") != (_MAGIC, _VERSION, path.name):
            raise EpochDamaged(path.name)
        try:
            seed = self._cipher.decrypt(nonce, data[_HEADER.size :], data[: _HEADER.size])
        except InvalidTag:
            raise EpochDamaged(path.name) from None
        return _held(number, seed, starts_at_ms, ends_at_ms, path)

    def _remember(self, held: _Held) -> None:
        self._held[held.epoch.number] = held
        self._by_key_id[held.opener.key_id] = held.opener

    def _forget(self, held: _Held) -> None:
        del self._held[held.epoch.number]
        del self._by_key_id[held.opener.key_id]


def _wanted(now_ms: int) -> range:
    current = now_ms // limits.EPOCH_MS
    return range(current, current + 1 + limits.EPOCHS_AHEAD)


def _held(number: int, seed: bytes, starts_at_ms: int, ends_at_ms: int, path: Path) -> _Held:
    opener = KemOpener(seed)
    return _Held(Epoch(number, opener.public_key, starts_at_ms, ends_at_ms), opener, path)
