"""The secretariat of a test's federation: it has all keys, and publishes into its own folder."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from keys import change as changes
from keys.change import Change
from keys.directory import load_kept_directory
from keys.directory_files import DirectoryFiles, newest_version
from keys.members import MemberRecord
from keys.signers_at_hand import FederationKeys, RoleKeys, sign_and_publish, sign_with
from keys.tuf_keys import CompositeSigner
from node.app import Core
from protocol.ids import NodeId
from tests.support.nodes import NOW_MS, Federation, seeded


@dataclass
class Secretariat:
    """Each method publishes a new directory; `files` are those of the newest."""

    root: bytes
    keys: FederationKeys
    files: DirectoryFiles
    now_ms: int = NOW_MS
    generations: int = field(default=1)

    @classmethod
    def of(cls, federation: Federation) -> Secretariat:
        return cls(federation.root, federation.keys, federation.files)

    @property
    def version(self) -> int:
        return newest_version(self.files, "snapshot")

    def record(self, name: str) -> MemberRecord:
        return load_kept_directory(self.files, self.root).members[NodeId(name)]

    def publish(self, change: Change | None = None) -> DirectoryFiles:
        self.files = sign_and_publish(change or Change(self.files), self.keys, now_ms=self.now_ms)
        return self.files

    def suspend(self, name: str) -> DirectoryFiles:
        return self.publish(changes.suspend(Change(self.files), NodeId(name), now_ms=self.now_ms))

    def reinstate(self, name: str) -> DirectoryFiles:
        return self.publish(changes.reinstate(Change(self.files), NodeId(name), now_ms=self.now_ms))

    def revoke(self, name: str) -> DirectoryFiles:
        change = changes.revoke(
            Change(self.files), NodeId(name), compromised_since_ms=self.now_ms, now_ms=self.now_ms
        )
        return self.publish(change)

    def amend(self, name: str, **fields) -> DirectoryFiles:
        record = replace(self.record(name), **fields)
        return self.publish(changes.amend(Change(self.files), record, now_ms=self.now_ms))

    def rotate_root(self) -> DirectoryFiles:
        """Give every role new keys, and publish under them."""
        self.generations += 1
        new = _other_keys(self.keys, f"generation {self.generations}")
        change = changes.rotate_root(Change(self.files), new.public(), now_ms=self.now_ms)
        change = changes.renew(change, "targets", now_ms=self.now_ms)
        change = sign_with(change, self.keys.root.signers)
        self.keys = new
        return self.publish(change)

    async def mail_to(self, core: Core) -> None:
        """Let a node's administrator take the newest directory from a USB stick."""
        key_id = core.context.logbook.signer.key_id
        await core.directory_refresh.join(self.root, dict(self.files), key_id)


def _other_keys(keys: FederationKeys, label: str) -> FederationKeys:
    random = seeded(label)
    return FederationKeys(
        **{
            role: RoleKeys([CompositeSigner(random(32), random(32)) for _ in old.signers])
            for role, old in keys.by_role().items()
        }
    )
