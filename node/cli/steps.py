"""The steps of a referral as commands: `homeward referral claim` and so on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from node.cli import output, reach
from node.cli.approvals import kept_lines
from node.cli.grounds import STEP_GROUNDS, long_reasons
from node.cli.options import home_option, json_option, long_text, made_by, time_ms
from node.cli.output import Answer
from node.cli.previews import basis_lines, part_lines

Given = str | int | tuple[str, ...] | None
Function = Callable[..., Any]
Option = Callable[[Any], Any]

TEXT = click.option("--text", default="", help="In your own words; - is stdin.")
NEEDED_TEXT = click.option("--text", required=True, help="In your own words; - is stdin.")
FIELD = click.option("--field", multiple=True, help="Field that goes; without one, all that may.")
PART_FIELD = click.option("--field", multiple=True, help="Field of that case; may be repeated.")
LANGUAGE = click.option("--language", default="en", show_default=True, help="Of the text.")
PREVIEW = click.option(
    "--preview", "is_preview", is_flag=True, help="Show what goes; send nothing."
)


def _step(name: str, words: str, *options: Option) -> click.Command:
    """Return the command that makes one kind of step."""

    def make(home: Path, is_json: bool, referral: str, **given: Given) -> None:
        is_preview = bool(given.pop("is_preview", False))
        arguments: dict[str, Any] = {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in given.items()
            if value is not None
        }
        arguments |= long_reasons(given)
        if "text" in arguments:
            arguments["text"] = long_text("--text", str(arguments["text"]))
        if "happened_at" in arguments:
            arguments["happened_at_ms"] = time_ms("--happened-at", arguments.pop("happened_at"))
        if "next_answer" in arguments:
            arguments["next_answer_by_ms"] = time_ms("--next-answer", arguments.pop("next_answer"))
        arguments |= {"leg": referral, "step": name, "made_by": made_by()}
        if is_preview:
            shown = reach.ask(home, "referral.step_preview", arguments).answer
            output.show(shown, is_json=is_json, lines=_preview)
            return
        reached = reach.ask(home, "referral.step", arguments)
        answer = {**reached.answer, "delivery": reached.delivery_words}
        output.show(answer, is_json=is_json, lines=_made)

    function: Function = make
    decorators: list[Option] = [home_option, json_option, click.argument("referral"), *options]
    for decorator in reversed(decorators):
        function = decorator(function)
    return click.command(name.replace("_", "-"), help=words)(function)


def _preview(answer: Answer) -> Iterator[str]:
    yield f"to {answer['peer']['node_id']} ({output.visible(answer['peer']['legal_name'])}):"
    yield from basis_lines(answer["legal_basis"])
    if answer["needs_second_person"]:
        yield "  NOTE: there are sensitive fields in it: a second person has to approve it"
    yield from part_lines(answer)


def _made(answer: Answer) -> Iterator[str]:
    if "approval" in answer:
        yield from kept_lines(answer)
        return
    step = answer["step"].replace("_", "-")
    yield f"{step} on referral {output.short(answer['leg'])}: {answer['delivery']}"
    yield f"it is now: {answer['state']}"
    if answer["taken"]:
        fields = ", ".join(map(output.visible, answer["taken"]))
        count = output.counted(len(answer["taken"]), "field")
        yield f"NOT ERASED: {count} that you took into a case of your own: {fields}"


STEP_COMMANDS = (
    _step(
        "claim",
        "Say that a person here has opened it, and whom to ring.",
        click.option("--contact", required=True, help="Name of that person."),
        click.option("--telephone", required=True, help="With country code: +30..."),
    ),
    _step(
        "accept",
        "Take it on.",
        click.option("--case-number", required=True, help="Your own number for it."),
        click.option("--next-answer", help="When they hear more; else by the reply-by."),
    ),
    _step(
        "decline",
        "Do not take it on, and say why.",
        click.option("--reason", required=True, help="Code of the list decline_reason."),
        click.option("--suggest", default="", help="Node id of a peer that may be able to help."),
        TEXT,
        LANGUAGE,
    ),
    _step(
        "redirect",
        "Name the peer to which it should be sent instead.",
        click.option("--to", required=True, help="Node id of that peer."),
        TEXT,
        LANGUAGE,
    ),
    _step(
        "ask",
        "Ask the other side a question.",
        NEEDED_TEXT,
        LANGUAGE,
        click.option("--about", multiple=True, help="Field that it is about; may be repeated."),
    ),
    _step(
        "answer",
        "Answer a question of the other side.",
        NEEDED_TEXT,
        LANGUAGE,
        click.option("--question", type=click.IntRange(1), help="Its number, if several are open."),
        click.option("--case", "case_id", default="", help="Own case of which more goes along."),
        PART_FIELD,
        *STEP_GROUNDS,
        PREVIEW,
    ),
    _step(
        "note",
        "Tell the other side something, or propose new values of fields.",
        TEXT,
        LANGUAGE,
        click.option("--case", "case_id", default="", help="Own case with the proposed values."),
        FIELD,
        *STEP_GROUNDS,
        PREVIEW,
    ),
    _step(
        "outcome",
        "Report how it ended.",
        click.option("--outcome", required=True, help="Code of the list outcome."),
        click.option("--found-by", default="", help="Code of the list found_by."),
        click.option("--condition", default="", help="How the child is: list condition."),
        click.option("--authority-told", default="", help="Code of the list authority_told."),
        click.option(
            "--told-to",
            multiple=True,
            help="Who may be told where the child is; may be repeated. None: nobody.",
        ),
        click.option("--happened-at", required=True, help="2026-11-22T14:30+01:00"),
        TEXT,
        LANGUAGE,
    ),
    _step("confirm", "Agree with the outcome and close.", TEXT, LANGUAGE),
    _step("dispute", "Do not agree with the outcome.", NEEDED_TEXT, LANGUAGE),
    _step(
        "withdraw",
        "Take the referral back.",
        click.option("--reason", required=True, help="Code of the list withdraw_reason."),
        TEXT,
        LANGUAGE,
    ),
    _step("confirm_cancel", "Say that you have seen the withdrawal.", TEXT, LANGUAGE),
    _step(
        "acknowledge",
        "Say that you have seen a look-out, a found notice or figures.",
        click.option("--copy", default="", help="Of a found notice: erased or kept."),
        click.option("--kept-basis", default="", help="Why a copy is kept: code of art6_basis."),
        TEXT,
        LANGUAGE,
    ),
    _step(
        "disposition",
        "Say what became of a possible sighting.",
        click.option("--disposition", required=True, help="Code of the list outcome."),
        TEXT,
        LANGUAGE,
    ),
    _step(
        "hand_over",
        "Send the file of a case whose transfer was accepted.",
        FIELD,
        click.option("--file", "file_ids", multiple=True, help="Id of a file that goes."),
        *STEP_GROUNDS,
        TEXT,
        LANGUAGE,
        PREVIEW,
    ),
    _step(
        "custody_taken",
        "Say that you have the file, and lead the case from now on.",
        click.option("--case-number", required=True, help="Your own number for it."),
        TEXT,
        LANGUAGE,
    ),
)
