"""Change a node's long-lived keys: planned, or because somebody else may have them.

Either way the node goes on with its next log, under keys of that log only. In order:

1. `prepare`: the next identity is stored beside the present one.
2. A request with the new log key goes to the membership role, which puts it into the
   directory. Planned: the node works on as before meanwhile.
3. The change itself, while the node does not run: the old log gets its last
   checkpoint, and what waits is sealed again; then the next identity takes the place
   of the present one, whose secrets are destroyed. Planned: at the first opening after
   the directory names the new key (`finish`). After a theft: at once (`prepare`), for
   the old keys are dead anyway; besides, the database is encrypted with a new key and
   all encryption epochs are destroyed (peers seal again to the new ones).

Each step may be cut off anywhere and is done again at the next opening. A backup of
the old identity opens nothing any more that was made after the change.
"""

from __future__ import annotations

from keys.directory import NO_DIRECTORY, Directory, load_kept_directory
from keys.directory_files import DirectoryFolder
from keys.files import destroy_file, load_file, supersede_file
from keys.identity import Identity, load_identity, store_identity, succeed
from keys.members import MemberRecord
from keys.vault import VAULT_BYTES, RandomBytes
from node.errors import HomeError, StoreError
from node.home import Home
from node.store import ended_logs, log_store, outbox
from node.store.db import WRONG_DATABASE_KEY, Transaction, change_key, opened
from protocol import limits, log
from protocol.notes import Checkpoint, sign_checkpoint


def prepare(
    home: Home,
    identity: Identity,
    passphrase: bytes,
    *,
    is_stolen: bool,
    random: RandomBytes,
    now_ms: int,
) -> Identity:
    """Make the next identity; after a theft, put it in force at once. Needs the home's lock.

    Done again before a planned change, it goes on with the identity that is there.

    Raises:
        KeysError, StoreError: something cannot be read or written.
    """
    if is_stolen and home.next_identity.exists():
        # Whoever has the present keys may have these too.
        destroy_file(home.next_identity)
    if not home.next_identity.exists():
        following = succeed(identity, random, is_stolen=is_stolen)
        store_identity(home.next_identity, following, passphrase, random=random)
    following = load_identity(home.next_identity, passphrase)
    if is_stolen:
        _change(home, identity, following, now_ms)
    return following


def finish(home: Home, identity: Identity, passphrase: bytes, *, now_ms: int) -> Identity:
    """Return the identity to open the home with: the next one, if its time has come.

    Needs the home's lock.

    Raises:
        KeysError, StoreError: something cannot be read or written.
    """
    if not home.next_identity.exists():
        return identity
    following = load_identity(home.next_identity, passphrase)
    if following.origin_number <= identity.origin_number:
        # The change was cut off before its last step.
        destroy_file(home.next_identity)
        return identity
    if _is_planned(identity, following) and not _is_admitted(home, following, now_ms):
        return identity
    _change(home, identity, following, now_ms)
    return following


def own_record(home: Home, identity: Identity) -> MemberRecord:
    """Return the node's own record in the directory that it keeps.

    Raises:
        HomeError: the node has not joined, or the directory does not name it.
        KeysError: the directory cannot be read.
    """
    member = _directory(home).member(identity.node_id)
    if member is None:
        raise HomeError(
            "not_joined", "this node is in no federation yet", "homeward federation join"
        )
    return member


def _is_planned(identity: Identity, following: Identity) -> bool:
    return following.database_key == identity.database_key


def _is_admitted(home: Home, following: Identity, now_ms: int) -> bool:
    key_id = following.log_signer().key_id
    return _directory(home).key_for(following.node_id, key_id, now_ms) is not None


def _directory(home: Home) -> Directory:
    if not home.root.exists():
        return NO_DIRECTORY
    root = load_file(home.root, limits.DIRECTORY_ROOT_BYTES)
    return load_kept_directory(DirectoryFolder(home.directory).load(), root)


def _change(home: Home, identity: Identity, following: Identity, now_ms: int) -> None:
    if home.database.exists():
        _end_log(home, identity, following, now_ms)
    if following.epoch_wrapping_key != identity.epoch_wrapping_key:
        for path in sorted(home.epochs.iterdir()):
            destroy_file(path)
    supersede_file(home.identity, load_file(home.next_identity, VAULT_BYTES))
    # If we crash here the next opening finds both, and removes this one.
    destroy_file(home.next_identity)


def _end_log(home: Home, identity: Identity, following: Identity, now_ms: int) -> None:
    """Write the old log's last checkpoint, and have all that waits sealed again."""
    if _has_new_key(home, identity, following):
        # Cut off after the database got its new key: this has been done.
        return
    with opened(home.database, identity.database_key) as database:
        database.execute("BEGIN IMMEDIATE")
        note = _last_checkpoint(database, identity, now_ms)
        if note is not None:
            ended_logs.put(database, identity.origin_number, note)
        outbox.unseal_all(database)
        database.execute("COMMIT")
    if not _is_planned(identity, following):
        change_key(home.database, identity.database_key, following.database_key)


def _has_new_key(home: Home, identity: Identity, following: Identity) -> bool:
    if _is_planned(identity, following):
        return False
    try:
        with opened(home.database, identity.database_key):
            return False
    except StoreError as error:
        if error.code != WRONG_DATABASE_KEY:
            raise
    with opened(home.database, following.database_key):
        return True


def _last_checkpoint(database: Transaction, identity: Identity, now_ms: int) -> bytes | None:
    """Sign all of a log that ends; None when nothing is in it."""
    size = log_store.size(database, identity.origin_number)
    if not size:
        return None
    root = log.root(size, log_store.reader(database, identity.origin_number))
    checkpoint = Checkpoint(identity.origin, size, root)
    return sign_checkpoint(checkpoint, identity.log_signer(), now_ms // 1000)
