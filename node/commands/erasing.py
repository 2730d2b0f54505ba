"""Commands about who has what of a case: tell all of them, end it, hold it, erase it."""

from __future__ import annotations

from collections.abc import Iterable

from node.app import Core
from node.cases.holders import Holder, Holding, Told, holders_of
from node.commands.arguments import Answer, Arguments
from node.erasing.holds import hold_case, release_case
from node.erasing.notices import CANCELLED, CLOSED, CORRECTED, FOUND, News, Telling
from node.erasing.retention import WARNING_DAYS
from node.errors import ArgumentError, NodeError
from node.store import erasures, messages, taken
from node.store.erasures import ErasureRow
from protocol.erasure import parse_record
from protocol.ids import LegId, NodeId


async def show_holders(core: Core, arguments: Arguments) -> Answer:
    """Return who has, or may have, what of a case, also of one that was erased here."""
    case_id = await _case_id(core, arguments.text("case_id"))
    rows = await core.store.read(lambda db: messages.of_case(db, case_id))
    erased = await core.store.read(lambda db: erasures.of_case(db, case_id))
    return {
        "case_id": case_id,
        "now_ms": core.context.clock.now_ms(),
        "erased": None if erased is None else _erasure(erased),
        "holders": [_holder(core, holder) for holder in holders_of(rows)],
    }


async def tell_found(core: Core, arguments: Arguments) -> Answer:
    """Tell every holder that the child was found: `outcome`, `told_to`, `happened_at_ms`."""
    return await _tell(core, arguments, FOUND, outcome=arguments.code("outcome", "outcome"))


async def close_case(core: Core, arguments: Arguments) -> Answer:
    """Close a case, or cancel it (`is_cancelled`), and tell every holder."""
    notice = CANCELLED if arguments.flag("is_cancelled") else CLOSED
    return await _tell(core, arguments, notice, outcome=arguments.code("outcome", "outcome", ""))


async def correct_case(core: Core, arguments: Arguments) -> Answer:
    """Send the present values of `field` to those who had them."""
    return await _tell(core, arguments, CORRECTED, outcome="")


async def erase_case(core: Core, arguments: Arguments) -> Answer:
    """Erase a case, and ask every holder to do so: `reason`, `has_also_open`."""
    case_id = await core.cases.find(arguments.text("case_id"))
    found = await core.erasing.erase_case(
        case_id,
        arguments.code("reason", "erase_reason"),
        made_by=arguments.text("made_by"),
        has_also_open=arguments.flag("has_also_open"),
    )
    _wake(core, found.peers)
    return {
        "case_id": case_id,
        "asked": [{"peer": peer, "leg": leg.hex()} for peer, leg in found.asked],
        "not_asked": _by_telephone(core, found.not_asked),
        "withdrawn": [leg.hex() for leg in found.withdrawn],
        "versions_count": found.versions_count,
        "messages_count": found.messages_count,
        "files_count": found.files_count,
        "is_finished": await core.erasing.finish(),
    }


async def change_hold(core: Core, arguments: Arguments) -> Answer:
    """Put a case on hold (`reason`), or end that (`is_release`)."""
    case_id = await core.cases.find(arguments.text("case_id"))
    made_by, why = arguments.text("made_by"), arguments.text("text", "")
    if arguments.flag("is_release"):
        if arguments.text("reason", ""):
            raise ArgumentError("argument_invalid", "a release has no --reason", "say it in --text")
        await release_case(core.context, case_id, made_by=made_by, why=why)
        return {"case_id": case_id, "is_on_hold": False}
    reason = arguments.code("reason", "hold_reason")
    await hold_case(core.context, case_id, reason, made_by=made_by, why=why)
    return {"case_id": case_id, "is_on_hold": True}


async def list_retention(core: Core, arguments: Arguments) -> Answer:
    """Return the cases whose time will be over soon."""
    del arguments
    rows = await core.endings.soon_over()
    return {
        "now_ms": core.context.clock.now_ms(),
        "warning_days": WARNING_DAYS,
        "cases": [
            {
                "case_id": row.case_id,
                "outcome": row.outcome,
                "kept_until_ms": row.kept_until_ms,
                "warned_at_ms": row.warned_at_ms,
                "is_on_hold": await _is_on_hold(core, row.case_id),
            }
            for row in rows
        ],
    }


async def ask_erasure(core: Core, arguments: Arguments) -> Answer:
    """Ask the other side of a leg to erase what this node sent: `reason`."""
    leg_id = await core.legs.find(arguments.text("leg"))
    reason = arguments.code("reason", "erase_reason")
    await core.erasing.ask(leg_id, reason, made_by=arguments.text("made_by"))
    view = await core.legs.view(leg_id)
    _wake(core, [view.row.peer])
    return {"leg": leg_id.hex(), "peer": view.row.peer}


async def erase_referral(core: Core, arguments: Arguments) -> Answer:
    """Erase what the peer sent on a leg, and tell it if it asked."""
    leg_id = await core.legs.find(arguments.text("leg"))
    answered = await core.erasing.erase_leg(leg_id, made_by=arguments.text("made_by"))
    peer = (await core.legs.view(leg_id)).row.peer
    _wake(core, [peer])
    is_finished = await core.erasing.finish()
    return {
        "leg": leg_id.hex(),
        "peer": peer,
        "answered_count": answered,
        "is_finished": is_finished,
        "taken": await taken_fields(core, leg_id),
    }


