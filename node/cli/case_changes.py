"""`homeward case change|history|clocks`: versions of a case, and its legal dates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import click

from node.cli import output, reach
from node.cli.case_files import photo_options, read_case, read_photos
from node.cli.options import home_option, json_option, long_text, made_by
from node.cli.output import Answer
from node.errors import ArgumentError

_SIGNS: Mapping[str, str] = MappingProxyType(
    {"added": "+", "removed": "-", "changed": "~", "moved": "<>"}
)
_LAWS: Mapping[str, str] = MappingProxyType(
    {
        "hague_1980_art_12": "one year since removal or retention (Hague 1980, Art. 12)",
        "hague_1980_art_4": "16th birthday: the Convention ends to apply (Hague 1980, Art. 4)",
        "hague_1980_art_11": "six weeks for a decision (Hague 1980, Art. 11)",
        "regulation_2019_1111_art_24": "six weeks for a decision (Reg. 2019/1111, Art. 24)",
        "full_age": "18th birthday",
    }
)
_STANDINGS: Mapping[str, str] = MappingProxyType(
    {
        "running": "running",
        "unsure": "may have passed",
        "passed": "passed",
        "met": "met",
        "no_date": "no date is recorded",
    }
)


@click.command()
@home_option
@json_option
@click.argument("case")
@click.option("--file", "path", type=click.Path(path_type=Path), help="Case as JSON; - is stdin.")
@click.option("--version", type=click.IntRange(1), help="The version that was changed.")
@click.option("--set", "sets", multiple=True, metavar="PLACE=VALUE", help="May be repeated.")
@click.option("--remove", "removes", multiple=True, metavar="PLACE", help="May be repeated.")
@photo_options
@click.option("--reason", required=True, help="Why it is changed.")
def change(
    home: Path, is_json: bool, case: str, path: Path | None, version: int | None,
    *, sets: tuple[str, ...], removes: tuple[str, ...], photos: tuple[Path, ...],
    photo_kind: str, reason: str,
) -> None:  # fmt: skip
    """Make the next version of a case, from a whole JSON file or field by field.

    A PLACE is a path of the dictionary in which each list says which element is meant:
    children[c1].sex; children[c1].names[0].given where elements have no id;
    children[+c2].sex and names[+].given for new ones. A VALUE is a code, a text with its
    language (nl:Tekst), a date (2012-05-17, 2012-05), a time (2026-11-22T14:30+01:00), a
    number or range (155-160), unknown, not_asked or withheld; ~ at the end says estimated.
    "--set -" reads lines PLACE=VALUE from stdin, where no list of processes shows them.

    With --file, --version says which version the file was made from; when a colleague
    was faster, nothing is changed.
    """
    if path is not None and (sets or removes):
        raise ArgumentError("usage", "a change comes either from --file or from --set and --remove")
    if path is None and not (sets or removes or photos):
        raise ArgumentError("usage", "nothing is to be changed", "--file, --set, --remove, --photo")
    if path is not None and version is None:
        raise ArgumentError(
            "argument_missing",
            "--version is missing",
            "say from which version the file was made: `homeward case show` tells it",
        )
    arguments: Answer = {
        "case_id": case, "set": _lines(sets), "remove": list(removes), "reason": reason,
        "photos": read_photos(photos), "photo_kind": photo_kind, "made_by": made_by(),
    }  # fmt: skip
    if path is not None:
        arguments["case"] = read_case(path)
    if version is not None:
        arguments["version"] = version
    reached = reach.ask(home, "case.change", arguments)
    output.show(reached.answer, is_json=is_json, lines=_changed)


def _lines(sets: tuple[str, ...]) -> list[str]:
    if sets != ("-",):
        return list(sets)
    return [line for line in long_text("--set", "-").splitlines() if line.strip()]


def _changed(answer: Answer) -> Iterator[str]:
    yield f"case {answer['case_id']}, version {answer['version']}"
    if answer["files"]:
        yield f"files: {', '.join(answer['files'])}"


@click.command()
@home_option
@json_option
@click.argument("case")
def history(home: Path, is_json: bool, case: str) -> None:
    """Tell who changed a case, when, why, and which fields; not what stands in them."""
    reached = reach.ask(home, "case.history", {"case_id": case})
    output.show(reached.answer, is_json=is_json, lines=_history)


def _history(answer: Answer) -> Iterator[str]:
    yield f"case {answer['case_id']}"
    for version in answer["versions"]:
        who = output.visible(version["made_by"])
        yield f"version {version['version']}  {output.moment(version['made_at_ms'])} by {who}"
        if version["reason"]:
            yield f"  reason: {output.visible(version['reason'])}"
        for each in version["changes"]:
            yield f"  {_SIGNS[each['what']]} {output.visible(each['place'])}"


@click.command()
@home_option
@json_option
@click.argument("case")
@click.option("--day", default="", help="As of this day (2026-11-22); else today, in UTC.")
def clocks(home: Path, is_json: bool, case: str, day: str) -> None:
    """List the legal dates of a case, the next one first.

    They are counted from what is recorded and warn early; a court may count otherwise.
    """
    reached = reach.ask(home, "case.clocks", {"case_id": case, "day": day})
    output.show(reached.answer, is_json=is_json, lines=_clocks)


def _clocks(answer: Answer) -> Iterator[str]:
    yield f"case {answer['case_id']}, as of {answer['day']}"
    if not answer["clocks"]:
        yield "no legal dates"
    for clock in answer["clocks"]:
        about = ", ".join(map(output.visible, clock["child_ids"]))
        yield f"{_when(clock)}: {_LAWS[clock['law']]}"
        yield f"  {output.visible(clock['place'])}{f', for {about}' if about else ''}"


def _when(clock: Answer) -> str:
    if clock["on"] is None:
        return _STANDINGS[clock["standing"]]
    first, last = clock["on"]
    days = first if first == last else f"{first} to {last}"
    left = [left for left in dict.fromkeys(clock["days_left"]) if clock["standing"] != "met"]
    told = " to ".join(map(str, left))
    return f"{days}, {_STANDINGS[clock['standing']]}" + (f", days left: {told}" if left else "")
