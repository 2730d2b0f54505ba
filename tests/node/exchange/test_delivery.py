"""The outbox workers: nobody waits for another, nothing is lost, no lie is believed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from node.errors import DeliveryError
from node.store import envelopes, messages, outbox
from node.store.outbox import OutboxRow, QueueRow
from protocol import limits
from protocol.encoding import encode_reply_batch
from protocol.envelope import id_of
from protocol.errors import TRANSIENT_CODES, RefusalCode
from protocol.exchange.leg import State
from protocol.ids import LegId
from protocol.log import LeafKind
from protocol.pb.homeward.v1.message_pb2 import Note, Withdraw
from protocol.values import Envelope, Receipt, Refusal, Reply
from protocol.wire import parse_envelope_batch, parse_header, parse_reply_batch
from tests.support.forger import Forger
from tests.support.network import BE, DAY_MS, FR, GR, Network, settled
from tests.support.nodes import NOW_MS, endpoint_of, until
from tests.support.snapshots import snapshot

PROOF_CODES = {code for code in RefusalCode if 300 <= code < 400}


@pytest.fixture
async def network(network: Network) -> Network:
    """Belgium sends to Greece, whose descriptor it knows."""
    await network.open(BE)
    await network.open(GR)
    await network.cores[BE].descriptors.refresh(GR)
    return network


async def queue_to_greece(network: Network) -> QueueRow:
    return await network.cores[BE].store.read(lambda db: outbox.queue(db, GR))


async def waiting(network: Network) -> list[OutboxRow]:
    return await network.cores[BE].store.read(lambda db: outbox.of_peer(db, GR))


async def wake(network: Network, at_ms: int) -> None:
    """Let Belgium's worker look at its queue at this time."""
    network.clock.at_ms = at_ms
    network.cores[BE].delivery.wake(GR)
    await settled()


async def wake_when_due(network: Network) -> None:
    times = [row.not_before_ms for row in await waiting(network)]
    queue = await queue_to_greece(network)
    await wake(network, max(queue.next_try_ms, *times, network.clock.at_ms))


def posted(network: Network) -> list[list[Envelope]]:
    return [list(parse_envelope_batch(body)) for body in network.link.batches_to(GR)]


# --- one peer and another


async def test_a_peer_that_never_answers_does_not_delay_another(network: Network) -> None:
    await network.open(FR)
    network.link.hanging.add(endpoint_of(GR))
    to_greece = await network.refer(BE, GR, urgency=1)
    to_france = await network.refer(BE, FR, urgency=4)
    await network.reach(to_france, State.DELIVERED, BE, FR)
    assert await network.state(BE, to_greece) is State.QUEUED


async def test_a_worker_ends_at_once_even_if_it_is_woken_in_the_same_moment(
    network: Network,
) -> None:
    await network.refer(BE, GR)
    await settled()
    delivery = network.cores[BE].delivery
    delivery.wake(GR)
    async with asyncio.timeout(5):
        await delivery.stop()


# --- when to try


@pytest.mark.parametrize(("urgency", "longest_seconds"), [(1, 300), (2, 300), (3, 900), (4, 900)])
async def test_backoff_doubles_from_a_second_to_its_longest(
    network: Network, urgency: int, longest_seconds: int
) -> None:
    network.unplug(GR)
    await network.refer(BE, GR, urgency=urgency)
    await settled()
    for failures in range(1, 14):
        queue = await queue_to_greece(network)
        full_ms = min(longest_seconds, 2 ** (failures - 1)) * 1000
        assert queue.failures == failures
        assert full_ms * 3 / 4 <= queue.next_try_ms - network.clock.at_ms <= full_ms
        await wake(network, queue.next_try_ms - 1)
        assert (await queue_to_greece(network)).failures == failures
        await wake(network, queue.next_try_ms)
    assert set(network.events(BE)) == {"delivery_failed"}


async def test_what_becomes_urgent_does_not_wait_out_a_long_backoff(network: Network) -> None:
    network.unplug(GR)
    await network.refer(BE, GR, urgency=4)
    await settled()
    while (await queue_to_greece(network)).failures < 12:
        await wake_when_due(network)
    network.plug(GR)
    started_ms = network.clock.at_ms
    leg = await network.refer(BE, GR, urgency=1)
    await settled()
    await wake(network, started_ms + 300_000 - 1)
    assert await network.state(GR, leg) is None
    await wake(network, started_ms + 300_000)
    await network.reach(leg, State.DELIVERED, BE, GR)


