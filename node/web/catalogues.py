"""Collects the words of the pages into catalogues: `make translations`, and --check.

The template of all catalogues has what stands in templates and Python files as arguments of
gettext, and the names of all fields of a case. Each catalogue is brought up to date: words
that are new in it are empty, and are shown in English until somebody translates them.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from node.web.labels import all_labels
from node.web.rendering import FOLDER, LANGUAGES, LOCALE, SOURCE_LANGUAGE

METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {"templates/**.html": {"trimmed": "true", "newstyle_gettext": "true"}}
# `_` is what functions call the words of a language.
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
REVIEWED = "X-Reviewed"
# Kept up to date for translators. No page offers them before they stand in `LANGUAGES`, and
# there they belong when a person who does this work has read them.
PREPARED = ("bg", "es", "hu", "it", "pl", "pt", "ro", "sr")
# What stands at the top of a new catalogue; translators add the words they decided on.
REMARKS = (
    "# Words of the pages. Translators: say yes below when a native speaker who does\n"
    "# this work has read all of it; until then the pages say that a machine drafted it.\n"
)


def collect() -> Catalog:
    """Return all words of the pages, in English."""
    catalog = Catalog(project="Homeward", charset="utf-8")
    found = extract_from_dir(FOLDER, METHODS, OPTIONS, KEYWORDS, strip_comment_tags=True)
    for path, _line, message, _comments, _context in found:
        catalog.add(message, locations=[(Path(path).as_posix(), 0)])
    for label in all_labels():
        catalog.add(label, locations=[("case.proto", 0)])
    return catalog


def updated(language: str, words: Catalog) -> bytes:
    """Return a language's catalogue with all words and no others."""
    path = LOCALE / language / "pages.po"
    catalog = Catalog(locale=language, project="Homeward", charset="utf-8")
    is_reviewed, remarks = False, REMARKS
    if path.exists():
        text = path.read_text(encoding="utf-8")
        head = text.partition("msgid")[0]
        is_reviewed, remarks = f"{REVIEWED}: yes" in text[:4000], head or REMARKS
        catalog = read_po(io.StringIO(text), locale=language)
    catalog.update(words, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return _written(catalog, remarks, is_reviewed=is_reviewed)


def _written(catalog: Catalog, remarks: str, *, is_reviewed: bool) -> bytes:
    """Return a catalogue as a file that is the same whoever writes it, and whenever."""
    body = io.BytesIO()
    write_po(body, catalog, omit_header=True, no_location=True, sort_output=True, width=100)
    head = (
        f"{remarks}"
        'msgid ""\n'
        'msgstr ""\n'
        f'"Language: {catalog.locale}\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Plural-Forms: {catalog.plural_forms}\\n"\n'
        f'"{REVIEWED}: {"yes" if is_reviewed else "no"}\\n"\n\n'
    )
    return head.encode() + body.getvalue()


def main() -> None:
    """Bring all catalogues up to date, or say which are not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail if one is old")
    is_check = parser.parse_args().check
    old = list(_stale(collect(), is_check=is_check))
    if is_check and old:
        sys.exit(f"catalogues are not up to date: {', '.join(old)}; run make translations")


def _stale(words: Catalog, *, is_check: bool) -> Iterator[str]:
    for language in (*LANGUAGES, *PREPARED):
        if language == SOURCE_LANGUAGE:
            continue
        path, new = LOCALE / language / "pages.po", updated(language, words)
        if not path.exists() or path.read_bytes() != new:
            yield language
            if not is_check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(new)


if __name__ == "__main__":
    main()
