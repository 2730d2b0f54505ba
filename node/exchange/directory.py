"""Keep the federation directory current: take it from peers or a folder, serve it to peers.

Any peer relays the files: what they say is proven by the membership keys under
the root that this node was installed with, never by who handed them over. A file
that is older, or does not verify, changes nothing.

- Files are fetched from several peers at a time, but one directory is taken after the
  other: what was fetched is verified again, against what is in force by then.
- First the files are in force, then the log says so. If the node crashes in between, the
  next start finds that the newest entry is about another directory, and adds one.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

from keys.directory import Directory, DirectoryOutcome, DirectoryUpdate, update_directory
from keys.directory_files import (
    TIMESTAMP_NAME,
    DirectoryFiles,
    DirectoryFolder,
    metadata_name,
    newest_version,
)
from keys.errors import DirectoryError, DirectoryFault, KeysError
from keys.files import load_file, store_file
from node.errors import TRAINING, UNREACHABLE, DeliveryError, NodeError, StoreError
from node.exchange.context import Context
from node.store import directories, outbox
from node.store.db import Transaction
from node.store.directories import DirectoryRow
from protocol import limits, suite
from protocol.ids import NodeId
from protocol.log import LeafKind
from protocol.training import belongs

Report = Callable[[str, NodeId, str], None]
"""Called with an event's name, the peer, and a code."""
Offered = Mapping[str, bytes | None]
"""What a source gives for the names of files; None: it has no such file."""

PEERS_AT_ONCE = 4
# For all files from one peer: one that hangs must not keep the others from being asked.
FETCH_SECONDS = 60.0
# Of a peer that is down, or has not heard the news, nothing needs to be said; nor of one
# that has nothing fresh to offer, since people are told of that in other ways.
_EVERYDAY = frozenset(
    {UNREACHABLE, TRAINING, DirectoryFault.VERSION.value, DirectoryFault.EXPIRED.value}
)
OTHER_KIND = (
    "a training node and a federation in earnest do not belong together",
    "a training home stays one; make another home for work: homeward node init",
)
"""Sentence and hint of the refusal."""


def directory_subject(files: DirectoryFiles) -> bytes:
    """Return the subject of the DIRECTORY leaf: over the two files that all others hang on."""
    names = (metadata_name("root", newest_version(files, "root")), TIMESTAMP_NAME)
    digests = [hashlib.sha256(files[name]).digest() for name in names]
    return suite.digest("homeward/v1 directory files", *digests)


