"""What must hold of a pending change before anybody signs it, or is told what it does.

The public files are verified from their oldest root file on, as a node would; the
pending ones hold nothing but the next version of root, targets and suspend, in the form
that this program writes, and the records that these list; and no member, log key or
suspension in force is lost. So what `effects` tells is all there is to a change.

That the folder it lies in is the right federation's only `check_public` can tell, with a
root file from elsewhere: whoever can replace every file can also make up a federation in
which the change looks harmless.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tuf.api.metadata import Metadata, Root, Targets  # type: ignore[attr-defined]

from keys.change import Change
from keys.directory import load_directory
from keys.directory_content import (
    Content,
    listed_names,
    read_content,
    read_waiting,
    root_versions,
)
from keys.directory_files import DirectoryFiles, metadata_name, newest_version
from keys.directory_trust import federation_of
from keys.errors import DirectoryError, DirectoryFault, MembershipError
from keys.public_keys import keys_in
from keys.records import check_keys_kept
from keys.suspension import SUSPEND_ROLE

PREVIOUS_ROOT = "previous root"


@dataclass(frozen=True, slots=True)
class Signatory:
    """A role whose threshold a file needs, and the file that says which keys it has."""

    label: str
    role: str
    delegator: Root | Targets


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A pending file, and who must sign it."""

    name: str
    role: str
    metadata: Metadata[Root] | Metadata[Targets]
    signatories: tuple[Signatory, ...]

    def key_ids(self) -> set[str]:
        """Return the ids of all keys whose signature counts for the file."""
        return {
            key_id
            for each in self.signatories
            for key_id in each.delegator.get_delegated_role(each.role).keyids
        }


@dataclass(frozen=True, slots=True)
class CheckedChange:
    """What is public, None before the founding; what shall be; and what must be signed."""

    before: Content | None
    after: Content
    waiting: tuple[WaitingFile, ...]


def check_public(files: DirectoryFiles, trusted_root: bytes) -> None:
    """Verify public files from a root file on; whether they have expired is not asked.

    Raises:
        DirectoryError: they are not a whole directory of that federation.
    """
    load_directory(files, trusted_root, now_ms=0)


def oldest_root(files: DirectoryFiles) -> bytes:
    """Return the first of the root files.

    Raises:
        DirectoryError: MISSING.
    """
    versions = root_versions(files)
    if not versions:
        raise DirectoryError(DirectoryFault.MISSING, "root")
    return files[metadata_name("root", versions[0])]


def checked(change: Change) -> CheckedChange:
    """Check a change as the head of the module says.

    Raises:
        DirectoryError: a file is missing, malformed, or holds more than is understood.
        MembershipError: it was made on other public files, or loses what must stay.
    """
    before = None
    if change.files:
        check_public(change.files, oldest_root(change.files))
        before = read_content(change.files)
    names = _waiting_names(change)
    _check_names(change, names)
    files = {role: read_waiting(change.pending[name], role) for role, name in names.items()}
    after = read_content(change.merged)
    if SUSPEND_ROLE in names and after.suspend is None:
        raise MembershipError("a suspension waits, and the role suspend has no keys")
    # Else what `effects` tells of keys might not be all there is to tell.
    keys_in(after)
    if before is not None:
        _check_succession(before, after)
    waiting = tuple(
        WaitingFile(name, role, files[role], tuple(_signatories(role, before, after)))
        for role, name in names.items()
    )
    return CheckedChange(before, after, waiting)


def _waiting_names(change: Change) -> dict[str, str]:
    """Return the names that the next root, targets and suspend file have, where they wait."""
    names = {
        role: metadata_name(role, newest_version(change.files, role) + 1)
        for role in ("root", "targets", SUSPEND_ROLE)
    }
    return {role: name for role, name in names.items() if name in change.pending}


def _check_names(change: Change, names: dict[str, str]) -> None:
    for name in change.pending:
        if name.endswith(".json") and name not in names.values():
            raise MembershipError(
                "the pending change was made on other public files than these",
                "discard it, and propose it again on the newest public files",
            )
    strangers = set(change.pending) - set(names.values()) - listed_names(change.merged)
    if strangers or set(change.pending) & set(change.files):
        raise MembershipError(
            "the pending change holds a file that does not belong to it",
            "discard it, and propose it again",
        )


def _check_succession(before: Content, after: Content) -> None:
    if federation_of(after.root)[0] != federation_of(before.root)[0]:
        raise DirectoryError(DirectoryFault.FEDERATION)
    if before.suspend is not None and after.suspend is None:
        raise MembershipError("the role suspend would be taken out")
    for node_id, member in before.members.items():
        if node_id not in after.members:
            raise MembershipError(
                f"{node_id} would be taken out of the directory",
                "nodes must know whom not to trust any more: revoke it instead",
            )
        check_keys_kept(member, after.members[node_id])
        known, told = before.suspension_of(member), after.suspensions.get(node_id)
        told_ms = 0 if told is None else told.suspended_at_ms
        reinstated_at_ms = after.members[node_id].reinstated_at_ms or 0
        if known is not None and max(told_ms, reinstated_at_ms) < known.suspended_at_ms:
            raise MembershipError(
                f"the suspension of {node_id} would be dropped", "reinstate it instead"
            )


def _signatories(role: str, before: Content | None, after: Content) -> Iterator[Signatory]:
    if role == SUSPEND_ROLE:
        yield Signatory(role, role, after.targets)
        return
    if role == "root" and before is not None:
        yield Signatory(PREVIOUS_ROOT, role, before.root)
    yield Signatory(role, role, after.root)