async def test_a_sign_of_life_ends_the_backoff(network: Network) -> None:
    network.unplug(GR)
    leg = await network.refer(BE, GR)
    await settled()
    for _ in range(5):
        await wake_when_due(network)
    network.plug(GR)
    network.cores[BE].delivery.contact(GR)
    await network.reach(leg, State.DELIVERED, BE, GR)
    await settled()
    now_ms = network.clock.at_ms
    assert await queue_to_greece(network) == QueueRow(GR, last_contact_ms=now_ms)


async def test_the_most_urgent_goes_first(network: Network) -> None:
    network.unplug(GR)
    for urgency in (4, 2, 3, 1, 2):
        network.clock.at_ms += 1
        await network.refer(BE, GR, urgency=urgency)
    network.plug(GR)
    network.cores[BE].delivery.contact(GR)
    await wake_when_due(network)
    headers = [parse_header(envelope.header) for envelope in posted(network)[-1]]
    assert [header.urgency for header in headers] == [1, 2, 2, 3, 4]
    assert headers[1].created_at_ms < headers[2].created_at_ms


async def test_the_steps_of_a_leg_go_one_after_another(network: Network) -> None:
    network.unplug(GR)
    leg = await network.refer(BE, GR)
    other = await network.refer(BE, GR)
    await network.step(BE, leg, Note())
    await network.step(BE, leg, Withdraw())
    network.plug(GR)
    await wake_when_due(network)
    await network.reach(leg, State.WITHDRAWN, BE, GR)
    legs = [[parse_header(e.header).leg_id for e in batch] for batch in posted(network)]
    assert sorted(map(len, legs[-3:])) == [1, 1, 2]
    assert all(len(set(batch)) == len(batch) for batch in legs)
    assert {leg_id for batch in legs for leg_id in batch} == {leg, other}


async def test_a_backlog_goes_in_batches_that_a_peer_takes(network: Network) -> None:
    network.unplug(GR)
    large = {"mask": {"paths": ["x" * 19_000] * 38}}
    for _ in range(5):
        await network.refer(BE, GR, **large)
    for _ in range(limits.BATCH_ENVELOPES):
        await network.refer(BE, GR, urgency=4)
    network.plug(GR)
    await wake_when_due(network)

    async def is_gone() -> bool:
        return await waiting(network) == []

    await until(is_gone)
    assert len(await network.views(GR)) == 5 + limits.BATCH_ENVELOPES
    bodies = network.link.batches_to(GR)
    assert all(len(body) <= limits.BATCH_BYTES for body in bodies)
    assert max(len(batch) for batch in posted(network)) <= limits.BATCH_ENVELOPES


# --- what counts as an answer


@dataclass
class Liar:
    """Answers in Greece's name, with what Greece's own log could hold."""

    network: Network

    def __post_init__(self) -> None:
        identities = self.network.federation.identities
        self.greece = Forger(identities[GR], self.network.cores[BE])
        self.france = Forger(identities[FR], self.network.cores[BE])

    @property
    def sent(self) -> bytes:
        """The id of the envelope that was posted last."""
        return id_of(posted(self.network)[-1][-1])

    def refusal(self, code: int, *, leaf_code: int = 0, by: Forger | None = None) -> Refusal:
        proof = (by or self.greece).logged(
            b"", b"", kind=LeafKind.REFUSED, code=leaf_code or code, subject=self.sent
        )
        return Refusal(code, proof.proof)

    def receipt(self, *, by: Forger | None = None, **leaf) -> Receipt:
        fields = {"kind": LeafKind.RECEIVED, "subject": self.sent, **leaf}
        return Receipt((by or self.greece).logged(b"", b"", **fields).proof)

    def answer(self, *replies: Reply) -> bytes:
        return encode_reply_batch(replies)


async def refer_and_hear(network: Network, answer: Callable[[Liar], bytes]) -> LegId:
    """Open a leg whose first answer is what somebody on the way makes of it."""
    liar = Liar(network)
    network.link.change = lambda _: answer(liar)
    leg = await network.refer(BE, GR)
    await settled()
    network.link.change = bytes
    return leg


async def assert_still_delivered(network: Network, leg: LegId) -> None:
    """The message waits, and the next honest answer settles it: it was taken just once."""
    assert await network.state(BE, leg) is State.QUEUED
    (row,) = await waiting(network)
    envelope_id = row.envelope_id or b""
    kept = await network.cores[BE].store.read(lambda db: envelopes.get(db, envelope_id))
    assert kept is not None
    assert (kept.ciphertext is None, kept.peer_proof) == (False, None)
    await wake_when_due(network)
    await network.reach(leg, State.DELIVERED, BE, GR)
    assert len((await snapshot(network.cores[GR])).tables["messages"]) == 1


