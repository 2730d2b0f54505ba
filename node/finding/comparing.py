"""Two words, two names -> how sure it is that they are one, and why.

A score is between 0 and 1. For words it comes from the strongest rule that holds; for
names it is the product of what their words have in common, so that one good word does
not make up for a bad one: brothers share a family name, and a common first name says
nothing. What one side does not have costs little, what both have differently much.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeVar

from node.finding.endings import Patronymic, is_female_form, is_other_sex, patronymic
from node.finding.names import Name, Place, Word
from node.finding.reasons import Reason
from node.finding.sounds import alikeness

V = TypeVar("V")
W = TypeVar("W")

# Tuned on the first half of tests/node/finding/pairs; the other half judges them.
NICKNAME, OTHER_FORM, FEMALE_FORM, FROM_FATHER, INITIAL = 0.88, 0.94, 0.95, 0.86, 0.75
NO_VOWELS_MOST, OTHER_SCRIPT_MOST, SOUNDS_MOST = 0.95, 0.99, 0.97
OTHER_FATHER_MOST, OTHER_SEX_MOST = 0.45, 0.5
SOUNDS_LEAST, WORD_LEAST, NOTHING_IN_COMMON = 0.87, 0.6, 0.5
# A letter weighs the more, the fewer there are.
ONE_LETTER_LETTERS, ONE_LETTER_COST, OTHER_LETTER_COST, FIRST_LETTER_COST = 5, 0.85, 1.1, 0.06
CONFLICT, MISSING, MISSING_PATRONYMIC, OTHER_ORDER, JOINED = 0.35, 0.94, 0.99, 0.98, 0.97
ONLY_ONE_WORD, NOT_TYPED = 0.6, 0.99
FATHER_LEAST = 0.9
# Two names of at least this score may well be one person's.
FOUND = 0.75


@dataclass(frozen=True, slots=True)
class Alike:
    """How alike two words are, and why."""

    score: float
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Match:
    """How alike two names are, and why; `words` of each are found in the other."""

    score: float
    reasons: tuple[Reason, ...]
    words: int


@dataclass(frozen=True, slots=True)
class Link:
    """Words of one name that are words of the other."""

    of_one: tuple[int, ...]
    of_other: tuple[int, ...]
    alike: Alike


NOTHING = Alike(0.0, None)
_SAME = Alike(1.0, Reason.SAME)
_FEMALE_FORM = Alike(FEMALE_FORM, Reason.FEMALE_FORM)


def compare_words(one: Word, other: Word) -> Alike:
    """Return how alike two words are."""
    if one.latin == other.latin and one.script is other.script:
        return _SAME
    shared = {given.name for given in one.given} & {given.name for given in other.given}
    if one.given and other.given and not shared and one.sounds != other.sounds:
        # Two names that are both known: Maria and Marina.
        return NOTHING
    is_unvowelled = one.is_unvowelled != other.is_unvowelled
    heard = alikeness(one.sounds, other.sounds, is_unvowelled=is_unvowelled)
    if heard >= SOUNDS_LEAST and not is_other_sex(one.sounds, other.sounds):
        is_form = heard < 1 and _is_female_form(one, other)
        return _FEMALE_FORM if is_form else _heard(one, other, heard)
    if shared:
        return _same_name(one, other)
    if min(len(one.latin), len(other.latin)) == 1:
        is_initial = one.latin[:1] == other.latin[:1] or one.sounds[:1] == other.sounds[:1]
        return Alike(INITIAL, Reason.INITIAL) if is_initial else NOTHING
    if heard < NOTHING_IN_COMMON:
        return NOTHING
    return _by_rule(one, other, heard)


def compare_names(one: Name[Word], other: Name[Word]) -> Match:
    """Return how alike two whole names are."""
    return judge(one, other, align(one, other, compare_words))


def align(one: Name[V], other: Name[W], alike: Callable[[V, W], Alike]) -> list[Link]:
    """Return which words belong together: the surest first, each word once."""
    links = sorted(_possible(one, other, alike), key=lambda link: -link.alike.score)
    chosen: list[Link] = []
    used_one: set[int] = set()
    used_other: set[int] = set()
    for link in links:
        if used_one.isdisjoint(link.of_one) and used_other.isdisjoint(link.of_other):
            chosen.append(link)
            used_one.update(link.of_one)
            used_other.update(link.of_other)
    return chosen


def judge(one: Name[V], other: Name[W], links: Sequence[Link], *, is_query: bool = False) -> Match:
    """Return what the links say about the whole names.

    `is_query`: `one` is what somebody typed, so the other name may well have more words.
    """
    left_one, left_other = _left(one, links, 0), _left(other, links, 1)
    linked = sum(len(link.of_one) for link in links)
    score = 1.0
    reasons: list[Reason] = []
    for link in links:
        score *= link.alike.score
        if link.alike.reason is not None:
            reasons.append(link.alike.reason)
    # With three or four words the product of small doubts would be too small.
    score **= min(1.0, 2 / max(len(links), 1))
    conflicts, missing_one, missing_other, fathers = _differences(left_one, left_other)
    score *= CONFLICT**conflicts
    score *= MISSING**missing_one * MISSING_PATRONYMIC**fathers
    score *= (NOT_TYPED if is_query else MISSING) ** missing_other
    if len(links) == 1 and max(len(one.words), len(other.words)) > linked:
        is_enough = is_query and not left_one
        score *= 1.0 if is_enough else ONLY_ONE_WORD
    reasons += _of_whole(links, [*left_one, *left_other] if missing_one or missing_other else [])
    if Reason.OTHER_ORDER in reasons:
        score *= OTHER_ORDER
    return Match(score if links else 0.0, tuple(dict.fromkeys(reasons)), linked)


def _heard(one: Word, other: Word, heard: float) -> Alike:
    if one.is_unvowelled != other.is_unvowelled:
        return Alike(min(heard, NO_VOWELS_MOST), Reason.NO_VOWELS)
    if one.script is not other.script:
        return Alike(min(heard, OTHER_SCRIPT_MOST), Reason.OTHER_SCRIPT)
    return Alike(min(heard, SOUNDS_MOST), Reason.SOUNDS_ALIKE)


def _same_name(one: Word, other: Word) -> Alike:
    full = [{g.name for g in word.given if not g.is_short} for word in (one, other)]
    if full[0] & full[1]:
        is_same_script = one.script is other.script
        return Alike(OTHER_FORM, Reason.NICKNAME if is_same_script else Reason.OTHER_SCRIPT)
    return Alike(NICKNAME, Reason.NICKNAME)


def _by_rule(one: Word, other: Word, heard: float) -> Alike:
    if _is_female_form(one, other):
        return _FEMALE_FORM
    fathers = patronymic(one.sounds), patronymic(other.sounds)
    from_father = _of_fathers(one, other, fathers)
    if from_father is not None:
        return from_father
    if is_other_sex(one.sounds, other.sounds):
        return Alike(min(heard, OTHER_SEX_MOST), None)
    letter = _one_letter(one.latin, other.latin)
    if letter > 0:
        return Alike(letter, Reason.ONE_LETTER)
    return Alike(heard * heard, Reason.SOUNDS_ALIKE)


def _is_female_form(one: Word, other: Word) -> bool:
    return not (one.given and other.given) and is_female_form(one.sounds, other.sounds)


def _of_fathers(
    one: Word, other: Word, fathers: tuple[Patronymic | None, Patronymic | None]
) -> Alike | None:
    first, second = fathers
    if first is not None and second is not None:
        heard = alikeness(first.father, second.father)
        if first.is_female != second.is_female:
            return Alike(min(heard, OTHER_SEX_MOST), None)
        if heard >= SOUNDS_LEAST:
            return Alike(heard, Reason.SOUNDS_ALIKE)
        # Two fathers, unless a family name like Petrović has lost a letter.
        is_slip = _one_letter(one.latin, other.latin) > 0
        return None if is_slip else Alike(min(heard, OTHER_FATHER_MOST), None)
    for father, name in ((first, other), (second, one)):
        if father is None or not name.given:
            continue
        if alikeness(father.father, name.sounds) >= FATHER_LEAST:
            return Alike(FROM_FATHER, Reason.PATRONYMIC)
    return None


def _one_letter(one: str, other: str) -> float:
    """Return the score of words of which one letter is missing, wrong or out of place."""
    shorter, longer = sorted((one, other), key=len)
    if len(longer) < ONE_LETTER_LETTERS or len(longer) - len(shorter) > 1:
        return 0.0
    begin = _common(one, other)
    end = _common(one[begin:][::-1], other[begin:][::-1])
    left_one, left_other = one[begin : len(one) - end], other[begin : len(other) - end]
    is_swapped = len(left_one) == 2 and left_one == left_other[::-1]
    if max(len(left_one), len(left_other)) > 1 and not is_swapped:
        return 0.0
    is_other = len(left_one) == len(left_other) == 1
    cost = OTHER_LETTER_COST if is_other else ONE_LETTER_COST
    return 1 - cost / len(longer) - (FIRST_LETTER_COST if begin == 0 else 0.0)


def _common(one: str, other: str) -> int:
    """Return with how many letters both begin."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _possible(one: Name[V], other: Name[W], alike: Callable[[V, W], Alike]) -> Iterator[Link]:
    have_fathers = Place.PATRONYMIC in one.places and Place.PATRONYMIC in other.places
    for (i, first), (j, second) in product(enumerate(one.words), enumerate(other.words)):
        found = alike(first, second)
        # Ivan Petrovich is not Pyotr Ivanovich: where both have a father, none is a name.
        is_crossed = have_fathers and one.places[i] is not other.places[j]
        if found.reason is Reason.PATRONYMIC and is_crossed:
            continue
        if found.score >= WORD_LEAST:
            yield Link((i,), (j,), found)
    for own, (j, second) in product(one.joins, enumerate(other.words)):
        yield from _joined(alike(own.word, second), own.covers, (j,))
    for (i, first), its in product(enumerate(one.words), other.joins):
        yield from _joined(alike(first, its.word), (i,), its.covers)


