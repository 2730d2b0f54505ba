"""`Finding`: people in this node's own cases, from a box that takes anything.

Nothing is merged and nothing is decided: a person looks at the hits. A search is read
from the database in one job and leaves no trace outside of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import chain, islice

from node.finding import limits
from node.finding.candidates import people_by_lookups, people_by_name
from node.finding.comparing import FOUND
from node.finding.digits import TELEPHONE_DIGITS, Lookup, date_lookups, parse_text
from node.finding.indexing import RULES, index_all
from node.finding.names import Name, Word
from node.finding.people import Entry, entries
from node.finding.query import Query, parse_query
from node.finding.ranking import (
    SPACED,
    Asked,
    Evidence,
    Hit,
    best_date,
    best_first,
    duplicate,
    ranked,
)
from node.finding.reasons import Part, Reason
from node.store import finding
from node.store.db import Store, Transaction
from protocol.pb.homeward.v1 import case_pb2

_REFERENCE_CHARACTERS = 5


class Finding:
    """Finds people in the cases of a node."""

    def __init__(self, store: Store) -> None:
        """Use the index in this store."""
        self._store = store

    async def find(self, query: str, limit: int = 20) -> list[Hit]:
        """Return the cases that fit what somebody typed, the best first.

        Raises:
            ArgumentError: there is nothing to look for in it, or too much.
        """
        asked = parse_query(query)
        await self._update()
        count = max(1, min(limit, limits.HITS))
        hits = await self._store.read(partial(_find, asked=asked, count=_candidates(count)))
        return hits[:count]

    async def possible_duplicates(self, case: case_pb2.Case) -> list[Hit]:
        """Return other cases that may be about a child of this one, the likeliest first."""
        await self._update()
        wanted = list(entries(case.federated_id, case))
        hits = await self._store.read(partial(_duplicates, wanted=wanted))
        return [hit for hit in hits if hit.case_id != case.federated_id][: limits.HITS]

    async def _update(self) -> None:
        """Make the index again if it was made by other rules, some cases at a time."""
        if await self._store.read(finding.rules) == RULES:
            return
        last: str | None = ""
        while last is not None:
            last = await self._store.write(
                partial(index_all, after=last, limit=limits.CASES_PER_REBUILD)
            )
        await self._store.write(partial(finding.set_rules, number=RULES))


def _candidates(hits: int) -> int:
    return max(limits.LEAST_CANDIDATES, limits.CANDIDATES_PER_HIT * hits)


def _find(db: Transaction, asked: Query, count: int) -> list[Hit]:
    numbers = [people_by_lookups(db, lookups) for lookups in asked.numbers]
    spaced = people_by_lookups(db, asked.references)
    numbered = [*spaced, *(person for found in numbers for person in found)]
    dated = list(people_by_lookups(db, date_lookups(asked.dates)))
    question, named = people_by_name(
        db, asked.name, is_typed=True, count=count, favoured={*numbered, *dated}
    )
    # A date alone finds people; beside a name it only sorts them.
    wanted = dict.fromkeys([*named, *numbered, *(() if asked.name else dated)])
    found = []
    for row in finding.people(db, list(wanted)):
        hits = {place: hits[row.person] for place, hits in enumerate(numbers) if row.person in hits}
        if row.person in spaced:
            hits[SPACED] = spaced[row.person]
        name = question.match(row, is_query=True) if asked.name else None
        date = best_date(asked.dates, parse_text(row.born))
        found.append(Evidence(row.case_id, Part(row.part), row.place, name, date, hits))
    wanted_parts = Asked(has_name=bool(asked.name), dates=asked.dates, numbers=len(asked.numbers))
    return ranked(wanted_parts, found)


def _duplicates(db: Transaction, wanted: Sequence[Entry]) -> list[Hit]:
    best: dict[str, Hit] = {}
    numbers = _same_numbers(db, wanted)
    named = ((entry, name) for entry in wanted if entry.part is Part.CHILD for name in entry.names)
    of_names = (
        hit
        for child, name in islice(named, limits.NAMES_PER_DUPLICATE_SEARCH)
        for hit in _of_name(db, child, name, numbers)
    )
    for hit in chain(of_names, _of_numbers(db, numbers)):
        known = best.get(hit.case_id)
        if hit.score >= FOUND and (known is None or hit.score > known.score):
            best[hit.case_id] = hit
    return best_first(best.values())


def _of_name(
    db: Transaction, child: Entry, name: Name[Word], numbers: dict[int, tuple[float, Reason]]
) -> Iterable[Hit]:
    dated = people_by_lookups(db, date_lookups([child.born] if child.born else []))
    question, persons = people_by_name(
        db, name, is_typed=False, count=_candidates(limits.HITS), favoured={*numbers, *dated}
    )
    for row in finding.people(db, persons):
        if row.part != Part.CHILD:
            continue
        born = best_date([child.born] if child.born else [], parse_text(row.born))
        same = {0: numbers[row.person]} if row.person in numbers else {}
        match = question.match(row, is_query=False)
        evidence = Evidence(row.case_id, Part.CHILD, row.place, match, born, same)
        sexes = (child.sex, row.sex)
        yield duplicate(evidence, sexes=sexes, has_same_number=bool(same))


def _of_numbers(db: Transaction, numbers: dict[int, tuple[float, Reason]]) -> Iterable[Hit]:
    for row in finding.people(db, list(numbers)):
        same = {0: numbers[row.person]}
        evidence = Evidence(row.case_id, Part(row.part), row.place, numbers=same)
        yield duplicate(evidence, sexes=("", ""), has_same_number=True)


def _same_numbers(db: Transaction, wanted: Iterable[Entry]) -> dict[int, tuple[float, Reason]]:
    """Return who has the same telephone, document or file number.

    Sources and the telephones of offices are left out: one tipster, one police station
    stands in many cases.
    """
    lookups = [
        Lookup(term, is_beginning=False, reason=_reason(term), score=1.0)
        for entry in wanted
        for term in sorted(entry.numbers)
        if _is_telling(entry, term)
    ]
    return people_by_lookups(db, lookups)


def _is_telling(entry: Entry, term: str) -> bool:
    """Return whether a number belongs to one child's case; a few digits belong to many."""
    if term.startswith("p"):
        is_own = entry.part in {Part.CHILD, Part.PERSON}
        return is_own and len(term) > TELEPHONE_DIGITS
    is_own = entry.part in {Part.CHILD, Part.PERSON, Part.AUTHORITY}
    return is_own and term.startswith("r") and len(term) > _REFERENCE_CHARACTERS


def _reason(term: str) -> Reason:
    return Reason.TELEPHONE if term.startswith("p") else Reason.REFERENCE
