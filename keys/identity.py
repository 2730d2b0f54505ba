"""Who a node is: its name, its log and all of its long-lived secrets.

One vault holds everything that must survive: whoever has it and the passphrase is
the node, and without it the database and the epochs cannot be opened. Each seed
and key serves one purpose only. The short-lived encryption keys are not here but
in `epochs`, because they must never get into a backup.

The content of the vault: label, u8 version = 1, u32 number of the log, u8 length
of the node id, the node id, then five secrets of 32 bytes in the order of the
fields of `Identity`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from keys.errors import VaultDamaged, VaultTooNew
from keys.vault import STANDARD_COST, KdfCost, RandomBytes, load_vault, store_vault
from protocol import suite
from protocol.errors import PeerError
from protocol.ids import NodeId, log_origin, parse_node_id

_LABEL: Final = b"homeward/v1 identity\x00"
_VERSION: Final = 1
_HEAD: Final = struct.Struct(">BIB")
_SECRET_BYTES: Final = 32
_SECRETS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A node's name and secrets; its representation never shows a secret.

    Raises:
        ValueError: a secret has not 32 bytes, or the log number is out of range.
    """

    node_id: NodeId
    origin_number: int
    ed25519_seed: bytes = field(repr=False)
    mldsa44_seed: bytes = field(repr=False)
    transport_seed: bytes = field(repr=False)
    database_key: bytes = field(repr=False)
    epoch_wrapping_key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not 1 <= self.origin_number < 2**32:
            raise ValueError("logs are numbered from 1")
        if any(len(secret) != _SECRET_BYTES for secret in _secrets(self)):
            raise ValueError(f"every secret of an identity has {_SECRET_BYTES} bytes")

    @property
    def origin(self) -> str:
        """Origin line of the node's current log."""
        return log_origin(self.node_id, self.origin_number)

    @property
    def transport_public_key(self) -> bytes:
        """The Ed25519 key that the descriptor names for short-lived requests."""
        return suite.ed25519_public_key(self.transport_seed)

    def log_signer(self) -> suite.LogSigner:
        """Return a new signer for the node's log; keep it, parsing costs."""
        return suite.LogSigner(self.ed25519_seed, self.mldsa44_seed)


def create_identity(node_id: NodeId, random: RandomBytes, *, origin_number: int = 1) -> Identity:
    """Make a new identity, all of its secrets independent of each other."""
    return Identity(
        node_id=node_id,
        origin_number=origin_number,
        ed25519_seed=random(_SECRET_BYTES),
        mldsa44_seed=random(_SECRET_BYTES),
        transport_seed=random(_SECRET_BYTES),
        database_key=random(_SECRET_BYTES),
        epoch_wrapping_key=random(_SECRET_BYTES),
    )


def succeed(identity: Identity, random: RandomBytes, *, is_stolen: bool) -> Identity:
    """Make the node's next identity: other keys, for its next log.

    After a theft nothing of the old one goes on. Else what opens the node's own disk
    stays, since nobody else has it.
    """
    following = create_identity(identity.node_id, random, origin_number=identity.origin_number + 1)
    if is_stolen:
        return following
    return replace(
        following,
        database_key=identity.database_key,
        epoch_wrapping_key=identity.epoch_wrapping_key,
    )


def store_identity(
    path: Path,
    identity: Identity,
    passphrase: bytes,
    *,
    random: RandomBytes,
    cost: KdfCost = STANDARD_COST,
    is_replacing: bool = False,
) -> None:
    """Store the identity in a vault; `is_replacing` to change the passphrase.

    Raises:
        KeyFileExists: there is an identity already and `is_replacing` is not set.
        KeyFileError: it cannot be written.
    """
    secret = _encode(identity)
    store_vault(path, secret, passphrase, cost=cost, random=random, is_replacing=is_replacing)


def load_identity(path: Path, passphrase: bytes) -> Identity:
    """Open the vault of an identity.

    Raises:
        KeyFileError: it cannot be read.
        WrongPassphrase, VaultDamaged, VaultTooNew: it does not open, or is no identity.
    """
    return _parse(load_vault(path, passphrase))


def _secrets(identity: Identity) -> tuple[bytes, ...]:
    return (
        identity.ed25519_seed,
        identity.mldsa44_seed,
        identity.transport_seed,
        identity.database_key,
        identity.epoch_wrapping_key,
    )


def _encode(identity: Identity) -> bytes:
    name = identity.node_id.encode("ascii")
    head = _HEAD.pack(_VERSION, identity.origin_number, len(name))
    return b"".join((_LABEL, head, name, *_secrets(identity)))


def _parse(secret: bytes) -> Identity:
    if not secret.startswith(_LABEL) or len(secret) < len(_LABEL) + _HEAD.size:
        raise VaultDamaged
    version, origin_number, name_length = _HEAD.unpack_from(secret, len(_LABEL))
    if version > _VERSION:
        raise VaultTooNew
    name_at = len(_LABEL) + _HEAD.size
    secrets_at = name_at + name_length
    if len(secret) != secrets_at + _SECRETS * _SECRET_BYTES:
        raise VaultDamaged
    parts = [secret[i : i + _SECRET_BYTES] for i in range(secrets_at, len(secret), _SECRET_BYTES)]
    try:
        return Identity(
            node_id=parse_node_id(secret[name_at:secrets_at].decode("ascii")),
            origin_number=origin_number,
            ed25519_seed=parts[0],
            mldsa44_seed=parts[1],
            transport_seed=parts[2],
            database_key=parts[3],
            epoch_wrapping_key=parts[4],
        )
    except (ValueError, PeerError):
        raise VaultDamaged from None
