"""Sheets that commands can write as PDF: the same ones as the pages make."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING

from node.cli import output, reach
from node.cli.options import made_by
from node.cli.output import Answer
from node.errors import ArgumentError

if TYPE_CHECKING:
    from node.web.sheets import Sheet


def check_pdf(path: Path | None, language: str) -> None:
    """Refuse what could not be written, before anything is asked.

    Raises:
        ArgumentError: file_exists or unknown_language.
    """
    from node.web.rendering import LANGUAGES

    if path is None:
        return
    if path.exists():
        raise ArgumentError("file_exists", "there is a file of this name already")
    if language not in LANGUAGES:
        raise ArgumentError(
            "unknown_language", "there are no sheets in this language", f"{', '.join(LANGUAGES)}"
        )


def write_hague(home: Path, path: Path, answer: Answer, language: str) -> Answer:
    """Write a request for return as PDF; return what is said of it."""
    from node.web.sheets import hague_sheet

    return _write(home, path, hague_sheet(answer, language))


def write_poster(home: Path, path: Path, answer: Answer) -> Answer:
    """Write a poster as PDF; return what is said of it."""
    from node.config import load_settings
    from node.web.sheets import poster_sheet

    settings = load_settings(home)
    address, telephone = settings.pages_public_address, settings.pages_public_telephone
    return _write(home, path, poster_sheet(answer, address=address, telephone=telephone))


def _write(home: Path, path: Path, sheet: Sheet) -> Answer:
    from keys.files import store_file
    from node.config import load_settings
    from node.forms.pdf import Part
    from node.web.rendering import Renderer
    from node.web.sheets import sheet_pdf, template_globals

    pictures = {}
    for file_id in sheet.pictures:
        about = {"case_id": sheet.case_id, "file_id": file_id, "made_by": made_by()}
        held = reach.ask(home, "case.file", about).answer
        pictures[file_id] = Part(held["media_type"], base64.b64decode(held["content"]))
    renderer = Renderer(template_globals(load_settings(home).node_id))
    store_file(path, sheet_pdf(renderer, sheet, pictures), is_replacing=False)
    return {"case_id": sheet.case_id, "file": str(path)}


def written(answer: Answer) -> list[str]:
    """Return the line that says where it is."""
    return [f"wrote {output.visible(answer['file'])}"]
