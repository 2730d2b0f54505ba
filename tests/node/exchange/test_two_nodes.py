"""Two real nodes over a bad link: whatever their people do, both see the same.

Each walk leads one leg to a state of its pattern, and then goes on at random: legal and
illegal steps of every kind, made one after the other or crossing, and now and then an
author that does not check itself. In between what is sent is lost, doubled and reordered.
When all has arrived, both ends compute the same state, or both hold the same refusal.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from random import Random

import pytest

from node.errors import NodeError
from node.exchange.checking import checksum
from node.exchange.viewing import LegView, steps_of
from node.store import messages, outbox
from protocol.errors import RefusalCode
from protocol.exchange.leg import Side, State, Step
from protocol.exchange.patterns import ERASING, KINDS, TRANSITIONS, Pattern
from tests.support.contents import acknowledge, answer, contents_of, opening, withdraw
from tests.support.network import BE, DAY_MS, FR, GR, Network, settled
from tests.support.nodes import Federation
from tests.support.snapshots import assert_only_the_log_grew, snapshot
from tests.support.wild import WildLink, unchecked

NODES = {Side.SENDER: BE, Side.RECIPIENT: GR}
# What the clock or one end alone knows.
BY_CLOCK = {State.QUEUED, State.EXPIRED, State.UNDELIVERABLE}
KIND_OF = {pattern: [kind for kind in KINDS if KINDS[kind] is pattern] for pattern in Pattern}
# How often each way is gone: a pattern with few ways is gone more often.
ROUNDS = {Pattern.REQUEST: 1, Pattern.BROADCAST: 6}
TAIL = 8


def ways(pattern: Pattern) -> dict[State, tuple[tuple[Side, str], ...]]:
    """Return for each state of a pattern a shortest way to it: sides and rows of the table."""
    found: dict[State, tuple[tuple[Side, str], ...]] = {State.DELIVERED: ()}
    waiting = deque([State.DELIVERED])
    while waiting:
        state = waiting.popleft()
        for (side, row), states in TRANSITIONS[pattern].items():
            after = states.get(state)
            # Only a question of the other side is answered.
            is_asked = found[state][-1:] == ((side.other, "ask"),)
            if after is not None and after not in found and (row != "answer" or is_asked):
                found[after] = (*found[state], (side, row))
                waiting.append(after)
    return found


@dataclass
class Walk:
    """One leg of two nodes."""

    network: Network
    chance: Random
    kind: str
    leg: bytes
    made: Counter
    """How often each row was used, by all walks of a pattern."""
    seen: Counter = field(default_factory=Counter)
    refused: int = 0
    overtaken: int = 0

    async def view(self, side: Side) -> LegView | None:
        core = self.network.cores[NODES[side]]
        row = await core.store.read(lambda db: messages.leg(db, self.leg))
        return None if row is None else await core.legs.view(self.leg)

    async def look(self) -> None:
        for side in Side:
            view = await self.view(side)
            if view is not None:
                self.seen[view.state] += 1

    async def content(self, side: Side, row: str):
        """Return what a step says, for the leg as this side sees it."""
        view = await self.view(side)
        assert view is not None
        name, _, reason = row.partition(" ")
        if name == "withdraw":
            return withdraw(reason or "found")
        if name == "answer":
            return answer(view.open_questions[0] if view.open_questions else 1)
        if name == "acknowledge" and self.kind == "statistic":
            return acknowledge(self.kind, checksum=checksum(view.messages[0].payload))
        return contents_of(self.kind)[name]

    async def step(self, side: Side, row: str) -> bool:
        """Make a step if it is legal; return whether it was."""
        core = self.network.cores[NODES[side]]
        before = await self.view(side)
        content = await self.content(side, row)
        error = None
        try:
            await core.legs.step(self.leg, content, made_by="a")
        except NodeError as refusal:
            error = refusal
        after = await self.view(side)
        assert before is not None
        assert after is not None
        # Something of the other side may have come just now.
        said = [row.partition(" ")[0] in view.allowed for view in (before, after)]
        assert error is None or not all(said), (before.state, row, error)
        assert len(_own(after)) - len(_own(before)) == (error is None)
        if error is not None:
            self.refused += 1
            return False
        self.made[row] += 1
        core.delivery.wake(NODES[side.other])
        return True

    async def cheat(self, side: Side, row: str) -> None:
        """Send a step without checking it; who is refused by the peer holds the refusal."""
        await calm(self.network)
        view = await self.view(side)
        if view is None or view.state in (State.EXPIRED, State.UNDELIVERABLE):
            return
        core, peer = (self.network.cores[NODES[each]] for each in (side, side.other))
        with unchecked():
            await core.legs.step(self.leg, await self.content(side, row), made_by="a")
        core.delivery.wake(NODES[side.other])
        await calm(self.network)
        last = (await self.view(side)).messages[-1]
        if row.partition(" ")[0] in view.allowed:
            assert last.settled == messages.RECEIVED
            return
        assert last.settled == messages.REFUSED
        assert last.code in (RefusalCode.ILLEGAL_STEP, RefusalCode.PAYLOAD_INVALID)
        found = "SELECT count(*) FROM refusals WHERE code = ? AND claimed_sender = ?"
        held = await peer.store.read(
            lambda db: db.execute(found, [last.code, NODES[side]]).fetchone()[0]
        )
        assert held
        self.refused += 1

    async def wander(self) -> None:
        others = sorted({row for table in TRANSITIONS.values() for _, row in table})
        for _ in range(TAIL):
            side, luck = self.chance.choice(list(Side)), self.chance.random()
            if luck < 0.3:
                await self.cross()
            elif luck < 0.6:
                await self.go_on(side)
            elif luck < 0.85:
                await self.step(side, self.chance.choice(others))
            else:
                await self.cheat(side, self.chance.choice(others))
            if self.chance.random() < 0.5:
                await settled(20)
            await self.look()

    async def go_on(self, side: Side) -> None:
        """Make the legal step that was made least so far."""
        view = await self.view(side)
        assert view is not None
        rows = sorted({row for _, row in TRANSITIONS[KINDS[self.kind]]})
        legal = [row for row in rows if row.partition(" ")[0] in view.allowed]
        if legal:
            self.chance.shuffle(legal)
            await self.step(side, min(legal, key=lambda row: self.made[row]))

    async def cross(self) -> None:
        """Let both sides make a step before they hear of the other's."""
        for name in NODES.values():
            self.network.unplug(name)
        for side in Side:
            await self.go_on(side)
        for name in NODES.values():
            self.network.plug(name)

    async def agree(self) -> None:
        """Let all arrive; fail unless both ends see the same."""
        await calm(self.network)
        await self.look()
        sender, recipient = [await self.view(side) for side in Side]
        assert sender is not None
        assert recipient is not None
        assert sender.state is recipient.state
        assert sender.has_lead_moved == recipient.has_lead_moved
        assert _counted(sender) == _counted(recipient)
        assert _overtaken(sender) == _overtaken(recipient)
        self.overtaken = len(sender.overtaken)


