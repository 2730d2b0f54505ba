"""Keeps the index in step with the cases: written with a version, gone with it.

`index_case` belongs into the transaction that inserts a version of a case; whoever is
erased from a case, or with it, is then in no table. The index has the newest version
only: a name that was corrected is not found under the wrong spelling for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from node.finding.digits import date_terms
from node.finding.endings import far_stems
from node.finding.given import GivenName
from node.finding.names import Join, Name, Place, Word
from node.finding.people import Entry, entries
from node.finding.sounds import gapped, rows, skeletons
from node.finding.writing import Script
from node.store import cases, finding
from node.store.db import Transaction
from node.store.finding import FoundWordRow, PersonRow, WordRow
from protocol.pb.homeward.v1 import case_pb2

RULES = 1
"""Raised with every change of what the index holds; then it is made again."""

_SHORT = "~"
_SCRIPTS = {script.value: script for script in Script}
_PLACES = {place.value: place for place in Place}
_SAME_NAME, _ROW, _VOWELLED, _UNVOWELLED, _LETTERS = "=", "-", "+", "#", "~"


def index_case(db: Transaction, case_id: str, case: case_pb2.Case) -> None:
    """Make what is found of a case that of its newest version, which is there already."""
    version = finding.latest_version(db, case_id)
    if version is None:
        raise ValueError("a case is indexed after its version is inserted")
    finding.forget(db, case_id)
    for entry in entries(case_id, case):
        if entry.names or entry.numbers or entry.born:
            _add(db, case_id, version, entry)


def index_all(db: Transaction, after: str, limit: int) -> str | None:
    """Index the next cases in order of their ids; return the last id, None at the end."""
    case_ids = finding.case_ids_after(db, after, limit)
    for case_id in case_ids:
        row = cases.latest(db, case_id)
        if row is not None:
            index_case(db, case_id, case_pb2.Case.FromString(row.body))
    return case_ids[-1] if case_ids else None


def word_keys(word: Word) -> frozenset[str]:
    """Return the keys of a word of the index."""
    if word.is_unvowelled:
        return _marked(_UNVOWELLED, skeletons(word.sounds)) | _by_sound(word)
    return _marked(_VOWELLED, skeletons(word.sounds)) | _by_sound(word)


def asked_keys(word: Word) -> frozenset[str]:
    """Return the keys under which to look for a word.

    Words without vowels are met by their consonants alone; for others these would lead
    to too many.
    """
    bare = skeletons(word.sounds)
    found = _marked(_UNVOWELLED, bare) | _by_sound(word)
    return found | _marked(_VOWELLED, bare) if word.is_unvowelled else found


def joined_keys(word: Word) -> frozenset[str]:
    """Return the keys under which to look for two words that are written as one."""
    found = _marked(_UNVOWELLED, skeletons(word.sounds)) | _marked(_ROW, rows(word.sounds))
    return found | (asked_keys(word) if word.is_unvowelled else frozenset())


def _by_sound(word: Word) -> frozenset[str]:
    by_stem = {key for stem in far_stems(word.sounds) for key in rows(stem)}
    by_name = {given.name for given in word.given}
    # Letters that changed places leave the letters.
    by_letters = {_LETTERS + "".join(sorted(word.latin))}
    sounding = _marked(_ROW, gapped(word.sounds) | by_stem)
    return sounding | _marked(_SAME_NAME, by_name) | by_letters


def _marked(mark: str, keys: Iterable[str]) -> frozenset[str]:
    return frozenset(mark + key for key in keys)


def word_of_row(row: FoundWordRow) -> Word:
    """Return a word as it is compared."""
    if not row.given:
        return Word(row.latin, row.sounds, _SCRIPTS[row.script])
    given = frozenset(
        GivenName(text.removeprefix(_SHORT), text.startswith(_SHORT)) for text in row.given.split()
    )
    return Word(row.latin, row.sounds, _SCRIPTS[row.script], given)


def decode_names(text: str) -> list[Name[int]]:
    """Return the names of an entry, with the numbers of words for words."""
    return [_decode_name(line) for line in text.split(";")] if text else []


def _add(db: Transaction, case_id: str, version: int, entry: Entry) -> None:
    numbers = {word: _word_number(db, word) for name in entry.names for word in _words(name)}
    row = PersonRow(
        case_id=case_id,
        version=version,
        part=entry.part,
        place=entry.place,
        names=";".join(_encode_name(name, numbers) for name in entry.names),
        born=entry.born.text if entry.born else "",
        sex=entry.sex,
    )
    person = finding.add_person(db, row)
    finding.use_words(db, sorted(set(numbers.values())), person)
    terms = set(entry.numbers) | set(date_terms(entry.born) if entry.born else ())
    finding.add_numbers(db, sorted(terms), person)


def _words(name: Name[Word]) -> Iterator[Word]:
    yield from name.words
    yield from (join.word for join in name.joins)


def _word_number(db: Transaction, word: Word) -> int:
    given = sorted((_SHORT if name.is_short else "") + name.name for name in word.given)
    row = WordRow(word.latin, word.sounds, word.script, " ".join(given))
    number = finding.word_number(db, row)
    return number if number is not None else finding.add_word(db, row, sorted(word_keys(word)))


def _encode_name(name: Name[Word], numbers: dict[Word, int]) -> str:
    words = " ".join(
        f"{place}{numbers[word]}" for word, place in zip(name.words, name.places, strict=True)
    )
    joins = " ".join(
        f"{numbers[join.word]}:{','.join(map(str, join.covers))}" for join in name.joins
    )
    return f"{words}|{joins}"


def _decode_name(text: str) -> Name[int]:
    words, _, joins = text.partition("|")
    placed = words.split()
    return Name(
        words=tuple(int(word[1:]) for word in placed),
        places=tuple(_PLACES[word[0]] for word in placed),
        joins=tuple(_decode_join(join) for join in joins.split()),
    )


def _decode_join(text: str) -> Join[int]:
    number, _, covers = text.partition(":")
    return Join(int(number), tuple(map(int, covers.split(","))))
