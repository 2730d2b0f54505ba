"""Who may be meant: from words and numbers to the few entries that are worth a closer look.

Words of the index that share a key with a word of the query are compared with it once,
however many people have them. Who has the words that fit is counted; the best go on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest

from node.finding import limits
from node.finding.comparing import (
    NOTHING,
    SOUNDS_LEAST,
    WORD_LEAST,
    Alike,
    Match,
    align,
    compare_words,
    judge,
)
from node.finding.digits import Lookup
from node.finding.indexing import asked_keys, decode_names, joined_keys, word_of_row
from node.finding.names import Join, Name, Word
from node.finding.reasons import Reason
from node.store import finding
from node.store.db import Transaction
from node.store.finding import FoundPersonRow

# Typed on, the word may become the one that is there.
_BEGINS, _BEGINS_LETTERS, _WORDS_THAT_BEGIN = 0.76, 3, 100
# To look up the words of somebody costs as much as to read so many who have a word.
_LOOKED_UP_FASTER = 5
# The least sum of two words that fit.
_TWO_WORDS = 2 * WORD_LEAST

Alikes = Mapping[tuple[int, int], Alike]
"""How alike a word of the query (by its place) and a word of the index are."""

Fitting = Mapping[int, Alike]
"""Words of the index (by their numbers) that fit one word of the query."""


@dataclass(frozen=True, slots=True)
class Question:
    """A name with its words numbered: what is compared with the names of the index."""

    name: Name[int]
    alikes: Alikes

    def match(self, row: FoundPersonRow, *, is_query: bool) -> Match:
        """Return how well the best of somebody's names fits."""
        matches = [
            judge(self.name, name, align(self.name, name, self._alike), is_query=is_query)
            for name in decode_names(row.names)
        ]
        return max(matches, key=lambda match: match.score, default=Match(0.0, (), 0))

    def _alike(self, asked: int, recorded: int) -> Alike:
        return self.alikes.get((asked, recorded), NOTHING)


def people_by_name(
    db: Transaction,
    name: Name[Word],
    *,
    is_typed: bool,
    count: int,
    favoured: Collection[int] = (),
) -> tuple[Question, list[int]]:
    """Return a question, and who may answer it: so many, the likeliest first.

    `favoured` are people for whom a date or number speaks: of many who have the same
    name they must not be left out.
    """
    of_words, of_joins = _all_fitting(db, name, is_typed=is_typed)
    fitting = [*of_words, *of_joins]
    alikes = {
        (place, number): alike
        for place, found in enumerate(fitting)
        for number, alike in found.items()
    }
    total = _people(db, of_words)
    for found in of_joins:
        _add(total, found, _users(db, found))
    for person in favoured:
        if person in total:
            total[person] += len(name.words)
    joins = (Join(len(name.words) + i, join.covers) for i, join in enumerate(name.joins))
    numbered = Name(tuple(range(len(name.words))), name.places, tuple(joins))
    ranked = nlargest(count, ((score, person) for person, score in total.items()))
    return Question(numbered, alikes), [person for _, person in ranked]


def people_by_lookups(
    db: Transaction, lookups: Iterable[Lookup]
) -> dict[int, tuple[float, Reason]]:
    """Return who has one of the numbers, with the best score and its reason."""
    found: dict[int, tuple[float, Reason]] = {}
    for lookup in lookups:
        look = finding.people_by_beginning if lookup.is_beginning else finding.people_by_number
        for person in look(db, lookup.term, limits.PEOPLE_PER_NUMBER):
            if found.get(person, (0.0,))[0] < lookup.score:
                found[person] = (lookup.score, lookup.reason)
    return found


def _people(db: Transaction, fitting: Sequence[Fitting]) -> dict[int, float]:
    """Return who has words that fit, with the sum of the best for each word asked for.

    The rarest word comes first. A common one is then looked up among those who have that,
    if there is anybody who has both: thousands have only the common one.
    """
    counts = [finding.count_users(db, list(found)) for found in fitting]
    total: dict[int, float] = {}
    common: list[Fitting] = []
    for place in sorted(range(len(fitting)), key=lambda place: counts[place]):
        found = fitting[place]
        if total and counts[place] > _LOOKED_UP_FASTER * len(total):
            common.append(found)
            _add(total, found, finding.users_among(db, list(found), list(total)))
        else:
            _add(total, found, _users(db, found))
    if common and max(total.values()) < _TWO_WORDS:
        for found in common:
            _add(total, found, [row for row in _users(db, found) if row[1] not in total])
    return total


def _users(db: Transaction, found: Fitting) -> list[tuple[int, int]]:
    """Return words and who has them; where there are too many, who has the best."""
    best = [number for number, alike in found.items() if alike.score >= SOUNDS_LEAST]
    rows = finding.users(db, best, limits.PEOPLE_PER_WORD)
    rest = [number for number, alike in found.items() if alike.score < SOUNDS_LEAST]
    return rows + finding.users(db, rest, limits.PEOPLE_PER_WORD - len(rows))


def _add(total: dict[int, float], found: Fitting, rows: Iterable[tuple[int, int]]) -> None:
    best: dict[int, float] = {}
    for number, person in rows:
        score = found[number].score
        if score > best.get(person, 0.0):
            best[person] = score
    for person, score in best.items():
        total[person] = total.get(person, 0.0) + score


def _all_fitting(
    db: Transaction, name: Name[Word], *, is_typed: bool
) -> tuple[list[Fitting], list[Fitting]]:
    """Return for each word, and for each join, the words of the index that fit it."""
    return (
        [_fitting_word(db, word, is_typed=is_typed) for word in name.words],
        [_fitting(db, join.word, joined_keys(join.word), SOUNDS_LEAST) for join in name.joins],
    )


def _fitting_word(db: Transaction, word: Word, *, is_typed: bool) -> Fitting:
    found = dict(_fitting(db, word, asked_keys(word), WORD_LEAST))
    if is_typed and len(word.latin) >= _BEGINS_LETTERS:
        for row in finding.words_by_beginning(db, word.latin, _WORDS_THAT_BEGIN):
            if found.get(row.word, NOTHING).score < _BEGINS:
                found[row.word] = Alike(_BEGINS, Reason.BEGINS)
    best = nlargest(limits.MATCHING_WORDS, found, key=lambda number: found[number].score)
    return {number: found[number] for number in best}


def _fitting(db: Transaction, word: Word, keys: frozenset[str], least: float) -> Fitting:
    found: dict[int, Alike] = {}
    for row in finding.words_by_key(db, sorted(keys), limits.CANDIDATE_WORDS):
        alike = compare_words(word, word_of_row(row))
        if alike.score >= least:
            found[row.word] = alike
    return found
