"""The queue's table: what may go now, in which order, and what became of each try."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlite_utils import Database

from node.store import outbox
from node.store.migrations import migrate
from node.store.outbox import OutboxRow, QueueRow
from protocol.ids import EnvelopeId, LegId, MessageId, NodeId

GR, FR = NodeId("gr.example"), NodeId("fr.example")
NOW = 1_000
ROW = OutboxRow(
    message_id=MessageId(b"a"),
    peer=GR,
    leg_id=LegId(b"leg"),
    step_number=1,
    urgency=3,
    queued_at_ms=10,
    expires_at_ms=9_000,
)


@pytest.fixture
def db() -> Database:
    database = Database(memory=True)
    migrate(database)
    return database


def row(name: bytes, **changes) -> OutboxRow:
    """Return a message on a leg of its own."""
    return replace(ROW, message_id=MessageId(name), leg_id=LegId(b"leg of " + name), **changes)


def heads(db: Database, *, now_ms: int = NOW, limit: int = 99) -> list[bytes]:
    return [head.message_id for head in outbox.heads(db, GR, now_ms=now_ms, limit=limit)]


def test_the_most_urgent_goes_first_and_then_the_oldest(db: Database) -> None:
    wanted = [
        row(b"z", urgency=1, queued_at_ms=30),
        row(b"y", urgency=2, queued_at_ms=10),
        row(b"x", urgency=2, queued_at_ms=20),
        row(b"w", urgency=4, queued_at_ms=1),
    ]
    for index in (2, 0, 3, 1):
        outbox.add(db, wanted[index])
    assert heads(db) == [b"z", b"y", b"x", b"w"]
    assert heads(db, limit=2) == [b"z", b"y"]
    assert outbox.of_peer(db, GR) == wanted


def test_of_each_leg_only_the_earliest_step_goes(db: Database) -> None:
    steps = [replace(ROW, message_id=MessageId(b"%d" % n), step_number=n) for n in (3, 1, 2)]
    for step in steps:
        outbox.add(db, step)
    assert heads(db) == [b"1"]
    assert [row.message_id for row in outbox.behind(db, steps[1])] == [b"2", b"3"]
    assert outbox.behind(db, steps[0]) == []
    outbox.remove(db, steps[1])
    assert heads(db) == [b"2"]


def test_a_step_that_waits_holds_back_those_behind_it(db: Database) -> None:
    second = replace(ROW, message_id=MessageId(b"b"), step_number=2, urgency=1)
    outbox.add(db, ROW)
    outbox.add(db, second)
    outbox.note_try(db, ROW, at_ms=NOW, not_before_ms=NOW + 500)
    assert heads(db, now_ms=NOW + 499) == []
    assert outbox.next_due_ms(db, GR, now_ms=NOW) == NOW + 500
    assert heads(db, now_ms=NOW + 500) == [b"a"]


def test_the_same_leg_id_at_another_peer_is_another_leg(db: Database) -> None:
    outbox.add(db, ROW)
    outbox.add(db, replace(ROW, message_id=MessageId(b"b"), peer=FR, step_number=2))
    assert [head.peer for head in outbox.heads(db, FR, now_ms=NOW, limit=9)] == [FR]


def test_what_is_past_its_own_time_does_not_go(db: Database) -> None:
    outbox.add(db, ROW)
    assert heads(db, now_ms=8_999) == [b"a"]
    assert heads(db, now_ms=9_000) == []
    assert outbox.next_due_ms(db, GR, now_ms=9_000) is None
    assert outbox.expired(db, 8_999) == []
    assert outbox.expired(db, 9_000) == [ROW]


def test_a_try_is_counted_and_a_new_envelope_named(db: Database) -> None:
    outbox.add(db, ROW)
    outbox.add(db, row(b"other"))
    outbox.note_try(db, ROW, at_ms=20, not_before_ms=30)
    outbox.note_try(db, ROW, at_ms=40, not_before_ms=50)
    outbox.set_envelope(db, ROW, b"envelope")
    tried = replace(
        ROW, tries=2, last_try_ms=40, not_before_ms=50, envelope_id=EnvelopeId(b"envelope")
    )
    assert outbox.get(db, ROW.message_id) == tried
    outbox.set_envelope(db, ROW, None)
    assert outbox.get(db, ROW.message_id) == replace(tried, envelope_id=None)
    assert outbox.get(db, b"other") == row(b"other")


def test_peers_are_those_for_whom_a_message_or_an_attachment_waits(db: Database) -> None:
    assert outbox.peers(db) == []
    outbox.add(db, ROW)
    for envelope_id, direction, peer, is_complete in [
        (b"1", "out", FR, 0),
        (b"2", "out", "be.example", 1),
        (b"3", "in", "it.example", 0),
    ]:
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute(
            "INSERT INTO attachment_sets (envelope_id, direction, peer, is_complete) "
            "VALUES (?, ?, ?, ?)",
            [envelope_id, direction, peer, is_complete],
        )
    assert outbox.peers(db) == [FR, GR]
    assert (outbox.count(db, GR), outbox.count(db, FR)) == (1, 0)


def test_the_most_urgent_of_nothing_is_the_least(db: Database) -> None:
    assert outbox.most_urgent(db, GR) == 4
    outbox.add(db, ROW)
    outbox.add(db, row(b"b", urgency=2))
    assert outbox.most_urgent(db, GR) == 2


def test_how_a_peer_is_doing_is_kept_and_replaced(db: Database) -> None:
    assert outbox.queue(db, GR) == QueueRow(GR)
    failing = QueueRow(GR, 3, 5_000, None, "unreachable")
    outbox.set_queue(db, failing)
    assert outbox.queue(db, GR) == failing
    assert outbox.queue(db, FR) == QueueRow(FR)
    outbox.set_queue(db, QueueRow(GR, last_contact_ms=9))
    assert outbox.queue(db, GR) == QueueRow(GR, last_contact_ms=9)
