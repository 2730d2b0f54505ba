"""Every kind of referral from its opening to its end, between two nodes; expiry and reopening."""

from __future__ import annotations

import pytest

from keys.members import TransferRegime
from node.errors import NodeError
from node.exchange.checking import checksum
from node.store import messages
from node.store.db import Transaction
from protocol import limits
from protocol.erasure import stub_of
from protocol.errors import PolicyRefusal
from protocol.exchange.leg import State
from protocol.exchange.patterns import KINDS
from protocol.pb.homeward.v1 import message_pb2
from protocol.pb.homeward.v1.message_pb2 import Confirm, CustodyTaken, Disposition, HandOver
from tests.support.contents import (
    PART,
    accept,
    acknowledge,
    answer,
    ask,
    claim,
    note,
    opening,
    outcome,
    withdraw,
)
from tests.support.network import BE, DAY_MS, GR, Network, settled
from tests.support.nodes import NOW_MS, SettableClock
from tests.support.snapshots import snapshot

SOON_MS = NOW_MS + 10 * DAY_MS
HOUR_MS = 3_600_000
SKEW_MS = limits.CLOCK_SKEW_MS
FIGURES = {"period": "2026", "figures": [{"name": "cases", "count": 3}]}
CUSTODY = CustodyTaken(local_case_number="GR-1")
WORK = [(GR, claim()), (GR, accept())]
LOOPS = {
    "info_request": [*WORK, (GR, outcome(code="info_full")), (BE, Confirm())],
    "tracing_request": [*WORK, (GR, ask()), (BE, answer(3)), (GR, outcome()), (BE, Confirm())],
    "reunification": [*WORK, (GR, outcome(code="mediation_full")), (BE, Confirm())],
    "alert": [(GR, claim()), (GR, acknowledge("alert"))],
    "transfer": [*WORK, (BE, HandOver(**PART)), (GR, CUSTODY)],
    "sighting": [(GR, claim()), (GR, Disposition(code="sighting_ruled_out"))],
    "found_notice": [(GR, acknowledge("found_notice"))],
}


@pytest.fixture
async def pair(network: Network) -> Network:
    """Belgium and Greece, both running."""
    await network.open(BE)
    await network.open(GR)
    return network


async def refer(network: Network, kind: str, **changes):
    """Open a leg of a kind from Belgium to Greece, and wait until it has arrived."""
    made = opening(kind, **{"expires_at_ms": SOON_MS, **changes})
    core = network.cores[BE]
    leg, _ = await core.legs.open(GR, made, case_id=None, made_by="a")
    core.delivery.wake(GR)
    await network.reach(leg, State.DELIVERED, BE, GR)
    return leg


async def walk(network: Network, leg, turns) -> None:
    """Make each step, and wait until the other side has it."""
    for author, content in turns:
        await network.step(author, leg, content)
        await network.reach(leg, await network.state(author, leg), BE, GR)


def test_every_kind_has_a_loop_here() -> None:
    assert {*LOOPS, "statistic"} == set(KINDS)


@pytest.mark.parametrize(("kind", "turns"), LOOPS.items(), ids=LOOPS)
async def test_a_loop_is_closed_and_both_nodes_see_it(pair: Network, kind: str, turns) -> None:
    leg = await refer(pair, kind)
    for count in range(len(turns)):
        await walk(pair, leg, turns[count : count + 1])
        views = [await pair.cores[name].legs.view(leg) for name in (BE, GR)]
        is_last = count == len(turns) - 1
        assert [view.state is State.CLOSED for view in views] == [is_last, is_last]
        moved = is_last and kind == "transfer"
        assert [view.has_lead_moved for view in views] == [moved, moved]
    assert pair.reports == {BE: [], GR: []}


async def test_figures_are_acknowledged_by_their_own_checksum_alone(pair: Network) -> None:
    leg = await refer(pair, "statistic", figures=FIGURES)
    before = await snapshot(pair.cores[GR])
    with pytest.raises(NodeError) as refusal:
        await pair.step(GR, leg, acknowledge("statistic", checksum=bytes(32)))
    assert refusal.value.code == "incomplete_step"
    assert await snapshot(pair.cores[GR]) == before
    (row,) = await pair.cores[GR].store.read(lambda db: messages.of_leg(db, leg))
    await walk(pair, leg, [(GR, acknowledge("statistic", checksum=checksum(row.payload)))])
    assert await pair.state(BE, leg) is State.CLOSED


