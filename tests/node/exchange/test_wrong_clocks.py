"""A clock that was wrong for a while costs resends, never messages."""

from __future__ import annotations

import asyncio

import pytest

from keys.epochs import epoch_numbers
from keys.members import MemberStatus
from node.store import attachments, messages
from protocol import limits
from protocol.attachment import encrypt_chunks
from protocol.encoding import encode_response
from protocol.errors import RefusalCode
from protocol.exchange.leg import State
from protocol.ids import LegId
from protocol.log import LeafKind
from protocol.pb.homeward.v1.message_pb2 import Note
from protocol.values import Refusal
from tests.support.network import BE, DAY_MS, FR, GR, Network, settled
from tests.support.nodes import NOW_MS, until
from tests.support.snapshots import snapshot
from tests.support.wrong_clocks import HOUR_MS, MINUTE_MS, YEAR_MS, Pair


@pytest.fixture
async def pair(network: Network) -> Pair:
    return await Pair(network).open()


# --- the recipient's clock


@pytest.mark.parametrize("days", [365, 40, 20])
async def test_a_recipient_comes_back_from_a_clock_far_ahead_without_its_epochs(
    pair: Pair, days: int
) -> None:
    network = pair.network
    network.unplug(GR)
    waiting = await pair.refer()
    folder = network.cores[GR].home.epochs
    before = {path.name: path.read_bytes() for path in folder.glob("*.epoch")}
    await pair.set_wrong(GR, days * DAY_MS)
    sealed_to = NOW_MS // limits.EPOCH_MS
    assert sealed_to not in epoch_numbers(folder)
    network.plug(GR)
    later = await pair.refer()
    await pair.pass_time(HOUR_MS)
    assert await network.state(BE, waiting) is State.QUEUED

    await pair.set_wrong(GR, -days * DAY_MS)
    after = {path.name: path.read_bytes() for path in folder.glob("*.epoch")}
    assert before.keys() <= after.keys()
    assert after[f"{sealed_to}.epoch"] != before[f"{sealed_to}.epoch"]
    for leg in (waiting, later):
        await pair.assert_arrives(leg)
    # Sent on: three, and not one more than twice.
    sent = [envelope for batch in network.link.batches_to(GR) for envelope in batch]
    assert len({envelope.header for envelope in sent}) == 4


async def test_a_receipt_of_a_clock_that_was_ahead_is_given_anew_when_it_is_right(
    pair: Pair,
) -> None:
    await pair.set_wrong(GR, 5 * DAY_MS)
    leg = await pair.refer()
    assert await pair.network.state(GR, leg) is State.DELIVERED
    assert await pair.network.state(BE, leg) is State.QUEUED
    other = await pair.network.refer(BE, FR)
    await pair.network.reach(other, State.DELIVERED, BE, FR)

    await pair.set_wrong(GR, -5 * DAY_MS)
    await pair.assert_arrives(leg)
    received = [
        leaf
        for leaf in (await snapshot(pair.network.cores[GR])).leaves
        if leaf.kind is LeafKind.RECEIVED
    ]
    assert len(received) == 2
    assert received[0].subject == received[1].subject


async def test_a_receipt_is_not_given_anew_by_a_clock_that_is_behind(pair: Pair) -> None:
    """It would be dated before the message was made, and be no better for ever."""
    await pair.set_wrong(GR, 5 * DAY_MS)
    leg = await pair.refer()
    await pair.set_wrong(GR, -5 * DAY_MS - 44 * MINUTE_MS)
    for _ in range(3):
        await pair.pass_time(5 * MINUTE_MS)
    assert await pair.network.state(BE, leg) is State.QUEUED
    leaves = (await snapshot(pair.network.cores[GR])).leaves
    assert [leaf.kind for leaf in leaves].count(LeafKind.RECEIVED) == 1
    await pair.set_wrong(GR, 44 * MINUTE_MS)
    await pair.assert_arrives(leg)


async def test_a_refusal_of_a_clock_that_was_behind_is_given_anew_when_it_is_right(
    pair: Pair,
) -> None:
    """Else the sender would try for as long as the message lives."""
    network = pair.network
    await pair.set_wrong(GR, -5 * DAY_MS)
    network.amend(GR, BE, status=MemberStatus.SUSPENDED)
    leg = await pair.refer()
    assert await network.state(BE, leg) is State.QUEUED
    network.clocks[GR].at_ms += 5 * DAY_MS
    for clock in (network.clock, *network.clocks.values()):
        clock.at_ms += HOUR_MS
    network.cores[BE].delivery.wake(GR)
    await network.reach(leg, State.UNDELIVERABLE, BE)


