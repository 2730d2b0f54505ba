"""Invented people, drawn by a seeded choice from the lists: name parts, and how they vary."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from tests.support.inventing import lexicon, western
from tests.support.inventing.lexicon import Language
from tests.support.inventing.romanising import SYSTEMS, romanised

T = TypeVar("T")

CYRILLIC_AND_OTHERS = (
    lexicon.RUSSIAN,
    lexicon.UKRAINIAN,
    lexicon.BULGARIAN,
    lexicon.SERBIAN,
    lexicon.GREEK,
    lexicon.GEORGIAN,
    lexicon.ARMENIAN,
)
LANGUAGES = {
    language.code: language for language in (*CYRILLIC_AND_OTHERS, *western.LATIN_LANGUAGES)
}

# Ending of a man's family name -> of a woman's; the first that fits.
_FEMALE = {
    "ru": (("ский", "ская"), ("ов", "ова"), ("ин", "ина"), ("ёв", "ёва")),
    "uk": (("ський", "ська"), ("ів", "ова")),
    "bg": (("ски", "ска"), ("ов", "ова"), ("ев", "ева")),
    "sr": (("вски", "вска"), ("в", "ва")),
    "el": (
        ("όπουλος", "οπούλου"), ("ίδης", "ίδου"), ("ιάδης", "ιάδου"), ("άκης", "άκη"),
        ("έλλης", "έλλη"), ("άτος", "άτου"), ("άς", "ά"), ("ης", "η"), ("ός", "ού"),
        ("ος", "ου"),
    ),
    "cs": (("ý", "á"), ("ek", "ková"), ("ec", "cová"), ("a", "ová"), ("", "ová")),
    "pl": (("ski", "ska"),),
    "lt": (("as", "ienė"), ("ius", "ienė"), ("us", "ienė")),
}  # fmt: skip
_NEXT_KEY = dict(zip("qwertyuiopasdfghjklzxcvbnm", "wertyuioopsdfghjkllxcvbnmm", strict=True))


@dataclass(frozen=True)
class Person:
    """An invented person: the parts of the name in the language's own script."""

    language: str
    is_female: bool
    given: str
    family: str
    patronymic: str = ""
    second_family: str = ""

    @property
    def full(self) -> str:
        return " ".join(
            filter(None, (self.given, self.patronymic, self.family, self.second_family))
        )


def half_of(items: Sequence[T], half: int) -> list[T]:
    """Return every second item, so that two sets of names have nothing in common."""
    return list(items[half::2]) or list(items)


def invent(language: Language, chance: random.Random, half: int) -> Person:
    is_female = chance.random() < 0.5
    given = chance.choice(half_of(language.women if is_female else language.men, half))
    man = invent_family(language, chance, half)
    return Person(language.code, is_female, given, of_sex(man, language.code, is_female))


def invent_family(language: Language, chance: random.Random, half: int) -> str:
    """Return a man's family name."""
    if language.surnames and (not language.roots or chance.random() < 0.2):
        return chance.choice(half_of(language.surnames, half)).replace("~", " ")
    return chance.choice(half_of(language.roots, half)) + chance.choice(language.endings)


def of_sex(family: str, language: str, is_female: bool) -> str:
    if is_female:
        for ending, female in _FEMALE.get(language, ()):
            if family.endswith(ending):
                return family.removesuffix(ending) + female
    return family


def sister_of(person: Person, given: str) -> Person:
    """Return a woman with the same family name."""
    if person.is_female:
        return replace(person, given=given)
    family = of_sex(person.family, person.language, is_female=True)
    return replace(person, given=given, family=family, is_female=True)


def with_father(person: Person, language: Language, chance: random.Random) -> Person:
    _, of_man, of_woman = chance.choice(language.fathers)
    return replace(person, patronymic=of_woman if person.is_female else of_man)


def in_latin(name: str, language: str, chance: random.Random, *, not_by: str = "") -> str:
    systems = sorted(set(SYSTEMS[language]) - {not_by})
    return romanised(name, language, chance.choice(systems))


def with_slip(word: str, chance: random.Random) -> str:
    """Return a word with one slip of the pen, not in its first letter."""
    place = chance.randrange(1, len(word) - 1)
    before, letter, after = word[:place], word[place], word[place + 1 :]
    slips = [before + after, before + letter + letter + after]
    if after and after[0] != letter:
        slips.append(before + after[0] + letter + after[1:])
    slips.append(before + _NEXT_KEY.get(letter, letter) + after)
    return chance.choice([slip for slip in slips if slip != word])
