"""What of a leg did not get across, so that people have to say it in another way (SPEC.md 7.6).

A step of this node's own is lost when it was given up without a receipt, or refused for good.
One of the peer's is lost when something comes behind a gap: the peer has given it up, and what
it was only the peer knows. A lost message is the worst that can happen here, so each stays to
be told until somebody says that it was, until the referral was sent again, or until it is too
late for that (`TOLD_LATEST_DAYS`). Rules:

- What was lost at once, a step and those behind it, is told at once.
- A request to erase that is refused because the peer knows no such leg proves that nothing is
  there. An answer to one that is refused is none that the peer still waits for.
- Of a case that was erased here nobody can tell anything any more, but that it is to be erased.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial

from node.errors import NodeError
from node.exchange.context import Context
from node.store import messages, tellings
from node.store.db import Transaction
from node.store.messages import MessageRow
from node.store.tellings import TOLD_LATEST_MS, TellingRow, Told
from protocol.errors import RefusalCode
from protocol.exchange.leg import first_behind_gap
from protocol.exchange.patterns import ERASE_REQUEST, ERASING
from protocol.ids import LegId


@dataclass(frozen=True, slots=True, kw_only=True)
class Undelivered:
    """What was lost at once."""

    rows: tuple[MessageRow, ...]
    """This node's steps that were lost; or the peer's that shows that one of its own was."""
    known_at_ms: int

    @property
    def is_theirs(self) -> bool:
        """Whether it was the peer's."""
        return self.rows[0].direction == messages.IN

    @property
    def cause(self) -> str:
        """Which it is; a refused step leaves its number to a later one, so that is not enough."""
        first = self.rows[0]
        return f"{first.direction}{first.step_number}-{first.message_id.hex()}"

    @property
    def told_latest_ms(self) -> int:
        """When it is too late to tell it."""
        return self.known_at_ms + TOLD_LATEST_MS


def undelivered(rows: Sequence[MessageRow]) -> tuple[Undelivered, ...]:
    """Return all that was lost of a leg, in the order in which it became known."""
    at_once: dict[int, list[MessageRow]] = {}
    for row in rows:
        if _is_lost(row):
            at_once.setdefault(row.settled_at_ms or 0, []).append(row)
    found = [Undelivered(rows=tuple(each), known_at_ms=at) for at, each in at_once.items()]
    behind = _first_behind_gap(rows)
    if behind is not None:
        found.append(Undelivered(rows=(behind,), known_at_ms=behind.stored_at_ms))
    return tuple(sorted(found, key=lambda each: each.known_at_ms))


def to_tell(rows: Sequence[MessageRow], told: Told) -> tuple[Undelivered, ...]:
    """Return what of it somebody has to tell the other side; the clock has the last word."""
    return tuple(each for each in undelivered(rows) if not _is_settled(each, told))


async def note_told(
    context: Context, leg_id: LegId, how: str, *, made_by: str, causes: Collection[str] = ()
) -> None:
    """Note that the other side was told in another way: all that is to be told, or these.

    Raises:
        NodeError: unknown_leg, or nothing_to_tell.
    """
    job = partial(
        _note_told, leg_id=leg_id, how=how, made_by=made_by, causes=causes,
        now_ms=context.clock.now_ms(),
    )  # fmt: skip
    await context.store.write(job)


def _note_told(
    db: Transaction, *, leg_id: LegId, how: str, made_by: str, causes: Collection[str], now_ms: int
) -> None:
    if messages.leg(db, leg_id) is None:
        raise NodeError("unknown_leg", "there is no such referral here")
    waiting = [
        each
        for each in to_tell(messages.of_leg(db, leg_id), tellings.told(db, leg_id))
        if now_ms < each.told_latest_ms and (not causes or each.cause in causes)
    ]
    if not waiting:
        raise NodeError(
            "nothing_to_tell",
            "nothing of this referral is to be told in another way",
            "perhaps somebody has said already that it was; see homeward referral show",
        )
    for each in waiting:
        row = TellingRow(leg_id=leg_id, cause=each.cause, how=how, made_by=made_by, at_ms=now_ms)
        tellings.add(db, row)


def _is_lost(row: MessageRow) -> bool:
    if row.direction == messages.IN or row.settled not in (messages.EXPIRED, messages.REFUSED):
        return False
    if row.settled == messages.EXPIRED or row.name not in ERASING:
        return True
    return row.name == ERASE_REQUEST and row.code != RefusalCode.UNKNOWN_LEG


def _first_behind_gap(rows: Sequence[MessageRow]) -> MessageRow | None:
    """Return the first step of the peer that came although one before it had not."""
    theirs = {row.step_number: row for row in rows if row.direction == messages.IN}
    number = first_behind_gap(theirs)
    return None if number is None else theirs[number]


def _is_settled(each: Undelivered, told: Told) -> bool:
    if each.cause in told.causes or each.known_at_ms <= told.sent_again_at_ms:
        return True
    if not told.erased_at_ms:
        return False
    # The peers are asked to erase it in the same transaction: that still has to reach them.
    is_request = not each.is_theirs and any(row.name in ERASING for row in each.rows)
    return each.known_at_ms <= told.erased_at_ms or not is_request
