"""A small federation with fixed keys, for the tests of the directory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tuf.api.metadata import Metadata

from keys import membership
from keys.members import LogKeyRecord, MemberRecord, TransferRegime
from keys.membership import FederationKeys, RoleKeys
from keys.tuf_keys import CompositeSigner
from keys.vault import KdfCost
from protocol.ids import NodeId
from protocol.suite import LogSigner

DAY_MS = 24 * 3600 * 1000
NOW_MS = 1_800_000_000_000
CHEAP = KdfCost(memory_kib=8, iterations=1, lanes=1)


def fixed_random(label: str) -> Callable[[int], bytes]:
    """Return a source of bytes that is different at each call and the same at each run."""
    count = 0

    def random(length: int) -> bytes:
        nonlocal count
        count += 1
        return hashlib.shake_256(f"{label} {count}".encode()).digest(length)

    return random


def seed(label: str) -> bytes:
    return hashlib.sha256(label.encode()).digest()


def directory_key(label: str) -> CompositeSigner:
    return CompositeSigner(seed(label + " mldsa"), seed(label + " ed25519"))


def role(label: str, *, signers: int = 1, threshold: int = 1) -> RoleKeys:
    keys = tuple(directory_key(f"{label} {number}") for number in range(signers))
    return RoleKeys(keys, threshold)


def federation_keys(generation: int = 1) -> FederationKeys:
    names = ("root", "targets", "snapshot", "timestamp")
    return FederationKeys(**{name: role(f"{name} of {generation}") for name in names})


def log_signer(node_id: str) -> LogSigner:
    return LogSigner(seed(node_id + " ed25519"), seed(node_id + " mldsa44"))


def log_key(node_id: str, signer: LogSigner | None = None, number: int = 1) -> LogKeyRecord:
    signer = signer or log_signer(node_id)
    return LogKeyRecord(
        origin=f"{node_id}/log/{number}",
        ed25519=signer.ed25519_public,
        mldsa44=signer.mldsa44_public,
        valid_from_ms=NOW_MS - DAY_MS,
    )


def member(node_id: str = "be.example", **changes: object) -> MemberRecord:
    record = MemberRecord(
        node_id=NodeId(node_id),
        legal_name="Example Children Foundation",
        country=node_id[:2].upper(),
        telephone="+3225550100",
        endpoints=(f"https://{node_id}.invalid/",),
        log_keys=(log_key(node_id),),
        transfer_regime=TransferRegime.EEA,
    )
    return replace(record, **changes)


@dataclass
class Federation:
    """The publishers' side: what they hold and have published."""

    keys: FederationKeys = field(default_factory=federation_keys)
    now_ms: int = NOW_MS
    files: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        random = fixed_random("federation")
        self.files = membership.create_federation(
            "Test federation", self.keys, random=random, now_ms=self.now_ms
        )
        self.trusted_root = self.files["1.root.json"]

    def admit(self, record: MemberRecord) -> None:
        self.files = membership.admit(
            self.files, record, targets=self.keys.targets.signers, now_ms=self.now_ms
        )
        self.publish()

    def amend(self, record: MemberRecord) -> None:
        self.files = membership.amend(
            self.files, record, targets=self.keys.targets.signers, now_ms=self.now_ms
        )
        self.publish()

    def publish(self) -> None:
        self.files = membership.publish(
            self.files,
            snapshot=self.keys.snapshot.signers,
            timestamp=self.keys.timestamp.signers,
            now_ms=self.now_ms,
        )

    def rotate_root(self, keys: FederationKeys) -> None:
        """Publish a root file in which every role has new keys."""
        self.files = membership.renew_root(
            self.files, keys, old_root=self.keys.root.signers, now_ms=self.now_ms
        )
        self.keys = keys
        self.files = membership.renew_targets(
            self.files, targets=keys.targets.signers, now_ms=self.now_ms
        )
        self.publish()


def resign(data: bytes, change: Callable[[object], None], *signers: CompositeSigner) -> bytes:
    """Change the signed part of a metadata file and sign it again, without any check."""
    metadata: Metadata = Metadata.from_bytes(data)
    change(metadata.signed)
    metadata.signatures.clear()
    for signer in signers:
        metadata.sign(signer, append=True)
    return metadata.to_bytes()