def _own(view: LegView) -> list[bytes]:
    return [row.message_id for row in view.messages if row.direction == messages.OUT]


def _counted(view: LegView) -> set[Step]:
    return set(steps_of(view.row, view.messages))


def _overtaken(view: LegView) -> set[tuple[Side, int]]:
    side = {messages.OUT: view.side, messages.IN: view.side.other}
    return {(side[direction], number) for direction, number in view.overtaken}


async def calm(network: Network) -> None:
    """Let everything arrive, over a link that is good meanwhile."""
    chance, network.link.chance = network.link.chance, None
    for _ in range(50):
        await settled(40)
        waits = [await waiting(network, name, peer) for name, peer in ((BE, GR), (GR, BE))]
        if not any(waits):
            break
        network.clock.at_ms = max(*waits, network.clock.at_ms)
        for name, peer in ((BE, GR), (GR, BE)):
            network.cores[name].delivery.wake(peer)
    else:
        raise AssertionError("something never arrives")
    network.link.chance = chance


async def waiting(network: Network, name, peer) -> int:
    """Return when the next of what waits may go; 0 when nothing waits."""

    def job(db) -> int:
        rows = outbox.of_peer(db, peer)
        next_try_ms = outbox.queue(db, peer).next_try_ms
        return max([next_try_ms, 1, *(row.not_before_ms for row in rows)]) if rows else 0

    return await network.cores[name].store.read(job)


async def opened(
    network: Network, chance: Random, kind: str, made: Counter | None = None, **changes
) -> Walk:
    now_ms = network.clock.now_ms()
    content = opening(kind, **{"expires_at_ms": now_ms + 400 * DAY_MS, **changes})
    core = network.cores[BE]
    leg, _ = await core.legs.open(GR, content, case_id=None, made_by="a")
    walk = Walk(network, chance, kind, leg, Counter() if made is None else made)
    await walk.look()
    core.delivery.wake(GR)
    return walk


async def led(network: Network, chance: Random, kind: str, way, made: Counter) -> Walk:
    """Open a leg, and let each step of the way arrive before the next is made."""
    network.link.chance = chance
    walk = await opened(network, chance, kind, made)
    await calm(network)
    for side, row in way:
        assert await walk.step(side, row)
        await settled(20)
        await calm(network)
    return walk


@pytest.fixture
async def wild(federation: Federation, tmp_path: Path) -> AsyncIterator[Network]:
    network = Network.copied(federation, tmp_path / "homes")
    network.link = WildLink()
    await network.open(BE)
    await network.open(GR)
    yield network
    await network.close()


