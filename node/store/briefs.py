"""Reading many legs at once: only what says where they stand, so that thousands are read fast."""

from __future__ import annotations

from collections.abc import Collection

from sqlite_utils import Database

BriefLeg = tuple[bytes, str, str, int, int, int]
"""Id, side, kind, urgency, when it was opened and when it expires."""
BriefSteps = tuple[tuple[str, int, int, str, int, str, str], ...]
"""Direction, number, the peer's steps seen, name, question, reason, what became of it."""

# More are no faster read by name than all of them.
MOST_NAMED = 500


def legs(db: Database, leg_ids: Collection[bytes] | None = None) -> list[BriefLeg]:
    """Return all legs, or these, at most `MOST_NAMED`."""
    named, values = _named(leg_ids)
    found = db.execute(
        "SELECT leg_id, side, kind, urgency, opened_at_ms, expires_at_ms "  # noqa: S608 - constants
        f"FROM legs {named}",
        values,
    )
    rows: list[BriefLeg] = found.fetchall()
    return rows


def steps(db: Database, leg_ids: Collection[bytes] | None = None) -> dict[bytes, BriefSteps]:
    """Return the steps of every leg, or of these, in the order in which this node stored them."""
    named, values = _named(leg_ids)
    found = db.execute(
        "SELECT leg_id, direction, step_number, peer_steps_seen, name, question, reason, settled "  # noqa: S608 - constants
        f"FROM settled_messages {named} ORDER BY place",
        values,
    )
    by_leg: dict[bytes, list[tuple[str, int, int, str, int, str, str]]] = {}
    for leg_id, *step in found:
        by_leg.setdefault(leg_id, []).append(tuple(step))
    return {leg_id: tuple(each) for leg_id, each in by_leg.items()}


def _named(leg_ids: Collection[bytes] | None) -> tuple[str, list[bytes]]:
    if leg_ids is None:
        return "", []
    return f"WHERE leg_id IN ({', '.join('?' * len(leg_ids))})", list(leg_ids)