@pytest.mark.parametrize("eraser", [BE, GR])
async def test_figures_that_are_erased_at_one_end(pair: Network, eraser) -> None:
    leg = await refer(pair, "statistic", figures=FIGURES)
    (row,) = await pair.cores[GR].store.read(lambda db: messages.of_leg(db, leg))

    def erase(db: Transaction) -> None:
        (here,) = messages.of_leg(db, leg)
        messages.blank(db, here, stub_of(here.payload), "")

    await pair.cores[eraser].store.write(erase)
    step = acknowledge("statistic", checksum=checksum(row.payload))
    if eraser == BE:
        # Whoever sent them has nothing left to compare with.
        await walk(pair, leg, [(GR, step)])
        assert await pair.state(BE, leg) is State.CLOSED
        return
    # Whoever has them no more cannot say that they came as they went.
    with pytest.raises(NodeError, match="the figures are erased here"):
        await pair.step(GR, leg, step)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (message_pb2.Claim(contact_name="Somebody"), "claim lacks contact_telephone"),
        (message_pb2.Note(), "note lacks text"),
    ],
)
async def test_a_step_that_lacks_something_changes_nothing(pair: Network, content, words) -> None:
    leg = await refer(pair, "tracing_request")
    before = await snapshot(pair.cores[GR])
    with pytest.raises(NodeError) as refusal:
        await pair.step(GR, leg, content)
    assert refusal.value.code == "incomplete_step"
    assert words in refusal.value.sentence
    assert await snapshot(pair.cores[GR]) == before


@pytest.mark.parametrize(
    ("kind", "code"),
    [("of_the_future", "unknown_kind"), ("", "unknown_kind")],
)
async def test_no_referral_of_an_unknown_kind_goes_out(pair: Network, kind: str, code) -> None:
    before = await snapshot(pair.cores[BE])
    with pytest.raises(NodeError) as refusal:
        await pair.refer(BE, GR, kind=kind)
    assert refusal.value.code == code
    assert await snapshot(pair.cores[BE]) == before


# --- handing over


async def test_the_file_asks_anew_on_which_ground_it_may_go(pair: Network) -> None:
    leg = await refer(pair, "transfer", legal_basis={"purpose": "hand_over_case"})
    await walk(pair, leg, WORK)
    pair.amend(BE, GR, transfer_regime=TransferRegime.OTHER)
    before = await snapshot(pair.cores[BE])
    with pytest.raises(PolicyRefusal):
        await pair.step(BE, leg, HandOver(**PART))
    assert await snapshot(pair.cores[BE]) == before
    pair.amend(BE, GR, transfer_regime=TransferRegime.EEA)
    await walk(pair, leg, [(BE, HandOver(**PART))])
    view = await pair.cores[GR].legs.view(leg)
    basis = message_pb2.Message.FromString(view.messages[-1].payload).hand_over.legal_basis
    assert (basis.purpose, basis.transfer_basis) == ("hand_over_case", "eea")


async def test_proposals_of_a_recipient_need_a_ground_of_its_own(pair: Network) -> None:
    leg = await refer(pair, "tracing_request")
    proposal = message_pb2.Note(**PART)
    with pytest.raises(NodeError) as refusal:
        await pair.step(GR, leg, proposal)
    assert refusal.value.code == "legal_basis_missing"
    proposal.legal_basis.purpose = "locate_child"
    await pair.step(GR, leg, proposal)
    await pair.step(BE, leg, note())


# --- expiry


async def test_what_is_open_past_its_expiry_has_expired_at_both(pair: Network) -> None:
    leg = await refer(pair, "alert")
    done = await refer(pair, "alert")
    await walk(pair, done, [(GR, acknowledge("alert"))])
    pair.clock.at_ms = SOON_MS - 1
    assert [await pair.state(name, leg) for name in (BE, GR)] == [State.DELIVERED] * 2
    pair.clock.at_ms = SOON_MS
    assert [await pair.state(name, leg) for name in (BE, GR)] == [State.EXPIRED] * 2
    assert [await pair.state(name, done) for name in (BE, GR)] == [State.CLOSED] * 2
    with pytest.raises(NodeError) as refusal:
        await pair.step(GR, leg, acknowledge("alert"))
    assert refusal.value.code == "expired"
    view = await pair.cores[GR].legs.view(leg)
    assert (view.allowed, len(view.messages)) == ((), 1)