@pytest.mark.parametrize("pattern", Pattern)
async def test_both_ends_see_the_same_whatever_is_done(wild: Network, pattern: Pattern) -> None:
    seen, made, told = Counter(), Counter(), Counter()
    wanted = ways(pattern)
    for number, kind in product(range(ROUNDS.get(pattern, 2)), KIND_OF[pattern]):
        for state, way in wanted.items():
            chance = Random(f"{kind} {state} {number}")
            walk = await led(wild, chance, kind, way, made)
            assert (await walk.view(Side.SENDER)).state is state
            await walk.look()
            await walk.wander()
            await walk.agree()
            seen += walk.seen
            told += Counter(walks=1, refused=walk.refused, overtaken=walk.overtaken)
    await by_the_clock(wild, KIND_OF[pattern][0], seen)
    told += Counter(steps=made.total(), states=len(seen))
    print(pattern, *(f"{what} {number}" for what, number in told.items()))
    assert {*seen} == {*wanted} | BY_CLOCK
    names = {row for _, row in TRANSITIONS[pattern]} - ERASING
    assert {*made} >= names, names - {*made}
    assert told["refused"]
    assert told["overtaken"]
    assert wild.link.lost
    assert wild.link.doubled


async def by_the_clock(network: Network, kind: str, seen: Counter) -> None:
    """Let a leg expire at both ends, and one never arrive."""
    network.link.chance = None
    soon_ms = network.clock.now_ms() + DAY_MS
    walk = await opened(network, Random(0), kind, expires_at_ms=soon_ms)
    await calm(network)
    network.clock.at_ms = soon_ms
    await walk.agree()
    network.unplug(GR)
    lost = await opened(network, Random(0), kind, expires_at_ms=soon_ms + DAY_MS)
    await network.open(FR)
    network.clock.at_ms = soon_ms + DAY_MS
    # Somebody else bears out that it is that late.
    await network.cores[BE].descriptors.refresh(FR)
    assert await network.cores[BE].answers.expire() == 1
    await lost.look()
    assert await lost.view(Side.RECIPIENT) is None
    seen += walk.seen + lost.seen


def test_every_state_of_the_machine_is_reached_by_some_pattern() -> None:
    reached = {state for pattern in Pattern for state in ways(pattern)}
    assert reached | BY_CLOCK == set(State)


@pytest.mark.parametrize(
    ("way", "step"),
    [
        (("R claim",), ("R", contents_of("tracing_request")["claim"])),
        (("R claim", "R accept", "R ask", "S answer 3"), ("S", answer(3))),
        (("R claim", "R accept", "R ask", "R outcome"), ("S", answer(3))),
        (("R claim", "R accept"), ("R", answer(1))),
        (("R claim", "R decline"), ("R", contents_of("tracing_request")["accept"])),
    ],
    ids=["a second claim", "answered", "closed by the outcome", "one's own", "after an end"],
)
async def test_what_the_state_does_not_allow_changes_nothing_at_either_end(
    wild: Network, way, step
) -> None:
    sides = {"S": Side.SENDER, "R": Side.RECIPIENT}
    walk = await opened(wild, Random(1), "tracing_request")
    await calm(wild)
    for turn in way:
        letter, row, *_ = turn.split()
        assert await walk.step(sides[letter], row)
        await calm(wild)
    side, content = sides[step[0]], step[1]
    author, peer = (wild.cores[NODES[each]] for each in (side, side.other))
    before = await snapshot(author)
    with pytest.raises(NodeError) as refusal:
        await author.legs.step(walk.leg, content, made_by="a")
    assert refusal.value.code == "illegal_step"
    assert await snapshot(author) == before
    # Nor at who is sent it all the same: there only the log tells of it.
    held = await snapshot(peer)
    with unchecked():
        await author.legs.step(walk.leg, content, made_by="a")
    author.delivery.wake(NODES[side.other])
    await calm(wild)
    (leaf,) = assert_only_the_log_grew(held, await snapshot(peer))
    assert leaf.code == RefusalCode.ILLEGAL_STEP
    last = (await walk.view(side)).messages[-1]
    assert (last.settled, last.code) == (messages.REFUSED, RefusalCode.ILLEGAL_STEP)


async def test_a_refused_step_leaves_the_whole_home_as_it_was(wild: Network) -> None:
    chance = Random(7)
    for kind in KINDS:
        walk = await opened(wild, chance, kind)
        await calm(wild)
        for side in Side:
            view = await walk.view(side)
            may = {*view.allowed} | ERASING
            core = wild.cores[NODES[side]]
            before = await snapshot(core)
            for name, content in contents_of(kind).items():
                if name not in may:
                    with pytest.raises(NodeError):
                        await core.legs.step(walk.leg, content, made_by="a")
            assert await snapshot(core) == before
