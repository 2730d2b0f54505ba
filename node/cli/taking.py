"""`homeward case take` and `leave`: what a peer told, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from node.cli import output, reach
from node.cli.options import home_option, json_option, long_text, made_by
from node.cli.output import Answer
from node.cli.rows import rows_lines
from node.errors import ArgumentError, NodeError

STEP = "Number of their step; may be left out if there is only one with a part of a case."


@click.command()
@home_option
@json_option
@click.argument("referral")
@click.option("--step", type=click.IntRange(1), help=STEP)
@click.option("--field", multiple=True, help="Field that is taken; may be repeated.")
@click.option("--all", "is_all", is_flag=True, help="Take all fields of the step.")
@click.option("--file", "file_ids", multiple=True, help="Photo that came with it; may be repeated.")
@click.option("--case", "case_id", default="", help="Into this case; else that of the referral.")
@click.option("--new", "is_new", is_flag=True, help="Into a new case.")
@click.option("--replace", multiple=True, help="Field of which theirs takes the place of ours.")
@click.option("--keep", multiple=True, help="Field of which ours stays.")
@click.option("--same", multiple=True, help="Which of theirs is which of ours: c1=c1.")
@click.option("--reason", default="", help="Why, beside from whom; may be left out.")
@click.option("--not-a-duplicate", is_flag=True, help="New, although a case here is like it.")
@click.option("--language", default="en", show_default=True, help="For coded values.")
@click.option("--preview", "is_preview", is_flag=True, help="Show only; take nothing.")
def take(
    *, home: Path, is_json: bool, referral: str, step: int | None, field: tuple[str, ...],
    file_ids: tuple[str, ...], replace: tuple[str, ...], keep: tuple[str, ...],
    same: tuple[str, ...], is_preview: bool, **given: str | bool,
) -> None:  # fmt: skip
    """Take values that a peer told on a referral into an own case.

    Nothing of the case is lost: where it has another value, both are shown, and somebody
    says with --replace or --keep, and the field or the place, which of them it is.
    """
    if given["is_new"] and given["case_id"]:
        raise ArgumentError("usage", "it goes either into --case or into a --new one")
    arguments = {
        **given,
        "leg": referral,
        "step": step or 0,
        "field": list(field),
        "file_ids": list(file_ids),
        "replace": list(replace),
        "keep": list(keep),
        "same": list(same),
        "made_by": made_by(),
    }
    door = reach.Door(home)
    shown = door.ask("case.take_preview", arguments).answer
    if is_preview:
        output.show(shown, is_json=is_json, lines=_preview)
        return
    for line in _preview(shown):
        output.progress(line)
    if shown["conflicts"]:
        raise NodeError(
            "value_exists",
            "nothing was taken: the case has other values",
            "\n".join(f"--replace {each['path']} takes theirs" for each in shown["conflicts"]),
        )
    taken = door.ask("case.take", {**arguments, "case_version": shown["case_version"]})
    output.show(taken.answer, is_json=is_json, lines=_taken)


def _preview(answer: Answer) -> Iterator[str]:
    yield f"into {answer['case_id'] or 'a new case'}, from their step {answer['step']}:"
    yield from rows_lines(answer["rows"])
    if answer["files"]:
        yield f"files: {', '.join(map(output.visible, answer['files']))}"
    for each in answer["conflicts"]:
        yield f"  {output.visible(each['place'])} has another value:"
        yield f"    ours:   {' '.join(output.visible(each['own']).split())}"
        yield f"    theirs: {' '.join(output.visible(each['told']).split())}"


def _taken(answer: Answer) -> Iterator[str]:
    yield f"taken into {answer['case_id']}"


@click.command()
@home_option
@json_option
@click.argument("referral")
@click.option("--step", type=click.IntRange(1), required=True, help="Number of their note.")
@click.option("--field", multiple=True, help="Field that is left; else all of the note.")
@click.option("--text", required=True, help="Why, in your own words; - is stdin.")
@click.option("--language", default="en", show_default=True, help="Of the text.")
def leave(
    *, home: Path, is_json: bool, referral: str, step: int, field: tuple[str, ...], text: str,
    language: str,
) -> None:  # fmt: skip
    """Say that proposed values are not taken, so that who proposed them knows."""
    arguments = {
        "leg": referral,
        "step": step,
        "field": list(field),
        "text": long_text("--text", text),
        "language": language,
        "made_by": made_by(),
    }
    reached = reach.ask(home, "case.leave", arguments)
    answer = {**reached.answer, "delivery": reached.delivery_words}
    output.show(answer, is_json=is_json, lines=_left)


def _left(answer: Answer) -> Iterator[str]:
    fields = ", ".join(map(output.visible, answer["fields"]))
    yield f"left: {fields}; {answer['peer']} is told: {answer['delivery']}"
