"""Spread the directory: hear of a newer one, and tell of it.

A suspension must be known everywhere in seconds, without a centre. So every verified
envelope and every request says which version its sender goes by, and

- who hears of a higher version fetches it, at once and from that peer;
- who has taken another directory tells all active peers, by a request that carries
  nothing else; a peer that could not be told hears of it some other way, or asks;
- who hears of a lower version in an envelope tells that peer; to a request the answer
  tells it.

A peer may lie about its version: it is asked at most once for each version, and ever
more seldom as long as it does not have what it says. Whatever comes is verified as ever.
All of it is done in the background, and none of it is tried again: the regular refresh
asks everybody anyway.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field

from keys.errors import KeysError
from node.errors import DeliveryError
from node.exchange.context import Context
from node.exchange.directory import Report
from node.exchange.requests import Requests
from protocol import limits
from protocol.errors import PeerError
from protocol.ids import NodeId
from protocol.values import Ping, Pong
from protocol.wire import parse_response

PEERS_AT_ONCE = 8
# For one peer: who does not answer by then is told by somebody else, or asks.
TELL_SECONDS = 10.0
# How long to wait for a directory that is being fetched from another peer.
TURN_SECONDS = 2.0
FIRST_DOUBT_SECONDS = 1.0
LONGEST_DOUBT_SECONDS = 15 * 60.0
# Versions of one peer that are remembered as asked for.
ASKED_VERSIONS = 64

RefreshFrom = Callable[[NodeId], Awaitable[bool]]


@dataclass(slots=True)
class _Source:
    """What is known of one peer as a source: what it last said, and what came of it."""

    said: int = 0
    asked: list[int] = field(default_factory=list)
    disappointments: int = 0
    not_before: float = 0.0
    is_followed: bool = False


class Spreading:
    """Hears of directories and tells of them, between `start` and `stop`."""

    def __init__(
        self, context: Context, requests: Requests, *, refresh_from: RefreshFrom, report: Report
    ) -> None:
        """Fetch with `refresh_from`; nothing is known of any peer yet."""
        self._context = context
        self._requests = requests
        self._refresh_from = refresh_from
        self._report = report
        self._sources: dict[NodeId, _Source] = {}
        self._versions: dict[NodeId, int] = {}
        self._reminded: dict[NodeId, int] = {}
        self._liars: set[NodeId] = set()
        self._told: int | None = None
        self._turn = asyncio.Lock()
        self._is_running = False
        # No set: in the simulator the order in which tasks end is part of the run.
        self._tasks: dict[asyncio.Task[None], None] = {}

    def start(self) -> None:
        """From now on do something about what is heard."""
        self._is_running = True

    async def stop(self) -> None:
        """End what goes on in the background."""
        self._is_running = False
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def _own(self) -> int:
        return self._context.trust.directory.version

    def _begin(self, coroutine: Coroutine[None, None, None]) -> None:
        if not self._is_running:
            coroutine.close()
            return
        task = asyncio.create_task(self._guarded(coroutine))
        self._tasks[task] = None
        task.add_done_callback(lambda done: self._tasks.pop(done, None))

    async def _guarded(self, coroutine: Coroutine[None, None, None]) -> None:
        try:
            await coroutine
        except Exception as error:  # noqa: BLE001 - a fault of ours ends this, and nothing else
            self._report("spreading_fault", self._context.node_id, type(error).__name__)

    # --- hearing

    def hear(self, peer: NodeId, version: int, *, is_answered: bool = False) -> None:
        """A peer has proven to go by this version; `is_answered`: it will learn of ours."""
        if version > limits.LAST_DIRECTORY_VERSION:
            if peer not in self._liars:
                self._liars.add(peer)
                self._report("directory_mention_refused", peer, "impossible_version")
        elif version > self._own:
            self._follow(peer, version)
        elif version < self._own and not is_answered and self._reminded.get(peer) != self._own:
            self._reminded[peer] = self._own
            self._begin(self._tell(peer))
        self._versions[peer] = version

    def _follow(self, peer: NodeId, version: int) -> None:
        source = self._sources.setdefault(peer, _Source())
        source.said = version
        if not source.is_followed and version not in source.asked:
            source.is_followed = self._is_running
            self._begin(self._fetch(peer, source))

    async def _fetch(self, peer: NodeId, source: _Source) -> None:
        try:
            while source.said > self._own and source.said not in source.asked:
                loop = asyncio.get_running_loop()
                await asyncio.sleep(max(0.0, source.not_before - loop.time()))
                has_turn = await self._take_turn()
                try:
                    await self._ask(peer, source)
                finally:
                    if has_turn:
                        self._turn.release()
        finally:
            source.is_followed = False

    async def _take_turn(self) -> bool:
        """Wait for who is being asked just now, but not for long: a peer may hang.

        What all peers tell at once need not be fetched from all of them.
        """
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await self._turn.acquire()
        except TimeoutError:
            return False
        return True

    async def _ask(self, peer: NodeId, source: _Source) -> None:
        version = source.said
        if version <= self._own:
            return
        source.asked = [*source.asked, version][-ASKED_VERSIONS:]
        await self._try(peer, version)
        source.disappointments = 0 if self._own >= version else source.disappointments + 1
        doubt_seconds = _doubt_seconds(source.disappointments)
        source.not_before = asyncio.get_running_loop().time() + doubt_seconds

    async def _try(self, peer: NodeId, version: int) -> None:
        try:
            await self._refresh_from(peer)
        except DeliveryError as error:
            self._report("directory_mention_failed", peer, error.code)
        except KeysError as error:
            self._report("directory_mention_failed", peer, type(error).__name__)
        else:
            if self._own < version:
                self._report("directory_mention_failed", peer, "not_what_it_said")

    # --- telling

    def tell(self) -> None:
        """Tell all active peers of the directory in force, if they were not told of it."""
        version = self._own
        if self._is_running and version != self._told:
            self._told = version
            self._begin(self._tell_all(version))

    async def _tell_all(self, version: int) -> None:
        context = self._context
        directory = context.trust.directory
        active = [n for n in directory.members if n != context.node_id and directory.is_active(n)]
        waiting = sorted(active, key=lambda _: context.random(8))

        async def tell_on() -> None:
            # Of what is not in force any more nobody needs to hear.
            while waiting and self._own == version:
                peer = waiting.pop()
                if self._versions.get(peer) != version:
                    await self._tell(peer)

        await asyncio.gather(*(tell_on() for _ in range(PEERS_AT_ONCE)))

    async def _tell(self, peer: NodeId) -> None:
        """Send one peer a request, which says our version; its answer says the peer's."""
        context, directory = self._context, self._context.trust.directory
        if not (directory.is_active(context.node_id) and directory.is_active(peer)):
            return
        with suppress(DeliveryError, PeerError, TimeoutError):
            async with asyncio.timeout(TELL_SECONDS):
                answer = await context.link.post(
                    context.endpoint_of(peer),
                    "/hw1/requests",
                    self._requests.sign(peer, Ping()),
                    limit=limits.LOG_PROOF_BYTES,
                )
            response = parse_response(answer)
            if isinstance(response, Pong):
                # Not signed; but to believe it costs one fetch, from a peer that we chose.
                self.hear(peer, response.directory_version, is_answered=True)


def _doubt_seconds(disappointments: int) -> float:
    """Return how long not to ask a peer that did not have what it said, as often as this."""
    if not disappointments:
        return 0.0
    return min(LONGEST_DOUBT_SECONDS, FIRST_DOUBT_SECONDS * 2.0 ** min(disappointments - 1, 20))
