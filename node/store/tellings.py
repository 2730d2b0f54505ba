"""Table group: who said that a peer was told in another way what could not be delivered.

It is this node's own note: nothing of it goes to a peer or into the log. A row is never
changed, and has no text: who, when, how, and of what (`cause`; see `node.exchange.undelivered`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from sqlite_utils import Database

from node.store import rows
from protocol.ids import LegId

WAYS: Final = ("telephone", "email", "other")
"""How somebody can be told."""

# Who has not been told by then hears of it in no other way either; what was lost still stands
# in the referral itself. As long as a message is tried (protocol.limits.LIFETIME_MS).
TOLD_LATEST_DAYS: Final = 30
TOLD_LATEST_MS: Final = TOLD_LATEST_DAYS * 24 * 3600 * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class TellingRow:
    """One note that the other side of a leg was told in another way."""

    leg_id: LegId
    cause: str
    how: str
    made_by: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What ends that people have to tell the other side of a leg something."""

    causes: frozenset[str] = frozenset()
    """Of what was told in another way."""
    sent_again_at_ms: int = 0
    """When it was last sent again as another leg; 0: never."""
    erased_at_ms: int = 0
    """When its case was erased here; 0: it was not."""


NOTHING_TOLD: Final = Told()


def add(db: Database, row: TellingRow) -> None:
    """Insert a note."""
    rows.insert(db, "tellings", row)


def of_leg(db: Database, leg_id: bytes) -> list[TellingRow]:
    """Return the notes of a leg, in order."""
    return rows.select(db, "tellings", TellingRow, "WHERE leg_id = ? ORDER BY rowid", [leg_id])


def told(db: Database, leg_id: bytes) -> Told:
    """Return what was told of a leg, and what else ends that."""
    return told_by_leg(db, [leg_id]).get(LegId(leg_id), NOTHING_TOLD)


def told_by_leg(db: Database, leg_ids: Collection[bytes] | None = None) -> dict[LegId, Told]:
    """Return it of all legs of which there is something to say, or of those among these."""
    causes: dict[LegId, set[str]] = {}
    for leg_id, cause in _found(db, _CAUSES, "leg_id", leg_ids):
        causes.setdefault(LegId(leg_id), set()).add(cause)
    again = {LegId(each): at_ms for each, at_ms in _found(db, _SENT_AGAIN, "follows", leg_ids)}
    erased = {LegId(each): at_ms for each, at_ms in _found(db, _ERASED, "l.leg_id", leg_ids)}
    return {
        leg_id: Told(
            causes=frozenset(causes.get(leg_id, ())),
            sent_again_at_ms=again.get(leg_id, 0),
            erased_at_ms=erased.get(leg_id, 0),
        )
        for leg_id in {*causes, *again, *erased}
    }


# The newest of each last, so that it is the one that stays in a dictionary.
_CAUSES = "SELECT leg_id, cause FROM tellings WHERE true"
_SENT_AGAIN = "SELECT follows, opened_at_ms FROM legs WHERE follows IS NOT NULL"
_ERASED = (
    "SELECT l.leg_id, e.at_ms FROM legs AS l JOIN erasures AS e ON e.case_id = l.case_id "
    "WHERE e.what = 'case'"
)


def _found(
    db: Database, query: str, column: str, leg_ids: Collection[bytes] | None
) -> list[tuple[Any, ...]]:
    """Return what a query finds of all legs or of these, the oldest first."""
    named, values = "", list(leg_ids or ())
    if leg_ids is not None:
        named = f"AND {column} IN ({', '.join('?' * len(values))})"
    found: list[tuple[Any, ...]] = db.execute(f"{query} {named} ORDER BY 2", values).fetchall()
    return found