async def taken_fields(core: Core, leg_id: LegId) -> list[Answer]:
    """Return what was taken of a leg into own cases, and stays there when the leg is erased."""
    rows = await core.store.read(lambda db: taken.of_leg(db, leg_id))
    fields: dict[str, set[str]] = {}
    for row in rows:
        fields.setdefault(row.case_id, set()).add(row.path)
    return [{"case_id": each, "fields": sorted(fields[each])} for each in sorted(fields)]


async def refuse_erasure(core: Core, arguments: Arguments) -> Answer:
    """Tell the peer that its copy is kept, and the `reason` in law."""
    leg_id = await core.legs.find(arguments.text("leg"))
    reason = arguments.code("reason", "erase_refusal")
    answered = await core.erasing.refuse_leg(leg_id, reason, made_by=arguments.text("made_by"))
    peer = (await core.legs.view(leg_id)).row.peer
    _wake(core, [peer])
    return {"leg": leg_id.hex(), "peer": peer, "answered_count": answered}


async def _tell(core: Core, arguments: Arguments, notice: str, *, outcome: str) -> Answer:
    case_id = await core.cases.find(arguments.text("case_id"))
    news = News(
        notice=notice,
        outcome=outcome,
        happened_at_ms=arguments.number("happened_at_ms", 0),
        told_to=arguments.codes("told_to", "whereabouts_may_be_told_to"),
        text=arguments.text("text", ""),
        language=arguments.language("language", "en"),
        paths=arguments.texts("field"),
        art6_basis=arguments.code("art6", "art6_basis", ""),
        art9_condition=arguments.code("art9", "art9_condition", ""),
        art10_basis=arguments.code("art10", "art10_basis", ""),
    )
    telling = await core.notices.tell(case_id, news, made_by=arguments.text("made_by"))
    _wake(core, telling.peers)
    return {"case_id": case_id, "notice": notice, **_telling(core, telling)}


def _telling(core: Core, telling: Telling) -> Answer:
    return {
        "told": [{"peer": peer, "leg": leg.hex()} for peer, leg in telling.told],
        "not_told": _by_telephone(core, telling.not_told),
        "withdrawn": [{"peer": peer, "leg": leg.hex()} for peer, leg in telling.withdrawn],
        "kept_until_ms": telling.kept_until_ms,
    }


def _by_telephone(core: Core, peers: Iterable[tuple[NodeId, str]]) -> list[Answer]:
    return [{"peer": peer, "code": code, **_member(core, peer)} for peer, code in peers]


def _member(core: Core, peer: NodeId) -> Answer:
    member = core.context.trust.directory.member(peer)
    return {
        "peer_name": "" if member is None else member.legal_name,
        "telephone": "" if member is None else member.telephone,
    }


def _holder(core: Core, holder: Holder) -> Answer:
    return {
        "peer": holder.peer,
        **_member(core, holder.peer),
        "fields": list(holder.fields),
        "files": list(holder.file_ids),
        "has_copy": holder.has_copy,
        "holdings": [_holding(each) for each in holder.holdings],
        "notices": [_told(each) for each in holder.notices],
        "unacknowledged_count": len(holder.unacknowledged),
    }


def _holding(holding: Holding) -> Answer:
    return {
        "leg": holding.leg_id.hex(),
        "kind": holding.kind,
        "copy": holding.copy.value,
        "kept_basis": holding.kept_basis,
        "said_at_ms": holding.said_at_ms,
        "taken": list(holding.taken),
        "until_ms": holding.until_ms,
        "parts": [
            {
                "step": part.step,
                "fields": list(part.fields),
                "files": list(part.file_ids),
                "purpose": part.purpose,
                "art6_basis": part.art6_basis,
                "art9_condition": part.art9_condition,
                "art10_basis": part.art10_basis,
                "transfer_basis": part.transfer_basis,
                "passage": part.passage.value,
                "sent_at_ms": part.sent_at_ms,
            }
            for part in holding.parts
        ],
    }


def _told(told: Told) -> Answer:
    return {
        "leg": told.leg_id.hex(),
        "notice": told.notice,
        "passage": told.passage.value,
        "is_acknowledged": told.is_acknowledged,
        "sent_at_ms": told.sent_at_ms,
    }


def _erasure(row: ErasureRow) -> Answer:
    record = parse_record(row.record)
    return {
        "at_ms": row.at_ms,
        "made_by": row.made_by,
        "reason": row.reason,
        "versions_count": record.versions_count,
        "messages_count": record.messages_count,
        "files_count": len(record.blob_ids),
        "log_number": row.log_number,
        "log_position": row.log_position,
    }


async def _case_id(core: Core, text: str) -> str:
    """Return the id of a case that is here, or was."""
    try:
        return await core.cases.find(text)
    except NodeError as error:
        gone = await core.store.read(lambda db: erasures.case_ids(db, text)) if text else []
        if error.code != "unknown_case" or len(gone) != 1:
            raise
        return gone[0]


async def _is_on_hold(core: Core, case_id: str) -> bool:
    view = await core.cases.get(case_id)
    return view.case.retention.on_hold == "yes"


def _wake(core: Core, peers: Iterable[NodeId]) -> None:
    for peer in peers:
        core.delivery.wake(peer)
