"""`homeward case flags|file|poster`: what must be known first, and what others may see."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import click

from node.cli import output, reach
from node.cli.options import FILE, home_option, json_option
from node.cli.output import Answer
from node.cli.papers import check_pdf, write_poster, written
from node.errors import ArgumentError


@click.command()
@home_option
@json_option
@click.argument("case")
@click.option("--language", default="en", show_default=True, help="For dates and codes.")
def flags(home: Path, is_json: bool, case: str, language: str) -> None:
    """Say what must be known first: the child's wish, danger, who must not be contacted."""
    reached = reach.ask(home, "case.flags", {"case_id": case, "language": language})
    output.show(reached.answer, is_json=is_json, lines=_flags)


def _flags(answer: Answer) -> Iterator[str]:
    if not answer["flags"]:
        yield f"case {answer['case_id']}: nothing of that sort is recorded"
    for flag in answer["flags"]:
        about = [*flag["codes"], flag["by_when"], flag["person"], flag["text"]]
        told = ", ".join(output.visible(each) for each in about if each)
        words = flag["kind"].replace("_", " ")
        yield f"{words}{f': {told}' if told else ''}  ({output.visible(flag['place'])})"


@click.command("file")
@home_option
@json_option
@click.argument("case")
@click.argument("file_id")
@click.option("--out", type=FILE, required=True, help="Write it here.")
def file_(home: Path, is_json: bool, case: str, file_id: str, out: Path) -> None:
    """Write one file of CASE, decrypted, where --out says."""
    if out.exists():
        raise ArgumentError("file_exists", "there is a file of this name already")
    reached = reach.ask(home, "case.file", {"case_id": case, "file_id": file_id})
    answer = dict(reached.answer)
    _write(out, base64.b64decode(answer.pop("content")))
    answer["file"] = str(out)
    output.show(answer, is_json=is_json, lines=_written)


def _write(path: Path, data: bytes) -> None:
    from keys.files import store_file

    store_file(path, data, is_replacing=False)


def _written(answer: Answer) -> Iterator[str]:
    yield f"wrote {answer['file']}: {output.visible(answer['media_type'])}"


@click.command()
@home_option
@json_option
@click.argument("case")
@click.option("--language", default="en", show_default=True, help="In which it is written.")
@click.option("--field", multiple=True, help="What stands on it; else the usual. Repeatable.")
@click.option("--pdf", type=FILE, help="Write it here as PDF instead, as it is hung up.")
def poster(
    *, home: Path, is_json: bool, case: str, language: str, field: tuple[str, ...], pdf: Path | None
) -> None:
    """Print what a poster of CASE may say: no more than the public may know."""
    check_pdf(pdf, language)
    arguments = {"case_id": case, "language": language, "field": list(field)}
    reached = reach.ask(home, "case.poster", arguments)
    if pdf is not None:
        answer = write_poster(home, pdf, reached.answer)
        output.show(answer, is_json=is_json, lines=written)
        return
    output.show(reached.answer, is_json=is_json, lines=_poster)


def _poster(answer: Answer) -> Iterator[str]:
    for child in answer["children"]:
        yield " / ".join(map(output.visible, child["names"])) or f"child {child['child_id']}"
        for line in child["lines"]:
            yield f"  {line['name'].replace('_', ' ')}: {output.visible(line['text'])}"
        yield f"  photo: {child['file_id'] or 'none may be published'}"
    yield f"{output.visible(answer['organisation'])}, {output.visible(answer['telephone'])}"


CASE_COMMANDS = (flags, file_, poster)
