"""Which of the legs that somebody knows can change though no new message of theirs came.

That is not told by `node.store.leg_changes`: a message that waits is settled, and the time
of a leg is over. Of thousands of legs these are few, so only they are looked at again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile

from protocol.ids import LegId


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Such legs, as of a moment; of an earlier one it says nothing."""

    at_ms: int
    waiting: frozenset[LegId]
    """Those with a message that waits."""
    ends: tuple[tuple[int, LegId], ...]
    """When the time of the others is over, the first one first."""

    def by(self, now_ms: int) -> frozenset[LegId] | None:
        """Return those that can have changed until now; None: it is earlier, and any can have."""
        if now_ms < self.at_ms:
            return None
        over = takewhile(lambda end: end[0] <= now_ms, self.ends)
        return self.waiting.union(leg_id for _, leg_id in over)


def unsettled(at_ms: int, legs: Iterable[tuple[LegId, int, bool]]) -> Unsettled:
    """Return the unsettled ones of these legs: id, when it expires (0: never), has waiting."""
    waiting, ends = [], []
    for leg_id, expires_at_ms, has_waiting in legs:
        if has_waiting:
            waiting.append(leg_id)
        elif expires_at_ms > at_ms:
            ends.append((expires_at_ms, leg_id))
    return Unsettled(at_ms, frozenset(waiting), tuple(sorted(ends)))
