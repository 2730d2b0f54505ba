"""A small federation with fixed keys, for the tests of the directory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from tuf.api.metadata import Metadata, TargetFile

from keys import membership
from keys.directory import load_directory
from keys.directory_files import DirectoryFiles, metadata_name, newest_version
from keys.errors import DirectoryError, DirectoryFault
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


def publish_unchecked(files: DirectoryFiles, keys: FederationKeys) -> dict[str, bytes]:
    """Publish what a node would refuse."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(membership, "load_directory", lambda *_, **__: None)
        return membership.publish(
            files,
            snapshot=keys.snapshot.signers,
            timestamp=keys.timestamp.signers,
            now_ms=NOW_MS,
        )


def forge_targets(federation: Federation, change: Callable[[object], None]) -> None:
    """Let the targets keys sign something that `membership` would not make."""
    name = metadata_name("targets", newest_version(federation.files, "targets"))
    data = resign(federation.files[name], change, *federation.keys.targets.signers)
    federation.files = publish_unchecked({**federation.files, name: data}, federation.keys)


def add_target(federation: Federation, path: str, data: bytes) -> None:
    """Have the targets keys sign one file that `membership` would not let in."""
    target = TargetFile.from_data(path, data, ["sha256"])

    def change(targets: object) -> None:
        targets.targets[path] = target

    federation.files[f"{target.hashes['sha256']}.{path}"] = data
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(membership, "member_file_name", lambda t: f"{t.hashes['sha256']}.{t.path}")
        forge_targets(federation, change)


def refused(files: DirectoryFiles, trusted_root: bytes, *, now_ms: int = NOW_MS) -> DirectoryFault:
    with pytest.raises(DirectoryError) as caught:
        load_directory(files, trusted_root, now_ms=now_ms)
    return caught.value.code


def name_of(files: DirectoryFiles, ending: str) -> str:
    (name,) = [name for name in files if name.endswith(ending)]
    return name
