"""`homeward case`: the node's own cases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from node.cli import output, reach
from node.cli.case_changes import change, clocks, history
from node.cli.case_files import photo_options, read_case, read_photos
from node.cli.erasing import CASE_COMMANDS
from node.cli.forms import CASE_COMMANDS as FORM_COMMANDS
from node.cli.options import home_option, json_option, long_text, made_by
from node.cli.output import Answer
from node.cli.posters import CASE_COMMANDS as POSTER_COMMANDS
from node.cli.rows import rows_lines
from node.cli.taking import leave, take
from node.errors import ArgumentError


@click.group("case")
def cases() -> None:
    """The node's own cases."""


for command in (
    change,
    history,
    clocks,
    take,
    leave,
    *CASE_COMMANDS,
    *FORM_COMMANDS,
    *POSTER_COMMANDS,
):
    cases.add_command(command)


@cases.command()
@home_option
@json_option
@click.option("--file", "path", type=click.Path(path_type=Path), help="Case as JSON; - is stdin.")
@click.option("--given-name", help="Of the child, as it is written.")
@click.option("--family-name", help="Of the child, as it is written.")
@click.option("--birth-date", help="Of the child: 2012-05-17, 2012-05 or 2012.")
@click.option("--sex", default="", help="Code of the list sex.")
@click.option("--category", default="", help="Code of the list category.")
@photo_options
@click.option("--reason", default="", help="Why this is recorded.")
@click.option("--not-a-duplicate", is_flag=True, help="Add it although a case here is like it.")
def add(
    home: Path, is_json: bool, path: Path | None, photos: tuple[Path, ...], photo_kind: str,
    *, reason: str, not_a_duplicate: bool, **simple: str | None,
) -> None:  # fmt: skip
    """Keep a new case, from a JSON file or from a few options.

    The node looks for the child in its cases first, and adds nothing when it may be
    there already. Photos are drawn anew: place, device and comments in them are not kept.
    """
    if (path is None) == (not any(simple.values())):
        raise ArgumentError(
            "usage", "a case comes either from --file or from options like --given-name"
        )
    case = _simple_case(simple) if path is None else read_case(path)
    arguments = {
        "case": case, "photos": read_photos(photos), "photo_kind": photo_kind, "reason": reason,
        "made_by": made_by(), "not_a_duplicate": not_a_duplicate,
    }  # fmt: skip
    reached = reach.ask(home, "case.add", arguments)
    output.show(reached.answer, is_json=is_json, lines=_added)


def _added(answer: Answer) -> Iterator[str]:
    yield f"case {answer['case_id']}"
    if answer["files"]:
        yield f"files: {', '.join(answer['files'])}"


@cases.command()
@home_option
@json_option
@click.argument("case")
@click.option("--language", default="en", show_default=True, help="For coded values.")
@click.option("--version", type=click.IntRange(1), help="As it was in this version.")
@click.option("--editable", is_flag=True, help="As the JSON that change --file takes.")
def show(
    home: Path, is_json: bool, case: str, language: str, version: int | None, *, editable: bool
) -> None:
    """Print a case: CASE is its id, or the beginning of the part after the slash."""
    arguments = {"case_id": case, "language": language, "version": version or 0}
    reached = reach.ask(home, "case.show", arguments)
    if editable:
        output.show(reached.answer["case"], is_json=True, lines=_case)
        return
    output.show(reached.answer, is_json=is_json, lines=_case)


def _case(answer: Answer) -> Iterator[str]:
    yield f"case {answer['case_id']}, version {answer['version']}"
    yield f"{output.moment(answer['made_at_ms'])} by {output.visible(answer['made_by'])}"
    if answer["reason"]:
        yield f"reason: {output.visible(answer['reason'])}"
    yield from rows_lines(answer["rows"])
    for file in answer["files"]:
        yield f"file {file['file_id']}: {file['media_type']}, {file['size']} bytes"


@cases.command()
@home_option
@json_option
@click.option("--limit", type=click.IntRange(1), default=20, help="Most cases to show (20).")
@click.argument("query")
def search(home: Path, is_json: bool, limit: int, query: str) -> None:
    """Find people in the cases: QUERY is a name, a date of birth, a number, or all of them.

    Any script and spelling will do; say names in quotes: "Olga Shcherbakova 2012-05-17".
    With - the query is read from stdin, where no list of processes shows it.
    """
    arguments = {"query": long_text("QUERY", query), "limit": limit}
    reached = reach.ask(home, "case.search", arguments)
    output.show(reached.answer, is_json=is_json, lines=_hits)


def _hits(answer: Answer) -> Iterator[str]:
    if not answer["hits"]:
        yield "nobody was found"
        return
    for hit in answer["hits"]:
        shown = ", ".join(map(output.visible, hit["shown"]))
        yield f"{hit['case_id']}  {hit['score']:.0%}  {shown}".rstrip()
        yield f"  {hit['words']}"


@cases.command("list")
@home_option
@json_option
def list_all(home: Path, is_json: bool) -> None:
    """List the cases, without names."""
    reached = reach.ask(home, "case.list", {})
    output.show(reached.answer, is_json=is_json, lines=_list)


def _list(answer: Answer) -> Iterator[str]:
    if not answer["cases"]:
        yield "no cases"
        return
    rows = [("CASE", "VERSION", "CHANGED", "CATEGORY", "STATUS")]
    rows += [
        (
            c["case_id"],
            str(c["version"]),
            output.moment(c["made_at_ms"]),
            c["category"],
            c["status"],
        )
        for c in answer["cases"]
    ]
    yield from output.table([tuple(map(output.visible, row)) for row in rows])


def _simple_case(simple: dict[str, str | None]) -> str:
    from node.commands.arguments import Arguments

    coded = Arguments(simple)
    child: dict[str, Any] = {"id": "c1", "sex": coded.code("sex", "sex", "")}
    if simple["given_name"] or simple["family_name"]:
        name = {"given": simple["given_name"] or "", "family": simple["family_name"] or ""}
        child["names"] = [name]
    if simple["birth_date"]:
        child["dateOfBirth"] = _partial_date(simple["birth_date"])
    category = coded.code("category", "category", "")
    return json.dumps({"category": category, "children": [child]})


def _partial_date(text: str) -> dict[str, Any]:
    parts = text.split("-")
    names = ("year", "month", "day")
    if not 1 <= len(parts) <= len(names) or not all(part.isdecimal() for part in parts):
        raise ArgumentError("argument_invalid", "--birth-date is not a date", "2012-05-17")
    numbers = dict(zip(names, map(int, parts), strict=False))
    return {**numbers, "precision": names[len(parts) - 1]}
