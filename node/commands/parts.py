"""A chosen part of a case for a step after the referral: a file, proposals, an answer."""

from __future__ import annotations

from dataclasses import dataclass

from node.app import Core
from node.cases.approvals import Draft
from node.cases.cases import CaseView
from node.cases.disclosing import Grounds, Step, StepChoice, compose_step
from node.cases.taking import on_leg
from node.commands.arguments import Arguments
from node.commands.thread import referral_of
from node.errors import ArgumentError
from node.exchange.legs import LegView
from protocol.disclosure import Share, fields
from protocol.disclosure.choice import is_local_id
from protocol.disclosure.dictionary import filled
from protocol.exchange.patterns import Side
from protocol.pb.homeward.v1 import case_pb2, message_pb2

WITH_PART = ("hand_over", "note", "answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A step with a part of a case, as it would go now."""

    draft: Draft
    content: Step


async def planned_step(
    core: Core, name: str, arguments: Arguments, view: LegView
) -> Planned | None:
    """Return the step that takes a part of a case along; None if none is to go with it.

    Raises:
        NodeError: there is no such case.
        PolicyRefusal: a path is none of the dictionary, or a rule is not met.
    """
    chosen = await chosen_step(core, name, arguments, view)
    if chosen is None:
        return None
    case, choice = chosen
    peer, now_ms = view.row.peer, core.context.clock.now_ms()
    content = compose_step(case, choice, peer=peer, now_ms=now_ms)
    leg_id = view.row.leg_id
    draft = Draft(choice=choice, peers=(peer,), case_id=case.row.case_id, leg_id=leg_id)
    return Planned(draft=draft, content=content)


async def chosen_step(
    core: Core, name: str, arguments: Arguments, view: LegView
) -> tuple[CaseView, StepChoice] | None:
    """Return what somebody decides for such a step, and of which case; None: no part goes.

    Raises:
        NodeError: there is no such case.
        ArgumentError: something is missing, or cannot be read.
    """
    wanted = view.row.case_id if name == "hand_over" else arguments.text("case_id", "")
    if wanted is None:
        raise ArgumentError("argument_invalid", "only who offered a case can hand it over")
    if name not in WITH_PART or not wanted:
        if arguments.texts("field") or arguments.texts("file_ids"):
            # Else somebody would believe that it went along.
            raise ArgumentError("argument_missing", "--case says of which case these fields are")
        return None
    case = await core.cases.get(await core.cases.find(wanted))
    case = await on_leg(core.context, case, view.row.leg_id)
    paths = arguments.texts("field")
    if not paths and name != "hand_over":
        raise ArgumentError("argument_missing", "--field says which values go along")
    if name == "answer" and not arguments.text("text", "").strip():
        raise ArgumentError("argument_missing", "this step needs a text")
    return case, StepChoice(
        step=name,
        kind=view.row.kind,
        urgency=view.row.urgency,
        grounds=_grounds(arguments, view),
        paths=paths or _whole_file(case.case),
        file_ids=arguments.texts("file_ids"),
        text=arguments.text("text", ""),
        language=arguments.language("language", "en"),
        question=question_number(arguments, view) if name == "answer" else 0,
    )


def question_number(arguments: Arguments, view: LegView) -> int:
    """Return the number of the question that is answered: as given, or the only open one."""
    number = arguments.number("question", 0)
    if number:
        return number
    if len(view.open_questions) != 1:
        listed = ", ".join(map(str, view.open_questions)) or "none is open"
        raise ArgumentError("argument_missing", "--question says which one", listed)
    return view.open_questions[0]


def reasons(arguments: Arguments) -> dict[str, str]:
    """Return the written reasons that are part of the grounds."""
    names = ("sensitive_reason", "override_reason", "at_once_reason")
    return {name: arguments.text(name, "") for name in names}


def _grounds(arguments: Arguments, view: LegView) -> Grounds:
    """Return why a part goes: the sender's reasons are those of its referral, if not said anew."""
    opening = referral_of(view).legal_basis
    known = opening if view.side is Side.SENDER else message_pb2.LegalBasis()
    is_sender = view.side is Side.SENDER
    return Grounds(
        # Who was asked says itself why it may tell.
        purpose=arguments.code("purpose", "purpose", known.purpose if is_sender else None),
        art6_basis=arguments.code("art6", "art6_basis", known.art6_basis if is_sender else None),
        art9_condition=arguments.code("art9", "art9_condition", known.art9_condition),
        art10_basis=arguments.code("art10", "art10_basis", known.art10_basis),
        art49_derogation=arguments.code("derogation", "art49_derogation", known.art49_derogation),
        # Both know the same of the police until somebody says something else.
        police_informed=arguments.code(
            "police_informed", "police_informed", opening.police_informed
        ),
        **reasons(arguments),
        language=arguments.language("language", "en"),
    )


def _whole_file(case: case_pb2.Case) -> tuple[str, ...]:
    """Return the paths of all that is filled and needs no second person."""
    shares = {info.path: info.share for info in fields(case_pb2.Case)}
    paths = dict.fromkeys(value.path for value in filled(case))
    return tuple(
        path
        for path in paths
        if shares[path] <= Share.OPTIONAL
        and not is_local_id(path)
        and not path.startswith("files.")
    )
