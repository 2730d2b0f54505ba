"""Table group: the index by which people are found in cases.

- A person, office or case is one row of `finding_people`, with the version of the case
  from which it was made; the row goes with that version, and all that hangs on it.
- The words of names are kept once. A word is compared with the query, and only words
  that fit lead to people: however many people there are, words are few.
- A word that nobody has any more is deleted by a trigger: an erased name leaves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from node.store import rows

# What stands after every text that begins like another one.
_AFTER_ALL = "\U0010ffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """One entry of the index; `names` and `born` are written by node.finding."""

    case_id: str
    version: int
    part: str
    place: str
    names: str
    born: str
    sex: str


@dataclass(frozen=True, slots=True)
class FoundPersonRow:
    """The same, with the number by which words and numbers refer to it."""

    person: int
    case_id: str
    part: str
    place: str
    names: str
    born: str
    sex: str


@dataclass(frozen=True, slots=True)
class WordRow:
    """One word of a name in the form in which it is compared."""

    latin: str
    sounds: str
    script: str
    given: str


@dataclass(frozen=True, slots=True)
class FoundWordRow:
    """The same, with its number."""

    word: int
    latin: str
    sounds: str
    script: str
    given: str


def latest_version(db: Database, case_id: str) -> int | None:
    """Return the number of a case's newest version."""
    found = db.execute("SELECT max(version) FROM case_versions WHERE case_id = ?", [case_id])
    version: int | None = found.fetchone()[0]
    return version


def forget(db: Database, case_id: str) -> None:
    """Delete all that the index has of a case."""
    db.execute("DELETE FROM finding_people WHERE case_id = ?", [case_id])


def add_person(db: Database, row: PersonRow) -> int:
    """Insert an entry; return its number."""
    rows.insert(db, "finding_people", row)
    person: int = db.execute("SELECT last_insert_rowid()").fetchone()[0]
    return person


def word_number(db: Database, row: WordRow) -> int | None:
    """Return the number of a word, or None when nobody has it yet."""
    found = db.execute(
        "SELECT word FROM finding_words WHERE latin = ? AND sounds = ? AND script = ?",
        [row.latin, row.sounds, row.script],
    ).fetchone()
    return found[0] if found else None


def add_word(db: Database, row: WordRow, keys: Iterable[str]) -> int:
    """Insert a word with the keys under which it is looked up; return its number."""
    rows.insert(db, "finding_words", row)
    word: int = db.execute("SELECT last_insert_rowid()").fetchone()[0]
    pairs = [(key, word) for key in keys]
    db.conn.executemany("INSERT INTO finding_keys (key, word) VALUES (?, ?)", pairs)
    return word


def use_words(db: Database, words: Iterable[int], person: int) -> None:
    """Say that somebody has words in a name."""
    pairs = [(word, person) for word in words]
    db.conn.executemany("INSERT INTO finding_uses (word, person) VALUES (?, ?)", pairs)


def add_numbers(db: Database, terms: Iterable[str], person: int) -> None:
    """Say that somebody has numbers or dates."""
    pairs = [(term, person) for term in terms]
    db.conn.executemany("INSERT INTO finding_numbers (term, person) VALUES (?, ?)", pairs)


def words_by_key(db: Database, keys: Sequence[str], limit: int) -> list[FoundWordRow]:
    """Return the words that have one of the keys."""
    having_one = f"SELECT word FROM finding_keys WHERE key IN ({_marks(keys)})"  # noqa: S608 - question marks
    rest = f"WHERE word IN ({having_one}) LIMIT ?"
    return rows.select(db, "finding_words", FoundWordRow, rest, [*keys, limit])


def words_by_beginning(db: Database, latin: str, limit: int) -> list[FoundWordRow]:
    """Return the words that begin with these letters."""
    rest = "WHERE latin >= ? AND latin < ? LIMIT ?"
    return rows.select(db, "finding_words", FoundWordRow, rest, [latin, latin + _AFTER_ALL, limit])


def users(db: Database, words: Sequence[int], limit: int) -> list[tuple[int, int]]:
    """Return word and person for everybody who has one of the words."""
    marks = _marks(words)
    sql = f"SELECT word, person FROM finding_uses WHERE word IN ({marks}) LIMIT ?"  # noqa: S608 - question marks
    return list(db.execute(sql, [*words, limit]))


def users_among(
    db: Database, words: Sequence[int], persons: Sequence[int]
) -> list[tuple[int, int]]:
    """Return word and person for each of these people who has one of the words."""
    # The plus keeps SQLite at the people, who are few, and away from the words.
    sql = (
        f"SELECT word, person FROM finding_uses WHERE person IN ({_marks(persons)}) "  # noqa: S608 - question marks
        f"AND +word IN ({_marks(words)})"
    )
    return list(db.execute(sql, [*persons, *words]))


def count_users(db: Database, words: Sequence[int]) -> int:
    """Return how many uses the words have in all."""
    sql = f"SELECT count(*) FROM finding_uses WHERE word IN ({_marks(words)})"  # noqa: S608 - question marks
    count: int = db.execute(sql, words).fetchone()[0]
    return count


def people_by_number(db: Database, term: str, limit: int) -> list[int]:
    """Return who has a number."""
    found = db.execute(
        "SELECT person FROM finding_numbers WHERE term = ? ORDER BY person DESC LIMIT ?",
        [term, limit],
    )
    return [row[0] for row in found]


def people_by_beginning(db: Database, term: str, limit: int) -> list[int]:
    """Return who has a number that begins like this."""
    found = db.execute(
        "SELECT person FROM finding_numbers WHERE term >= ? AND term < ? LIMIT ?",
        [term, term + _AFTER_ALL, limit],
    )
    return [row[0] for row in found]


def people(db: Database, persons: Sequence[int]) -> list[FoundPersonRow]:
    """Return entries by their numbers."""
    rest = f"WHERE person IN ({_marks(persons)})"
    return rows.select(db, "finding_people", FoundPersonRow, rest, list(persons))


def rules(db: Database) -> int:
    """Return the number of the rules by which the index was made."""
    number: int = db.execute("SELECT rules FROM finding_rules").fetchone()[0]
    return number


def set_rules(db: Database, number: int) -> None:
    """Say by which rules the index is made now."""
    db.execute("UPDATE finding_rules SET rules = ?", [number])


def case_ids_after(db: Database, case_id: str, limit: int) -> list[str]:
    """Return the ids of the next cases in order of id."""
    found = db.execute(
        "SELECT DISTINCT case_id FROM case_versions WHERE case_id > ? ORDER BY case_id LIMIT ?",
        [case_id, limit],
    )
    return [row[0] for row in found]


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
