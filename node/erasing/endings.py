"""What time brings about: copies that expire, consent that ends, cases kept long enough.

- A received referral past its expiry is erased by this node by itself (PFIF), and so is
  one that rests on a consent that has ended; a stub stays. Of a later step with a part of a
  case that rests on a consent of its own, that message alone is erased.
- It is kept where people have said to the sender that they keep it, and why: a notice that
  was acknowledged so, or a request to erase that was refused. Consent is no reason then.
  Kept are also figures, and the file of a case of which this node has taken custody.
- A case whose time is over is erased, if people were warned of that WARNING_DAYS before and
  there is no hold.

Erasing cannot be undone, and this clock may have leapt ahead: it counts only as far as a
peer has shown that it is as late. A node that hears from nobody erases nothing by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from node.erasing.blanking import blank_messages
from node.erasing.erasing import Erasing, about_legs, check_hold, erase_copy
from node.erasing.records import record
from node.erasing.retention import DAY_MS, NEVER_MS, WARNING_DAYS, end_ms
from node.errors import NodeError
from node.exchange.context import Context
from node.store import attachments, cases, envelopes, erasures, messages
from node.store.db import Transaction
from node.store.erasures import EndRow
from node.store.messages import LegRow
from protocol.erasure import MESSAGE
from protocol.exchange.leg import Side
from protocol.ids import LegId
from protocol.pb.homeward.v1 import case_pb2, erasure_pb2, message_pb2
from protocol.policy import consent_end_ms
from protocol.wire import parse_header

EXPIRED, CONSENT_ENDED, LATE = "expired", "consent_ended", "late"
_CONSENT = "consent"
_FOUND = "found_open"
_OPEN = frozenset({"open", ""})
_HOUR_MS = 3_600_000
_WARNING_MS = WARNING_DAYS * DAY_MS


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look came to."""

    copies_count: int = 0
    cases_count: int = 0


class Endings:
    """Looks at what is over, each minute; what was missed is found at the next look."""

    def __init__(self, context: Context, erasing: Erasing) -> None:
        """Use the context's store and clock; cases are erased through `erasing`."""
        self._context = context
        self._erasing = erasing
        self._consents_from_ms = 0

    @property
    def is_time_in_doubt(self) -> bool:
        """Whether something may be over by now, and no peer has shown lately how late it is."""
        return self._context.clock.now_ms() - self._context.clocks.confirmed_ms > _HOUR_MS

    async def look(self) -> Looked:
        """Erase what is over now."""
        now_ms = self._context.clock.now_ms()
        until_ms = min(now_ms, self._context.clocks.confirmed_ms)
        has_consents = until_ms >= self._consents_from_ms

        def job(db: Transaction) -> int:
            _send_no_more(db, until_ms)
            count = self._each(db, erasures.late_legs(db), LATE)
            count += self._each(db, erasures.expired_legs(db, until_ms), EXPIRED)
            if has_consents:
                ended = [
                    leg_id
                    for leg_id in erasures.received_legs(db)
                    if 0 < _consent_end_ms(db, leg_id) <= until_ms
                ]
                count += self._each(db, ended, CONSENT_ENDED)
                count += self._later_steps(db, until_ms)
            return count

        count = await self._context.store.write(job)
        if has_consents:
            await self._context.store.write(_look_at_ends)
        # Every message and every ended case has to be read for that: not each minute.
        self._consents_from_ms = until_ms + _HOUR_MS if has_consents else self._consents_from_ms
        cases_count = await self._erase_cases(until_ms)
        await self._erasing.finish()
        return Looked(count, cases_count)

    async def soon_over(self) -> list[EndRow]:
        """Return the cases that will be erased within WARNING_DAYS, the earliest first."""
        until_ms = self._context.clock.now_ms() + _WARNING_MS
        return await self._context.store.read(lambda db: erasures.ends(db, until_ms))

    async def _erase_cases(self, until_ms: int) -> int:
        def warn(db: Transaction) -> list[EndRow]:
            soon = erasures.ends(db, until_ms + _WARNING_MS)
            for row in soon:
                erasures.warn(db, row.case_id, until_ms)
            return erasures.ends(db, until_ms)

        over = await self._context.store.write(warn)
        count = 0
        for row in over:
            # Also where the settings made the time shorter: nobody shall be taken by surprise.
            if row.warned_at_ms is None or row.warned_at_ms + _WARNING_MS > until_ms:
                continue
            try:
                await self._erasing.erase_case(
                    row.case_id, "retention_over", made_by="", has_also_open=True
                )
            except NodeError as error:
                if error.code not in ("on_hold", "referrals_open"):
                    raise
                continue
            count += 1
        return count

    def _each(self, db: Transaction, leg_ids: Iterable[LegId], reason: str) -> int:
        count = 0
        for leg_id in leg_ids:
            leg = messages.leg(db, leg_id)
            if leg is None or (reason != LATE and _is_kept(db, leg, reason)):
                continue
            count += erase_copy(db, self._context, leg, reason, "", is_whole=True)
        return count

    def _later_steps(self, db: Transaction, until_ms: int) -> int:
        """Erase the steps whose own consent has ended; what else the leg says has its own basis."""
        count = 0
        for row in erasures.received_parts(db):
            step = getattr(message_pb2.Message.FromString(row.payload), row.name)
            leg = messages.leg(db, row.leg_id)
            if leg is None or not 0 < consent_end_ms(step.legal_basis) <= until_ms:
                continue
            if _is_kept(db, leg, CONSENT_ENDED):
                continue
            erased = erasure_pb2.ErasureRecord(
                what=MESSAGE, leg_id=leg.leg_id, reason=CONSENT_ENDED
            )
            blank_messages(db, [row], erased)
            record(db, self._context, erased, made_by="")
            count += 1
        return count


