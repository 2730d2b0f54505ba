"""Table group: cases, every version of each, and the files of a case."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from node.store import rows
from protocol.ids import BlobId

ERASED_WITH_A_CASE = (
    "finding_people", "case_versions", "case_files", "case_ends", "case_origins", "approvals",
    "taken_fields", "taken_ids", "exports", "code_labels", "consent_ends", "gone_ids",
)  # fmt: skip
"""Every table with a column case_id whose rows go when a case is erased."""

# As in the index case_versions_by_number; and what stands after every text that begins alike.
_NUMBER = "substr(case_id, instr(case_id, '/') + 1)"
_AFTER_ALL = "\U0010ffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """One version of a case: a serialised Case, who made it, when and why."""

    case_id: str
    version: int
    body: bytes
    made_at_ms: int
    made_by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """One file of a case, kept as an encrypted blob with its own key."""

    case_id: str
    file_id: str
    blob_id: BlobId
    blob_size: int
    key: bytes
    media_type: str
    size: int
    digest: bytes


def add(db: Database, row: CaseRow) -> None:
    """Insert a version."""
    rows.insert(db, "case_versions", row)


def latest(db: Database, case_id: str) -> CaseRow | None:
    """Return the newest version of a case, or None."""
    rest = "WHERE case_id = ? ORDER BY version DESC"
    return rows.select_one(db, "case_versions", CaseRow, rest, [case_id])


def version(db: Database, case_id: str, number: int) -> CaseRow | None:
    """Return one version of a case, or None."""
    rest = "WHERE case_id = ? AND version = ?"
    return rows.select_one(db, "case_versions", CaseRow, rest, [case_id, number])


def versions(db: Database, case_id: str) -> list[CaseRow]:
    """Return all versions of a case, the first one first."""
    rest = "WHERE case_id = ? ORDER BY version"
    return rows.select(db, "case_versions", CaseRow, rest, [case_id])


def ids(db: Database, beginning: str) -> list[str]:
    """Return the ids of cases with this id, or whose part after the slash begins like this."""
    found = db.execute(
        "SELECT DISTINCT case_id FROM case_versions WHERE case_id = ? "  # noqa: S608 - constants
        "UNION SELECT case_id FROM (SELECT DISTINCT case_id FROM case_versions "
        f"WHERE {_NUMBER} >= ? AND {_NUMBER} < ? LIMIT 2) ORDER BY case_id LIMIT 2",
        [beginning, beginning, beginning + _AFTER_ALL],
    )
    return [row[0] for row in found]


def all_latest(db: Database, *, limit: int = -1) -> list[CaseRow]:
    """Return the newest version of every case, newest change first; so many, or all."""
    rest = (
        "AS c WHERE version = (SELECT max(version) FROM case_versions WHERE case_id = c.case_id) "
        "ORDER BY made_at_ms DESC, case_id LIMIT ?"
    )
    return rows.select(db, "case_versions", CaseRow, rest, [limit])


def put_consent_ends(db: Database, case_id: str, days: Sequence[str]) -> None:
    """Record on which days ("2026-05-01") the consents of a case end, in place of earlier ones."""
    db.execute("DELETE FROM consent_ends WHERE case_id = ?", [case_id])
    for place, day in enumerate(days):
        db.execute("INSERT INTO consent_ends VALUES (?, ?, ?)", [case_id, place, day])


def add_gone_ids(db: Database, case_id: str, ids_: Collection[str], version: int) -> None:
    """Record ids that are in a case no more, from a version on; the first time counts."""
    for each in sorted(ids_):
        db.execute("INSERT OR IGNORE INTO gone_ids VALUES (?, ?, ?)", [case_id, each, version])


def gone_ids(db: Database, case_id: str, until: int) -> set[str]:
    """Return the ids that were taken out of a case, up to a version."""
    found = db.execute(
        "SELECT gone_id FROM gone_ids WHERE case_id = ? AND version <= ?", [case_id, until]
    )
    return {str(row[0]) for row in found}


def consents_ending(db: Database, first_day: str, last_day: str) -> list[tuple[str, str]]:
    """Return the cases of which a consent ends on one of these days, and the day, by day."""
    found = db.execute(
        "SELECT case_id, last_day FROM consent_ends WHERE last_day BETWEEN ? AND ? "
        "ORDER BY last_day, case_id",
        [first_day, last_day],
    )
    return [(str(case_id), str(day)) for case_id, day in found]


def versions_count(db: Database, case_id: str) -> int:
    """Count the versions of a case."""
    found = db.execute("SELECT count(*) FROM case_versions WHERE case_id = ?", [case_id])
    return int(found.fetchone()[0])


def erase(db: Database, case_id: str) -> list[BlobId]:
    """Delete every version of a case, its files and its place in the index; return the blobs."""
    blob_ids = [file.blob_id for file in files(db, case_id)]
    for table in ERASED_WITH_A_CASE:
        db.execute(f"DELETE FROM {table} WHERE case_id = ?", [case_id])  # noqa: S608 - constants
    return blob_ids


def add_file(db: Database, row: FileRow) -> None:
    """Insert a file."""
    rows.insert(db, "case_files", row)


def files(db: Database, case_id: str) -> list[FileRow]:
    """Return the files of a case."""
    rest = "WHERE case_id = ? ORDER BY file_id"
    return rows.select(db, "case_files", FileRow, rest, [case_id])
