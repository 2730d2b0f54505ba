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
identity together do. In memory a seed is let go, not overwritten: Python cannot do
that, so its bytes may stay in the process, in swap or in a core dump until something
else is written there.

The folder must not be part of any backup, and needs none: it is made anew, and peers
seal again for an epoch that is gone. It holds a `CACHEDIR.TAG`, by which many programs
that make backups leave a folder out. For the same reason a clock that jumped ahead
costs resends, not messages: the seeds that were due by it are gone, and when it comes
back there are new ones. A clock that fell back destroys nothing: what it takes for the
future stays, since it may be the present. So seeds that were made under a clock far
ahead stay as well, unpublished, until their own weeks have come and gone.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from keys.errors import EpochDamaged, KeyFileError
from keys.files import TEMPORARY_SUFFIX, destroy_file, load_file, make_folder, store_file
from keys.vault import RandomBytes
from protocol import limits
from protocol.suite import SEED_BYTES, KemOpener
from protocol.values import Epoch

_SUFFIX: Final = ".epoch"
# Up to ten digits: the times of a longer one do not fit into its header.
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,9}", re.ASCII)
_MAGIC: Final = b"HWEPOCH\x00"
_VERSION: Final = 1
_HEADER: Final = struct.Struct(">8sBQQQ12s")
_NONCE_BYTES: Final = 12
BACKUP_TAG: Final = "CACHEDIR.TAG"
# The first line is that of bford.info/cachedir, to the byte.
_BACKUP_TAG_CONTENT: Final = (
    b"Signature: 8a477f597d28d172789f06886806bc55\n"
    b"# The keys in this folder are destroyed in time: no backup must keep them.\n"
)
_FILE_BYTES: Final = _HEADER.size + SEED_BYTES + 16


def destroyed_at_ms(number: int) -> int:
    """Return the moment from which on the seed of this epoch is to be gone."""
    return (number + 1) * limits.EPOCH_MS + limits.EPOCH_KEPT_MS


def epoch_numbers(folder: Path) -> list[int]:
    """Return the numbers of the epochs whose files are in the folder, ascending."""
    stems = (path.name.removesuffix(_SUFFIX) for path in folder.glob(f"*{_SUFFIX}"))
    return sorted(int(stem) for stem in stems if _NUMBER.fullmatch(stem))


@dataclass(frozen=True, slots=True)
class _Held:
    epoch: Epoch
    opener: KemOpener


class EpochStore:
    """The epochs of one node, on disk and parsed in memory.

    Invariants: a seed is on disk before it is in memory or published, and gone from
    memory before it is destroyed on disk. For one thread at a time, but `opener` may be
    called from others.
    """

    def __init__(self, folder: Path, wrapping_key: bytes, random: RandomBytes) -> None:
        """Read the folder (made if there is none) and finish what a crash left half done.

        Raises:
            EpochDamaged: a file does not open with this wrapping key.
            KeyFileError: a file cannot be read, or the folder not be written to.
        """
        self._folder = folder
        self._cipher = ChaCha20Poly1305(wrapping_key)
        self._random = random
        self._held: dict[int, _Held] = {}
        self._by_key_id: dict[bytes, KemOpener] = {}
        make_folder(folder)
        if not (folder / BACKUP_TAG).exists():
            store_file(folder / BACKUP_TAG, _BACKUP_TAG_CONTENT, is_replacing=False)
        self._load()

    def ensure(self, now_ms: int) -> bool:
        """Make what is missing of the current epoch and those ahead.

        Returns:
            Whether an epoch was made, that is, whether a new descriptor is needed.

        Raises:
            KeyFileError: a file cannot be written; the next call goes on from there.
        """
        missing = [number for number in _wanted(now_ms) if number not in self._held]
        for number in missing:
            self._create(number)
        return bool(missing)

    def destroy_expired(self, now_ms: int) -> int:
        """Destroy the seeds of epochs that ended long enough ago; return how many.

        It goes by what lies in the folder, so what could not be destroyed is tried again.

        Raises:
            KeyFileError: one cannot be destroyed; the others are.
        """
        failure: KeyFileError | None = None
        on_disk = epoch_numbers(self._folder)
        over = [n for n in {*on_disk, *self._held} if destroyed_at_ms(n) <= now_ms]
        for number in over:
            self._forget(number)
            if number in on_disk:
                try:
                    destroy_file(self._path(number))
                except KeyFileError as error:
                    failure = error
        if failure is not None:
            raise failure
        return len(over)

    def published(self, now_ms: int) -> tuple[Epoch, ...]:
        """Return the current epoch and those ahead, ascending, for the descriptor."""
        held = (self._held.get(number) for number in _wanted(now_ms))
        return tuple(each.epoch for each in held if each is not None)

    def opener(self, kem_key_id: bytes) -> KemOpener | None:
        """Return what opens messages to this key, or None when its seed is not there (any more)."""
        return self._by_key_id.get(kem_key_id)

    def _load(self) -> None:
        for leftover in self._folder.glob(f"*{_SUFFIX}{TEMPORARY_SUFFIX}"):
            # A crash between writing and renaming; the seed was never in use.
            destroy_file(leftover)
        for path in sorted(self._folder.glob(f"*{_SUFFIX}")):
            self._take(path)

    def _create(self, number: int) -> None:
        path = self._path(number)
        # An earlier store may have failed after the file had got its name.
        if path.exists() and self._take(path):
            return
        seed, nonce = self._random(SEED_BYTES), self._random(_NONCE_BYTES)
        header = _header(number, nonce)
        store_file(path, header + self._cipher.encrypt(nonce, seed, header), is_replacing=False)
        self._remember(number, seed)

    def _take(self, path: Path) -> bool:
        """Remember the seed in a file; return False if there was none any more."""
        data = load_file(path, _FILE_BYTES)
        if data and not any(data):
            # A crash between overwriting and removing.
            destroy_file(path)
            return False
        self._remember(*self._open(path, data))
        return True

    def _open(self, path: Path, data: bytes) -> tuple[int, bytes]:
        if len(data) != _FILE_BYTES:
            raise EpochDamaged(path.name)
        header, sealed = data[: _HEADER.size], data[_HEADER.size :]
        _, _, number, _, _, nonce = _HEADER.unpack(header)
        # The name is not sealed: without this check a file could pose as another epoch's.
        is_named = path == self._path(number) and _NUMBER.fullmatch(str(number))
        if not is_named or header != _header(number, nonce):
            raise EpochDamaged(path.name)
        try:
            return number, self._cipher.decrypt(nonce, sealed, header)
        except InvalidTag:
            raise EpochDamaged(path.name) from None

    def _path(self, number: int) -> Path:
        return self._folder / f"{number}{_SUFFIX}"

    def _remember(self, number: int, seed: bytes) -> None:
        opener = KemOpener(seed)
        self._held[number] = _Held(Epoch(number, opener.public_key, *_times(number)), opener)
        self._by_key_id[opener.key_id] = opener

    def _forget(self, number: int) -> None:
        held = self._held.pop(number, None)
        if held is not None:
            del self._by_key_id[held.opener.key_id]


def _times(number: int) -> tuple[int, int]:
    return number * limits.EPOCH_MS, (number + 1) * limits.EPOCH_MS


def _header(number: int, nonce: bytes) -> bytes:
    return _HEADER.pack(_MAGIC, _VERSION, number, *_times(number), nonce)


def _wanted(now_ms: int) -> range:
    current = now_ms // limits.EPOCH_MS
    return range(current, current + 1 + limits.EPOCHS_AHEAD)
