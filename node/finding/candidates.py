"""Who may be meant: from words and numbers to the few entries that are worth a closer look.

Words of the index that share a key with a word of the query are compared with it once,
however many people have them. Who has the words that fit is counted; the best go on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
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

Alikes = Mapping[tuple[int, int], Alike]
"""How alike a word of the query (by its place) and a word of the index are."""


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
    alikes: dict[tuple[int, int], Alike] = {}
    total: defaultdict[int, float] = defaultdict(float)
    for place, fitting in enumerate(_all_fitting(db, name, is_typed=is_typed)):
        alikes.update({(place, number): alike for number, alike in fitting.items()})
        best: dict[int, float] = {}
        for number, person in finding.users(db, sorted(fitting), limits.PEOPLE_PER_WORD):
            score = fitting[number].score
            if score > best.get(person, 0.0):
                best[person] = score
        for person, score in best.items():
            total[person] += score
    joins = (Join(len(name.words) + i, join.covers) for i, join in enumerate(name.joins))
    numbered = Name(tuple(range(len(name.words))), name.places, tuple(joins))
    for person in favoured:
        if person in total:
            total[person] += len(name.words)
    ranked = nlargest(count, total, key=lambda person: (total[person], person))
    return Question(numbered, alikes), ranked


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


def _all_fitting(
    db: Transaction, name: Name[Word], *, is_typed: bool
) -> Iterator[dict[int, Alike]]:
    """Yield for each word, then for each join, the words of the index that fit it."""
    for word in name.words:
        found = _fitting(db, word, asked_keys(word), WORD_LEAST)
        if is_typed and len(word.latin) >= _BEGINS_LETTERS:
            for row in finding.words_by_beginning(db, word.latin, _WORDS_THAT_BEGIN):
                if found.get(row.word, NOTHING).score < _BEGINS:
                    found[row.word] = Alike(_BEGINS, Reason.BEGINS)
        best = nlargest(limits.MATCHING_WORDS, found, key=lambda number: found[number].score)
        yield {number: found[number] for number in best}
    for join in name.joins:
        yield _fitting(db, join.word, joined_keys(join.word), SOUNDS_LEAST)


def _fitting(db: Transaction, word: Word, keys: frozenset[str], least: float) -> dict[int, Alike]:
    found = {}
    for row in finding.words_by_key(db, sorted(keys), limits.CANDIDATE_WORDS):
        alike = compare_words(word, word_of_row(row))
        if alike.score >= least:
            found[row.word] = alike
    return found
