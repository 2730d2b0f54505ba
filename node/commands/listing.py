"""Commands that list referrals: some of them in full, or all of them in brief.

There may be thousands, so a list is told piece by piece; and where all are needed, to count
them and to order them, only where each stands (`node.exchange.briefs`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

from node.app import Core
from node.commands.arguments import Answer, Arguments
from node.commands.referrals import leg_answer
from node.exchange.briefs import Brief
from node.exchange.viewing import LegView, view_of
from node.store import messages
from node.store.db import Transaction
from node.store.messages import LegRow, MessageRow
from protocol.exchange.leg import ENDS, Side
from protocol.ids import LegId

FACETS = ("whose", "ended", "kind", "urgency")
"""By what a list of legs can be narrowed down."""
Facets = tuple[str, str, str, str]

_NOTHING = b""


async def list_referrals(core: Core, arguments: Arguments) -> Answer:
    """Return legs, newest first, without what is in them.

    All, those of `case_id`, or the named `legs`; from `skip` on, no more than `limit`. With
    `has_steps` also which steps were made on each. With `is_brief` which they are and when
    something is due, what is due first; see `_in_brief`.
    """
    if arguments.flag("is_brief"):
        return await _in_brief(core, arguments)
    case_id, named = arguments.text("case_id", ""), arguments.texts("legs")
    skip, limit = arguments.number("skip", 0), arguments.number("limit", 0) or -1
    now_ms = core.context.clock.now_ms()

    def read(db: Transaction) -> tuple[int, list[LegView]]:
        if case_id:
            views = _views_of_case(db, case_id, now_ms)
            return len(views), views
        if named:
            found = (messages.leg(db, _leg_id(each)) for each in named)
            legs = [leg for leg in found if leg is not None]
        else:
            return messages.legs_count(db), _views(db, messages.legs(db, limit, skip), now_ms)
        return len(legs), _views(db, legs, now_ms)

    total, views = await core.store.read(read)
    more = partial(_steps, core) if arguments.flag("has_steps") else _nothing_more
    return {"referrals": [{**leg_answer(view), **more(view)} for view in views], "total": total}


def _nothing_more(_view: LegView) -> Answer:
    return {}


def _steps(core: Core, view: LegView) -> Answer:
    """Return which steps were made on a leg, and what the peer is called."""
    member = core.context.trust.directory.member(view.row.peer)
    return {
        "peer_name": member.legal_name if member is not None else "",
        "steps": [
            {
                "name": row.name,
                "is_ours": row.direction == messages.OUT,
                "created_at_ms": row.created_at_ms,
                "made_by": row.made_by,
                "is_overtaken": (row.direction, row.step_number) in view.overtaken,
            }
            for row in view.messages
        ],
    }


def _leg_id(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return _NOTHING


def _views_of_case(db: Transaction, case_id: str, now_ms: int) -> list[LegView]:
    """Return the legs of a case, newest first; a long search has more than a hundred."""
    of_leg: dict[LegId, list[MessageRow]] = {}
    for leg, row in messages.of_case(db, case_id):
        of_leg.setdefault(leg.leg_id, []).append(row)
    legs = messages.legs_of_case(db, case_id)[::-1]
    return [view_of(leg, of_leg.get(leg.leg_id, ()), now_ms) for leg in legs]


def _views(db: Transaction, legs: Sequence[LegRow], now_ms: int) -> list[LegView]:
    return [view_of(leg, messages.of_leg(db, leg.leg_id), now_ms) for leg in legs]


async def _in_brief(core: Core, arguments: Arguments) -> Answer:
    """Return some of the legs that fit the facets, and how many of all legs have which.

    A facet is not asked for when it is empty. Nothing of what a referral says is in it.
    """
    due_ms = await core.reminding.due_ms()
    whose, ended, kind, urgency = (arguments.text(name, "") for name in FACETS)
    wanted = (whose, ended, kind, urgency)
    skip, limit = arguments.number("skip", 0), arguments.number("limit", 0)
    told: dict[Facets, list[Brief]] = {}
    for leg in await core.briefs.all():
        told.setdefault(_facets(leg), []).append(leg)
    fitting = [leg for facets, legs in told.items() if _fits(facets, wanted) for leg in legs]

    def rank(leg: Brief) -> tuple[bool, float, int, int, LegId]:
        # What waits for nothing comes after what is due, the newest first.
        due = due_ms.get(leg.leg_id, math.inf)
        return leg.state in ENDS, due, leg.urgency, -leg.opened_at_ms, leg.leg_id

    shown = sorted(fitting, key=rank)[skip : skip + limit if limit else None]
    return {
        "referrals": [{"leg": leg.leg_id.hex(), "due_ms": due_ms.get(leg.leg_id)} for leg in shown],
        "total": len(fitting),
        "counts": [
            {**dict(zip(FACETS, facets, strict=True)), "count": len(legs)}
            for facets, legs in told.items()
        ],
    }


def _fits(facets: Facets, wanted: Facets) -> bool:
    return all(value in ("", has) for value, has in zip(wanted, facets, strict=True))


def _facets(leg: Brief) -> Facets:
    return (
        "ours" if leg.side == Side.SENDER else "theirs",
        "ended" if leg.state in ENDS else "open",
        leg.kind,
        str(leg.urgency),
    )
