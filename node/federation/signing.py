"""A pending change on its way: read, told in facts, and signed.

Each function works on a folder that its caller holds locked, and writes last: a
refusal leaves the folder as it was. `OpenKey` opens a key file; it may ask a person for
the passphrase.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from keys import ceremony
from keys.ceremony import RoleSignatures
from keys.change import Change
from keys.directory_trust import federation_of
from keys.effects import effects
from keys.errors import DirectoryError
from keys.pending import PREVIOUS_ROOT, CheckedChange, check_public, checked
from keys.suspension import SUSPEND_ROLE
from keys.tuf_keys import CompositeSigner
from node.errors import NodeError
from node.federation.folder import FederationFolder

Facts = dict[str, Any]
OpenKey = Callable[[Path], CompositeSigner]


def load_change(folder: FederationFolder) -> Change:
    """Read what is public and what waits; the latter may be nothing.

    Raises:
        NodeError: what waits is damaged.
        KeysError: a file cannot be read, public/ is not what root.json stands for, or the
            change was not made for it.
    """
    change = Change(folder.load_public(), folder.load_pending())
    if folder.is_founded:
        check_public(change.files, folder.load_root())
    try:
        if change.pending:
            checked(change)
    except DirectoryError as error:
        raise NodeError(
            "pending_damaged",
            f"the pending change cannot be used: {error.sentence}",
            "copy the folder again from where it came, or discard the change and make it anew",
        ) from error
    return change


def load_pending(folder: FederationFolder) -> Change:
    """Read a change that waits.

    Raises:
        NodeError: none does.
        KeysError: as `load_change`.
    """
    change = load_change(folder)
    if not change.pending:
        raise nothing_pending()
    return change


def change_facts(change: Change) -> Facts:
    """Return what a pending change does, and which signatures it has and lacks.

    Raises:
        KeysError: the change is not in order.
    """
    change_checked = checked(change)
    federation_id, name = federation_of(change_checked.after.root)
    told = ceremony.signatures(change)
    return {
        "federation": name,
        "federation_id": federation_id.hex(),
        "is_founding": change_checked.before is None,
        "roles": {
            role: {"keys": list(keys.keyids), "needed": keys.threshold}
            for role, keys in change_checked.after.roles()
        },
        "effects": [asdict(effect) for effect in effects(change)],
        "signatures": list(_signature_facts(change_checked, told)),
        "is_complete": all(each.is_enough for each in told),
        "is_suspension_complete": is_suspension_complete(change, told),
    }


def check_trusted(change: Change, root: bytes) -> None:
    """Refuse a folder that is not of the federation that a holder's own root file is for.

    Raises:
        NodeError: it is another federation's, made up, or not founded yet.
    """
    try:
        if change.files:
            check_public(change.files, root)
            return
    except DirectoryError as error:
        raise NodeError(
            "other_federation",
            "this folder does not follow from your root file",
            "do not sign; ask the secretariat on a telephone number that you know",
        ) from error
    raise NodeError(
        "not_founded",
        "this federation is not founded yet, and no root file can be of it",
        "compare the words of the keys by telephone instead, and leave --root out",
    )


def add_signature(folder: FederationFolder, change: Change, signer: CompositeSigner) -> Facts:
    """Sign a pending change with one key.

    Raises:
        NodeError: the key has signed it already.
        KeysError: the key can sign nothing of it, or it cannot be written.
    """
    signed = ceremony.sign(change, signer)
    key_id = signer.public_key.keyid
    if signed.pending == change.pending:
        raise NodeError(
            "signed_already",
            "this key has signed the pending change already",
            "homeward federation pending tells whose signatures are missing",
        )
    folder.keep_pending(signed.pending)
    new = signed_ids(signed) - signed_ids(change)
    roles = sorted({_role_of(label) for _, label, _ in new})
    return {**change_facts(signed), "key_id": key_id, "signed_roles": roles}


def sign_with_kept_keys(folder: FederationFolder, change: Change, open_key: OpenKey) -> Change:
    """Sign a change with the keys that lie in the folder itself, where it needs them.

    Raises:
        KeysError: a key file does not open.
    """
    for told in ceremony.signatures(change):
        path = folder.key(_role_of(told.role))
        if told.is_enough or not path.is_file():
            continue
        signer = open_key(path)
        # After a rotation, the key that lies here may be a former one.
        if any(signer.public_key.keyid in file.key_ids() for file in checked(change).waiting):
            change = ceremony.sign(change, signer)
    return change


def dropped_signatures(before: Change, after: Facts) -> int:
    """Return how many keys must sign again, because what they signed was changed."""
    kept = {(told["role"], key_id) for told in after["signatures"] for key_id in told["signed"]}
    known = {(role, key_id) for _, role, key_id in signed_ids(before)}
    return len({key_id for _, key_id in known - kept})


def _signature_facts(
    change_checked: CheckedChange, signatures: Iterable[RoleSignatures]
) -> Iterator[Facts]:
    key_ids = {
        (file.name, each.label): each.delegator.get_delegated_role(each.role).keyids
        for file in change_checked.waiting
        for each in file.signatories
    }
    for told in signatures:
        missing = set(key_ids[told.file, told.role]) - set(told.key_ids)
        yield {
            "file": told.file,
            "role": told.role,
            "have": told.have,
            "needed": told.needed,
            "signed": list(told.key_ids),
            "not_signed": sorted(missing),
        }


def signed_ids(change: Change) -> set[tuple[str, str, str]]:
    """Return which key has signed which pending file for which role."""
    told = ceremony.signatures(change) if change.pending else ()
    return {(each.file, each.role, key_id) for each in told for key_id in each.key_ids}


def nothing_pending() -> NodeError:
    """Return the error for a folder in which nothing waits."""
    return NodeError(
        "nothing_pending",
        "no change waits for signatures in this folder",
        "homeward federation show tells what is published",
    )


def _role_of(label: str) -> str:
    """Return the role whose keys sign under a label of `keys.ceremony`."""
    return "root" if label == PREVIOUS_ROOT else label


def is_suspension_complete(change: Change, signatures: Sequence[RoleSignatures]) -> bool:
    """Whether the suspensions among other things that wait could be published alone."""
    own = [each.is_enough for each in signatures if each.role == SUSPEND_ROLE]
    return bool(own) and all(own) and bool(change.files) and len(signatures) > len(own)
