"""Table group: what left the node as a file, by whose hand and why.

A row is written with its EXPORT leaf, before the file is handed out. The leaf commits to
the row's salt and the file's digest: whoever has the file and the row can show that this
file was exported then, and the leaf alone says nothing. A row goes with its case.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database

from node.store import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRow:
    """One exported file; `paths` are the fields that were chosen, with spaces between."""

    log_number: int
    log_position: int
    salt: bytes
    digest: bytes
    case_id: str
    case_version: int
    form: str
    paths: str
    reason: str
    made_by: str
    at_ms: int


def add(db: Database, row: ExportRow) -> None:
    """Insert an export."""
    rows.insert(db, "exports", row)


def of_case(db: Database, case_id: str) -> list[ExportRow]:
    """Return the exports of a case, oldest first."""
    rest = "WHERE case_id = ? ORDER BY log_number, log_position"
    return rows.select(db, "exports", ExportRow, rest, [case_id])
