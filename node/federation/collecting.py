"""Copies of the folder that come back: what is new in them is taken over.

Holders sign on copies, in parallel; who is on duty at night may even publish from one.
A copy is somebody else's word: its signatures are verified, and its directory must
follow from the one that is here, as a node would ask.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tuf.api.metadata import Timestamp  # type: ignore[attr-defined]

from keys import ceremony
from keys.change import Change
from keys.directory import update_directory
from keys.directory_content import read_metadata
from keys.directory_files import TIMESTAMP_NAME, DirectoryFiles, newest_version
from keys.errors import DirectoryError, DirectoryFault
from node.errors import NodeError
from node.federation.folder import FederationFolder
from node.federation.signing import change_facts, load_change, nothing_pending, signed_ids

Facts = dict[str, Any]


def collect(folder: FederationFolder, sources: Iterable[Path], *, now_ms: int) -> Facts:
    """Take what is new in copies of the folder, from all of them or none.

    That is: signatures on the pending change, and a directory published from a copy.

    Raises:
        NodeError: a copy is another federation's, or nothing waits here or there.
        KeysError: a copy holds another change, or something that is not good.
    """
    change = known = load_change(folder)
    for source in sources:
        copy = FederationFolder(source)
        _check_copy(folder, copy)
        newer = _with_newer_public(change, folder, copy, now_ms)
        change = _with_signatures(newer, copy, is_newer=newer is not change)
    if change.files != known.files:
        folder.store_published(change.files, change.pending)
    elif change.pending != known.pending:
        folder.keep_pending(change.pending)
    new = signed_ids(change) - signed_ids(known)
    return {
        **(change_facts(change) if change.pending else {"effects": []}),
        "collected": sorted({key_id for _, _, key_id in new}),
        "directory_version": newest_version(change.files, "snapshot"),
        "is_newer": change.files != known.files,
    }


def _check_copy(folder: FederationFolder, copy: FederationFolder) -> None:
    copy.check()
    if copy.is_founded and folder.is_founded and copy.load_root() != folder.load_root():
        raise NodeError(
            "other_federation",
            "the copy is of another federation",
            "look which folder came back from whom",
        )


def _with_newer_public(
    change: Change, folder: FederationFolder, copy: FederationFolder, now_ms: int
) -> Change:
    """Return the change on top of what was published from the copy, if that is newer."""
    files = copy.load_public()
    if not change.files or not files:
        return change
    here, there = _timestamp_version(change.files), _timestamp_version(files)
    if here == there and files[TIMESTAMP_NAME] != change.files[TIMESTAMP_NAME]:
        raise NodeError(
            "published_apart",
            "this folder and the copy were both published, apart from each other",
            "publish once more in the one that has what shall count, then collect it here",
        )
    if there <= here:
        return change
    root = folder.load_root()
    outcome = update_directory(change.files, files.get, root, now_ms=now_ms)
    return Change(outcome.files, _still_pending(change, outcome.files))


def _timestamp_version(files: DirectoryFiles) -> int:
    if TIMESTAMP_NAME not in files:
        raise DirectoryError(DirectoryFault.MISSING, TIMESTAMP_NAME)
    return read_metadata(files[TIMESTAMP_NAME], Timestamp).signed.version


def _still_pending(change: Change, files: DirectoryFiles) -> DirectoryFiles:
    return {name: data for name, data in change.pending.items() if files.get(name) != data}


def _with_signatures(change: Change, copy: FederationFolder, *, is_newer: bool) -> Change:
    untrusted_pending = copy.load_pending()
    if change.pending and untrusted_pending:
        return ceremony.collect(change, untrusted_pending)
    if is_newer:
        return change
    if not change.pending:
        raise nothing_pending()
    raise NodeError(
        "nothing_pending",
        "no change waits in the copy",
        "name the folder that the holder has signed, as it came back",
    )
