"""The outbox workers: nobody waits for another, nothing is lost, no lie is believed."""

from __future__ import annotations

import asyncio

import pytest

from node.errors import DeliveryError, NodeError
from node.peer.delivery import FOLLOWING_BATCH
from node.store import envelopes, messages
from node.store.outbox import QueueRow
from protocol import limits
from protocol.encoding import encode_log_proof
from protocol.envelope import id_of
from protocol.errors import RefusalCode
from protocol.exchange.leg import State
from protocol.log import LeafKind
from protocol.pb.homeward.v1 import message_pb2
from protocol.wire import parse_header, parse_reply_batch
from tests.support.contents import claim, note, withdraw
from tests.support.network import BE, DAY_MS, FR, GR, Network, settled
from tests.support.nodes import NOW_MS, endpoint_of, until
from tests.support.snapshots import snapshot

# --- one peer and another


async def test_a_peer_that_never_answers_does_not_delay_another(line: Network) -> None:
    await line.open(FR)
    line.link.hanging.add(endpoint_of(GR))
    to_greece = await line.refer(BE, GR, urgency=1)
    to_france = await line.refer(BE, FR, urgency=4)
    await line.reach(to_france, State.DELIVERED, BE, FR)
    assert await line.state(BE, to_greece) is State.QUEUED


async def test_a_worker_ends_at_once_even_if_it_is_woken_in_the_same_moment(
    line: Network,
) -> None:
    await line.refer(BE, GR)
    await settled()
    delivery = line.cores[BE].delivery
    delivery.wake(GR)
    tasks = delivery._workers[GR].tasks
    async with asyncio.timeout(5):
        await delivery.stop()
    assert all(task.cancelled() for task in tasks)


# --- when to try


@pytest.mark.parametrize(("urgency", "longest_seconds"), [(1, 300), (2, 300), (3, 900), (4, 900)])
async def test_backoff_doubles_from_a_second_to_its_longest(
    line: Network, urgency: int, longest_seconds: int
) -> None:
    line.unplug(GR)
    await line.refer(BE, GR, urgency=urgency)
    await settled()
    for failures in range(1, 14):
        queue = await line.queue()
        full_ms = min(longest_seconds, 2 ** (failures - 1)) * 1000
        assert queue.failures == failures
        assert full_ms * 3 / 4 <= queue.next_try_ms - line.clock.at_ms <= full_ms
        await line.wake(queue.next_try_ms - 1)
        assert (await line.queue()).failures == failures
        await line.wake(queue.next_try_ms)
    assert set(line.events(BE)) == {"delivery_failed"}


async def test_what_becomes_urgent_does_not_wait_out_a_long_backoff(line: Network) -> None:
    line.unplug(GR)
    await line.refer(BE, GR, urgency=4)
    await settled()
    while (await line.queue()).failures < 12:
        await line.wake_when_due()
    line.plug(GR)
    started_ms = line.clock.at_ms
    leg = await line.refer(BE, GR, urgency=1)
    await settled()
    await line.wake(started_ms + 300_000 - 1)
    assert await line.state(GR, leg) is None
    await line.wake(started_ms + 300_000)
    await line.reach(leg, State.DELIVERED, BE, GR)


async def test_a_sign_of_life_ends_the_backoff(line: Network) -> None:
    line.unplug(GR)
    leg = await line.refer(BE, GR)
    await settled()
    for _ in range(5):
        await line.wake_when_due()
    line.plug(GR)
    line.cores[BE].delivery.contact(GR)
    await line.reach(leg, State.DELIVERED, BE, GR)
    await settled()
    now_ms = line.clock.at_ms
    assert await line.queue() == QueueRow(GR, last_contact_ms=now_ms)


async def test_the_most_urgent_goes_first(line: Network) -> None:
    line.unplug(GR)
    for urgency in (4, 2, 3, 1, 2):
        line.clock.at_ms += 1
        await line.refer(BE, GR, urgency=urgency)
    line.plug(GR)
    line.cores[BE].delivery.contact(GR)
    await line.wake_when_due()
    headers = [parse_header(envelope.header) for envelope in line.link.batches_to(GR)[-1]]
    assert [header.urgency for header in headers] == [1, 2, 2, 3, 4]
    assert headers[1].created_at_ms < headers[2].created_at_ms


