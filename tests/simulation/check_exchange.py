"""What must hold between the two ends of the exchange, once all has arrived.

Each check yields a sentence for everything that is wrong. A leg of which a message
ran out of its own time is broken off: its two ends know different things, and only
what holds for single messages is asked of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from node.exchange.legs import LegView
from node.store import messages
from node.store.attachments import SetRow
from node.store.messages import MessageRow
from protocol import limits
from protocol.erasure import stub_of
from protocol.errors import RefusalCode
from protocol.exchange.leg import State
from protocol.ids import LegId
from protocol.wire import parse_header
from tests.simulation.books import Books

AllBooks = Mapping[str, Books]
Views = Mapping[str, Mapping[LegId, LegView]]
MIRRORED = {messages.OUT: messages.IN, messages.IN: messages.OUT}
# What both ends must have alike of one message.
SHARED = (
    "message_id", "leg_id", "step_number", "peer_steps_seen", "name", "question",
    "salt", "payload", "urgency",
)  # fmt: skip


def messages_took_effect_once(books: Books) -> Iterator[str]:
    """Each message that came in has one envelope, one leaf, and one place in its leg."""
    taken = Counter((row.peer, row.message_id) for row in books.envelopes(messages.IN))
    stored = Counter((row.peer, row.message_id) for row in books.messages(messages.IN))
    if taken != stored or max(taken.values(), default=0) > 1:
        yield f"{books.name}: messages and the envelopes they came in do not match"
    steps = Counter((row.leg_id, row.step_number) for row in books.messages(messages.IN))
    for (leg_id, number), count in steps.items():
        if count > 1:
            yield f"{books.name}: step {number} of leg {leg_id.hex()} is there {count} times"


def nothing_accepted_is_lost(all_books: AllBooks) -> Iterator[str]:
    """What a sender holds a receipt for is with the recipient, word for word."""
    for books in all_books.values():
        for envelope in books.envelopes(messages.OUT):
            if envelope.peer_proof is None or envelope.code:
                continue
            there = all_books[envelope.peer]
            sent = books.message(messages.OUT, envelope.peer, envelope.message_id)
            held = there.message(messages.IN, books.name, envelope.message_id)
            if sent is None or held is None or not _are_alike(sent, held):
                message_id = envelope.message_id.hex()
                yield f"{there.name} gave {books.name} a receipt for {message_id}, and lacks it"


def nothing_is_invented(all_books: AllBooks) -> Iterator[str]:
    """What a recipient holds was sent, word for word."""
    for books in all_books.values():
        for held in books.messages(messages.IN):
            sent = all_books[held.peer].message(messages.OUT, books.name, held.message_id)
            if sent is None or not _are_alike(sent, held):
                yield f"{books.name} holds {held.message_id.hex()}, which {held.peer} never sent"


def _are_alike(sent: MessageRow, held: MessageRow) -> bool:
    if not sent.salt or not held.salt:
        # Erased at one end: what stays is what would stay at the other.
        sent, held = (replace(row, salt=b"", payload=stub_of(row.payload)) for row in (sent, held))
    return all(getattr(sent, name) == getattr(held, name) for name in SHARED)


def everything_is_settled(books: Books, all_books: AllBooks) -> Iterator[str]:
    """Nothing waits any more, and what did not arrive had run out of its time."""
    for row in books.messages(messages.OUT):
        what = f"{books.name}: {row.name} {row.step_number} of leg {row.leg_id.hex()} to {row.peer}"
        if row.settled == messages.WAITING:
            yield f"{what} still waits"
        elif row.settled == messages.REFUSED and not _is_honest_refusal(row, all_books):
            yield f"{what} was refused with {row.code}"
        elif row.settled == messages.EXPIRED and not _is_over(books, row):
            yield f"{what} was given up before its time"
    for whole in books.attachment_sets(messages.OUT):
        if not whole.is_complete and not _is_erased_in_silence(whole, all_books):
            yield f"{books.name}: files to {whole.peer} still wait"
    if books.db.execute("SELECT count(*) FROM outbox").fetchone()[0]:
        yield f"{books.name}: the queue is not empty"


def _is_erased_in_silence(whole: SetRow, all_books: AllBooks) -> bool:
    """Whether a peer has erased what files belong to, and its word on that was lost for good.

    Its sender cannot know, so they wait until the referral is over.
    """
    there = all_books[whole.peer]
    steps = {row.message_id: row for row in there.messages(messages.IN)}
    held = {row.envelope_id: steps[row.message_id] for row in there.envelopes(messages.IN)}
    announced = held.get(whole.envelope_id)
    said = [row for row in there.messages(messages.OUT) if row.settled != messages.RECEIVED]
    is_lost = any(row.name in ("acknowledge", "erased") for row in said)
    return whole.is_unwanted and is_lost and announced is not None and not announced.salt


def _is_honest_refusal(row: MessageRow, all_books: AllBooks) -> bool:
    """Whether a peer of honest nodes may refuse this: what is over, or asks about nothing."""
    if row.code == RefusalCode.EXPIRED:
        return True
    # Whoever has no answer to a referral does not know whether it came, and asks all the same.
    is_asking = row.name == "erase_request" and row.code == RefusalCode.UNKNOWN_LEG
    return is_asking and row.leg_id not in {leg.leg_id for leg in all_books[row.peer].legs()}


def nothing_is_given_up_early(books: Books, now_ms: int) -> Iterator[str]:
    """Whatever a node took for the time, what it gave up has by now run out of its own."""
    for row in books.messages(messages.OUT):
        steps = [m for m in books.messages(messages.OUT) if m.leg_id == row.leg_id]
        earliest_ms = min(
            (s.expires_at_ms for s in steps if s.step_number <= row.step_number),
            default=0,
        )
        if row.settled == messages.EXPIRED and earliest_ms > now_ms + limits.CLOCK_SKEW_MS:
            yield f"{books.name}: {row.name} {row.step_number} was given up by a wrong clock"


def _is_over(books: Books, row: MessageRow) -> bool:
    """Whether a step, or one that it follows on, had run out of its time."""
    steps = [m for m in books.messages(messages.OUT) if m.leg_id == row.leg_id]
    return any(
        step.settled == messages.EXPIRED
        and step.step_number <= row.step_number
        and step.expires_at_ms <= (row.settled_at_ms or 0)
        for step in steps
    )


def broken_off_legs(books: Books) -> set[bytes]:
    """Return the legs on which a message of this node ran out of its time."""
    return {
        row.leg_id
        for row in books.messages(messages.OUT)
        if row.settled == messages.EXPIRED
        or (row.settled == messages.REFUSED and row.code == RefusalCode.EXPIRED)
    }


def both_sides_agree(all_books: AllBooks, views: Views) -> Iterator[str]:
    """Both ends of a leg see the same state and the same overtaken steps."""
    broken_off = set().union(*(broken_off_legs(books) for books in all_books.values()))
    for name, own_views in views.items():
        for leg_id, view in own_views.items():
            if leg_id in broken_off:
                continue
            other = views[view.row.peer].get(leg_id)
            if other is None:
                yield f"{view.row.peer} knows nothing of leg {leg_id.hex()} with {name}"
            elif view.state != other.state or view.state is State.QUEUED:
                yield f"leg {leg_id.hex()} is {view.state} at {name}, {other.state} at its peer"
            elif view.overtaken != {(MIRRORED[side], n) for side, n in other.overtaken}:
                yield f"leg {leg_id.hex()}: the ends disagree on what was overtaken"


def streams_have_no_gap(books: Books) -> Iterator[str]:
    """The envelopes to each peer are numbered from 1, and each names the one before."""
    last: dict[str, tuple[int, bytes]] = {}
    for envelope in books.envelopes(messages.OUT):
        header = parse_header(envelope.header)
        number, previous = last.get(envelope.peer, (0, b""))
        if (header.stream_seq, header.previous_envelope_id) != (number + 1, previous):
            yield f"{books.name}: envelope {number + 1} to {envelope.peer} does not follow"
        last[envelope.peer] = (header.stream_seq, envelope.envelope_id)
    found = books.db.execute("SELECT peer, last_seq, last_envelope_id FROM streams")
    if {row[0]: (row[1], bytes(row[2])) for row in found} != last:
        yield f"{books.name}: the streams do not end where their last envelope is"
