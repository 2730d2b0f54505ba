"""Holds: a case on hold is not erased, by nobody and by no clock, until it is released."""

from __future__ import annotations

from node.erasing.versions import add_version, newest
from node.errors import NodeError
from node.exchange.context import Context
from node.store.db import Transaction


async def hold_case(
    context: Context, case_id: str, reason: str, *, made_by: str, why: str = ""
) -> None:
    """Put a case on hold; `reason` is a code of the list hold_reason, `why` one's own words.

    Raises:
        NodeError: unknown_case, or reason_too_long.
    """

    def job(db: Transaction) -> None:
        _, case = newest(db, case_id)
        case.retention.on_hold, case.retention.hold_reason = "yes", reason
        words = f"hold {reason}: {why}" if why else f"hold {reason}"
        add_version(db, context, case, made_by=made_by, reason=words)

    await context.store.write(job)


async def release_case(context: Context, case_id: str, *, made_by: str, why: str = "") -> None:
    """End the hold on a case.

    Raises:
        NodeError: unknown_case, not_on_hold, or reason_too_long.
    """

    def job(db: Transaction) -> None:
        _, case = newest(db, case_id)
        if case.retention.on_hold != "yes":
            raise NodeError("not_on_hold", "this case is not on hold")
        case.retention.on_hold = "no"
        case.retention.ClearField("hold_reason")
        words = f"released: {why}" if why else "released"
        add_version(db, context, case, made_by=made_by, reason=words)

    await context.store.write(job)
