"""Two clocks may differ by ten minutes, in every direction and at every check."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from node.cli.condition import peer_clock_warning
from node.commands import run_command
from protocol import limits, suite
from protocol.encoding import encode_descriptor, encode_signed_descriptor
from protocol.errors import RefusalCode
from protocol.exchange.leg import State
from protocol.log import LeafKind
from protocol.values import Descriptor, Epoch, Pong, Receipt
from protocol.wire import parse_response
from tests.support.forger import Forger, deliver
from tests.support.network import BE, DAY_MS, FR, GR, Network, settled
from tests.support.nodes import NOW_MS, SettableClock, endpoint_of

WITHIN_MS = (9 * 60 + 59) * 1000
BEYOND_MS = (10 * 60 + 1) * 1000
FIVE_MS = limits.REQUEST_VALID_MS
WEEK_MS = limits.EPOCH_MS


@dataclass
class Check:
    """Something that Greece is given, dated by a clock that is off."""

    node: object
    member: Forger
    network: Network

    async def envelope(self, **header) -> str:
        (reply,) = await deliver(self.node, self.member.envelope(self.member.letter(**header)))
        return "taken" if isinstance(reply, Receipt) else RefusalCode(reply.code).name

    async def leaf(self, off_ms: int) -> str:
        sealed = self.member.sealed(self.member.letter())
        envelope = self.member.logged(*sealed, at_ms=NOW_MS + off_ms)
        (reply,) = await deliver(self.node, envelope)
        return "taken" if isinstance(reply, Receipt) else RefusalCode(reply.code).name

    async def request(self, off_ms: int) -> str:
        body = self.member.request(created_at_ms=NOW_MS + off_ms)
        answer = parse_response(await self.node.service.requests(body))
        return "taken" if isinstance(answer, Pong) else RefusalCode(answer.code).name

    async def descriptor(self, **times) -> str:
        epoch = Epoch(1, suite.KemOpener(bytes(32)).public_key, NOW_MS - 1, NOW_MS + WEEK_MS)
        fields = {"created_at_ms": NOW_MS, "expires_at_ms": NOW_MS + 20 * DAY_MS, **times}
        raw = encode_descriptor(
            Descriptor(
                federation_id=self.node.context.trust.directory.federation_id,
                node_id=BE,
                serial=2 * NOW_MS,
                log_key=self.member.log.signer.key_id,
                epochs=(epoch,),
                transport_key=bytes(32),
                **fields,
            )
        )
        subject = suite.digest("homeward/v1 descriptor", raw)
        logged = self.member.logged(b"", b"", kind=LeafKind.DESCRIPTOR, subject=subject)
        offered = encode_signed_descriptor(raw, logged.proof)
        self.network.link.descriptors[endpoint_of(BE)] = offered
        try:
            await self.node.descriptors.refresh(BE)
        except Exception as error:  # noqa: BLE001 - its code is what is compared
            return error.code.upper()
        return "taken"


@pytest.fixture
async def check(network: Network) -> Check:
    await network.open(BE)
    node = await network.open(GR)
    await node.descriptors.refresh(BE)
    return Check(node, Forger(network.federation.identities[BE], node), network)


Act = Callable[[Check, int], object]
MADE = NOW_MS - DAY_MS // 2
TABLE: dict[str, tuple[Act, dict[int, str]]] = {
    "an envelope was made so much later than now": (
        lambda c, ms: c.envelope(created_at_ms=NOW_MS + ms, expires_at_ms=NOW_MS + DAY_MS),
        {
            WITHIN_MS: "taken",
            BEYOND_MS: "FROM_THE_FUTURE",
            -WITHIN_MS: "taken",
            -BEYOND_MS: "taken",
        },
    ),
    "an envelope ends so much later than now": (
        lambda c, ms: c.envelope(created_at_ms=MADE, expires_at_ms=NOW_MS + ms),
        {WITHIN_MS: "taken", BEYOND_MS: "taken", -WITHIN_MS: "taken", -BEYOND_MS: "EXPIRED"},
    ),
    "an envelope was logged so much later than it was made": (
        lambda c, ms: c.leaf(ms),
        {
            WITHIN_MS: "taken",
            BEYOND_MS: "FROM_THE_FUTURE",
            -WITHIN_MS: "taken",
            -BEYOND_MS: "LEAF_MISMATCH",
        },
    ),
    "a descriptor was made so much later than now": (
        lambda c, ms: c.descriptor(created_at_ms=NOW_MS + ms),
        {
            WITHIN_MS: "taken",
            BEYOND_MS: "FROM_THE_FUTURE",
            -WITHIN_MS: "taken",
            -BEYOND_MS: "taken",
        },
    ),
    "a descriptor ends so much later than now": (
        lambda c, ms: c.descriptor(created_at_ms=MADE, expires_at_ms=NOW_MS + ms),
        {WITHIN_MS: "taken", BEYOND_MS: "taken", -WITHIN_MS: "taken", -BEYOND_MS: "EXPIRED"},
    ),
    "a request was made so much later than now": (
        lambda c, ms: c.request(ms),
        {
            WITHIN_MS: "taken",
            -WITHIN_MS: "taken",
            # Five minutes that it is valid besides.
            BEYOND_MS: "taken",
            -BEYOND_MS: "taken",
            WITHIN_MS + FIVE_MS: "taken",
            -WITHIN_MS - FIVE_MS: "taken",
            BEYOND_MS + FIVE_MS: "REQUEST_EXPIRED",
            -BEYOND_MS - FIVE_MS: "REQUEST_EXPIRED",
        },
    ),
}
ROWS = [(what, ms, expected) for what, (_, row) in TABLE.items() for ms, expected in row.items()]


@pytest.mark.parametrize(
    ("what", "ms", "expected"), ROWS, ids=[f"{what} {ms // 1000} s" for what, ms, _ in ROWS]
)
async def test_table(check: Check, what: str, ms: int, expected: str) -> None:
    act, _ = TABLE[what]
    assert await act(check, ms) == expected


# --- whole nodes, each with a clock of its own


async def two(network: Network, ahead_ms: int, now_ms: int = NOW_MS) -> Network:
    """Start Greece with a right clock, and Belgium with one that is ahead.

    They have known each other before: beyond the skew they would not take each other's keys.
    """
    is_within = abs(ahead_ms) <= limits.CLOCK_SKEW_MS
    network.clock.at_ms = now_ms
    network.clocks[BE] = SettableClock(now_ms + (ahead_ms if is_within else 0))
    for name in (GR, BE, FR):
        await network.open(name)
    for one, other in itertools.permutations((GR, BE, FR), 2):
        await network.cores[one].descriptors.refresh(other)
    network.clocks[BE].at_ms = now_ms + ahead_ms
    return network


async def states(network: Network, sender, recipient) -> tuple[State | None, ...]:
    leg = await network.refer(sender, recipient)
    await settled()
    return tuple([await network.state(name, leg) for name in (sender, recipient)])


DONE = (State.DELIVERED, State.DELIVERED)


@pytest.mark.parametrize("ahead_ms", [WITHIN_MS, -WITHIN_MS])
async def test_within_the_skew_everything_goes_at_once_and_nothing_is_said(
    network: Network, ahead_ms: int
) -> None:
    await two(network, ahead_ms)
    assert await states(network, BE, GR) == DONE
    assert await states(network, GR, BE) == DONE
    for name in (BE, GR):
        assert not [event for event in network.events(name) if event.startswith("clock_")]
        status = await run_command(network.cores[name], "node.status", {})
        assert [peer["clock_ahead_ms"] for peer in status["peers"]] == [None, None]
    assert network.cores[BE].context.clocks.agreeing >= 1


@pytest.mark.parametrize("ahead_ms", [WITHIN_MS, -WITHIN_MS])
@pytest.mark.parametrize("from_edge_ms", [0, 1, -1])
async def test_within_the_skew_everything_goes_where_one_week_turns_into_the_next(
    network: Network, ahead_ms: int, from_edge_ms: int
) -> None:
    """One of the two is in the next week already, and seals to its key or has turned."""
    edge_ms = (NOW_MS // WEEK_MS + 1) * WEEK_MS
    middle_ms = edge_ms - ahead_ms // 2 + from_edge_ms
    await two(network, ahead_ms, middle_ms)
    weeks = {network.cores[n].context.clock.now_ms() // WEEK_MS for n in (BE, GR)}
    assert len(weeks) == 2
    assert await states(network, BE, GR) == DONE
    assert await states(network, GR, BE) == DONE


async def test_beyond_the_skew_it_goes_later_and_both_say_why(network: Network) -> None:
    await two(network, -BEYOND_MS)
    # Greece, which is ahead, has what Belgium sent; Belgium does not believe its date yet.
    assert await states(network, BE, GR) == (State.QUEUED, State.DELIVERED)
    # Belgium does not take yet what Greece sends.
    assert await states(network, GR, BE) == (State.QUEUED, None)
    told = []
    for name in (BE, GR):
        status = await run_command(network.cores[name], "node.status", {})
        told += filter(None, map(peer_clock_warning, status["peers"]))
        assert network.events(name).count("clock_disagrees") == 1
    assert told == [
        "the clock of gr.example is about 10 minutes ahead of this one",
        "the clock of be.example is about 10 minutes behind this one",
    ]

    for clock in (network.clock, network.clocks[BE]):
        clock.at_ms += 60_000
    for name, peer in ((BE, GR), (GR, BE)):
        network.cores[name].delivery.wake(peer)
    await settled()
    for name in (BE, GR):
        views = await network.views(name)
        assert {view.state for view in views} == {State.DELIVERED}


async def test_what_is_said_of_a_clock_ends_when_it_is_right_again(network: Network) -> None:
    await two(network, -25 * 60_000)
    await states(network, BE, GR)
    core = network.cores[BE]
    assert core.context.clocks.ahead_ms(GR) == 25 * 60_000
    network.clocks[BE].at_ms = network.clock.at_ms
    # Nobody sends anything: the minute's work looks again where clocks disagreed.
    await core.sweep()
    assert core.context.clocks.ahead_ms(GR) is None
    assert network.events(BE)[-1] == "clock_agrees"


async def test_a_clock_from_before_the_keys_is_told_of_too(network: Network) -> None:
    """Its answers are dated where its key was not good yet, so they count for nothing."""
    await two(network, 0)
    # Greece fell back to the day on which its computer was made, Belgium is right.
    network.clock.at_ms = NOW_MS - 3650 * DAY_MS
    assert await states(network, BE, GR) == (State.QUEUED, None)
    assert network.cores[BE].context.clocks.ahead_ms(GR) == -3650 * DAY_MS
    network.clock.at_ms = network.clocks[BE].at_ms = NOW_MS + 60_000
    network.cores[BE].delivery.wake(GR)
    (leg,) = [view.row.leg_id for view in await network.views(BE)]
    await network.reach(leg, State.DELIVERED, BE, GR)
    assert network.cores[BE].context.clocks.ahead_ms(GR) is None


async def test_a_receipt_from_before_its_key_was_good_counts_for_nothing(
    network: Network,
) -> None:
    await two(network, 0)
    network.unplug(GR)
    leg = await network.refer(BE, GR)
    await settled()
    member = network.cores[BE].context.trust.directory.members[GR]
    keys = [replace(key, valid_from_ms=NOW_MS + 60_000) for key in member.log_keys]
    network.amend(BE, GR, log_keys=tuple(keys))
    network.clocks[BE].at_ms = NOW_MS + 120_000
    network.plug(GR)
    network.cores[BE].delivery.wake(GR)
    await settled()
    states = [await network.state(name, leg) for name in (BE, GR)]
    assert states == [State.QUEUED, State.DELIVERED]


async def test_two_peers_that_agree_show_which_clock_is_wrong(network: Network) -> None:
    await two(network, -25 * 60_000)
    await states(network, BE, GR)
    assert network.cores[BE].context.clocks.own_ahead_ms() is None
    await states(network, BE, FR)
    assert network.cores[BE].context.clocks.own_ahead_ms() == -25 * 60_000
    reports = [report for report in network.reports[BE] if report[0] == "clock_is_probably_wrong"]
    assert reports == [("clock_is_probably_wrong", "", "about 25 minutes behind")]
