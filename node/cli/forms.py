"""`homeward case export|import|hague|yellow`: cases in the forms that others use."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import click

from node.cli import output, reach
from node.cli.options import FILE, home_option, json_option, long_text, made_by, read_file
from node.cli.output import Answer
from node.cli.papers import check_pdf, write_hague, written

PFIF_BYTES = 4 * 1024 * 1024


@click.command("export")
@home_option
@json_option
@click.argument("case")
@click.option("--pfif", "is_pfif", is_flag=True, required=True, help="As PFIF 1.4 (XML).")
@click.option("--field", multiple=True, help="Field that goes; else the minimal part.")
@click.option("--reason", required=True, help="Why it leaves, for the record; - is stdin.")
@click.option("--out", type=FILE, help="Write it here; else it is printed.")
def export(
    *,
    home: Path,
    is_json: bool,
    case: str,
    is_pfif: bool,
    field: tuple[str, ...],
    reason: str,
    out: Path | None,
) -> None:
    """Write a case as a file for another system; that is recorded in the log.

    What goes is what a referral that searches a child would show by default, no photo and
    nothing sensitive. The file says when its copies end; nobody can hold others to that.
    Without --out it is printed to be looked at, with what could steer a terminal made
    visible.
    """
    del is_pfif
    reason = long_text("--reason", reason)
    arguments = {"case_id": case, "field": list(field), "reason": reason, "made_by": made_by()}
    if out is not None:
        _check_absent(out)
    reached = reach.ask(home, "case.export", arguments)
    answer = dict(reached.answer)
    if out is not None:
        _write(out, base64.b64decode(answer.pop("pfif")))
        answer["file"] = str(out)
    output.show(answer, is_json=is_json, lines=_exported)


def _check_absent(path: Path) -> None:
    from node.errors import ArgumentError

    if path.exists():
        raise ArgumentError("file_exists", "there is a file of this name already")


def _write(path: Path, data: bytes) -> None:
    from keys.files import store_file

    store_file(path, data, is_replacing=False)


def _exported(answer: Answer) -> Iterator[str]:
    if "file" in answer:
        yield f"wrote {answer['file']}"
        yield f"copies end {output.moment(answer['expires_at_ms'])}"
        yield f"recorded at {answer['log_position']} of the log"
        if answer["left_out"]:
            yield f"PFIF has no place for: {', '.join(answer['left_out'])}"
        return
    text = base64.b64decode(answer["pfif"]).decode("utf-8")
    yield from (output.visible(line) for line in text.splitlines())


@click.command("import")
@home_option
@json_option
@click.option("--pfif", "path", type=FILE, required=True, help="File in PFIF 1.2 to 1.4.")
@click.option("--reason", default="", help="Why this is recorded; - is stdin.")
@click.option("--not-a-duplicate", is_flag=True, help="Add them although a case here is like it.")
def import_(home: Path, is_json: bool, path: Path, *, reason: str, not_a_duplicate: bool) -> None:
    """Keep a new case for each person in a file of another system.

    The node looks for each child in its cases first, and adds nothing when one may be
    there already. Who wrote a record, and every note, is kept where nothing leaves.
    """
    data = base64.b64encode(read_file(path, PFIF_BYTES)).decode("ascii")
    arguments = {
        "pfif": data, "reason": long_text("--reason", reason), "made_by": made_by(),
        "not_a_duplicate": not_a_duplicate,
    }  # fmt: skip
    reached = reach.ask(home, "case.import", arguments)
    output.show(reached.answer, is_json=is_json, lines=_imported)


def _imported(answer: Answer) -> Iterator[str]:
    for each in answer["cases"]:
        yield f"case {each['case_id']} from {output.visible(each['record_id'])}"
        for name in each["not_taken"]:
            yield f"  not taken: {output.visible(name)}"
    if answer["expired_count"]:
        yield f"left out, expired: {output.counted(answer['expired_count'], 'record')}"
    for name in answer["unknown"]:
        yield f"not a field of PFIF: {output.visible(name)}"


@click.command()
@home_option
@json_option
@click.argument("case")
@click.option("--language", default="en", show_default=True, help="For coded values.")
@click.option("--pdf", type=FILE, help="Write it here as PDF instead, all in that language.")
def hague(home: Path, is_json: bool, case: str, language: str, pdf: Path | None) -> None:
    """Print a request for return in the order of the Hague model form, and what is missing."""
    check_pdf(pdf, language)
    reached = reach.ask(home, "case.hague", {"case_id": case, "language": language})
    if pdf is not None:
        answer = write_hague(home, pdf, reached.answer, language)
        output.show(answer, is_json=is_json, lines=written)
        return
    output.show(reached.answer, is_json=is_json, lines=_hague)


def _hague(answer: Answer) -> Iterator[str]:
    yield "Request for return, Convention of 25 October 1980"
    yield f"case {answer['case_id']}, version {answer['version']}"
    for section in answer["sections"]:
        yield ""
        yield f"{section['number']}. {section['title']}"
        for block in section["blocks"]:
            if block["title"]:
                yield f"  {output.visible(block['title'])}"
            yield from _rows(block["rows"])
        for missing in section["missing"]:
            yield f"  MISSING: {missing['words']}"


def _rows(rows: list[Answer]) -> Iterator[str]:
    lines = []
    for row in rows:
        marked = f" [{row['language']}]" if row["language"] else ""
        first, *more = row["text"].splitlines() or [""]
        lines.append((_label(row["path"]), output.visible(first + marked)))
        lines += [("", output.visible(line)) for line in more]
    yield from output.table(lines, "    ")


def _label(path: str) -> str:
    """Return a path without the place in which all rows of the block lie."""
    return path.partition(".")[2].replace("_", " ").replace(".", ", ") or path


@click.command()
@home_option
@json_option
@click.argument("case")
def yellow(home: Path, is_json: bool, case: str) -> None:
    """Say what the police still need to ask INTERPOL for a Yellow Notice."""
    reached = reach.ask(home, "case.yellow", {"case_id": case})
    output.show(reached.answer, is_json=is_json, lines=_yellow)


def _yellow(answer: Answer) -> Iterator[str]:
    needed = answer["needed_count"]
    for child in answer["children"]:
        there = len(child["there"])
        yield (
            f"child {child['child_id']}: ready for police to ask a Yellow Notice: "
            f"{there} of {needed}"
        )
        for missing in child["missing"]:
            yield f"  missing: {missing['words']} ({missing['hint']})"


CASE_COMMANDS = (export, import_, hague, yellow)
