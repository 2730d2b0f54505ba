"""Commands that make the next step on a leg: one function a step builds its content."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from google.protobuf.message import Message as AnyMessage

from node.app import Core
from node.cases.disclosing import needs_second_person
from node.commands.approvals import kept_draft
from node.commands.arguments import Answer, Arguments
from node.commands.parts import WITH_PART, planned_step, question_number
from node.errors import ArgumentError
from node.exchange.checking import checksum
from node.exchange.legs import LegView
from node.store import messages
from protocol.disclosure import sensitive_paths
from protocol.pb.homeward.v1 import case_pb2, message_pb2

Build = Callable[[Arguments, LegView], AnyMessage]


async def make_step(core: Core, arguments: Arguments) -> Answer:
    """Make the step `step` on the leg `leg`, with the arguments of that step."""
    name = arguments.text("step")
    if name not in _BUILDERS and name not in WITH_PART:
        raise ArgumentError("argument_invalid", "there is no such step")
    leg_id = await core.legs.find(arguments.text("leg"))
    before = await core.legs.view(leg_id)
    planned = await planned_step(core, name, arguments, before)
    if planned is not None and needs_second_person(planned.content):
        return await kept_draft(core, planned.draft, arguments)
    content = _BUILDERS[name](arguments, before) if planned is None else planned.content
    await core.legs.step(leg_id, content, made_by=arguments.text("made_by"))
    view = await core.legs.view(leg_id)
    core.delivery.wake(view.row.peer)
    return {
        "leg": leg_id.hex(),
        "peer": view.row.peer,
        "step": name,
        "state": view.state.value,
        "allowed": list(view.allowed),
        "taken": _taken(view),
    }


def _taken(view: LegView) -> list[str]:
    """Return what this node's last step says was taken, and stays though the copy is erased."""
    own = [row for row in view.messages if row.direction == messages.OUT]
    return list(message_pb2.Message.FromString(own[-1].payload).acknowledge.taken.paths)


def _claim(arguments: Arguments, view: LegView) -> AnyMessage:
    del view
    return message_pb2.Claim(
        contact_name=arguments.text("contact"), contact_telephone=arguments.text("telephone")
    )


def _accept(arguments: Arguments, view: LegView) -> AnyMessage:
    return message_pb2.Accept(
        local_case_number=arguments.text("case_number"),
        # Who names no other day answers when it was asked for.
        next_answer_by_ms=arguments.number("next_answer_by_ms", view.row.reply_by_ms),
    )


def _decline(arguments: Arguments, view: LegView) -> AnyMessage:
    del view
    return message_pb2.Decline(
        reason=arguments.code("reason", "decline_reason"),
        text=_text(arguments),
        suggested_peer=arguments.node_id("suggest", ""),
    )


def _redirect(arguments: Arguments, view: LegView) -> AnyMessage:
    del view
    return message_pb2.Redirect(target=arguments.node_id("to"), text=_text(arguments))


def _ask(arguments: Arguments, view: LegView) -> AnyMessage:
    del view
    ask = message_pb2.Ask(question=_needed_text(arguments))
    about = arguments.texts("about")
    if about:
        # Refuses what is no field of the dictionary: it could be anything, also a name.
        sensitive_paths(about)
        ask.about.paths.extend(about)
    return ask


def _answer(arguments: Arguments, view: LegView) -> AnyMessage:
    number = question_number(arguments, view)
    return message_pb2.Answer(question=number, text=_needed_text(arguments))


def _outcome(arguments: Arguments, view: LegView) -> AnyMessage:
    del view
    return message_pb2.Outcome(
        code=arguments.code("outcome", "outcome"),
        happened_at_ms=arguments.number("happened_at_ms", 0),
        found_by=arguments.code("found_by", "found_by", ""),
        authority_told=arguments.code("authority_told", "authority_told", ""),
        whereabouts_may_be_told_to=arguments.codes("told_to", "whereabouts_may_be_told_to"),
        text=_text(arguments),
        condition=arguments.code("condition", "condition", ""),
    )


def _confirm(arguments: Arguments, view: LegView) -> AnyMessage:
    del view
    return message_pb2.Confirm(text=_text(arguments))


def _dispute(arguments: Arguments, view: LegView) -> AnyMessage:
    del view
    return message_pb2.Dispute(text=_needed_text(arguments))


def _withdraw(arguments: Arguments, view: LegView) -> AnyMessage:
    del view
    return message_pb2.Withdraw(
        reason=arguments.code("reason", "withdraw_reason"), text=_text(arguments)
    )


def _confirm_cancel(arguments: Arguments, view: LegView) -> AnyMessage:
    del view
    return message_pb2.ConfirmCancel(text=_text(arguments))


def _acknowledge(arguments: Arguments, view: LegView) -> AnyMessage:
    is_of_figures = view.row.kind == "statistic"
    opening = next((row for row in view.messages if row.name == "referral"), None)
    copy = arguments.code("copy", "copy", "")
    kept_basis = arguments.code("kept_basis", "art6_basis", "")
    if kept_basis and copy != "kept":
        sentence = "--kept-basis is for a copy that is kept"
        raise ArgumentError("kept_basis_not_needed", sentence, "--copy kept")
    return message_pb2.Acknowledge(
        copy=copy,
        kept_basis=kept_basis,
        checksum=checksum(opening.payload) if is_of_figures and opening else b"",
        text=_text(arguments),
    )


def _disposition(arguments: Arguments, view: LegView) -> AnyMessage:
    del view
    return message_pb2.Disposition(
        code=arguments.code("disposition", "outcome"), text=_text(arguments)
    )


def _custody_taken(arguments: Arguments, view: LegView) -> AnyMessage:
    del view
    return message_pb2.CustodyTaken(
        local_case_number=arguments.text("case_number"), text=_text(arguments)
    )


def _note(arguments: Arguments, view: LegView) -> AnyMessage:
    del view
    return message_pb2.Note(text=_needed_text(arguments))


_BUILDERS: Mapping[str, Build] = MappingProxyType(
    {
        "claim": _claim,
        "accept": _accept,
        "decline": _decline,
        "redirect": _redirect,
        "ask": _ask,
        "answer": _answer,
        "outcome": _outcome,
        "confirm": _confirm,
        "dispute": _dispute,
        "withdraw": _withdraw,
        "confirm_cancel": _confirm_cancel,
        "acknowledge": _acknowledge,
        "disposition": _disposition,
        "note": _note,
        "custody_taken": _custody_taken,
    }
)


def _text(arguments: Arguments) -> case_pb2.Text | None:
    text = arguments.text("text", "")
    if not text.strip():
        return None
    return case_pb2.Text(text=text, language=arguments.language("language", "en"))


def _needed_text(arguments: Arguments) -> case_pb2.Text:
    text = _text(arguments)
    if text is None:
        raise ArgumentError("argument_missing", "this step needs a text")
    return text
