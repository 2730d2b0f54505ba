"""A small federation with fixed keys, for the tests of the directory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from tuf.api.metadata import Metadata, TargetFile

from keys import ceremony
from keys import change as changes
from keys.ceremony import publish
from keys.change import Change
from keys.directory_files import DirectoryFiles, metadata_name, newest_version
from keys.members import LogKeyRecord, MemberRecord, TransferRegime
from keys.pending import CheckedChange
from keys.signers_at_hand import (
    FederationKeys,
    RoleKeys,
    create_federation,
    sign_and_publish,
    sign_with,
)
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
    """The publishers' side, all keys at hand: what they hold and have published."""

    keys: FederationKeys = field(default_factory=federation_keys)
    now_ms: int = NOW_MS
    files: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        random = fixed_random("federation")
        self.files = create_federation(
            "Test federation", self.keys, random=random, now_ms=self.now_ms
        )
        self.trusted_root = self.files["1.root.json"]

    @property
    def public(self) -> Change:
        """A change that changes nothing yet."""
        return Change(self.files)

    def admit(self, record: MemberRecord) -> None:
        self.carry_out(changes.admit(self.public, record, now_ms=self.now_ms))

    def amend(self, record: MemberRecord) -> None:
        self.carry_out(changes.amend(self.public, record, now_ms=self.now_ms))

    def suspend(self, node_id: str) -> None:
        self.carry_out(changes.suspend(self.public, NodeId(node_id), now_ms=self.now_ms))

    def reinstate(self, node_id: str) -> None:
        self.carry_out(changes.reinstate(self.public, NodeId(node_id), now_ms=self.now_ms))

    def publish(self) -> None:
        self.carry_out(self.public)

    def carry_out(self, change: Change) -> None:
        """Sign a change with all keys, and publish it."""
        self.files = sign_and_publish(change, self.keys, now_ms=self.now_ms)

    def rotate_root(self, keys: FederationKeys) -> None:
        """Publish a root file in which every role has new keys, and renew the members."""
        change = changes.rotate_root(self.public, keys.public(), now_ms=self.now_ms)
        change = changes.renew(change, "targets", now_ms=self.now_ms)
        change = sign_with(change, self.keys.root.signers)
        self.keys = keys
        self.carry_out(change)


def _resign(data: bytes, change: Callable[[object], None], *signers: CompositeSigner) -> bytes:
    """Change the signed part of a metadata file and sign it again, without any check."""
    metadata: Metadata = Metadata.from_bytes(data)
    change(metadata.signed)
    metadata.signatures.clear()
    for signer in signers:
        metadata.sign(signer, append=True)
    return metadata.to_bytes()


def _publish_unchecked(files: DirectoryFiles, keys: FederationKeys) -> dict[str, bytes]:
    """Publish what a node would refuse."""
    contents = {name for name in files if not name.endswith(".json")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ceremony, "checked", lambda _: CheckedChange(None, None, ()))
        patch.setattr(ceremony, "listed_names", lambda _: contents)
        patch.setattr(ceremony, "_check_published", lambda *_: None)
        return publish(
            Change(files),
            snapshot=keys.snapshot.signers,
            timestamp=keys.timestamp.signers,
            now_ms=NOW_MS,
        )


def forge_targets(federation: Federation, change: Callable[[object], None]) -> None:
    """Let the targets keys sign something that no proposal would come to."""
    name = metadata_name("targets", newest_version(federation.files, "targets"))
    data = _resign(federation.files[name], change, *federation.keys.targets.signers)
    federation.files = _publish_unchecked({**federation.files, name: data}, federation.keys)


def add_target(federation: Federation, path: str, data: bytes) -> None:
    """Have the targets keys sign one file that no proposal would let in."""
    target = TargetFile.from_data(path, data, ["sha256"])

    def change(targets: object) -> None:
        targets.targets[path] = target

    federation.files[f"{target.hashes['sha256']}.{path}"] = data
    forge_targets(federation, change)
