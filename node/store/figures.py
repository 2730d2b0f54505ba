"""Reading for figures: which cases and legs there are, and since when."""

from __future__ import annotations

from dataclasses import dataclass, fields

from sqlite_utils import Database

from node.store import rows
from node.store.cases import CaseRow
from node.store.messages import LegRow


@dataclass(frozen=True, slots=True)
class Places:
    """Up to where versions of cases, and erasures, were read."""

    version: int
    erasure: int


def places(db: Database) -> Places:
    """Return up to where somebody reads who reads now."""
    found = db.execute(
        "SELECT (SELECT coalesce(max(rowid), 0) FROM case_versions), "
        "(SELECT coalesce(max(rowid), 0) FROM erasures)"
    )
    return Places(*found.fetchone())


def is_case_erased_since(db: Database, before: Places) -> bool:
    """Whether a case was erased since: versions may be gone, and their places be others'."""
    found = db.execute(
        "SELECT 1 FROM erasures WHERE rowid > ? AND case_id IS NOT NULL", [before.erasure]
    )
    return found.fetchone() is not None


_CASE = tuple(field.name for field in fields(CaseRow))
_FIRST_MADE = """(SELECT made_at_ms FROM case_versions WHERE case_id = c.case_id
    ORDER BY version LIMIT 1)"""


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version of a case, the one before it, and when the first one was made."""

    body: bytes
    before: bytes | None
    first_made_at_ms: int


def versions_since(db: Database, before: Places, now: Places, limit: int) -> list[NewVersion]:
    """Return the versions that were made in between, in their order."""
    found = db.execute(
        "SELECT c.body, (SELECT body FROM case_versions WHERE case_id = c.case_id "  # noqa: S608 - constants
        f"AND version = c.version - 1), {_FIRST_MADE} FROM case_versions AS c "
        "WHERE c.rowid > ? AND c.rowid <= ? ORDER BY c.rowid LIMIT ?",
        [before.version, now.version, limit],
    )
    return [NewVersion(*row) for row in found]


def cases_after(db: Database, case_id: str, until: Places, limit: int) -> list[tuple[CaseRow, int]]:
    """Return cases in the order of their ids, from after this one on.

    Each in the version that was the newest up to there, and when the first one was made.
    """
    columns = ", ".join(f"c.{name}" for name in _CASE)
    found = db.execute(
        f"SELECT {columns}, {_FIRST_MADE} FROM case_versions AS c "  # noqa: S608 - constants
        "WHERE c.case_id > ? AND c.version = "
        "(SELECT max(version) FROM case_versions WHERE case_id = c.case_id AND rowid <= ?) "
        "ORDER BY c.case_id LIMIT ?",
        [case_id, until.version, limit],
    )
    return [
        (CaseRow(**dict(zip(_CASE, row, strict=True))), made_at_ms) for *row, made_at_ms in found
    ]


def legs_after(db: Database, leg_id: bytes, limit: int) -> list[LegRow]:
    """Return legs in the order of their ids, from after this one on."""
    rest = "WHERE leg_id > ? ORDER BY leg_id LIMIT ?"
    return rows.select(db, "legs", LegRow, rest, [leg_id, limit])
