"""Table group: drafts that wait for a second person, and what became of them.

A draft holds the whole choice as JSON until it is decided or over; then that is blanked,
since it can hold what somebody wrote, and the row stays: who asked, who decided, when.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database

from node.store import rows

APPROVED, REJECTED, OVER = "approved", "rejected", "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRow:
    """One draft; `decision` is empty while it waits."""

    approval_id: bytes
    step: str
    peers: str
    """Node ids, with a blank between them."""
    leg_id: bytes | None
    """The leg that a step is for; None for a referral."""
    case_id: str
    case_version: int
    choice: str
    digest: bytes
    """Of what was composed, as it would go to each of the peers."""
    reason: str
    asked_by: str
    asked_at_ms: int
    expires_at_ms: int
    decision: str = ""
    decided_by: str = ""
    decided_at_ms: int = 0
    text: str = ""


def add(db: Database, row: ApprovalRow) -> None:
    """Insert a draft."""
    rows.insert(db, "approvals", row)


def get(db: Database, approval_id: bytes) -> ApprovalRow | None:
    """Return a draft, or None."""
    rest = "WHERE approval_id = ?"
    return rows.select_one(db, "approvals", ApprovalRow, rest, [approval_id])


def all_of(db: Database, *, hex_prefix: str = "") -> list[ApprovalRow]:
    """Return the drafts whose id begins with these hexadecimal digits, newest first."""
    rest = "WHERE hex(approval_id) LIKE ? || '%' ORDER BY asked_at_ms DESC, approval_id"
    return rows.select(db, "approvals", ApprovalRow, rest, [hex_prefix])


def waiting(db: Database, now_ms: int) -> list[ApprovalRow]:
    """Return the drafts that nobody has decided yet and that are not over, oldest first."""
    rest = "WHERE decision = '' AND expires_at_ms > ? ORDER BY asked_at_ms, approval_id DESC"
    return rows.select(db, "approvals", ApprovalRow, rest, [now_ms])


def decide(
    db: Database, approval_id: bytes, decision: str, *, by: str, at_ms: int, text: str = ""
) -> None:
    """Write down what was decided, and blank the choice and the reason with it."""
    db.execute(
        "UPDATE approvals SET decision = ?, decided_by = ?, decided_at_ms = ?, text = ?, "
        "choice = '', reason = '' WHERE approval_id = ? AND decision = ''",
        [decision, by, at_ms, text, approval_id],
    )


def end_over(db: Database, now_ms: int) -> int:
    """End the drafts whose time is over; return how many."""
    cursor = db.execute(
        "UPDATE approvals SET decision = ?, decided_at_ms = ?, choice = '', reason = '' "
        "WHERE decision = '' AND expires_at_ms <= ?",
        [OVER, now_ms, now_ms],
    )
    count: int = cursor.rowcount
    return count
