"""Labelled pairs of names for tests/node/finding/pairs, made by rule from a seed.

`true` pairs are two ways to write one person's name; `false` pairs are two people, most
of them such as are easily taken for each other. The halves share no root of a family
name and hardly a given name: one half is for tuning, the other one for judging.

    python -m tests.support.inventing.pairs      writes the files again
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from tests.support.inventing import western
from tests.support.inventing.lexicon import Language
from tests.support.inventing.people import (
    LANGUAGES,
    Person,
    half_of,
    in_latin,
    invent,
    invent_family,
    of_sex,
    sister_of,
    with_father,
    with_slip,
)
from tests.support.inventing.romanising import SYSTEMS, with_umlauts_spelled, without_marks

T = TypeVar("T")

FOLDER = Path(__file__).resolve().parents[2] / "node" / "finding" / "pairs"
HALVES = ("tune", "judge")
TRUE_PAIRS = {"ru": 50, "uk": 46, "bg": 44, "sr": 40, "el": 60, "ka": 40, "hy": 40, "ar": 50}
TRUE_PAIRS_IN_LATIN = 12
FALSE_FOR_EACH_TRUE = 10


@dataclass(frozen=True)
class Pair:
    """Two names, and whether they are one person's."""

    half: str
    is_same: bool
    kind: str
    language: str
    left: str
    right: str

    def line(self) -> str:
        verdict = "true" if self.is_same else "false"
        return f"{self.half}\t{verdict}\t{self.kind}\t{self.language}\t{self.left}\t{self.right}"


