"""A publisher that signs whatever it is told: directories right and wrong, for readers.

Made with python-tuf alone and by none of the publishing code, so that what readers refuse
is tested apart from what publishers would never make. Change what it holds, or hand a
change of one file to `publish`, and `files` is the result, all signed and listed again.
"""

from __future__ import annotations

import copy
import datetime
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import pytest
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Role,
    Root,
    Signed,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from keys.directory import load_directory
from keys.errors import DirectoryError, DirectoryFault
from keys.members import LogKeyRecord, MemberRecord, TransferRegime, encode_member
from keys.suspension import Suspension, encode_suspension
from keys.tuf_keys import CompositeSigner
from protocol.ids import NodeId
from protocol.suite import LogSigner

DAY_MS = 24 * 3600 * 1000
NOW_MS = 1_800_000_000_000
FEDERATION_ID = bytes(range(32))
TOP_LEVEL = ("root", "targets", "snapshot", "timestamp")
SUSPEND = "suspend"
DAYS = {"root": 365, "targets": 180, SUSPEND: 365, "snapshot": 30, "timestamp": 7}

BE, NL, FR = NodeId("be.example"), NodeId("nl.example"), NodeId("fr.example")

Change = Callable[[Signed], None]


def seed(label: str) -> bytes:
    return hashlib.sha256(label.encode()).digest()


def signers(label: str, count: int = 1) -> list[CompositeSigner]:
    names = [f"{label} {number}" for number in range(count)]
    return [CompositeSigner(seed(name + " mldsa"), seed(name + " ed25519")) for name in names]


def log_signer(label: str) -> LogSigner:
    return LogSigner(seed(label + " ed25519"), seed(label + " mldsa44"))


def log_key(node_id: str, label: str = "") -> LogKeyRecord:
    signer = log_signer(label or node_id)
    return LogKeyRecord(
        origin=f"{node_id}/log/1",
        ed25519=signer.ed25519_public,
        mldsa44=signer.mldsa44_public,
        valid_from_ms=NOW_MS - DAY_MS,
    )


def member(node_id: str, **changes: object) -> MemberRecord:
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


