"""Invented cases by the thousand, and what people who look for one of them would type."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from protocol.pb.homeward.v1 import case_pb2
from tests.support.inventing import western
from tests.support.inventing.lexicon import Language
from tests.support.inventing.people import (
    CYRILLIC_AND_OTHERS,
    LANGUAGES,
    Person,
    in_latin,
    of_sex,
    with_slip,
)
from tests.support.inventing.romanising import SYSTEMS, without_marks

T = TypeVar("T")

_OWN_SCRIPT = 0.6


@dataclass(frozen=True)
class Asked:
    """What somebody types, the name as it was recorded, and the case that is meant."""

    kind: str
    text: str
    recorded: str
    case_id: str


def invented_case(number: int, chance: random.Random) -> case_pb2.Case:
    """Return a case with a child, often a parent, and numbers."""
    case = case_pb2.Case(federated_id=f"be.example/{number:026}")
    case.local_case_number = f"{2015 + number % 12}-{number:06}"
    is_arabic = chance.random() < 0.15
    child = _arabic(chance) if is_arabic else _person(_language(chance), chance)
    _add_person(case.children.add(id="c1"), child, chance)
    born = case.children[0].date_of_birth
    born.year, born.month, born.day = (
        chance.randint(2008, 2026), chance.randint(1, 12), chance.randint(1, 28),
    )  # fmt: skip
    if chance.random() < 0.6:
        parent = case.persons.add(id="p1", roles=["parent_a"])
        _add_person(parent, replace(child, given=_given(child.language, chance)), chance)
        parent.contact_points.add(kind="telephone", value=_telephone(chance))
    if chance.random() < 0.5:
        police = case.police.add(id="a1", kind="police", country="BE")
        police.references.add(kind="police_case", number=f"BR.{number % 90}.{number:06}/2026")
    return case


def invented_questions(
    people: Sequence[tuple[str, case_pb2.Case]], count: int, chance: random.Random
) -> Iterator[Asked]:
    """Yield what people type to find cases: other spellings, slips, parts, numbers."""
    for case_id, case in list(people)[:count]:
        name = case.children[0].names[0]
        recorded = f"{name.given} {name.family}"
        kind = chance.choice(
            ("as_recorded", "other_spelling", "other_spelling", "slip", "order", "date", "number")
        )
        yield Asked(kind, _typed(kind, case, chance), recorded, case_id)


def _typed(kind: str, case: case_pb2.Case, chance: random.Random) -> str:
    child = case.children[0]
    given, family = child.names[0].given, child.names[0].family
    if kind == "number" and case.persons:
        return case.persons[0].contact_points[0].value
    if kind == "order":
        return f"{family} {given}"
    if kind == "slip" and len(family) > 5:
        return f"{given} {with_slip(family, chance)}"
    if kind == "date":
        born = child.date_of_birth
        return f"{given} {family} {born.day:02}.{born.month:02}.{born.year}"
    if kind == "other_spelling":
        return _other_spelling(f"{given} {family}", child.names[0].script, chance)
    return f"{given} {family}"


def _other_spelling(name: str, script: str, chance: random.Random) -> str:
    if script in SYSTEMS:
        return in_latin(name, script, chance)
    return without_marks(name)


def _language(chance: random.Random) -> Language:
    languages = CYRILLIC_AND_OTHERS if chance.random() < 0.5 else western.LATIN_LANGUAGES
    return chance.choice(languages)


def _person(language: Language, chance: random.Random) -> Person:
    is_female = chance.random() < 0.5
    given = _often(language.women if is_female else language.men, chance)
    family = of_sex(_family(language, chance), language.code, is_female)
    return Person(language.code, is_female, given, family)


def _given(code: str, chance: random.Random) -> str:
    if code == "ar":
        return _often(western.ARABIC_MEN, chance)[0]
    return _often(LANGUAGES[code].men, chance)


def _family(language: Language, chance: random.Random) -> str:
    """Return a family name; there are tens of thousands in all, as in earnest."""
    if not language.roots:
        first, second = (_often(language.surnames, chance) for _ in range(2))
        return first if chance.random() < 0.3 else first[:4].split("~")[0] + second.lower()
    root = _often(language.roots, chance)
    if chance.random() < 0.7:
        root = chance.choice(language.roots)[:4] + root[1:].lower()
    return root + chance.choice(language.endings)


def _arabic(chance: random.Random) -> Person:
    is_female = chance.random() < 0.5
    given = _often(western.ARABIC_WOMEN if is_female else western.ARABIC_MEN, chance)[0]
    father = _often(western.ARABIC_MEN, chance)[0]
    family = _often(western.ARABIC_FAMILIES, chance)[0]
    if chance.random() < 0.6:
        family += _often(western.ARABIC_FAMILIES, chance)[0].removeprefix("ال")[-3:]
    return Person("ar", is_female, given, f"{father} {family}")


def _often(items: Sequence[T], chance: random.Random) -> T:
    """Return an item; the first ones come several times as often as the last."""
    return items[int(len(items) * chance.random() ** 1.5)]


def _add_person(
    message: case_pb2.Child | case_pb2.Person, person: Person, chance: random.Random
) -> None:
    """Record a person in the own script, in Latin, or both; `script` keeps the language."""
    is_own = chance.random() < _OWN_SCRIPT or person.language not in SYSTEMS
    if is_own:
        message.names.add(given=person.given, family=person.family, script=person.language)
    if not is_own or (person.language in SYSTEMS and chance.random() < 0.3):
        name = in_latin(f"{person.given}|{person.family}", person.language, chance)
        given, _, family = name.partition("|")
        message.names.add(given=given, family=family, script="Latn")
    message.sex = "female" if person.is_female else "male"


def _telephone(chance: random.Random) -> str:
    return f"+{chance.choice((30, 32, 359, 380, 381, 995))} {chance.randint(10**8, 10**9 - 1)}"