async def test_a_batch_is_followed_by_one_other_and_nothing_goes_twice(line: Network) -> None:
    gate = line.link.gates[endpoint_of(GR)] = asyncio.Event()
    legs = [await line.refer(BE, GR)]
    await settled()
    legs += [await line.refer(BE, GR) for _ in range(FOLLOWING_BATCH - 1)]
    await settled()
    assert len(line.link.batches_to(GR)) == 1
    legs += [await line.refer(BE, GR) for _ in range(2 * FOLLOWING_BATCH)]
    await settled()
    assert len(line.link.batches_to(GR)) == 2
    gate.set()
    for leg in legs:
        await line.reach(leg, State.DELIVERED, BE, GR)
    sent = [envelope.header for batch in line.link.batches_to(GR) for envelope in batch]
    assert len(sent) == len(set(sent)) == len(legs)


async def test_what_is_queued_while_a_batch_is_on_its_way_goes_at_its_return(
    line: Network,
) -> None:
    gate = line.link.gates[endpoint_of(GR)] = asyncio.Event()
    await line.refer(BE, GR)
    await settled()
    leg = await line.refer(BE, GR)
    await settled()
    assert len(line.link.batches_to(GR)) == 1
    gate.set()
    await line.reach(leg, State.DELIVERED, BE, GR)
    assert len(line.link.batches_to(GR)) == 2


async def test_the_steps_of_a_leg_go_one_after_another(line: Network) -> None:
    line.unplug(GR)
    leg = await line.refer(BE, GR)
    other = await line.refer(BE, GR)
    await line.step(BE, leg, note())
    await line.step(BE, leg, withdraw())
    line.plug(GR)
    await line.wake_when_due()
    await line.reach(leg, State.WITHDRAWN, BE, GR)
    legs = [[parse_header(e.header).leg_id for e in batch] for batch in line.link.batches_to(GR)]
    assert sorted(map(len, legs[-3:])) == [1, 1, 2]
    assert all(len(set(batch)) == len(batch) for batch in legs)
    assert {leg_id for batch in legs for leg_id in batch} == {leg, other}


async def test_a_backlog_goes_in_batches_that_a_peer_takes(line: Network) -> None:
    line.unplug(GR)
    large = {"mask": {"paths": ["x" * 19_000] * 38}}
    for _ in range(5):
        await line.refer(BE, GR, **large)
    for _ in range(limits.BATCH_ENVELOPES):
        await line.refer(BE, GR, urgency=4)
    line.plug(GR)
    await line.wake_when_due()

    async def is_gone() -> bool:
        return await line.waiting() == []

    await until(is_gone)
    assert len(await line.views(GR)) == 5 + limits.BATCH_ENVELOPES
    bodies = line.link.batches_to(GR)
    assert all(len(body) <= limits.BATCH_BYTES for body in bodies)
    assert max(len(batch) for batch in line.link.batches_to(GR)) <= limits.BATCH_ENVELOPES


# --- sealed again


async def test_an_epoch_that_is_over_is_sealed_again_under_the_same_message_id(
    line: Network,
) -> None:
    line.unplug(GR)
    leg = await line.refer(BE, GR, expires_at_ms=NOW_MS + 29 * DAY_MS)
    await settled()
    await line.close(GR)
    line.clock.at_ms += 14 * DAY_MS
    await line.open(GR)
    line.cores[GR].context.trust.epochs.destroy_expired(line.clock.at_ms)
    await line.wake_when_due()
    assert line.reports[BE][-1] == (
        "refused_by_peer",
        GR,
        str(RefusalCode.UNKNOWN_EPOCH.value),
    )
    await line.wake_when_due()
    await line.reach(leg, State.DELIVERED, BE, GR)

    first, second = (parse_header(batch[0].header) for batch in line.link.batches_to(GR)[-2:])
    assert (first.message_id, first.commitment) == (second.message_id, second.commitment)
    assert (first.stream_seq, second.stream_seq) == (1, 2)
    assert second.previous_envelope_id == id_of(line.link.batches_to(GR)[-2][0])
    assert first.recipient_kem_key != second.recipient_kem_key
    sender, recipient = await snapshot(line.cores[BE]), await snapshot(line.cores[GR])
    logged = [leaf.subject for leaf in sender.leaves if leaf.kind is LeafKind.SENT]
    assert logged == [id_of(batch[0]) for batch in line.link.batches_to(GR)[-2:]]
    kinds = {leaf.subject: leaf.kind for leaf in recipient.leaves}
    assert [kinds[subject] for subject in logged] == [LeafKind.REFUSED, LeafKind.RECEIVED]


# --- expiry