async def test_an_answer_whose_time_cannot_be_holds_up_no_other(pair: Pair) -> None:
    network = pair.network
    await pair.set_wrong(GR, 5 * DAY_MS)
    network.link.change = bytes
    first = await pair.refer(urgency=1)
    await pair.set_wrong(GR, -5 * DAY_MS)
    # Greece goes on giving its first receipt, as a program does that knows no better.
    kept = network.link.batches_to(GR)
    assert len(kept) == 1
    second = await pair.refer(urgency=4)
    await network.reach(second, State.DELIVERED, BE, GR)
    await pair.assert_arrives(first)


async def test_a_recipient_whose_clock_fell_back_destroys_nothing(pair: Pair) -> None:
    network = pair.network
    network.unplug(GR)
    leg = await pair.refer()
    folder = network.cores[GR].home.epochs
    before = {path.name: path.read_bytes() for path in folder.glob("*.epoch")}
    await pair.set_wrong(GR, -YEAR_MS)
    await pair.set_wrong(GR, YEAR_MS)
    after = {path.name: path.read_bytes() for path in folder.glob("*.epoch")}
    assert after == before
    network.plug(GR)
    await pair.assert_arrives(leg)
    assert len({e.header for batch in network.link.batches_to(GR) for e in batch}) == 1


# --- the sender's clock


@pytest.mark.parametrize("ms", [YEAR_MS, 40 * DAY_MS, 3 * DAY_MS, -3 * DAY_MS, -20 * DAY_MS])
@pytest.mark.parametrize("is_restarted", [False, True])
async def test_a_sender_whose_clock_was_wrong_gives_up_nothing(
    pair: Pair, ms: int, is_restarted: bool
) -> None:
    network = pair.network
    network.unplug(GR)
    before = await pair.refer()
    network.plug(GR)

    async def restart() -> None:
        if is_restarted:
            await network.close(BE)
            await network.open(BE)

    network.clocks[BE].at_ms += ms
    await restart()
    await pair.work()
    meanwhile = await pair.refer(expires_at_ms=network.clocks[BE].at_ms + 29 * DAY_MS)
    for _ in range(3):
        await pair.pass_time(HOUR_MS)
    network.clocks[BE].at_ms -= ms
    await restart()
    await pair.work()
    for leg in (before, meanwhile):
        if await network.cores[BE].store.read(lambda db, leg=leg: _is_alive(db, leg, network)):
            await pair.assert_arrives(leg)


def _is_alive(db, leg: LegId, network: Network) -> bool:
    """Whether a message was given a time, by whatever clock, that is not over."""
    rows = messages.of_leg(db, leg)
    return all(row.expires_at_ms > network.clock.at_ms + HOUR_MS for row in rows)


async def test_what_was_sealed_by_a_clock_ahead_does_not_wait_until_it_is_as_late(
    pair: Pair,
) -> None:
    network = pair.network
    await pair.set_wrong(BE, 3 * DAY_MS)
    leg = await pair.refer()
    assert len(network.link.batches_to(GR)) == 1
    assert await network.state(BE, leg) is State.QUEUED
    await pair.set_wrong(BE, -3 * DAY_MS)
    await pair.assert_arrives(leg)


@pytest.mark.parametrize(
    "behind_ms",
    [
        # By that clock the envelope lived for 30 days, which are over; the message lives on.
        limits.LIFETIME_MS,
        # The log key is a day old.
        DAY_MS + MINUTE_MS,
    ],
)
async def test_what_was_sealed_by_a_clock_behind_is_sealed_again(
    pair: Pair, behind_ms: int
) -> None:
    network = pair.network
    network.unplug(GR)
    leg = await pair.refer(expires_at_ms=NOW_MS + limits.LIFETIME_MS)
    core = network.cores[BE]
    await core.store.write(
        lambda db: db.execute("UPDATE envelopes SET logged_at_ms = logged_at_ms - ?", [behind_ms])
    )
    network.plug(GR)
    await pair.assert_arrives(leg)
    assert len((await snapshot(core)).tables["envelopes"]) == 2


