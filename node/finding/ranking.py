"""What was found -> hits: one for each case, with a score and its reasons, the best first.

A name, a date and a number that were asked for together count together, also when the
name is the child's and the number the mother's. A date or a sex that differs is a reason
too: people should see what speaks against a hit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from node.finding.comparing import Match
from node.finding.digits import Date, compare_dates
from node.finding.reasons import Part, Reason

LEAST_HIT = 0.4
_LEAST_NAME = 0.5
# What counts how much, of what was asked for.
_NAME_WEIGHT, _DATE_WEIGHT, _NUMBER_WEIGHT = 0.55, 0.25, 0.45
_NO_DATE = 0.6
# Whom people mean most often, where all else is equal.
_PART_FACTORS = {Part.CHILD: 1.0, Part.PERSON: 0.98, Part.SOURCE: 0.96}
_OTHER_PART_FACTOR = 0.97

# A possible duplicate: how a date or the sex changes what the name says.
_DOUBT_LEFT = {
    Reason.DATE_SAME: 0.5, Reason.DATE_SWAPPED: 0.6, Reason.DATE_PARTLY: 0.8,
}  # fmt: skip
_DATE_FACTORS = {Reason.DATE_NEAR: 0.95, Reason.DATE_DIFFERS: 0.6}
_UNKNOWN_DATE_FACTOR, _OTHER_SEX_FACTOR, _ONE_WORD_FACTOR = 0.97, 0.7, 0.75
_SAME_NUMBER = 0.8
_SEXES = frozenset({"female", "male"})

# Among the numbers of evidence: the reference that was typed with spaces.
SPACED = -1

Weighed = tuple[float, Reason]


@dataclass(frozen=True, slots=True)
class Hit:
    """A case that was found: about whom in it, how surely, and why."""

    case_id: str
    part: Part
    place: str
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for one person, office or case of the index.

    `numbers` has the best hit for each number that was asked for, by its place there.
    """

    case_id: str
    part: Part
    place: str
    name: Match | None = None
    date: Weighed | None = None
    numbers: dict[int, Weighed] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked for."""

    has_name: bool
    dates: tuple[Date, ...]
    numbers: int


def best_date(dates: Sequence[Date], born: Date | None) -> Weighed | None:
    """Return how well a recorded date fits the best of those asked for."""
    if born is None or not dates:
        return None
    return max(compare_dates(date, born) for date in dates)


def ranked(asked: Asked, found: Iterable[Evidence]) -> list[Hit]:
    """Return one hit for each case that fits, the best first, then the newest."""
    cases: dict[str, list[Evidence]] = {}
    for evidence in found:
        cases.setdefault(evidence.case_id, []).append(evidence)
    hits = [_hit(asked, evidences) for evidences in cases.values()]
    return best_first(hit for hit in hits if hit.score >= LEAST_HIT)


def best_first(hits: Iterable[Hit]) -> list[Hit]:
    """Return hits in the order in which people read them."""
    newest_first = sorted(hits, key=lambda hit: hit.case_id, reverse=True)
    return sorted(newest_first, key=lambda hit: -hit.score)


def duplicate(evidence: Evidence, *, sexes: tuple[str, str], has_same_number: bool) -> Hit:
    """Return how surely a child of another case is the one that was asked for."""
    name = evidence.name or Match(0.0, (), 0)
    reasons = list(name.reasons)
    score = name.score
    if evidence.date is None:
        score *= _UNKNOWN_DATE_FACTOR
    else:
        reasons.append(evidence.date[1])
        score = 1 - (1 - score) * _DOUBT_LEFT.get(evidence.date[1], 1.0)
        score *= _DATE_FACTORS.get(evidence.date[1], 1.0)
    is_date_same = evidence.date is not None and evidence.date[1] is Reason.DATE_SAME
    if name.words == 1 and not is_date_same:
        # "Maria" is no duplicate of "Maria".
        score *= _ONE_WORD_FACTOR
    if set(sexes) == _SEXES:
        score *= _OTHER_SEX_FACTOR
        reasons.append(Reason.SEX_DIFFERS)
    if has_same_number:
        score = max(score, _SAME_NUMBER)
        reasons += [reason for _, reason in evidence.numbers.values()]
    return Hit(
        evidence.case_id, evidence.part, evidence.place, score, tuple(dict.fromkeys(reasons))
    )


def _hit(asked: Asked, evidences: Sequence[Evidence]) -> Hit:
    """Return the hit for one case: the best name, with the numbers of all in it."""
    best = max(evidences, key=_rank)
    numbers: dict[int, Weighed] = {}
    for evidence in evidences:
        for place, weighed in evidence.numbers.items():
            numbers[place] = max(numbers.get(place, weighed), weighed)
    name = best.name if best.name is not None and best.name.score >= _LEAST_NAME else None
    weights: list[tuple[float, float]] = []
    reasons: list[Reason] = list(name.reasons) if name else []
    # A reference that was typed with spaces explains the words around its digits.
    if asked.has_name and not (name is None and SPACED in numbers):
        weights.append((_NAME_WEIGHT, name.score if name else 0.0))
    if asked.dates:
        weights.append((_DATE_WEIGHT, best.date[0] if best.date else _NO_DATE))
        reasons += [best.date[1]] if best.date else []
    if asked.numbers or SPACED in numbers:
        weights.append((_NUMBER_WEIGHT, _of_numbers(asked, numbers)))
        reasons += [reason for _, reason in numbers.values()]
    total = sum(weight for weight, _ in weights)
    score = sum(weight * part for weight, part in weights) / total
    factor = _PART_FACTORS.get(best.part, _OTHER_PART_FACTOR)
    return Hit(best.case_id, best.part, best.place, score * factor, tuple(dict.fromkeys(reasons)))


def _of_numbers(asked: Asked, numbers: dict[int, Weighed]) -> float:
    if SPACED in numbers:
        return numbers[SPACED][0]
    return sum(score for score, _ in numbers.values()) / asked.numbers


def _rank(evidence: Evidence) -> tuple[float, float, float]:
    name = evidence.name.score if evidence.name is not None else 0.0
    date = evidence.date[0] if evidence.date is not None else 0.0
    number = max((score for score, _ in evidence.numbers.values()), default=0.0)
    return name, date, number
