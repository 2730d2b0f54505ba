"""Which given name a word is: Саша is Alexander or Alexandra, Γιάννης is Ioannis.

Two words that share a name may be one child; two words that are both known, and share
none, are two names and no slip of the pen (Maria, Marina). A word is looked up by its
sounds, so that every spelling of a listed form is found.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from node.finding.alphabets import form
from node.finding.given_names import TABLES
from node.finding.parts import parts
from node.finding.sounds import readings
from node.finding.writing import written_words

# Not heard, or not written everywhere: these make no other name.
_SAME = str.maketrans({"j": "i", "N": "n", "T": "t", "D": "d"})
_REPEATED = re.compile(r"(.)\1+")
# Χαράλαμπος is written Charalampos and Haralambos.
_AFTER_NASAL, _VOICED = re.compile(r"(?<=N)[ptk]"), {"p": "b", "t": "d", "k": "g"}
_CONTINUED = re.compile(r"\n +")
_INITIAL_GLIDE = re.compile(r"^i(?=e)")


@dataclass(frozen=True, slots=True)
class GivenName:
    """One of the names that a word may be."""

    name: str
    is_short: bool


def given_names(sounds: str) -> frozenset[GivenName]:
    """Return the names of which a word with these sounds is a form."""
    found: frozenset[GivenName] = frozenset()
    for reading in _spellings(sounds):
        found |= _names().get(reading, frozenset())
    return found


def _spellings(sounds: str) -> set[str]:
    return {_bare(reading) for reading in readings(sounds)}


def _bare(reading: str) -> str:
    voiced = _AFTER_NASAL.sub(lambda stop: _VOICED[stop[0]], reading)
    return _INITIAL_GLIDE.sub("", _REPEATED.sub(r"\1", voiced.translate(_SAME)))


@cache
def _names() -> Mapping[str, frozenset[GivenName]]:
    found: dict[str, frozenset[GivenName]] = {}
    for table in TABLES.values():
        for line in _CONTINUED.sub(" ", table.strip()).splitlines():
            for given, sounds in _forms(line):
                for spelling in _spellings(sounds):
                    found[spelling] = found.get(spelling, frozenset()) | {given}
    return MappingProxyType(found)


def _forms(line: str) -> list[tuple[GivenName, str]]:
    """Return the forms in a line, each with its sounds; the line's first word names it."""
    full, _, short = line.partition("/")
    name = line.split(maxsplit=1)[0]
    return [
        (GivenName(name, is_short), form(part.word).sounds)
        for text, is_short in ((full, False), (short, True))
        for written in text.split()
        for part in parts(written_words(written))
    ]