async def test_what_expires_is_given_up_and_its_leg_is_undeliverable(line: Network) -> None:
    line.unplug(GR)
    leg = await line.refer(BE, GR, expires_at_ms=NOW_MS + DAY_MS)
    await settled()
    await line.open(FR)
    line.clock.at_ms += DAY_MS - 1
    await line.cores[BE].descriptors.refresh(FR)
    assert await line.cores[BE].answers.expire() == 0
    line.clock.at_ms += 1
    # Not before a peer has shown that it is that late.
    assert await line.cores[BE].answers.expire() == 0
    await line.cores[BE].descriptors.refresh(FR)
    assert await line.cores[BE].answers.expire() == 1
    assert await line.state(BE, leg) is State.UNDELIVERABLE
    after = await snapshot(line.cores[BE])
    assert after.tables["outbox"] == []
    (message,) = (await line.views(BE))[0].messages
    assert message.settled == messages.EXPIRED
    line.plug(GR)
    await line.wake(line.clock.at_ms + DAY_MS)
    assert await line.views(GR) == []


async def test_a_receipt_that_comes_after_the_expiry_reopens_nothing_and_is_kept(
    line: Network,
) -> None:
    kept: list[bytes] = []
    line.link.change = lambda answer: kept.append(answer) or b"\x00"
    leg = await line.refer(BE, GR, expires_at_ms=NOW_MS + DAY_MS)
    await settled()
    core = line.cores[BE]
    due = await core.sending.due(GR)
    answers = core.answers.judge(due.batch, parse_reply_batch(kept[0]))
    line.clock.at_ms += DAY_MS
    await core.descriptors.refresh(GR)
    await core.answers.expire()
    await core.answers.record(answers)
    assert await line.state(BE, leg) is State.UNDELIVERABLE
    row = await core.store.read(lambda db: envelopes.get(db, answers[0].envelope_id))
    assert row is not None
    assert answers[0].proof is not None
    assert row.peer_proof == encode_log_proof(answers[0].proof)


async def test_a_request_to_erase_arrives_although_a_note_before_it_was_given_up(
    line: Network,
) -> None:
    leg = await line.refer(BE, GR, expires_at_ms=NOW_MS + 200 * DAY_MS)
    await line.reach(leg, State.DELIVERED, BE, GR)
    await line.open(FR)
    line.unplug(GR)
    for content in (note(), message_pb2.EraseRequest(reason="subject_request"), note()):
        await line.step(BE, leg, content)
    line.clock.at_ms += limits.LIFETIME_MS
    await line.cores[BE].descriptors.refresh(FR)
    assert await line.cores[BE].answers.expire() == 2
    assert [row.step_number for row in await line.waiting()] == [3]
    # Nobody writes on a leg that is broken off, but what must go can still be asked for.
    with pytest.raises(NodeError, match="could not be delivered"):
        await line.step(BE, leg, note())
    line.plug(GR)
    for name in (BE, GR):
        await line.cores[name].turn_epochs()
    await line.wake_when_due()
    await line.reach(leg, State.UNDELIVERABLE, BE, GR)
    assert await line.waiting() == []
    gr = line.cores[GR]
    assert (await gr.legs.view(leg)).open_erase_requests == (3,)
    with pytest.raises(NodeError, match="could not be delivered"):
        await gr.legs.step(leg, claim(), made_by="a")
    assert await gr.erasing.erase_leg(leg, made_by="a") == 1
    gr.delivery.wake(BE)
    await settled(1000)
    names = [row.name for row in (await line.cores[BE].legs.view(leg)).messages]
    assert names == ["referral", "note", "erase_request", "note", "erased"]


# --- restarts


async def test_what_was_queued_before_a_restart_goes_after_it(line: Network) -> None:
    line.unplug(GR)
    leg = await line.refer(BE, GR)
    await settled()
    await line.close(BE)
    line.plug(GR)
    line.clock.at_ms += 60_000
    await line.open(BE)
    await line.reach(leg, State.DELIVERED, BE, GR)


async def test_an_answer_that_is_lost_in_a_restart_is_asked_for_again(line: Network) -> None:
    def lost(answer: bytes) -> bytes:
        raise DeliveryError("unreachable", "the line broke", retryable=True)

    line.link.change = lost
    leg = await line.refer(BE, GR)
    await settled()
    assert await line.state(GR, leg) is State.DELIVERED
    assert await line.state(BE, leg) is State.QUEUED
    await line.close(BE)
    await line.close(GR)
    line.link.change = bytes
    line.clock.at_ms += 60_000
    await line.open(GR)
    await line.open(BE)
    await line.reach(leg, State.DELIVERED, BE, GR)
    sender, recipient = await snapshot(line.cores[BE]), await snapshot(line.cores[GR])
    assert [leaf.kind for leaf in sender.leaves].count(LeafKind.SENT) == 1
    assert [leaf.kind for leaf in recipient.leaves].count(LeafKind.RECEIVED) == 1