def read_pairs() -> list[Pair]:
    """Return all pairs of all files, those made by hand too."""
    found = []
    for path in sorted(FOLDER.glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                half, verdict, kind, language, left, right = line.split("\t")
                found.append(Pair(half, verdict == "true", kind, language, left, right))
    return found


def made_files() -> dict[str, str]:
    """Return the content of each file that is made by rule."""
    files = {}
    for code in (*TRUE_PAIRS, *(language.code for language in western.LATIN_LANGUAGES)):
        lines = [pair.line() for pair in _of_language(code)]
        files[f"{code}.tsv"] = "\n".join(["# half verdict kind language one other", *lines, ""])
    return files


def _of_language(code: str) -> Iterator[Pair]:
    count = TRUE_PAIRS.get(code, TRUE_PAIRS_IN_LATIN)
    for half, name in enumerate(HALVES):
        chance = random.Random(f"pairs {code} {name}")
        maker = _maker(code, chance, half)
        seen: set[frozenset[str]] = set()
        for is_same, rules, wanted in (
            (True, maker.of_one_person(), count),
            (False, maker.of_two_people(), count * FALSE_FOR_EACH_TRUE),
        ):
            made = 0
            while made < wanted:
                rule = rules[chance.randrange(len(rules))]
                left, right = rule()
                pair = frozenset((left, right))
                if left == right or pair in seen:
                    # Lists are finite; but each draw ends, and there are enough pairs.
                    continue
                seen.add(pair)
                made += 1
                yield Pair(name, is_same, rule.__name__, code, left, right)


Two = tuple[str, str]
Rule = Callable[[], Two]
ArabicName = tuple[str, tuple[str, ...]]


class Maker:
    """Makes pairs of one language; a rule that stands twice is drawn twice as often."""

    def __init__(self, language: Language, chance: random.Random, half: int) -> None:
        self.language, self.chance, self.half = language, chance, half

    def of_one_person(self) -> list[Rule]:
        rules = [self.marks] * 2 + [self.other_order, self.slip, self.double_surname]
        if self.language.code in {"de", "tr"}:
            rules += [self.umlauts]
        if self.language.code in {"cs", "pl", "lt"}:
            rules += [self.female_form] * 2
        if self.language.short:
            rules += [self.short_form]
        return rules

    def of_two_people(self) -> list[Rule]:
        rules = [self.strangers, self.brothers, self.brothers, self.brother_and_sister]
        rules += [self.near_given, self.near_given, self.same_given, self.same_given]
        if self.language.fathers:
            rules += [self.other_father]
        if len(self.language.endings) > 1:
            rules += [self.near_family]
        if self.language.code == "es":
            rules += [self.other_second] * 2
        return rules

    def person(self) -> Person:
        return invent(self.language, self.chance, self.half)

    def family(self, *, is_female: bool) -> str:
        man = invent_family(self.language, self.chance, self.half)
        return of_sex(man, self.language.code, is_female)

    def named(self, given: str) -> Person:
        """Return somebody of this given name."""
        is_female = given in self.language.women
        family = self.family(is_female=is_female)
        return Person(self.language.code, is_female=is_female, given=given, family=family)

    def pick(self, items: Sequence[T]) -> T:
        return self.chance.choice(half_of(items, self.half))

    def other(self, name: str) -> str:
        """Return a name as another office may have it."""
        return without_marks(name) if self.chance.random() < 0.6 else name

    def marks(self) -> Two:
        name = self.person().full
        return name, without_marks(name)

    def umlauts(self) -> Two:
        name = self.person().full
        return name, without_marks(with_umlauts_spelled(name))

    def other_order(self) -> Two:
        one = self.person()
        return one.full, without_marks(f"{one.family} {one.given}").upper()

    def slip(self) -> Two:
        one = self.person()
        longest = max(one.family.split(), key=len)
        family = one.family.replace(longest, with_slip(longest, self.chance))
        return one.full, f"{one.given} {family}"

    def double_surname(self) -> Two:
        one = self.person()
        return f"{one.full} {self.family(is_female=one.is_female)}", without_marks(one.full)

    def female_form(self) -> Two:
        given = self.pick(self.language.women)
        man = self.family(is_female=False)
        woman = of_sex(man, self.language.code, is_female=True)
        return f"{given} {woman}", self.other(f"{given} {man}")

    def short_form(self) -> Two:
        given, short = self.pick(self.language.short)
        one = self.named(given)
        return one.full, self.other(replace(one, given=short).full)

    def strangers(self) -> Two:
        one, another = self.person(), self.person()
        while another.given == one.given or another.family == one.family:
            another = self.person()
        return one.full, self.other(another.full)

    def brothers(self) -> Two:
        one = self.person()
        names = self.language.women if one.is_female else self.language.men
        given = self.pick(names)
        while given == one.given:
            given = self.pick(names)
        return one.full, self.other(replace(one, given=given).full)

    def brother_and_sister(self) -> Two:
        given, family = self.pick(self.language.men), self.family(is_female=False)
        one = Person(self.language.code, is_female=False, given=given, family=family)
        return one.full, self.other(sister_of(one, self.pick(self.language.women)).full)

    def near_given(self) -> Two:
        given, near = self.pick(self.language.near)
        one = self.named(given)
        return one.full, self.other(replace(one, given=near).full)

    def same_given(self) -> Two:
        one, another = self.person(), self.person()
        while another.family == one.family or another.is_female != one.is_female:
            another = self.person()
        return one.full, self.other(replace(another, given=one.given).full)

    def near_family(self) -> Two:
        one = self.person()
        root = self.pick(self.language.roots)
        first, second = (
            of_sex(root + ending, self.language.code, one.is_female)
            for ending in self.chance.sample(self.language.endings, 2)
        )
        return f"{one.given} {first}", self.other(f"{one.given} {second}")

    def other_father(self) -> Two:
        one = with_father(self.person(), self.language, self.chance)
        another = one
        while another.patronymic == one.patronymic:
            another = with_father(one, self.language, self.chance)
        return one.full, self.other(another.full)

    def other_second(self) -> Two:
        one, second, third = self.person(), "", ""
        while len({one.family, second, third}) < 3:
            second, third = (self.family(is_female=one.is_female) for _ in range(2))
        return f"{one.full} {second}", self.other(f"{one.full} {third}")


class ScriptMaker(Maker):
    """Makes pairs of a language with a script of its own."""

    def of_one_person(self) -> list[Rule]:
        rules = [self.romanised, self.two_systems] * 4 + [self.short_form] * 2
        rules += [self.other_order, self.slip, self.double_surname]
        if self.language.fathers:
            rules += [self.father] * 2
        man = self.language.roots[0] + self.language.endings[0]
        if of_sex(man, self.language.code, is_female=True) != man:
            rules += [self.female_form] * 2
        return rules

    def latin(self, name: str) -> str:
        return in_latin(name, self.language.code, self.chance)

    def other(self, name: str) -> str:
        return self.latin(name) if self.chance.random() < 0.6 else name

    def romanised(self) -> Two:
        name = self.person().full
        return name, self.latin(name)

    def two_systems(self) -> Two:
        name = self.person().full
        return self.latin(name), self.latin(name)

    def father(self) -> Two:
        one = with_father(self.person(), self.language, self.chance)
        other = one if self.chance.random() < 0.5 else replace(one, patronymic="")
        return f"{one.family} {one.given} {one.patronymic}", self.other(other.full)

    def other_order(self) -> Two:
        one = self.person()
        return one.full, self.other(f"{one.family} {one.given}")

    def slip(self) -> Two:
        one = self.person()
        if self.chance.random() < 0.5:
            return one.full, f"{one.given} {self.with_slip(one.family)}"
        return one.full, f"{self.latin(one.given)} {self.with_slip(self.latin(one.family))}"

    def with_slip(self, family: str) -> str:
        return with_slip(family.lower(), self.chance).capitalize()

    def double_surname(self) -> Two:
        one = self.person()
        second = self.family(is_female=one.is_female)
        return f"{one.given} {one.family}-{second}", self.other(one.full)


class ArabicMaker(Maker):
    """Makes pairs of Arabic names, whose Latin spellings are listed."""

    def __init__(self, chance: random.Random, half: int) -> None:
        super().__init__(western.SPANISH, chance, half)
        self.everybody = (*western.ARABIC_MEN, *western.ARABIC_WOMEN)
        self.spellings = dict(self.everybody)

    def of_one_person(self) -> list[Rule]:
        return [self.romanised, self.two_spellings] * 3 + [self.grandfather, self.article]

    def of_two_people(self) -> list[Rule]:
        return [self.strangers, self.near_given] + [self.brothers, self.same_given] * 2

    def names(self) -> list[ArabicName]:
        given = self.pick(self.chance.choice((western.ARABIC_MEN, western.ARABIC_WOMEN)))
        return [given, self.pick(western.ARABIC_FAMILIES)]

    def latin(self, names: Sequence[ArabicName]) -> str:
        return " ".join(self.chance.choice(spellings) for _, spellings in names)

    def romanised(self) -> Two:
        names = self.names()
        return _arabic(names), self.latin(names)

    def two_spellings(self) -> Two:
        names = self.names()
        return self.latin(names), self.latin(names)

    def grandfather(self) -> Two:
        given, family = self.names()
        names = [given, self.pick(western.ARABIC_MEN), family]
        return _arabic(names), self.latin(names)

    def article(self) -> Two:
        families = [name for name in western.ARABIC_FAMILIES if name[0].startswith("ال")]
        names = [self.pick(western.ARABIC_MEN), self.pick(families)]
        return _arabic(names), self.latin(names).replace("-", " ")

    def strangers(self) -> Two:
        return self.two(*self.two_given(), *self.two_families())

    def brothers(self) -> Two:
        family = self.pick(western.ARABIC_FAMILIES)
        return self.two(*self.two_given(), family, family)

    def near_given(self) -> Two:
        one, near = self.pick(western.ARABIC_NEAR)
        family = self.pick(western.ARABIC_FAMILIES)
        return self.two(one, near, family, family)

    def same_given(self) -> Two:
        given = self.two_given()[0]
        return self.two(given, given, *self.two_families())

    def two_given(self) -> Two:
        one, other = self.chance.sample(half_of(self.everybody, self.half), 2)
        return one[0], other[0]

    def two_families(self) -> list[ArabicName]:
        return self.chance.sample(half_of(western.ARABIC_FAMILIES, self.half), 2)

    def two(self, one: str, other: str, family: ArabicName, other_family: ArabicName) -> Two:
        return self.either(one, family, 0.4), self.either(other, other_family, 0.6)

    def either(self, given: str, family: ArabicName, latin: float) -> str:
        names = [(given, self.spellings[given]), family]
        return self.latin(names) if self.chance.random() < latin else _arabic(names)


def _maker(code: str, chance: random.Random, half: int) -> Maker:
    if code == "ar":
        return ArabicMaker(chance, half)
    return (ScriptMaker if code in SYSTEMS else Maker)(LANGUAGES[code], chance, half)


def _arabic(names: Sequence[ArabicName]) -> str:
    return " ".join(written for written, _ in names)


if __name__ == "__main__":
    for name, content in made_files().items():
        (FOLDER / name).write_text(content, encoding="utf-8")
