"""The access trail: who has looked at which case, referral or list, and when.

It is written before what was asked for is handed out; what cannot be noted is not shown.
It holds ids and the names of staff, nothing of a child, so that an auditor who sees no
case can read it. Of a list it says how many were on it, and of a search whether it was for
a name or a number: never for which. It is kept for two years.
"""

from __future__ import annotations

from collections.abc import Sequence

from node.exchange.context import Context
from node.store import accesses
from node.store.accesses import AccessRow
from node.store.db import Transaction

MINUTE_MS = 60_000
KEPT_MS = 2 * 366 * 24 * 60 * MINUTE_MS
# Whoever comes back to the same thing within this time is still looking at it.
SAME_LOOK_MS = 15 * MINUTE_MS
# A look that goes on is not written down again each second.
WRITE_AFTER_MS = MINUTE_MS


class Accesses:
    """The access trail of this node."""

    def __init__(self, context: Context) -> None:
        """Use the context's store."""
        self._context = context

    async def note(self, who: str, action: str, subjects: Sequence[str]) -> None:
        """Note that somebody sees these cases or legs now.

        Raises:
            StoreError: it could not be noted; it must not be shown then.
        """
        now_ms = self._context.clock.now_ms()
        looks = [
            AccessRow(who=who, action=action, subject=subject, at_ms=now_ms, until_ms=now_ms)
            for subject in dict.fromkeys(subjects)
        ]
        await self._note_all(looks)

    async def note_list(self, who: str, action: str, *, count: int, what: str = "") -> None:
        """Note that somebody sees a list now; `what` is by which kind of thing it was searched.

        Raises:
            StoreError: it could not be noted; it must not be shown then.
        """
        now_ms = self._context.clock.now_ms()
        look = AccessRow(
            who=who, action=action, subject="", what=what, count=count, at_ms=now_ms,
            until_ms=now_ms,
        )  # fmt: skip
        await self._note_all([look])

    async def _note_all(self, looks: Sequence[AccessRow]) -> None:
        def due(db: Transaction) -> list[AccessRow]:
            return [look for look in looks if _is_due(db, look)]

        def write(db: Transaction) -> None:
            for look in looks:
                _note(db, look)

        # Most often nothing is to be written, and no transaction is needed to see that.
        if looks and await self._context.store.read(due):
            await self._context.store.write(write)

    async def newest(
        self, *, subject: str = "", skip: int = 0, limit: int = 100
    ) -> tuple[int, list[AccessRow]]:
        """Return how many looks are kept, and some of them, the newest first."""
        since_ms = self._context.clock.now_ms() - KEPT_MS

        def job(db: Transaction) -> tuple[int, list[AccessRow]]:
            found = accesses.newest(db, since_ms=since_ms, subject=subject, skip=skip, limit=limit)
            return accesses.count(db, since_ms=since_ms, subject=subject), found

        return await self._context.store.read(job)

    async def forget_old(self) -> None:
        """Delete what was kept long enough."""
        before_ms = self._context.clock.now_ms() - KEPT_MS
        await self._context.store.write(lambda db: accesses.forget(db, before_ms))


def _going_on(db: Transaction, look: AccessRow) -> AccessRow | None:
    """Return the look that this one goes on with."""
    row = accesses.last(db, look)
    is_same = row is not None and 0 <= look.at_ms - row.until_ms < SAME_LOOK_MS
    return row if is_same else None


def _is_due(db: Transaction, look: AccessRow) -> bool:
    before = _going_on(db, look)
    return before is None or _is_news(before, look)


def _is_news(before: AccessRow, look: AccessRow) -> bool:
    return look.at_ms - before.until_ms >= WRITE_AFTER_MS or look.count > before.count


def _note(db: Transaction, look: AccessRow) -> None:
    before = _going_on(db, look)
    if before is None:
        accesses.add(db, look)
    elif _is_news(before, look):
        accesses.prolong(db, before, until_ms=look.at_ms, count=look.count)
