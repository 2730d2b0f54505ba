"""Table group: cases, every version of each, and the files of a case."""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database

from node.store import rows
from protocol.ids import BlobId

ERASED_WITH_A_CASE = (
    "finding_people", "case_versions", "case_files", "case_ends", "case_origins", "approvals",
    "taken_fields", "taken_ids", "exports", "code_labels",
)  # fmt: skip
"""Every table with a column case_id whose rows go when a case is erased."""


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
        "SELECT DISTINCT case_id FROM case_versions WHERE case_id = ? "
        "OR substr(case_id, instr(case_id, '/') + 1, length(?)) = ? ORDER BY case_id LIMIT 2",
        [beginning, beginning, beginning],
    )
    return [row[0] for row in found]


def all_latest(db: Database) -> list[CaseRow]:
    """Return the newest version of every case, newest change first."""
    rest = (
        "AS c WHERE version = (SELECT max(version) FROM case_versions WHERE case_id = c.case_id) "
        "ORDER BY made_at_ms DESC, case_id"
    )
    return rows.select(db, "case_versions", CaseRow, rest)


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
