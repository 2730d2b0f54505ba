"""What could not be delivered on a leg, and who has told it in another way: for its thread."""

from __future__ import annotations

from node.app import Core
from node.commands.arguments import Answer
from node.exchange.undelivered import Undelivered, to_tell
from node.exchange.viewing import LegView
from node.federation.hours import hours_text
from node.store import tellings
from node.store.db import Transaction
from node.store.tellings import TellingRow, Told


async def lost_answer(core: Core, view: LegView) -> Answer:
    """Return what is to be told in another way, when they are there, and what was told."""
    leg_id, now_ms = view.row.leg_id, core.context.clock.now_ms()

    def read(db: Transaction) -> tuple[Told, list[TellingRow]]:
        return tellings.told(db, leg_id), tellings.of_leg(db, leg_id)

    told, rows = await core.store.read(read)
    member = core.context.trust.directory.member(view.row.peer)
    return {
        "undelivered": [
            _undelivered(each)
            for each in to_tell(view.messages, told)
            if now_ms < each.told_latest_ms
        ],
        "peer_hours": hours_text(member.hours) if member is not None else "",
        # What was told at once is told once.
        "told": [
            {"how": how, "made_by": made_by, "at_ms": at_ms}
            for how, made_by, at_ms in dict.fromkeys((r.how, r.made_by, r.at_ms) for r in rows)
        ],
    }


def _undelivered(each: Undelivered) -> Answer:
    return {
        "cause": each.cause,
        "known_at_ms": each.known_at_ms,
        "is_theirs": each.is_theirs,
        "is_refused": bool(each.rows[0].code),
        # The peer's own step only stands behind the one that is missing.
        "steps": [] if each.is_theirs else [row.name for row in each.rows],
    }