def expiry(now_ms: int, days: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp((now_ms + days * DAY_MS) // 1000, datetime.UTC)


def sign(signed: Signed, by: Iterable[CompositeSigner]) -> bytes:
    metadata = Metadata(signed)
    for signer in by:
        metadata.sign(signer, append=True)
    return metadata.to_bytes()


def resign(data: bytes, change: Change, by: Iterable[CompositeSigner]) -> bytes:
    """Change the signed part of a file and sign it again."""
    signed = Metadata.from_bytes(data).signed
    change(signed)
    return sign(signed, by)


def nothing(_: Signed) -> None:
    """Change nothing."""


class Forge:
    """A federation with two members, of which `files` is the published directory."""

    def __init__(
        self,
        *,
        label: str = "forge",
        count: int = 1,
        threshold: int = 1,
        has_suspend: bool = False,
        federation_id: bytes = FEDERATION_ID,
    ) -> None:
        self.federation_id = federation_id
        self.now_ms = NOW_MS
        roles = (*TOP_LEVEL, SUSPEND) if has_suspend else TOP_LEVEL
        self.keys = {role: signers(f"{label} {role}", count) for role in roles}
        self.thresholds = dict.fromkeys(roles, threshold)
        # Who really signs; else everybody who may.
        self.signing: dict[str, list[CompositeSigner]] = {}
        self.days = dict(DAYS)
        self.versions = dict.fromkeys(DAYS, 0)
        self.targets: dict[str, bytes] = {}
        self.suspended: dict[str, bytes] = {}
        self.roots: dict[str, bytes] = {}
        self.made: dict[str, bytes] = {}
        self.files: dict[str, bytes] = {}
        self.add_root()
        self.trusted_root = self.roots["1.root.json"]
        self.put(member(BE), member(NL))

    # --- what may be told

    def put(self, *records: MemberRecord) -> None:
        """Publish new records."""
        for record in records:
            self.targets[f"{record.node_id}.member"] = encode_member(record)
        self.publish("targets")

    def suspend(self, node_id: str, at_ms: int = NOW_MS) -> None:
        """Publish a suspension by the role suspend."""
        data = encode_suspension(Suspension(NodeId(node_id), at_ms))
        self.suspended[f"{node_id}.suspended"] = data
        self.publish(SUSPEND)

    def add_root(self, change: Change = nothing, *, old: Iterable[CompositeSigner] = ()) -> None:
        """Make the next root file with the present keys, signed by the old ones too."""
        self.versions["root"] += 1
        root = Root(
            version=self.versions["root"],
            expires=expiry(self.now_ms, self.days["root"]),
            consistent_snapshot=True,
            unrecognized_fields={
                "x-homeward-federation": {
                    "id": self.federation_id.hex(),
                    "name": "Test federation",
                }
            },
        )
        for role in TOP_LEVEL:
            root.roles[role] = Role([], self.thresholds[role])
            for signer in self.keys[role]:
                root.add_key(signer.public_key, role)
        change(root)
        signing = self.signing.get("root", self.keys["root"])
        self.roots[f"{root.version}.root.json"] = sign(root, [*signing, *old])

    def rotate(self, label: str, *roles: str) -> None:
        """Publish a root file in which these roles (all, if none is named) have new keys."""
        old = self.keys["root"]
        for role in roles or tuple(self.keys):
            self.keys[role] = signers(f"{label} {role}", len(self.keys[role]))
        self.add_root(old=old)
        self.publish("targets", *([SUSPEND] if SUSPEND in self.keys else []))

    def publish(
        self,
        *renewed: str,
        changes: Mapping[str, Change] | None = None,
        spoiled: Mapping[str, Callable[[bytes], bytes]] | None = None,
    ) -> None:
        """Sign the named roles anew (and what was never made), then snapshot and timestamp.

        Changes are made before a file is signed, spoiled is what was signed already; the
        files after it list it all the same.
        """
        self._changes, self._spoiled = changes or {}, spoiled or {}
        for role in ("targets", SUSPEND):
            is_due = role in {*renewed, *self._changes} or not self.versions[role]
            if role in self.keys and is_due:
                self._make(role, self._targets_of(role))
        meta = {
            f"{role}.json": self._info(role) for role in ("targets", SUSPEND) if role in self.keys
        }
        self._make("snapshot", Snapshot(meta=meta))
        self._make("timestamp", Timestamp(snapshot_meta=self._info("snapshot")))
        self.files = {**self.roots, **self._contents(), "timestamp.json": self.made["timestamp"]}
        for role in ("targets", SUSPEND, "snapshot"):
            if role in self.made:
                self.files[f"{self.versions[role]}.{role}.json"] = self.made[role]

    def copy(self) -> Forge:
        """Return another publisher that goes its own way from here on."""
        return copy.deepcopy(self)

    # --- how it is made

    def _targets_of(self, role: str) -> Targets:
        contents = self.targets if role == "targets" else self.suspended
        targets = {path: TargetFile.from_data(path, data) for path, data in contents.items()}
        is_delegating = role == "targets" and SUSPEND in self.keys
        return Targets(targets=targets, delegations=self.delegations() if is_delegating else None)

    def delegations(self) -> Delegations:
        keys = {signer.public_key.keyid: signer.public_key for signer in self.keys[SUSPEND]}
        role = DelegatedRole(
            SUSPEND, list(keys), self.thresholds[SUSPEND], terminating=True, paths=["*.suspended"]
        )
        return Delegations(keys, {SUSPEND: role})

    def _make(self, role: str, signed: Signed) -> None:
        self.versions[role] += 1
        signed.version = self.versions[role]
        signed.expires = expiry(self.now_ms, self.days[role])
        self._changes.get(role, nothing)(signed)
        self.versions[role] = signed.version
        data = sign(signed, self.signing.get(role, self.keys[role]))
        self.made[role] = self._spoiled[role](data) if role in self._spoiled else data

    def _info(self, role: str) -> MetaFile:
        data = self.made[role]
        return MetaFile(
            self.versions[role], len(data), {"sha256": hashlib.sha256(data).hexdigest()}
        )

    def _contents(self) -> dict[str, bytes]:
        contents = [*self.targets.items(), *self.suspended.items()]
        return {f"{hashlib.sha256(data).hexdigest()}.{path}": data for path, data in contents}


def refused(
    files: Mapping[str, bytes], trusted_root: bytes, *, now_ms: int = NOW_MS
) -> DirectoryFault:
    """Assert that the files are no directory; return why."""
    with pytest.raises(DirectoryError) as caught:
        load_directory(files, trusted_root, now_ms=now_ms)
    return caught.value.code


def name_of(files: Mapping[str, bytes], ending: str) -> str:
    (name,) = [name for name in files if name.endswith(ending)]
    return name
