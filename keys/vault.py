"""Secrets at rest: a small file that a passphrase opens.

Format of version 1, numbers big-endian:

    magic        8   "HWVAULT" 00
    version      1   1 = Argon2id and ChaCha20-Poly1305
    memory_kib   4   Argon2id parameters
    iterations   4
    lanes        1
    salt        16
    nonce       12
    ciphertext   n   secret || tag(16); everything above is the associated data
    checksum    32   SHA-256 over everything above

The checksum needs no passphrase and proves nothing against an attacker. It tells a
damaged file from a wrong passphrase, so that nobody types passphrases at a dead
disk. The parameters are bounded before memory is taken for them. Choosing,
asking for and normalising passphrases is left to the caller.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from keys.errors import VaultDamaged, VaultTooNew, WrongPassphrase
from keys.files import load_file, store_file

RandomBytes = Callable[[int], bytes]
"""Returns that many unpredictable bytes, as `os.urandom` does."""

VAULT_BYTES: Final = 64 * 1024

_MAGIC: Final = b"HWVAULT\x00"
_VERSION: Final = 1
_HEADER: Final = struct.Struct(">8sBIIB16s12s")
_VERSION_AT: Final = len(_MAGIC)
_SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_CHECKSUM_BYTES: Final = 32
_KEY_BYTES: Final = 32

_MEMORY_KIB_MAX: Final = 256 * 1024
_ITERATIONS_MAX: Final = 16
_LANES_MAX: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class KdfCost:
    """What one guess of the passphrase costs (Argon2id).

    Raises:
        ValueError: out of the bounds that a vault may ask for.
    """

    memory_kib: int
    iterations: int
    lanes: int

    def __post_init__(self) -> None:
        if not 1 <= self.lanes <= _LANES_MAX:
            raise ValueError("lanes out of bounds")
        if not 8 * self.lanes <= self.memory_kib <= _MEMORY_KIB_MAX:
            raise ValueError("memory out of bounds")
        if not 1 <= self.iterations <= _ITERATIONS_MAX:
            raise ValueError("iterations out of bounds")


# RFC 9106, section 4, second recommended option: 64 MiB.
STANDARD_COST: Final = KdfCost(memory_kib=64 * 1024, iterations=3, lanes=4)


def seal_vault(secret: bytes, passphrase: bytes, *, cost: KdfCost, random: RandomBytes) -> bytes:
    """Return the bytes of a vault that holds the secret.

    Raises:
        ValueError: the passphrase is empty, or the secret too long for a vault.
    """
    if not passphrase:
        raise ValueError("an empty passphrase protects nothing")
    salt, nonce = random(_SALT_BYTES), random(_NONCE_BYTES)
    header = _HEADER.pack(
        _MAGIC, _VERSION, cost.memory_kib, cost.iterations, cost.lanes, salt, nonce
    )
    cipher = ChaCha20Poly1305(_derive(passphrase, salt, cost))
    body = header + cipher.encrypt(nonce, secret, header)
    vault = body + hashlib.sha256(body).digest()
    if len(vault) > VAULT_BYTES:
        raise ValueError("the secret is too long for a vault")
    return vault


def open_vault(vault: bytes, passphrase: bytes) -> bytes:
    """Return the secret.

    Raises:
        VaultTooNew: written by a later version.
        VaultDamaged: not a vault, or not as it was written.
        WrongPassphrase: whole, but the passphrase does not open it.
    """
    cost, salt, nonce = _parse_header(vault)
    header, ciphertext = vault[: _HEADER.size], vault[_HEADER.size : -_CHECKSUM_BYTES]
    try:
        return ChaCha20Poly1305(_derive(passphrase, salt, cost)).decrypt(nonce, ciphertext, header)
    except InvalidTag:
        raise WrongPassphrase from None


def store_vault(
    path: Path,
    secret: bytes,
    passphrase: bytes,
    *,
    cost: KdfCost,
    random: RandomBytes,
    is_replacing: bool = False,
) -> None:
    """Seal the secret and store it durably, readable by its owner only.

    Raises:
        KeyFileExists: the file is there and `is_replacing` is not set.
        KeyFileError: it cannot be written.
    """
    vault = seal_vault(secret, passphrase, cost=cost, random=random)
    store_file(path, vault, is_replacing=is_replacing)


def load_vault(path: Path, passphrase: bytes) -> bytes:
    """Read the file and open it.

    Raises:
        KeyFileError: it cannot be read.
        VaultTooNew, VaultDamaged, WrongPassphrase: as `open_vault`.
    """
    return open_vault(load_file(path, VAULT_BYTES), passphrase)


def _parse_header(vault: bytes) -> tuple[KdfCost, bytes, bytes]:
    if not vault.startswith(_MAGIC) or len(vault) <= _VERSION_AT:
        raise VaultDamaged
    # Before anything else: a later version may have another layout and checksum.
    if vault[_VERSION_AT] > _VERSION:
        raise VaultTooNew
    if len(vault) < _HEADER.size + _TAG_BYTES + _CHECKSUM_BYTES:
        raise VaultDamaged
    body, checksum = vault[:-_CHECKSUM_BYTES], vault[-_CHECKSUM_BYTES:]
    if hashlib.sha256(body).digest() != checksum or vault[_VERSION_AT] != _VERSION:
        raise VaultDamaged
    _, _, memory_kib, iterations, lanes, salt, nonce = _HEADER.unpack_from(vault)
    try:
        cost = KdfCost(memory_kib=memory_kib, iterations=iterations, lanes=lanes)
    except ValueError:
        # A checksum is no signature: somebody may have asked for all of our memory.
        raise VaultDamaged from None
    return cost, salt, nonce


def _derive(passphrase: bytes, salt: bytes, cost: KdfCost) -> bytes:
    kdf = Argon2id(
        salt=salt,
        length=_KEY_BYTES,
        iterations=cost.iterations,
        lanes=cost.lanes,
        memory_cost=cost.memory_kib,
    )
    return kdf.derive(passphrase)
