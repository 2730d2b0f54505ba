"""One word of any script -> its comparison form: Latin letters, and sounds.

The letters are for typing and prefixes; the sounds are what is compared, because
each country writes a foreign name its own way (Щербаков, Shcherbakov, Tscherbakow).
Scripts without a table of ours are read by `anyascii`, which is good enough to find by.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType

from anyascii import anyascii

from node.finding import letters
from node.finding.writing import Script, Written, without_marks

_TABLES = {
    Script.LATIN: letters.LATIN,
    Script.GREEK: letters.GREEK,
    Script.CYRILLIC: letters.CYRILLIC,
    Script.GEORGIAN: letters.GEORGIAN,
    Script.ARMENIAN: letters.ARMENIAN,
    Script.ARABIC: letters.ARABIC,
    Script.HEBREW: letters.HEBREW,
}
UNVOWELLED = frozenset({Script.ARABIC, Script.HEBREW})
"""Scripts that leave most vowels to the reader."""

_DIAERESIS, _TONOS = "\u0308", "\u0301"
_NOT_LATIN = re.compile(r"[^a-z]+")
# A nasal before a stop is weak: Kostadin and Konstantin, Μπαμπης and Babis.
_WEAK_NASAL = re.compile(r"[mn](?=[bpdtgkG47])")
# ё is mostly written е, and abroad both ways: Горбачев, Gorbatschow, Kowaljow.
_YO = re.compile(r"(?<=[SCZJ169#j])o(?=[vf])|(?<=i)o(?=va?$)")
_SILENT_H = re.compile(r"(?<=[aeiouU])h$")
_DOUBLED = re.compile(r"(.)\1+")


@dataclass(frozen=True, slots=True)
class Form:
    """The comparison form of a word."""

    latin: str
    sounds: str


@dataclass(frozen=True, slots=True)
class _Table:
    rows: Mapping[str, tuple[str, str]]
    pieces: re.Pattern[str]
    """Any letters that have a row, the longest first; else one letter."""


def form(word: Written) -> Form:
    """Return the comparison form of a word; both parts may be empty."""
    if word.script is Script.LATIN:
        return Form(_plain(word.text), _latin_sounds(word.text))
    if word.script is Script.OTHER:
        plain = _plain(word.text)
        return Form(plain, _latin_sounds(plain))
    latin, sounds = _read(_prepared(word), _table(word.script))
    latin = _NOT_LATIN.sub("", latin)
    if word.script in UNVOWELLED:
        # What stands side by side there may have a vowel between.
        return Form(latin, sounds)
    return Form(latin, _finished(sounds))


def _plain(text: str) -> str:
    return _NOT_LATIN.sub("", anyascii(without_marks(text)).lower())


def _latin_sounds(text: str) -> str:
    _, sounds = _read(_prepared(Written(text, Script.LATIN)), _table(Script.LATIN))
    return _finished(_SILENT_H.sub("", sounds))


def _finished(sounds: str) -> str:
    return _DOUBLED.sub(r"\1", _WEAK_NASAL.sub("N", _YO.sub("E", sounds)))


def _prepared(word: Written) -> str:
    """Return the letters in the form in which the script's table has them."""
    if word.script is Script.GREEK:
        return _greek(word.text)
    known = _letters_of(word.script)
    return "".join(c if c in known else without_marks(c) for c in word.text)


def _greek(text: str) -> str:
    """Drop the accents, but keep apart what they part: Μάιος and Καλαϊτζής have no αι."""
    kept: list[str] = []
    is_stressed = False
    for character in unicodedata.normalize("NFD", text):
        if character == _TONOS:
            is_stressed = True
        elif character == _DIAERESIS and kept:
            kept.insert(-1, "·")
        elif unicodedata.category(character)[0] != "M":
            if is_stressed and character in "ιυ":
                kept.append("·")
            is_stressed = False
            kept.append(character)
    return "".join(kept)


def _read(text: str, table: _Table) -> tuple[str, str]:
    """Read from left to right, the longest row first."""
    read = [_row(match, table) for match in table.pieces.finditer(text)]
    return "".join(latin for latin, _ in read), "".join(sounds for _, sounds in read)


def _row(match: re.Match[str], table: _Table) -> tuple[str, str]:
    piece, row = match[0], None
    if match.start() == 0:
        row = table.rows.get("^" + piece)
    if row is None and match.end() == len(match.string):
        row = table.rows.get(piece + "$")
    return row or table.rows.get(piece) or _foreign(piece)


@lru_cache(maxsize=1024)
def _foreign(character: str) -> tuple[str, str]:
    """Read a letter that the word's own alphabet does not have."""
    plain = _plain(character)
    table = _table(Script.LATIN)
    return plain, "".join(table.rows.get(c, ("", ""))[1] for c in plain)


@cache
def _table(script: Script) -> _Table:
    rows: dict[str, tuple[str, str]] = {}
    for row in re.split(r"[|\n]", _TABLES[script].strip()):
        key, *values = row.split()
        latin, sounds = (value.strip("-") for value in (values * 2)[:2])
        rows[key] = (latin, sounds)
    keys = sorted(rows, key=lambda key: (-len(key.strip("^$")), key.strip("^$") == key))
    pieces = (re.escape(key).replace(r"\^", r"\A").replace(r"\$", r"\Z") for key in keys)
    return _Table(MappingProxyType(rows), re.compile("|".join([*pieces, "."]), re.DOTALL))


@cache
def _letters_of(script: Script) -> frozenset[str]:
    return frozenset("".join(_table(script).rows)) - {"^", "$"}
