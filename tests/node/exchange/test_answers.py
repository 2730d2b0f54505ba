"""What counts as a peer's answer: what its own log proves of just this message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from keys.members import MemberStatus
from node.store import envelopes, messages
from protocol import limits
from protocol.encoding import encode_envelope_batch, encode_reply_batch
from protocol.envelope import id_of
from protocol.errors import TRANSIENT_CODES, RefusalCode
from protocol.exchange.leg import State
from protocol.ids import LegId
from protocol.log import LeafKind
from protocol.values import Receipt, Refusal, Reply
from protocol.wire import parse_envelope_batch
from tests.support.contents import note, withdraw
from tests.support.forger import Forger
from tests.support.network import BE, FR, GR, Network, settled
from tests.support.nodes import NOW_MS
from tests.support.snapshots import snapshot


@dataclass
class Liar:
    """Answers in Greece's name, with what Greece's own log could hold."""

    line: Network

    def __post_init__(self) -> None:
        identities = self.line.federation.identities
        self.greece = Forger(identities[GR], self.line.cores[BE])
        self.france = Forger(identities[FR], self.line.cores[BE])

    @property
    def sent(self) -> bytes:
        """The id of the envelope that was posted last."""
        return id_of(self.line.link.batches_to(GR)[-1][-1])

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


async def refer_and_hear(line: Network, answer: Callable[[Liar], bytes]) -> LegId:
    """Open a leg whose first answer is what somebody on the way makes of it."""
    liar = Liar(line)
    line.link.change = lambda _: answer(liar)
    leg = await line.refer(BE, GR)
    await settled()
    line.link.change = bytes
    return leg


async def assert_still_delivered(line: Network, leg: LegId) -> None:
    """The message waits, and the next honest answer settles it: it was taken just once."""
    assert await line.state(BE, leg) is State.QUEUED
    (row,) = await line.waiting()
    envelope_id = row.envelope_id or b""
    kept = await line.cores[BE].store.read(lambda db: envelopes.get(db, envelope_id))
    assert kept is not None
    assert (kept.ciphertext is None, kept.peer_proof) == (False, None)
    await line.wake_when_due()
    await line.reach(leg, State.DELIVERED, BE, GR)
    assert len((await snapshot(line.cores[GR])).tables["messages"]) == 1


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
async def test_a_lie_is_not_believed(line: Network, lie: Callable[[Liar], bytes]) -> None:
    leg = await refer_and_hear(line, lie)
    events = [event for event in line.events(BE) if not event.startswith("clock_")]
    assert events == ["answer_refused"]
    await assert_still_delivered(line, leg)


async def test_a_receipt_of_an_earlier_message_does_not_settle_a_later_one(
    line: Network,
) -> None:
    heard: list[bytes] = []
    line.link.change = lambda answer: heard.append(answer) or answer
    first = await line.refer(BE, GR)
    await line.reach(first, State.DELIVERED, BE, GR)
    line.link.change = lambda _: heard[0]
    second = await line.refer(BE, GR)
    await settled()
    assert await line.state(BE, second) is State.QUEUED
    assert line.events(BE)[-1] == "answer_refused"


async def test_an_unsigned_refusal_never_settles_whatever_its_code(line: Network) -> None:
    for count, code in enumerate(RefusalCode, start=1):
        leg = await refer_and_hear(line, lambda liar, c=code: liar.answer(Refusal(c)))
        assert line.reports[BE][-1] == ("refused_by_peer", GR, str(code.value))
        assert await line.state(BE, leg) is State.QUEUED
        (row,) = [row for row in await line.waiting() if row.leg_id == leg]
        assert (row.tries, row.not_before_ms > NOW_MS) == (1, True)
        # Nor is it sealed again: each sealing is a leaf, and anybody could have asked for it.
        assert row.envelope_id is not None
        assert len(await line.waiting()) == count


async def test_an_unsigned_refusal_is_followed_by_another_try(line: Network) -> None:
    leg = await refer_and_hear(line, lambda liar: liar.answer(Refusal(RefusalCode.ILLEGAL_STEP)))
    await assert_still_delivered(line, leg)


async def test_a_signed_refusal_settles_unless_it_may_pass(line: Network) -> None:
    of_the_future = 999
    for code in (*RefusalCode, of_the_future):
        leg = await refer_and_hear(line, lambda liar, c=code: liar.answer(liar.refusal(c)))
        assert line.reports[BE][-1] == ("refused_by_peer", GR, str(int(code)))
        (view,) = [view for view in await line.views(BE) if view.row.leg_id == leg]
        is_waiting = leg in [row.leg_id for row in await line.waiting()]
        if code in TRANSIENT_CODES:
            assert (view.state, is_waiting) == (State.QUEUED, True)
        else:
            assert (view.state, is_waiting) == (State.UNDELIVERABLE, False)
            (message,) = view.messages
            assert (message.settled, message.code) == (messages.REFUSED, code)


async def test_a_signed_refusal_that_may_pass_is_followed_by_another_try(
    line: Network,
) -> None:
    leg = await refer_and_hear(
        line, lambda liar: liar.answer(liar.refusal(RefusalCode.STEP_OUT_OF_ORDER))
    )
    await assert_still_delivered(line, leg)


async def test_a_refused_step_takes_along_those_that_follow_on_it(line: Network) -> None:
    leg = await line.refer(BE, GR)
    await line.reach(leg, State.DELIVERED, BE, GR)
    line.amend(GR, BE, status=MemberStatus.SUSPENDED)
    line.unplug(GR)
    await line.step(BE, leg, note())
    await line.step(BE, leg, note())
    line.plug(GR)

    def reinstate(answer: bytes) -> bytes:
        line.amend(GR, BE, status=MemberStatus.ACTIVE)
        return answer

    line.link.change = reinstate
    await line.wake_when_due()
    (view,) = await line.views(BE)
    assert [row.settled for row in view.messages] == ["received", "refused", "refused"]
    assert await line.waiting() == []
    # Their numbers are free again: the next step follows on the referral at both ends.
    await line.step(BE, leg, withdraw())
    await line.reach(leg, State.WITHDRAWN, BE, GR)


# --- spoiled on the way


def spoil_proofs(body: bytes) -> bytes:
    batch = parse_envelope_batch(body)
    return encode_envelope_batch(
        [replace(envelope, proof=replace(envelope.proof, index=9)) for envelope in batch]
    )


async def test_a_proof_that_is_spoiled_on_the_way_does_not_end_the_message(
    line: Network,
) -> None:
    """The envelope's id does not cover the proof: the honest one is refused, signed."""
    line.link.change_body = spoil_proofs
    leg = await line.refer(BE, GR)
    await settled()
    line.link.change_body = bytes
    code = str(RefusalCode.INCLUSION_FAILED.value)
    assert line.reports[BE] == [("refused_by_peer", GR, code)]
    assert [leaf.kind for leaf in (await snapshot(line.cores[GR])).leaves][-1] == (LeafKind.REFUSED)
    await assert_still_delivered(line, leg)


def test_no_refusal_of_a_proof_ends_a_message() -> None:
    assert {code for code in RefusalCode if 300 <= code < 400} <= TRANSIENT_CODES