def _send_no_more(db: Transaction, until_ms: int) -> None:
    """Give up on files that the peer takes no more: it has erased what they belong to.

    Its node does so by itself when a leg is over. What people there said that they erased
    may have been what came before these, so its node must not know of these, either. That
    alone is no reason: anybody on the way could have said it.
    """
    for waiting in attachments.all_waiting_sets(db):
        envelope = envelopes.get(db, waiting.envelope_id)
        leg = messages.leg(db, parse_header(envelope.header).leg_id) if envelope else None
        if leg is None:
            continue
        is_over = 0 < leg.expires_at_ms <= until_ms
        if is_over or (waiting.is_unwanted and _is_erased_there(db, leg)):
            attachments.drop_set(db, waiting.envelope_id)


def _is_erased_there(db: Transaction, leg: LegRow) -> bool:
    """Whether the peer has said that it erased a leg."""
    rows = messages.of_leg(db, leg.leg_id)
    if any(row.name == "erased" and row.direction == messages.IN for row in rows):
        return True
    # Of a notice itself, or of what one is about.
    own = [message_pb2.Message.FromString(row.payload).acknowledge for row in rows]
    said = [*own, *_acknowledged(db, leg, Side.SENDER)]
    return any(each.copy == "erased" for each in said)


def _look_at_ends(db: Transaction) -> None:
    """See what people have changed since a case ended: it goes on, or is kept for another time."""
    for row in erasures.ends(db, NEVER_MS):
        found = cases.latest(db, row.case_id)
        case = case_pb2.Case.FromString(b"" if found is None else found.body)
        if case.status in _OPEN:
            erasures.forget_end(db, row.case_id)
            continue
        until_ms = end_ms(case)
        if case.status != _FOUND and until_ms not in (None, row.kept_until_ms):
            kept_until_ms = until_ms or row.kept_until_ms
            erasures.put_end(db, replace(row, kept_until_ms=kept_until_ms, warned_at_ms=None))


def _consent_end_ms(db: Transaction, leg_id: LegId) -> int:
    """Return when the consent on which a referral rests ends; 0: it rests on none, or for ever."""
    opening = next((r for r in messages.of_leg(db, leg_id) if r.name == "referral"), None)
    if opening is None:
        return 0
    return consent_end_ms(message_pb2.Message.FromString(opening.payload).referral.legal_basis)


def _is_kept(db: Transaction, leg: LegRow, reason: str) -> bool:
    """Whether people here have told the sender that they keep a copy, and why."""
    try:
        check_hold(db, leg.case_id)
    except NodeError:
        return True
    rows = messages.of_leg(db, leg.leg_id)
    answers = [r for r in rows if r.direction == messages.OUT and r.name == "erase_refused"]
    if any(row.settled != messages.REFUSED for row in answers):
        return True
    # Whoever has taken custody of a file leads the case: it is its own.
    if any(row.name == "custody_taken" and row.direction == messages.OUT for row in rows):
        return True
    basis = _kept_basis(db, leg)
    return basis is not None and (reason != CONSENT_ENDED or basis != _CONSENT)


def _kept_basis(db: Transaction, leg: LegRow) -> str | None:
    """Return on which basis the last acknowledged notice about a leg keeps it; None: on none."""
    basis: str | None = None
    for said in _acknowledged(db, leg, Side.RECIPIENT):
        basis = said.kept_basis if said.copy == "kept" else None
    return basis


def _acknowledged(db: Transaction, leg: LegRow, side: Side) -> Iterator[message_pb2.Acknowledge]:
    """Yield what was said of a leg to notices, of which this node is the given side."""
    for notice in messages.legs_of_kind(db, leg.peer, "found_notice"):
        if notice.side != side:
            continue
        if leg.leg_id not in {each.leg_id for each in about_legs(db, notice)}:
            continue
        for row in messages.of_leg(db, notice.leg_id):
            if row.name == "acknowledge" and row.settled != messages.REFUSED:
                yield message_pb2.Message.FromString(row.payload).acknowledge
