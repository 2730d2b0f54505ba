"""Commands that change an own case, tell how it changed, and which legal dates it has."""

from __future__ import annotations

from datetime import UTC, date, datetime

from node.app import Core
from node.cases.cases import PHOTO, parse_case
from node.cases.editing import assign, remove
from node.commands.arguments import Answer, Arguments
from node.errors import ArgumentError
from protocol.casework.clocks import Clock, legal_clocks
from protocol.pb.homeward.v1 import case_pb2


async def change_case(core: Core, arguments: Arguments) -> Answer:
    """Make a case's next version, from all of it or from single fields.

    `case` is protobuf JSON that was written on top of `version`. Else `set` has what is
    to be put in, each "place=value", and `remove` the places of what is to be taken out
    after that. `photos`, `photo_kind`, `reason` and `made_by` are as for a new case.
    """
    case_id = await core.cases.find(arguments.text("case_id"))
    view = await core.cases.get(case_id)
    version = arguments.number("version", view.row.version)
    if arguments.text("case", ""):
        case = parse_case(arguments.text("case"))
    else:
        case = case_pb2.Case()
        case.CopyFrom(view.case)
        _edit(case, arguments)
    version = await core.cases.change(
        case_id,
        version,
        case,
        arguments.blobs("photos"),
        made_by=arguments.text("made_by"),
        reason=arguments.text("reason"),
        photo_kind=arguments.code("photo_kind", "file_kind", PHOTO),
    )
    before = {file.file_id for file in view.files}
    files = [file.file_id for file in (await core.cases.get(case_id)).files]
    return {
        "case_id": case_id,
        "version": version,
        "files": [file_id for file_id in files if file_id not in before],
    }


async def case_history(core: Core, arguments: Arguments) -> Answer:
    """Return every version of a case: when, who, why, and what it changed, without values.

    With `is_brief` what only the versions named in `compared` changed, if any.
    """
    case_id = await core.cases.find(arguments.text("case_id"))
    named = {int(each) for each in arguments.texts("compared") if each.isdecimal()}
    compared = named if arguments.flag("is_brief") else None
    return {
        "case_id": case_id,
        "versions": [
            {
                "version": change.row.version,
                "made_at_ms": change.row.made_at_ms,
                "made_by": change.row.made_by,
                "reason": change.row.reason,
                "changes": [{"place": d.place, "what": d.what} for d in change.differences],
            }
            for change in await core.cases.history(case_id, compared=compared)
        ],
    }


async def case_clocks(core: Core, arguments: Arguments) -> Answer:
    """Return the legal dates of a case as of `day` (today's, in UTC, when it is left out)."""
    view = await core.cases.get(await core.cases.find(arguments.text("case_id")))
    day = _day(core, arguments.text("day", ""))
    return {
        "case_id": view.row.case_id,
        "day": day.isoformat(),
        "clocks": [_clock_answer(clock) for clock in legal_clocks(view.case, day)],
    }


def _edit(case: case_pb2.Case, arguments: Arguments) -> None:
    for change in arguments.texts("set"):
        place, equals, value = change.partition("=")
        if not equals:
            raise ArgumentError("bad_place", "a change is not of the form place=value")
        assign(case, place.strip(), value.strip())
    for place in arguments.texts("remove"):
        remove(case, place)


def _day(core: Core, text: str) -> date:
    if not text:
        return datetime.fromtimestamp(core.context.clock.now_ms() / 1000, UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentError("argument_invalid", "--day is not a day", "2026-11-22") from None


def _clock_answer(clock: Clock) -> Answer:
    spans = {"starts": clock.starts, "on": clock.on}
    return {
        "law": clock.law,
        "place": clock.place,
        "child_ids": list(clock.child_ids),
        "standing": clock.standing,
        "days_left": list(clock.days_left) if clock.days_left is not None else None,
        **{
            name: [span.earliest.isoformat(), span.latest.isoformat()] if span else None
            for name, span in spans.items()
        },
    }
