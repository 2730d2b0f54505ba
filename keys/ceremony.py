"""Signatures on a pending change: added one key at a time, joined, counted, published.

The files go from holder to holder, or to all of them at once and the signed copies are
collected; both come to the same. What a file needs is read from the files themselves:
a root file the threshold of the root before it and its own, targets and suspend the
threshold of their role as the change leaves it.

`publish` ends by reading its own result as nodes would, a new one and one that has the
public files already, so that what a node would refuse is never given out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from tuf.api.metadata import (  # type: ignore[attr-defined]
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    Targets,
    Timestamp,
)

from keys.change import SNAPSHOT_DAYS, TIMESTAMP_DAYS, Change, expiry
from keys.directory import load_directory, update_directory
from keys.directory_content import (
    Content,
    content_name,
    listed_names,
    meta_file,
    newest,
    read_metadata,
    read_waiting,
    root_versions,
)
from keys.directory_files import (
    TIMESTAMP_NAME,
    DirectoryFiles,
    metadata_name,
    newest_version,
)
from keys.errors import MembershipError
from keys.pending import Signatory, WaitingFile, checked, oldest_root
from keys.suspension import SUSPEND_ROLE
from keys.tuf_keys import CompositeSigner

_PUBLISHING_ROLES: Final = ("snapshot", "timestamp")


@dataclass(frozen=True, slots=True)
class RoleSignatures:
    """The good signatures that a file has from the keys of one role."""

    file: str
    role: str
    have: int
    needed: int
    key_ids: tuple[str, ...]

    @property
    def is_enough(self) -> bool:
        """Whether the role's threshold is reached."""
        return self.have >= self.needed

    @property
    def sentence(self) -> str:
        """How many there are, and how many are missing."""
        told = f"{self.have} of {self.needed} signatures of {self.role} are there"
        missing = self.needed - self.have
        verb = "is" if missing == 1 else "are"
        return told if self.is_enough else f"{told}, {missing} {verb} missing"


def signatures(change: Change) -> tuple[RoleSignatures, ...]:
    """Return for each pending file, and each role that must sign it, what it has.

    A new root file needs the role "root" as it says itself and, but for the first one,
    the "previous root".

    Raises:
        DirectoryError, MembershipError: the change is not in order; see `checked`.
    """
    return tuple(each for file in checked(change).waiting for each in _signatures_of(file))


def sign(change: Change, signer: CompositeSigner) -> Change:
    """Add this key's signature to every pending file that one of its roles must sign.

    Where it has signed already nothing changes.

    Raises:
        MembershipError: the key can sign nothing of the change.
        DirectoryError: the change is not in order; see `checked`.
    """
    change_checked = checked(change)
    key_id = signer.public_key.keyid
    files = [file for file in change_checked.waiting if key_id in file.key_ids()]
    if not files:
        raise _cannot_sign(change_checked.after, key_id, is_waiting=bool(change_checked.waiting))
    for file in files:
        if key_id not in _good(file):
            file.metadata.sign(signer, append=True)
    return _with_files(change, files)


def collect(change: Change, other_pending: DirectoryFiles) -> Change:
    """Take over the signatures that were made on a copy of the change, or on some of its files.

    Whoever collects which copy first, the result is the same.

    Raises:
        MembershipError: the copy is of another change, or a signature in it is not good.
        DirectoryError: a file is malformed, or the change is not in order; see `checked`.
    """
    waiting = {file.name: file for file in checked(change).waiting}
    for name, data in other_pending.items():
        file = waiting.get(name)
        if file is not None:
            _take_signatures(file, data)
        elif data not in (change.pending.get(name), change.files.get(name)):
            raise _other_change(name)
    return _with_files(change, waiting.values())


def only_suspensions(change: Change) -> Change:
    """Return the part that the role suspend decides, to be published in the night.

    The rest of what is pending can go on waiting for its signatures, on top of it.

    Raises:
        MembershipError: no suspension is pending.
    """
    name = metadata_name(SUSPEND_ROLE, newest_version(change.files, SUSPEND_ROLE) + 1)
    if name not in change.pending:
        raise MembershipError("no suspension is pending", "propose one first")
    targets = read_metadata(change.pending[name], Targets).signed.targets.values()
    names = {name, *map(content_name, targets)}
    pending = {name: data for name, data in change.pending.items() if name in names}
    return Change(change.files, MappingProxyType(pending))


def publish(
    change: Change,
    *,
    snapshot: Sequence[CompositeSigner],
    timestamp: Sequence[CompositeSigner],
    now_ms: int,
) -> dict[str, bytes]:
    """Make a change current, with new snapshot and timestamp files; or only renew these.

    Returns all root files, and of the others those that a node needs.

    Raises:
        MembershipError: signatures are missing; the sentence says how many of which role.
        DirectoryError: the change is not in order, or a node would refuse the result.
    """
    missing = [each.sentence for each in signatures(change) if not each.is_enough]
    if missing:
        raise MembershipError(
            "; ".join(missing), "collect the signatures of more holders of these keys"
        )
    published = _made_current(change.merged, snapshot, timestamp, now_ms)
    _check_published(change.files, published, now_ms)
    return published