async def test_an_end_that_was_made_in_time_counts_though_it_comes_late(pair: Network) -> None:
    leg = await refer(pair, "alert")
    pair.unplug(BE)
    await pair.step(GR, leg, acknowledge("alert"))
    pair.clock.at_ms = SOON_MS
    assert await pair.state(BE, leg) is State.EXPIRED
    pair.plug(BE)
    pair.cores[GR].delivery.wake(BE)
    await pair.reach(leg, State.CLOSED, BE, GR)


async def test_a_long_referral_goes_in_an_envelope_of_thirty_days(pair: Network) -> None:
    leg = await refer(pair, "reunification", expires_at_ms=NOW_MS + 400 * DAY_MS)
    (row,) = await pair.cores[BE].store.read(lambda db: messages.of_leg(db, leg))
    assert row.expires_at_ms == NOW_MS + 30 * DAY_MS
    pair.clock.at_ms = NOW_MS + 390 * DAY_MS
    assert await pair.state(GR, leg) is State.DELIVERED


# --- reopening


@pytest.mark.parametrize("kind", ["tracing_request", "info_request"])
async def test_either_side_reopens_what_has_ended(pair: Network, kind: str) -> None:
    leg = await refer(pair, "tracing_request")
    await walk(pair, leg, [(BE, withdraw("in_error"))])
    assert await pair.state(GR, leg) is State.ENTERED_IN_ERROR
    for author, peer in ((BE, GR), (GR, BE)):
        again = opening(kind, expires_at_ms=SOON_MS, reopens_leg_id=leg)
        core = pair.cores[author]
        new, _ = await core.legs.open(peer, again, case_id=None, made_by="a")
        core.delivery.wake(peer)
        await pair.reach(new, State.DELIVERED, BE, GR)
    assert await pair.state(GR, leg) is State.ENTERED_IN_ERROR


@pytest.mark.parametrize("leg_id", [None, bytes(16)], ids=["an open one", "one that is not there"])
async def test_nothing_else_is_reopened(pair: Network, leg_id: bytes | None) -> None:
    leg = await refer(pair, "tracing_request")
    await walk(pair, leg, WORK)
    before = await snapshot(pair.cores[BE])
    with pytest.raises(NodeError) as refusal:
        await pair.refer(BE, GR, reopens_leg_id=leg_id or leg)
    assert refusal.value.code == ("unknown_leg" if leg_id else "not_ended")
    assert await snapshot(pair.cores[BE]) == before


@pytest.mark.parametrize(("behind_ms", "is_taken"), [(SKEW_MS, True), (SKEW_MS + 1, False)])
async def test_what_has_expired_is_reopened_though_the_clocks_differ(
    network: Network, behind_ms: int, is_taken: bool
) -> None:
    network.clocks[GR] = SettableClock(NOW_MS)
    await network.open(BE)
    await network.open(GR)
    over_ms = NOW_MS + HOUR_MS
    leg = await refer(network, "alert", expires_at_ms=over_ms)
    # Greece goes slower than Belgium.
    network.clock.at_ms, network.clocks[GR].at_ms = over_ms, over_ms - behind_ms
    assert await network.state(GR, leg) is State.DELIVERED
    again = opening("alert", expires_at_ms=SOON_MS, reopens_leg_id=leg)
    core = network.cores[BE]
    new, _ = await core.legs.open(GR, again, case_id=None, made_by="a")
    core.delivery.wake(GR)
    await settled()
    assert await network.state(BE, new) is (State.DELIVERED if is_taken else State.QUEUED)
    # It is not lost: the sender tries again until the other clock has got there.
    network.clocks[GR].at_ms = over_ms
    await network.wake_when_due()
    await network.reach(new, State.DELIVERED, BE, GR)
