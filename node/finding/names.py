"""A name as it was written -> the words by which it is compared."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Generic, TypeVar

from node.finding import limits
from node.finding.alphabets import UNVOWELLED, form
from node.finding.endings import patronymic
from node.finding.given import GivenName, given_names
from node.finding.parts import parts, without_latin_article
from node.finding.writing import Script, Written, written_words

W = TypeVar("W")

# A word without father's name before and family name after it is no patronymic.
_LEAST_WORDS_WITH_PATRONYMIC = 3


class Place(enum.StrEnum):
    """Where in a name a word stands; one letter, because the index keeps it."""

    GIVEN = "g"
    PATRONYMIC = "p"
    FAMILY = "f"
    UNKNOWN = "u"


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a name: Latin letters, sounds, and the given names that it may be."""

    latin: str
    sounds: str
    script: Script
    given: frozenset[GivenName] = frozenset()

    @property
    def is_unvowelled(self) -> bool:
        """Whether it is written in a script that leaves vowels to the reader."""
        return self.script in UNVOWELLED


@dataclass(frozen=True, slots=True)
class Join(Generic[W]):
    """Words of a name written as one: van den Berg and Vandenberg; `covers` counts words."""

    word: W
    covers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Name(Generic[W]):
    """The words of a name that count, where they stand, and what they are when joined.

    A word is a `Word`, or whatever stands for one (the index has numbers).
    """

    words: tuple[W, ...]
    places: tuple[Place, ...]
    joins: tuple[Join[W], ...] = ()

    def __bool__(self) -> bool:
        """Return whether there is anything to compare."""
        return bool(self.words)


def parse_name(text: str) -> Name[Word]:
    """Read a name whose parts are not told apart."""
    return name_of([(text, Place.UNKNOWN)])


def name_of(pieces: Sequence[tuple[str, Place]]) -> Name[Word]:
    """Read a name of which each piece is known to be given name, family name and so on."""
    placed = [
        (part, place)
        for text, place in pieces
        for part in parts(written_words(text[: limits.NAME_CHARACTERS]))
    ]
    words: list[Word] = []
    places: list[Place] = []
    joins: list[Join[Word]] = []
    particles = ""
    for part, place in placed:
        if part.is_particle:
            particles += part.word.text
            continue
        word = word_of(part.word)
        if not word.sounds:
            continue
        if particles:
            joined = replace(part.word, text=particles + part.word.text)
            joins.append(Join(word_of(joined), (len(words),)))
            particles = ""
        bare = without_latin_article(part.word)
        if bare is not None:
            joins.append(Join(word_of(bare), (len(words),)))
        words.append(word)
        places.append(place)
    joins += _neighbours(words, places)
    return Name(tuple(words), _with_patronymic(words, places), tuple(joins))


def word_of(written: Written) -> Word:
    """Return a written word in the form in which it is compared."""
    compared = form(written)
    return Word(compared.latin, compared.sounds, written.script, given_names(compared.sounds))


def _neighbours(words: Sequence[Word], places: Sequence[Place]) -> Iterator[Join[Word]]:
    """Yield what is a single word when someone leaves a space or a hyphen out."""
    for first, second in pairwise(range(len(words))):
        one, other = words[first], words[second]
        if places[first] is places[second] and one.script is other.script:
            sounds = one.sounds + other.sounds
            joined = Word(one.latin + other.latin, sounds, one.script, given_names(sounds))
            yield Join(joined, (first, second))


def _with_patronymic(words: Sequence[Word], places: Sequence[Place]) -> tuple[Place, ...]:
    """Return the places, with patronymics found where nobody has told the parts apart."""
    if len(words) < _LEAST_WORDS_WITH_PATRONYMIC or set(places) != {Place.UNKNOWN}:
        return tuple(places)
    # Petrović is a family name where it stands first or last in a name of two words.
    return tuple(
        Place.PATRONYMIC if patronymic(word.sounds) is not None else Place.UNKNOWN for word in words
    )