async def test_nothing_is_given_up_until_a_peer_shows_that_it_is_that_late(pair: Pair) -> None:
    network = pair.network
    for name in (FR, GR):
        network.unplug(name)
    leg = await pair.refer(expires_at_ms=NOW_MS + HOUR_MS)
    await pair.pass_time(2 * DAY_MS)
    core = network.cores[BE]
    assert await core.answers.is_time_in_doubt()
    assert await core.answers.expire() == 0
    assert await network.state(BE, leg) is State.QUEUED
    assert network.link.batches_to(GR) == network.link.batches_to(GR)[:1]
    network.plug(FR)
    await core.sweep()
    assert await network.state(BE, leg) is State.UNDELIVERABLE
    assert not await core.answers.is_time_in_doubt()


async def test_steps_behind_one_another_survive_a_year_ahead(pair: Pair) -> None:
    network = pair.network
    leg = await pair.refer()
    await network.reach(leg, State.DELIVERED, BE, GR)
    network.unplug(GR)
    for _ in range(3):
        await network.step(BE, leg, Note(text={"text": "seen at the station"}))
    await pair.pass_time(MINUTE_MS)
    await pair.set_wrong(BE, YEAR_MS)
    await pair.pass_time(HOUR_MS)
    await pair.set_wrong(BE, -YEAR_MS)
    network.plug(GR)
    await pair.pass_time(16 * MINUTE_MS)

    async def is_gone() -> bool:
        return await network.waiting() == []

    await until(is_gone)
    assert len((await network.views(GR))[0].messages) == 4


async def test_files_go_on_after_a_year_ahead(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    network = pair.network
    content = b"a photo" * 1_000
    pieces = list(encrypt_chunks(bytes(32), [content]))
    blob_id, _ = await asyncio.to_thread(network.cores[BE].context.blobs.put_file, pieces)
    key = {"blob_id": blob_id, "key": bytes(32), "size": len(content), "digest": bytes(32)}
    blobs = network.cores[GR].service.blobs
    monkeypatch.setattr(network.cores[GR].service, "blobs", _busy)
    leg = await pair.refer(attachment_keys=[key])
    await network.reach(leg, State.DELIVERED, BE, GR)
    worker = network.cores[BE].delivery._workers[GR]
    await pair.set_wrong(BE, YEAR_MS)
    worker._blobs_due.set()
    await settled()
    assert network.events(BE)[-1] == "attachment_failed"
    await pair.set_wrong(BE, -YEAR_MS)
    monkeypatch.setattr(network.cores[GR].service, "blobs", blobs)

    async def is_complete() -> bool:
        await pair.pass_time(MINUTE_MS)
        worker._blobs_due.set()
        store = network.cores[BE].store
        return not await store.read(lambda db: attachments.waiting_sets(db, GR))

    await until(is_complete, rounds=20)


async def test_a_receipt_for_files_of_a_clock_that_was_behind_is_given_anew(pair: Pair) -> None:
    network = pair.network
    content = b"a photo" * 1_000
    pieces = list(encrypt_chunks(bytes(32), [content]))
    blob_id, _ = await asyncio.to_thread(network.cores[BE].context.blobs.put_file, pieces)
    key = {"blob_id": blob_id, "key": bytes(32), "size": len(content), "digest": bytes(32)}
    leg = await pair.refer(attachment_keys=[key])
    await network.reach(leg, State.DELIVERED, BE, GR)
    be, gr = network.cores[BE], network.cores[GR]
    await until(lambda: be.store.read(lambda db: not attachments.waiting_sets(db, GR)))

    # As if Greece had said so 40 days ago, under a key that nobody knew then.
    lost = "UPDATE attachment_sets SET is_complete = 0, peer_proof = NULL"
    await be.store.write(lambda db: db.execute(lost))
    behind = f"UPDATE attachment_sets SET completed_at_ms = {NOW_MS - 40 * DAY_MS}"
    await gr.store.write(lambda db: db.execute(behind))
    worker = network.cores[BE].delivery._workers[GR]
    worker._blobs_due.set()
    await until(lambda: be.store.read(lambda db: not attachments.waiting_sets(db, GR)))
    kinds = [leaf.kind for leaf in (await snapshot(gr)).leaves]
    assert kinds.count(LeafKind.ATTACHMENTS) == 2


async def _busy(authorization, pieces) -> bytes:
    return encode_response(Refusal(RefusalCode.BUSY))
