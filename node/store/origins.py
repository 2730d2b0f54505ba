"""Table group: which values of own cases a peer told, so that they go to no other.

A value is known by its mark (`protocol.disclosure.marks`), not by its place: it is found
again in every later version of the case, and in each part of it that is to go out. What
is corrected here is another value, which this node knows by itself.

A case that was handed over is this node's own from when it has taken custody: what came
on that leg binds nobody any more.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database

from protocol.disclosure.marks import Mark, marks
from protocol.ids import LegId, NodeId
from protocol.pb.homeward.v1 import case_pb2


@dataclass(frozen=True, slots=True)
class Origin:
    """Who told a value."""

    mark: Mark
    peer: NodeId


def record_origin(
    db: Database, case_id: str, taken: case_pb2.Case, *, peer: NodeId, leg_id: LegId
) -> None:
    """Record that these values of a case came from a peer; what is recorded is left.

    `taken` holds them alone, with the local ids that their elements have in the own case.
    What the case held before, from whomever, must not be in it.
    """
    for mark in marks(taken):
        db.execute(
            "INSERT OR IGNORE INTO case_origins (case_id, element, digest, peer, leg_id) "
            "VALUES (?, ?, ?, ?, ?)",
            [case_id, mark.element, mark.digest, peer, leg_id],
        )


def of_case(db: Database, case_id: str) -> list[Origin]:
    """Return who told which values of a case."""
    found = db.execute(
        "SELECT element, digest, peer FROM case_origins AS o WHERE case_id = ? "
        "AND NOT EXISTS (SELECT 1 FROM messages AS m WHERE m.leg_id = o.leg_id "
        "AND m.direction = 'out' AND m.name = 'custody_taken') ORDER BY element, peer",
        [case_id],
    )
    return [Origin(Mark(element, digest), NodeId(peer)) for element, digest, peer in found]