def replayed(liar: Liar) -> bytes:
    """An old receipt of Greece, true and for another message, sent once more."""
    return liar.answer(liar.receipt(subject=bytes(32)))


LIES: dict[str, Callable[[Liar], bytes]] = {
    "no replies": lambda liar: liar.answer(),
    "a reply too many": lambda liar: liar.answer(liar.receipt(), liar.receipt()),
    "bytes that are no replies": lambda liar: b"\x00",
    "a receipt for another envelope": replayed,
    "a receipt that says sent": lambda liar: liar.answer(liar.receipt(kind=LeafKind.SENT)),
    "a refusal posing as a receipt": lambda liar: liar.answer(
        liar.receipt(kind=LeafKind.REFUSED, code=RefusalCode.EXPIRED)
    ),
    "a receipt by another node": lambda liar: liar.answer(liar.receipt(by=liar.france)),
    "a refusal by another node": lambda liar: liar.answer(liar.refusal(601, by=liar.france)),
    "a refusal whose leaf says another code": lambda liar: liar.answer(
        liar.refusal(601, leaf_code=602)
    ),
    "a receipt from before the message": lambda liar: liar.answer(
        liar.receipt(at_ms=NOW_MS - limits.CLOCK_SKEW_MS - 1)
    ),
    "a receipt from the future": lambda liar: liar.answer(
        liar.receipt(at_ms=NOW_MS + limits.CLOCK_SKEW_MS + 1)
    ),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
async def test_a_lie_is_not_believed(network: Network, lie: Callable[[Liar], bytes]) -> None:
    leg = await refer_and_hear(network, lie)
    assert network.events(BE) == ["answer_refused"]
    await assert_still_delivered(network, leg)


async def test_a_receipt_of_an_earlier_message_does_not_settle_a_later_one(
    network: Network,
) -> None:
    heard: list[bytes] = []
    network.link.change = lambda answer: heard.append(answer) or answer
    first = await network.refer(BE, GR)
    await network.reach(first, State.DELIVERED, BE, GR)
    network.link.change = lambda _: heard[0]
    second = await network.refer(BE, GR)
    await settled()
    assert await network.state(BE, second) is State.QUEUED
    assert network.events(BE)[-1] == "answer_refused"


async def test_an_unsigned_refusal_never_settles_whatever_its_code(network: Network) -> None:
    for count, code in enumerate(RefusalCode, start=1):
        leg = await refer_and_hear(network, lambda liar, c=code: liar.answer(Refusal(c)))
        assert network.reports[BE][-1] == ("refused_by_peer", GR, str(code.value))
        assert await network.state(BE, leg) is State.QUEUED
        (row,) = [row for row in await waiting(network) if row.leg_id == leg]
        assert (row.tries, row.not_before_ms > NOW_MS) == (1, True)
        # Only where the key is said to be over it will be sealed again.
        assert (row.envelope_id is None) == (code is RefusalCode.UNKNOWN_EPOCH)
        assert len(await waiting(network)) == count


async def test_an_unsigned_refusal_is_followed_by_another_try(network: Network) -> None:
    leg = await refer_and_hear(network, lambda liar: liar.answer(Refusal(RefusalCode.ILLEGAL_STEP)))
    await assert_still_delivered(network, leg)


async def test_a_signed_refusal_settles_unless_it_may_pass(network: Network) -> None:
    of_the_future = 999
    for code in (*RefusalCode, of_the_future):
        leg = await refer_and_hear(network, lambda liar, c=code: liar.answer(liar.refusal(c)))
        assert network.reports[BE][-1] == ("refused_by_peer", GR, str(int(code)))
        (view,) = [view for view in await network.views(BE) if view.row.leg_id == leg]
        is_waiting = leg in [row.leg_id for row in await waiting(network)]
        if code in TRANSIENT_CODES:
            assert (view.state, is_waiting) == (State.QUEUED, True)
        else:
            assert (view.state, is_waiting) == (State.UNDELIVERABLE, False)
            (message,) = view.messages
            assert (message.settled, message.code) == (messages.REFUSED, code)


def test_a_proof_that_was_spoiled_on_the_way_never_ends_a_message() -> None:
    assert PROOF_CODES <= TRANSIENT_CODES


# --- sealed again


async def test_an_epoch_that_is_over_is_sealed_again_under_the_same_message_id(
    network: Network,
) -> None:
    network.unplug(GR)
    leg = await network.refer(BE, GR, expires_at_ms=NOW_MS + 29 * DAY_MS)
    await settled()
    await network.close(GR)
    network.clock.at_ms += 21 * DAY_MS
    await network.open(GR)
    network.cores[GR].context.trust.epochs.destroy_expired(network.clock.at_ms)
    await wake_when_due(network)
    assert network.reports[BE][-1] == (
        "refused_by_peer",
        GR,
        str(RefusalCode.UNKNOWN_EPOCH.value),
    )
    await wake_when_due(network)
    await network.reach(leg, State.DELIVERED, BE, GR)

    first, second = (parse_header(batch[0].header) for batch in posted(network)[-2:])
    assert (first.message_id, first.commitment) == (second.message_id, second.commitment)
    assert (first.stream_seq, second.stream_seq) == (1, 2)
    assert second.previous_envelope_id == id_of(posted(network)[-2][0])
    assert first.recipient_kem_key != second.recipient_kem_key
    sender, recipient = await snapshot(network.cores[BE]), await snapshot(network.cores[GR])
    logged = [leaf.subject for leaf in sender.leaves if leaf.kind is LeafKind.SENT]
    assert logged == [id_of(batch[0]) for batch in posted(network)[-2:]]
    kinds = {leaf.subject: leaf.kind for leaf in recipient.leaves}
    assert [kinds[subject] for subject in logged] == [LeafKind.REFUSED, LeafKind.RECEIVED]


# --- expiry


async def test_what_expires_is_given_up_and_its_leg_is_undeliverable(network: Network) -> None:
    network.unplug(GR)
    leg = await network.refer(BE, GR, expires_at_ms=NOW_MS + DAY_MS)
    await settled()
    network.clock.at_ms += DAY_MS - 1
    assert await network.cores[BE].answers.expire() == 0
    network.clock.at_ms += 1
    assert await network.cores[BE].answers.expire() == 1
    assert await network.state(BE, leg) is State.UNDELIVERABLE
    after = await snapshot(network.cores[BE])
    assert after.tables["outbox"] == []
    (message,) = (await network.views(BE))[0].messages
    assert message.settled == messages.EXPIRED
    network.plug(GR)
    await wake(network, network.clock.at_ms + DAY_MS)
    assert await network.views(GR) == []


async def test_a_receipt_that_comes_after_the_expiry_reopens_nothing_and_is_kept(
    network: Network,
) -> None:
    kept: list[bytes] = []
    network.link.change = lambda answer: kept.append(answer) or b"\x00"
    leg = await network.refer(BE, GR, expires_at_ms=NOW_MS + DAY_MS)
    await settled()
    core = network.cores[BE]
    due = await core.sending.due(GR)
    answers = core.answers.judge(due.batch, parse_reply_batch(kept[0]))
    network.clock.at_ms += DAY_MS
    await core.answers.expire()
    await core.answers.record(answers)
    assert await network.state(BE, leg) is State.UNDELIVERABLE
    row = await core.store.read(lambda db: envelopes.get(db, answers[0].envelope_id))
    assert row is not None
    assert row.peer_proof == answers[0].proof


# --- restarts


async def test_what_was_queued_before_a_restart_goes_after_it(network: Network) -> None:
    network.unplug(GR)
    leg = await network.refer(BE, GR)
    await settled()
    await network.close(BE)
    network.plug(GR)
    network.clock.at_ms += 60_000
    await network.open(BE)
    await network.reach(leg, State.DELIVERED, BE, GR)


async def test_an_answer_that_is_lost_in_a_restart_is_asked_for_again(network: Network) -> None:
    def lost(answer: bytes) -> bytes:
        raise DeliveryError("unreachable", "the line broke", retryable=True)

    network.link.change = lost
    leg = await network.refer(BE, GR)
    await settled()
    assert await network.state(GR, leg) is State.DELIVERED
    assert await network.state(BE, leg) is State.QUEUED
    await network.close(BE)
    await network.close(GR)
    network.link.change = bytes
    network.clock.at_ms += 60_000
    await network.open(GR)
    await network.open(BE)
    await network.reach(leg, State.DELIVERED, BE, GR)
    sender, recipient = await snapshot(network.cores[BE]), await snapshot(network.cores[GR])
    assert [leaf.kind for leaf in sender.leaves].count(LeafKind.SENT) == 1
    assert [leaf.kind for leaf in recipient.leaves].count(LeafKind.RECEIVED) == 1
