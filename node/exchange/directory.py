"""Keep the federation directory current: fetch from peers, serve to peers.

Any peer relays the files: what they say is proven by the membership keys under
the root that this node was installed with, never by who handed them over. A file
that is older, or does not verify, changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from keys.directory import Directory, DirectoryUpdate, update_directory
from keys.directory_files import DirectoryFolder
from keys.errors import DirectoryError
from keys.files import load_file, store_file
from node.errors import DeliveryError, NodeError
from node.exchange.context import Context
from protocol import limits
from protocol.ids import NodeId


class DirectoryRefresh:
    """The directory files of one node."""

    def __init__(self, context: Context, folder: Path, root: Path) -> None:
        """Work on the files in `folder`, trusting the root file `root`."""
        self._context = context
        self._folder = DirectoryFolder(folder)
        self._root = root

    async def file(self, name: str) -> bytes | None:
        """Return a directory file for a peer; None when there is none of this name."""
        return await self._context.disk(lambda: self._folder.load_one(name))

    async def refresh(self) -> bool:
        """Ask the peers in random order until one answers; return whether anything is new.

        Raises:
            DeliveryError: no peer could be asked.
        """
        directory = self._context.trust.directory
        peers = sorted(n for n in directory.members if n != self._context.node_id)
        start = self._context.random(1)[0] % max(1, len(peers))
        failure = DeliveryError("no_peers", "there is no peer to ask", retryable=True)
        for peer in peers[start:] + peers[:start]:
            try:
                return await self.refresh_from(peer)
            except DeliveryError as error:
                failure = error
        raise failure

    async def refresh_from(self, peer: NodeId) -> bool:
        """Take what is newer from one peer; return whether anything was.

        Raises:
            DeliveryError: the peer cannot be reached, or what it offers does not verify.
        """
        endpoint = self._context.endpoint_of(peer)
        now_ms = self._context.clock.now_ms()
        files = await self._context.disk(self._folder.load)
        root = await self._context.disk(self._root.read_bytes)
        try:
            update = DirectoryUpdate(files, root, now_ms=now_ms)
            while (wanted := update.wanted) is not None:
                path = f"/hw1/directory/{wanted.name}"
                limit = wanted.max_bytes
                update.give(await self._context.link.get(endpoint, path, limit=limit))
        except DirectoryError as error:
            sentence = "the peer's directory was not taken"
            raise DeliveryError("directory_refused", sentence, retryable=True) from error
        outcome = update.outcome
        if outcome.is_changed:
            await self._context.disk(lambda: self._folder.store(outcome.files))
            self._context.trust.directory = outcome.directory
        return outcome.is_changed

    async def join(self, root: bytes, offered: Mapping[str, bytes], log_key_id: bytes) -> int:
        """Trust a root file and take the directory from files at hand; return its version.

        Done again with the same root file, it takes a newer directory (from a folder, a
        USB stick). Which root file to trust is what a person decides here.

        Raises:
            NodeError: another root is trusted already, the files do not verify or are
                older than what is known, or they do not name this node with its key.
        """
        now_ms = self._context.clock.now_ms()
        known_root = await self._context.disk(self._trusted_root)
        if known_root is not None and known_root != root:
            raise NodeError(
                "other_root",
                "this node trusts another root file already",
                "a node belongs to one federation; make another node for another one",
            )
        current = await self._context.disk(self._folder.load)
        try:
            outcome = update_directory(current, offered.get, root, now_ms=now_ms)
        except DirectoryError as error:
            raise NodeError("directory_refused", error.sentence, error.hint) from error
        self._check_own(outcome.directory, log_key_id)
        await self._context.disk(lambda: self._folder.store(outcome.files))
        # If we crash here the files lie unused: without a root the node has not joined.
        await self._context.disk(lambda: store_file(self._root, root, is_replacing=True))
        self._context.trust.directory = outcome.directory
        return outcome.directory.version

    def _trusted_root(self) -> bytes | None:
        if not self._root.exists():
            return None
        return load_file(self._root, limits.DIRECTORY_ROOT_BYTES)

    def _check_own(self, directory: Directory, log_key_id: bytes) -> None:
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