def _joined(found: Alike, of_one: tuple[int, ...], of_other: tuple[int, ...]) -> Iterator[Link]:
    if found.score >= SOUNDS_LEAST:
        yield Link(of_one, of_other, Alike(found.score * JOINED, Reason.JOINED))


def _left(name: Name[W], links: Sequence[Link], side: int) -> list[Place]:
    linked = {i for link in links for i in (link.of_one, link.of_other)[side]}
    return [place for i, place in enumerate(name.places) if i not in linked]


def _differences(
    left_one: Sequence[Place], left_other: Sequence[Place]
) -> tuple[int, int, int, int]:
    """Return how many words differ, are missing in one, in the other, and patronymics."""
    fathers_one, fathers_other = (left.count(Place.PATRONYMIC) for left in (left_one, left_other))
    one, other = len(left_one) - fathers_one, len(left_other) - fathers_other
    conflicts = min(one, other) + min(fathers_one, fathers_other)
    return (
        conflicts,
        max(one - other, 0),
        max(other - one, 0),
        abs(fathers_one - fathers_other),
    )


def _of_whole(links: Sequence[Link], missing: Sequence[Place]) -> Iterator[Reason]:
    ordered = sorted(links, key=lambda link: link.of_one)
    if [link.of_other for link in ordered] != sorted(link.of_other for link in ordered):
        yield Reason.OTHER_ORDER
    if missing and len(links) > 1:
        yield Reason.DOUBLE_SURNAME if Place.FAMILY in missing else Reason.EXTRA_WORD
