"""Three nodes that are started and stopped at will, over a link that can be cut or lie."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from node.app import Core
from node.exchange.legs import LegView
from node.store import outbox
from node.store.outbox import OutboxRow, QueueRow
from protocol.exchange.leg import State
from protocol.ids import LegId, NodeId
from protocol.pb.homeward.v1 import message_pb2
from protocol.values import Envelope
from protocol.wire import parse_envelope_batch
from tests.support.nodes import (
    LONG_GRACE_MS,
    NOW_MS,
    DirectLink,
    Federation,
    SettableClock,
    endpoint_of,
    open_core,
    until,
)

BE, GR, FR = NodeId("be.example"), NodeId("gr.example"), NodeId("fr.example")
NAMES = (BE, GR, FR)
DAY_MS = 24 * 3600 * 1000
# Stands for what must never leave the sealed part of a message.
SECRET = "Xenia Nobody"


def referral(**changes) -> message_pb2.Referral:
    fields = {
        "kind": "tracing_request",
        "urgency": 3,
        "expires_at_ms": NOW_MS + 20 * DAY_MS,
        "ask": {"text": f"Did anybody see {SECRET}?"},
    }
    return message_pb2.Referral(**{**fields, **changes})


@dataclass
class WatchedLink(DirectLink):
    """A link that notes what is posted, hangs where it is told to, and may lie."""

    posts: list[tuple[str, str, bytes]] = field(default_factory=list)
    hanging: set[str] = field(default_factory=set)
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    """What is posted to these waits until the gate is set."""
    change_body: Callable[[bytes], bytes] = bytes
    """What becomes of a batch of envelopes on its way."""
    change: Callable[[bytes], bytes] = bytes
    """What becomes of the answer to one on its way back."""
    descriptors: dict[str, bytes | None] = field(default_factory=dict)
    """What a node gives for its descriptor, if not its own."""
    offers: dict[str, Callable[[str], bytes | None]] = field(default_factory=dict)
    """What a node gives for a file of the directory, if not its own."""
    gets: list[tuple[str, str]] = field(default_factory=list)

    async def post(self, endpoint: str, path: str, body: bytes, *, limit: int) -> bytes:
        self.posts.append((endpoint, path, body))
        if endpoint in self.hanging:
            await asyncio.get_running_loop().create_future()
        if endpoint in self.gates:
            await self.gates[endpoint].wait()
        if path != "/hw1/envelopes":
            return await super().post(endpoint, path, body, limit=limit)
        body = self.change_body(body)
        return self.change(await super().post(endpoint, path, body, limit=limit))

    async def get(self, endpoint: str, path: str, *, limit: int) -> bytes | None:
        self.gets.append((endpoint, path))
        if path == "/hw1/descriptor" and endpoint in self.descriptors:
            return self.descriptors[endpoint]
        if path.startswith("/hw1/directory/") and endpoint in self.hanging:
            await asyncio.get_running_loop().create_future()
        if path.startswith("/hw1/directory/") and endpoint in self.offers:
            return self.offers[endpoint](path.rpartition("/")[2])
        return await super().get(endpoint, path, limit=limit)

    def fetched_from(self, name: str) -> list[str]:
        """Return the names of the directory files that a node was asked for."""
        start = "/hw1/directory/"
        paths = [path for endpoint, path in self.gets if endpoint == endpoint_of(name)]
        return [path.removeprefix(start) for path in paths if path.startswith(start)]

    def batches_to(self, name: str) -> list[tuple[Envelope, ...]]:
        """Return the batches of envelopes that were posted to a node, delivered or not."""
        wanted = (endpoint_of(name), "/hw1/envelopes")
        bodies = [body for *place, body in self.posts if tuple(place) == wanted]
        return [parse_envelope_batch(body) for body in bodies]


@dataclass
class Network:
    """The nodes of a federation that run at the moment."""

    federation: Federation
    clock: SettableClock = field(default_factory=SettableClock)
    clocks: dict[str, SettableClock] = field(default_factory=dict)
    """The clocks of nodes that do not go by the common one."""
    link: WatchedLink = field(default_factory=WatchedLink)
    cores: dict[str, Core] = field(default_factory=dict)
    reports: dict[str, list] = field(default_factory=dict)
    lives: int = 0
    grace_ms: int = LONG_GRACE_MS

    @classmethod
    def copied(cls, federation: Federation, folder: Path) -> Network:
        """Return a network of the same federation in homes of its own."""
        shutil.copytree(federation.folder, folder)
        own = replace(federation, folder=folder, identities=dict(federation.identities))
        # The homes may have been used: nobody shall draw once more what was drawn then.
        return cls(own, lives=len(federation.identities))

    async def open(self, name: NodeId) -> Core:
        """Start a node (again) from its home."""
        self.lives += 1
        reports = self.reports.setdefault(name, [])
        clock = self.clocks.get(name, self.clock)
        core = open_core(
            self.federation,
            name,
            self.link,
            clock,
            reports,
            seed=f" life {self.lives}",
            directory_grace_ms=self.grace_ms,
        )
        self.cores[name] = core
        await core.start()
        return core

    async def close(self, *names: NodeId) -> None:
        for name in names or tuple(self.cores):
            self.unplug(name)
            await self.cores.pop(name).close()

    def unplug(self, name: NodeId) -> None:
        """Cut a node off; it still runs, and can reach those that are not cut off."""
        self.link.services.pop(endpoint_of(name), None)

    def plug(self, name: NodeId) -> None:
        self.link.services[endpoint_of(name)] = self.cores[name]

    def events(self, name: NodeId) -> list[str]:
        """Return what a node's delivery reported, without peer and code."""
        return [event for event, _, _ in self.reports[name] if event != "directory_expired"]

    def amend(self, reader: NodeId, member: NodeId, **changes) -> None:
        """Change a member's record in one node's directory."""
        trust = self.cores[reader].context.trust
        members = dict(trust.directory.members)
        members[member] = replace(members[member], **changes)
        trust.directory = replace(trust.directory, members=members)

    # --- legs

    async def refer(self, sender: NodeId, recipient: NodeId, **changes) -> LegId:
        """Open a leg and set its delivery off."""
        core = self.cores[sender]
        leg, _ = await core.legs.open(recipient, referral(**changes), case_id=None, made_by="a")
        core.delivery.wake(recipient)
        return leg

    async def step(self, author: NodeId, leg: LegId, content) -> None:
        core = self.cores[author]
        await core.legs.step(leg, content, made_by="a")
        core.delivery.wake((await core.legs.view(leg)).row.peer)

    async def state(self, name: NodeId, leg: LegId) -> State | None:
        view = next((v for v in await self.views(name) if v.row.leg_id == leg), None)
        return None if view is None else view.state

    async def views(self, name: NodeId) -> list[LegView]:
        return await self.cores[name].legs.list()

    async def reach(self, leg: LegId, state: State, *names: NodeId) -> None:
        """Let everything run until these nodes see the leg in this state."""

        async def is_reached() -> bool:
            return all([await self.state(name, leg) is state for name in names])

        await until(is_reached)

    # --- what Belgium has for Greece

    async def queue(self) -> QueueRow:
        return await self.cores[BE].store.read(lambda db: outbox.queue(db, GR))

    async def waiting(self) -> list[OutboxRow]:
        return await self.cores[BE].store.read(lambda db: outbox.of_peer(db, GR))

    async def wake(self, at_ms: int) -> None:
        """Let Belgium's worker look at its queue at this time."""
        self.clock.at_ms = at_ms
        self.cores[BE].delivery.wake(GR)
        await settled()

    async def wake_when_due(self) -> None:
        """Let it look when neither the peer nor a message has to wait any longer."""
        times = [row.not_before_ms for row in await self.waiting()]
        await self.wake(max((await self.queue()).next_try_ms, *times, self.clock.at_ms))


async def settled(rounds: int = 200) -> None:
    """Let all that can run without the clock do so."""
    for _ in range(rounds):
        await asyncio.sleep(0)
