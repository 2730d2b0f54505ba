"""Which legs live is asked each minute of thousands: what is rare is found by an index."""

from __future__ import annotations

from sqlite_utils import Database

from node.store import reminders, tellings
from node.store.migrations import migrate


def plan_of(query: str, values: list[object]) -> str:
    db = Database(memory=True)
    migrate(db)
    return "\n".join(row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {query}", values))


def test_what_was_lost_is_found_without_reading_the_messages() -> None:
    values: list[object] = list(reminders._living_values(0))
    plan = plan_of(f"SELECT leg_id FROM legs WHERE {reminders._LIVING}", values)
    assert "USING INDEX settlements_lost (settled_at_ms>?)" in plan
    assert "USING INDEX messages_about_erasing (stored_at_ms>?)" in plan
    assert "SCAN messages" not in plan
    assert "SCAN settlements" not in plan


def test_what_was_told_of_a_leg_is_found_by_its_id() -> None:
    for query, column in (
        (tellings._CAUSES, "leg_id"),
        (tellings._SENT_AGAIN, "follows"),
        (tellings._ERASED, "l.leg_id"),
    ):
        assert "SCAN" not in plan_of(f"{query} AND {column} IN (?, ?)", [b"1", b"2"])