class DirectoryRefresh:
    """The directory files of one node; `on_taken` is called when others are in force."""

    def __init__(
        self,
        context: Context,
        folder: Path,
        root: Path,
        *,
        on_taken: Callable[[], None],
        report: Report,
    ) -> None:
        """Work on the files in `folder`, trusting the root file `root`."""
        self._context = context
        self._folder = DirectoryFolder(folder)
        self._root = root
        self._on_taken = on_taken
        self._report = report
        self._taking = asyncio.Lock()
        self._subject: bytes | None = None
        self._noted: bytes | None = None
        self._generation = 0
        """How often a directory was taken; what was verified before may be outdated."""

    async def file(self, name: str) -> bytes | None:
        """Return a directory file for a peer; None when there is none of this name."""
        return await self._context.disk(lambda: self._folder.load_one(name))

    # --- from peers

    async def refresh(self) -> bool:
        """Ask every member's node for what is newer; return whether anything was.

        Raises:
            DeliveryError: no peer could be asked.
            KeysError: the files cannot be read or written.
        """
        waiting = self._peers()
        found: list[bool] = []
        failures: list[DeliveryError | KeysError] = []

        async def ask_on() -> None:
            while waiting:
                peer = waiting.pop()
                try:
                    found.append(await self.refresh_from(peer))
                except DeliveryError as error:
                    failures.append(error)
                    if error.code not in _EVERYDAY:
                        self._report("directory_not_taken", peer, error.code)
                except KeysError as error:
                    failures.append(error)

        await asyncio.gather(*(ask_on() for _ in range(PEERS_AT_ONCE)))
        for failure in failures:
            if isinstance(failure, KeysError) or not found:
                raise failure
        if not found:
            raise DeliveryError("no_peers", "there is no peer to ask", retryable=True)
        return any(found)

    def _peers(self) -> list[NodeId]:
        """Return all members in random order, to be asked from the end: active ones first.

        The files prove themselves, so that it may also be a suspended one which has them.
        """
        directory = self._context.trust.directory
        peers = sorted(node_id for node_id in directory.members if node_id != self._context.node_id)
        order = {peer: (directory.is_active(peer), self._context.random(8)) for peer in peers}
        return sorted(peers, key=order.__getitem__)

    async def refresh_from(self, peer: NodeId) -> bool:
        """Take what is newer from one peer; return whether anything was.

        Raises:
            DeliveryError: the peer cannot be reached, or takes too long, or what it offers
                does not verify; then the code is that of the directory's fault.
            KeysError: the files cannot be read or written.
        """
        endpoint = self._context.endpoint_of(peer)
        root = await self._context.disk(self._root.read_bytes)
        generation = self._generation
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                fetched = await self._fetch(endpoint, root)
            if fetched is None:
                return False
            offered, outcome = fetched

            def still() -> DirectoryOutcome:
                """Return what was verified; anew, if others are in force by now."""
                return outcome if generation == self._generation else self._update(offered, root)

            return (await self._take(still)).is_changed
        except TimeoutError as error:
            raise DeliveryError("too_slow", "the peer takes too long", retryable=True) from error
        except DirectoryError as error:
            sentence = "the peer's directory was not taken"
            raise DeliveryError(error.code.value, sentence, retryable=True) from error

    async def _fetch(self, endpoint: str, root: bytes) -> tuple[Offered, DirectoryOutcome] | None:
        """Return the files of a peer that has a newer directory, None when it is the same."""
        files = await self._context.disk(self._folder.load)
        offered: dict[str, bytes | None] = {}

        async def get(name: str, limit: int) -> bytes | None:
            if name not in offered:
                path = f"/hw1/directory/{name}"
                offered[name] = await self._context.link.get(endpoint, path, limit=limit)
            return offered[name]

        next_root = metadata_name("root", newest_version(files, "root") + 1)
        if await get(next_root, limits.DIRECTORY_ROOT_BYTES) is None:
            timestamp = await get(TIMESTAMP_NAME, limits.DIRECTORY_TIMESTAMP_BYTES)
            if timestamp is not None and timestamp == files.get(TIMESTAMP_NAME):
                # So it is mostly. What was verified once need not be verified again.
                return None
        update = DirectoryUpdate(files, root, now_ms=self._context.clock.now_ms())
        while (wanted := update.wanted) is not None:
            update.give(await get(wanted.name, wanted.max_bytes))
        return (offered, update.outcome) if update.outcome.is_changed else None

    # --- from a folder

    async def join(self, root: bytes, offered: Mapping[str, bytes], log_key_id: bytes) -> int:
        """Trust a root file and take the directory from files at hand; return its version.

        Done again with the same root file, it takes a newer directory (from a folder, a
        USB stick). Which root file to trust is what a person decides here.

        Raises:
            NodeError: another root is trusted already, the files do not verify or are
                older than what is known, or they do not name this node with its key.
        """
        known_root = await self._context.disk(self._trusted_root)
        if known_root is not None and known_root != root:
            raise NodeError(
                "other_root",
                "this node trusts another root file already",
                "a node belongs to one federation; make another node for another one",
            )

        def with_this_node() -> DirectoryOutcome:
            outcome = self._update(offered, root)
            self._check_own(outcome.directory, log_key_id)
            return outcome

        try:
            outcome = await self._take(with_this_node, joined=root)
        except DirectoryError as error:
            raise NodeError("directory_refused", error.sentence, error.hint) from error
        return outcome.directory.version

    def _trusted_root(self) -> bytes | None:
        if not self._root.exists():
            return None
        return load_file(self._root, limits.DIRECTORY_ROOT_BYTES)

    def _check_own(self, directory: Directory, log_key_id: bytes) -> None:
        if not belongs(self._context.node_id, directory.federation_name):
            raise NodeError("other_kind", *OTHER_KIND)
        member = directory.member(self._context.node_id)
        if member is None:
            raise NodeError(
                "not_admitted",
                "the directory does not name this node yet",
                "join after the secretariat has admitted it and published",
            )
        if member.log_key(log_key_id) is None:
            raise NodeError(
                "other_key",
                "the directory names this node with another key",
                "if nobody here made a second identity, call the secretariat at once",
            )

    # --- taking

    def _update(self, offered: Offered, root: bytes) -> DirectoryOutcome:
        """Verify offered files against those in force."""
        now_ms = self._context.clock.now_ms()
        return update_directory(self._folder.load(), offered.get, root, now_ms=now_ms)

    async def _take(
        self, verify: Callable[[], DirectoryOutcome], *, joined: bytes | None = None
    ) -> DirectoryOutcome:
        """Put verified files into force; `joined` is the root file that is trusted from now on."""

        def job() -> DirectoryOutcome:
            outcome = verify()
            if outcome.is_changed:
                self._folder.store(outcome.files)
            # If we crash here the files of a join lie unused: without a root there is none.
            if joined is not None and not self._root.exists():
                store_file(self._root, joined, is_replacing=False)
            return outcome

        async with self._taking:
            outcome = await self._context.disk(job)
            self._generation += 1
            # If we crash before the entry in the log is durable, the next start adds it.
            self._context.trust.directory = outcome.directory
            self._subject = directory_subject(outcome.files)
            await self.note()
        if outcome.is_changed:
            self._on_taken()
        return outcome

    async def note(self) -> None:
        """Log which directory is in force, unless the newest entry of this log says so.

        Where a key was found to be stolen, what waits for its owner is sealed again: it
        may be sealed for the thief. A full disk is no reason not to go by the directory;
        what could not be logged is logged the next time that this is called.
        """
        if not self._context.trust.directory.members:
            return
        if self._subject is None:
            async with self._taking:
                self._subject = directory_subject(await self._context.disk(self._folder.load))
        # From here on up to the job nothing may be waited for: else an older one came last.
        if self._noted == self._subject:
            return
        directory, subject = self._context.trust.directory, self._subject
        nonce = self._context.random(16)
        logbook, now_ms = self._context.logbook, self._context.clock.now_ms()

        def job(db: Transaction) -> None:
            latest = directories.latest(db, logbook.number)
            if latest is not None and latest.subject == subject:
                return
            position = logbook.append(db, LeafKind.DIRECTORY, subject, at_ms=now_ms, nonce=nonce)
            row = DirectoryRow(
                log_number=logbook.number,
                log_position=position,
                version=directory.version,
                subject=subject,
            )
            directories.add(db, row)
            outbox.unseal_under(db, _stolen_keys(directory))

        try:
            await self._context.store.write(job)
        except StoreError as error:
            self._report("directory_not_logged", self._context.node_id, error.code)
        else:
            self._noted = subject


def _stolen_keys(directory: Directory) -> list[bytes]:
    return [
        key.key_id
        for node_id in directory.members
        for key in directory.keys_of(node_id)
        if key.compromised_since_ms is not None
    ]