def _made_current(
    files: DirectoryFiles,
    snapshot: Sequence[CompositeSigner],
    timestamp: Sequence[CompositeSigner],
    now_ms: int,
) -> dict[str, bytes]:
    root = newest(files, "root", Root)
    lists = _current_lists(files)
    new_snapshot = Snapshot(
        version=newest_version(files, "snapshot") + 1,
        expires=expiry(now_ms, SNAPSHOT_DAYS),
        meta={f"{role}.json": meta for role, meta in lists.items()},
    )
    snapshot_data = _signed(Metadata(new_snapshot), snapshot, root)
    new_timestamp = Timestamp(
        version=_timestamp_version(files) + 1,
        expires=expiry(now_ms, TIMESTAMP_DAYS),
        snapshot_meta=meta_file(new_snapshot.version, snapshot_data),
    )
    names = [metadata_name("root", version) for version in root_versions(files)]
    names += [metadata_name(role, meta.version) for role, meta in lists.items()]
    published = {name: files[name] for name in (*names, *sorted(listed_names(files)))}
    published[metadata_name("snapshot", new_snapshot.version)] = snapshot_data
    published[TIMESTAMP_NAME] = _signed(Metadata(new_timestamp), timestamp, root)
    return published


def _current_lists(files: DirectoryFiles) -> dict[str, MetaFile]:
    """Return how the snapshot lists the newest targets file, and that of suspend."""
    versions = {role: newest_version(files, role) for role in ("targets", SUSPEND_ROLE)}
    return {
        role: meta_file(version, files[metadata_name(role, version)])
        for role, version in versions.items()
        if version > 0
    }


def _timestamp_version(files: DirectoryFiles) -> int:
    data = files.get(TIMESTAMP_NAME)
    return 0 if data is None else read_metadata(data, Timestamp).signed.version


def _signed(
    metadata: Metadata[Snapshot] | Metadata[Timestamp],
    signers: Sequence[CompositeSigner],
    root: Root,
) -> bytes:
    for signer in signers:
        metadata.sign(signer, append=True)
    role = metadata.signed.type
    told = _signatures_by(Signatory(role, role, root), role, metadata)
    if not told.is_enough:
        raise MembershipError(told.sentence, f"publishing needs enough keys of {role}")
    return metadata.to_bytes()


def _check_published(before: DirectoryFiles, published: DirectoryFiles, now_ms: int) -> None:
    root = oldest_root(published)
    load_directory(published, root, now_ms=now_ms)
    update_directory(before, published.get, root, now_ms=now_ms)


def _signatures_by(signatory: Signatory, file: str, metadata: Metadata[Any]) -> RoleSignatures:
    result = signatory.delegator.get_verification_result(
        signatory.role, metadata.signed_bytes, metadata.signatures
    )
    key_ids = tuple(sorted(result.signed))
    return RoleSignatures(file, signatory.label, len(key_ids), result.threshold, key_ids)


def _signatures_of(file: WaitingFile) -> tuple[RoleSignatures, ...]:
    return tuple(_signatures_by(each, file.name, file.metadata) for each in file.signatories)


def _good(file: WaitingFile) -> set[str]:
    return {key_id for each in _signatures_of(file) for key_id in each.key_ids}


def _take_signatures(file: WaitingFile, untrusted_copy: bytes) -> None:
    metadata, copy = file.metadata, read_waiting(untrusted_copy, file.role)
    if copy.signed_bytes != metadata.signed_bytes:
        raise _other_change(file.name)
    untrusted = replace(file, metadata=copy)
    ours, theirs = _good(file), _good(untrusted)
    if (file.key_ids() & set(copy.signatures)) - theirs:
        raise MembershipError(
            f"a signature in the copy of {file.name} is not good",
            "ask its holder to sign again, and to send the whole file",
        )
    for key_id in theirs:
        signature = copy.signatures[key_id]
        # Of two good ones of one key either will do; this choice needs no order of copies.
        if key_id not in ours or signature.signature < metadata.signatures[key_id].signature:
            metadata.signatures[key_id] = signature


def _with_files(change: Change, files: Iterable[WaitingFile]) -> Change:
    """Write the files with their signatures in one order, and without those of strangers."""
    pending = dict(change.pending)
    for file in files:
        known, signatures = file.key_ids(), dict(file.metadata.signatures)
        file.metadata.signatures.clear()
        file.metadata.signatures.update(
            {key_id: signatures[key_id] for key_id in sorted(signatures) if key_id in known}
        )
        pending[file.name] = file.metadata.to_bytes()
    return Change(change.files, MappingProxyType(pending))


def _cannot_sign(content: Content, key_id: str, *, is_waiting: bool) -> MembershipError:
    roles = [name for name, role in content.roles() if key_id in role.keyids]
    if not roles:
        return MembershipError(
            "this key is in no role of the federation",
            "take the key whose id the federation was given",
        )
    if roles[0] in _PUBLISHING_ROLES:
        return MembershipError(
            f"a key of the role {roles[0]} signs only when the change is published",
            "publish with it once the other signatures are there",
        )
    told = "of this change" if is_waiting else "at all"
    return MembershipError(f"nothing {told} waits for a key of the role {roles[0]}")


def _other_change(name: str) -> MembershipError:
    return MembershipError(
        f"{name} of the copy is of another change than the one that is pending here",
        "collect only copies of this very change",
    )
