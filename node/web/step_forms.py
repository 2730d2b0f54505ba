"""The forms of a referral's steps: which fields each has, and what they say to the node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from node.cases.holders import NOTICE
from node.commands.arguments import Answer
from node.errors import ArgumentError
from node.users.policy import Action
from node.web.choosing import moment_ms
from node.web.forms import Form, whole_number
from protocol.exchange.content import FOUND


@dataclass(frozen=True, slots=True)
class StepField:
    """One field of a step's form.

    `kind` is "text", "tel", "long", "code", "codes", "peer", "question" or "moment".
    """

    name: str
    kind: str
    vocabulary: str = ""
    is_needed: bool = False
    when: str = ""
    """What makes it needed all the same: "found" or "kept"."""


# What a person needs to be allowed for a step; what is not named takes ANSWER.
_ACTIONS: Mapping[str, Action] = MappingProxyType(
    {"claim": Action.CLAIM, "note": Action.NOTE, "acknowledge": Action.CLAIM}
)
_TEXT, _NEEDED_TEXT = StepField("text", "long"), StepField("text", "long", is_needed=True)
_CASE_NUMBER = StepField("case_number", "text", is_needed=True)
STEP_FIELDS: Mapping[str, tuple[StepField, ...]] = MappingProxyType(
    {
        "claim": (
            StepField("contact", "text", is_needed=True),
            StepField("telephone", "tel", is_needed=True),
        ),
        "accept": (_CASE_NUMBER, StepField("next_answer_by_ms", "moment")),
        "decline": (
            StepField("reason", "code", "decline_reason", is_needed=True),
            StepField("suggest", "peer"),
            _TEXT,
        ),
        "redirect": (StepField("to", "peer", is_needed=True), _TEXT),
        "ask": (_NEEDED_TEXT,),
        "answer": (StepField("question", "question"), _NEEDED_TEXT),
        "note": (_NEEDED_TEXT,),
        "outcome": (
            StepField("outcome", "code", "outcome", is_needed=True),
            StepField("happened_at_ms", "moment", is_needed=True),
            StepField("found_by", "code", "found_by", when="found"),
            StepField("condition", "code", "condition", when="found"),
            StepField("authority_told", "code", "authority_told", when="found"),
            StepField("told_to", "codes", "whereabouts_may_be_told_to"),
            _TEXT,
        ),
        "confirm": (_TEXT,),
        "dispute": (_NEEDED_TEXT,),
        "withdraw": (StepField("reason", "code", "withdraw_reason", is_needed=True), _TEXT),
        "confirm_cancel": (_TEXT,),
        "acknowledge": (_TEXT,),
        "disposition": (StepField("disposition", "code", "outcome", is_needed=True), _TEXT),
        "custody_taken": (_CASE_NUMBER, _TEXT),
    }
)
# A notice that a child was found asks what became of the copy; a look-out does not.
_OF_NOTICES = (
    StepField("copy", "code", "copy", is_needed=True),
    StepField("kept_basis", "code", "art6_basis", when="kept"),
    _TEXT,
)
WITH_PART = ("hand_over", "answer", "note")
"""Steps that can take a part of a case along; they have a page of their own for it."""

# The one that is most often the next stands open: what ends something, then what begins it.
_LIKELY = (
    "confirm", "custody_taken", "confirm_cancel", "claim", "answer", "acknowledge", "accept",
    "hand_over", "disposition", "outcome", "ask", "note",
)  # fmt: skip


def action_of(step: str, kind: str) -> Action:
    """Return what one must be allowed for a step on a referral of this kind."""
    if step == "acknowledge" and kind == NOTICE:
        # It says what becomes of the copy, and may erase it.
        return Action.ANSWER
    return _ACTIONS.get(step, Action.ANSWER)


def fields_of(step: str, kind: str) -> tuple[StepField, ...]:
    """Return the fields of a step on a referral of this kind; a step without a form has none."""
    if step == "acknowledge" and kind == NOTICE:
        return _OF_NOTICES
    return STEP_FIELDS.get(step, ())


def likely_step(steps: Sequence[str], kind: str) -> str:
    """Return the step that most often comes next; empty if there is none."""
    if kind == NOTICE and "acknowledge" in steps:
        # Nobody works on a notice: whoever has read it says what becomes of the copy.
        return "acknowledge"
    return next((step for step in _LIKELY if step in steps), steps[0] if steps else "")


def step_values(form: Form, fields: Sequence[StepField]) -> Answer:
    """Return the arguments of a step from its form; what is wrong is noted at its field."""
    values: Answer = {}
    for each in fields:
        text = form.text(each.name)
        if each.kind == "codes":
            values[each.name] = form.texts(each.name)
        elif not text and each.is_needed:
            form.refuse("argument_missing", each.name)
        elif each.kind == "moment" and text:
            try:
                values[each.name] = moment_ms(text)
            except ArgumentError:
                form.refuse("argument_invalid", each.name)
        elif each.kind == "question":
            values[each.name] = whole_number(text)
        elif text:
            values[each.name] = text
    met = {"found": values.get("outcome") in FOUND, "kept": values.get("copy") == "kept"}
    for each in fields:
        if met.get(each.when) and not values.get(each.name):
            form.refuse("argument_missing", each.name)
    return values


# What fields of a form are called in the step itself.
_CALLED: Mapping[str, str] = MappingProxyType(
    {
        "contact_name": "contact",
        "contact_telephone": "telephone",
        "local_case_number": "case_number",
        "target": "to",
        "whereabouts_may_be_told_to": "told_to",
    }
)


def put_missing_at_field(form: Form, fields: Sequence[StepField]) -> None:
    """Move what the node says is missing in a step to the field that it is about."""
    _, is_there, name = form.sentences.get("", "").rpartition(" lacks ")
    name = _CALLED.get(name, name)
    if is_there and name in {each.name for each in fields}:
        del form.faults[""]
        form.refuse("argument_missing", name)
