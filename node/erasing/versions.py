"""A new version of a case in a transaction that does more: its end, or a hold."""

from __future__ import annotations

from node.cases.keeping import keep_version
from node.errors import NodeError
from node.exchange.context import Context
from node.store import cases
from node.store.cases import CaseRow
from node.store.db import Transaction
from protocol import limits
from protocol.pb.homeward.v1 import case_pb2


def newest(db: Transaction, case_id: str) -> tuple[CaseRow, case_pb2.Case]:
    """Return the newest version of a case.

    Raises:
        NodeError: unknown_case.
    """
    row = cases.latest(db, case_id)
    if row is None:
        raise NodeError("unknown_case", "there is no such case here")
    return row, case_pb2.Case.FromString(row.body)


def add_version(
    db: Transaction, context: Context, case: case_pb2.Case, *, made_by: str, reason: str
) -> None:
    """Keep what was made of the newest version as the next one.

    Raises:
        NodeError: unknown_case or reason_too_long.
    """
    if len(reason) > limits.REASON_CHARACTERS:
        raise NodeError("reason_too_long", "the reason is too long")
    row, _ = newest(db, case.federated_id)
    following = CaseRow(
        case_id=row.case_id,
        version=row.version + 1,
        body=case.SerializeToString(),
        made_at_ms=context.clock.now_ms(),
        made_by=made_by,
        reason=reason,
    )
    keep_version(db, following, case)
