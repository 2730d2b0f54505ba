"""How this node stands with its federation, and the warnings about it.

Two things must not go unnoticed: that the federation has suspended or revoked this very
node, so that its peers refuse what it sends; and that nobody has renewed the directory,
so that soon nobody knows any more who is a member. Both are said in `node status`, by the
doctor, and in the log once a day. Words for them are made by whoever shows them.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

from keys.directory import Directory, Freshness
from keys.members import MemberStatus
from node.exchange.context import Context
from protocol.ids import NodeId

DAY_MS = 24 * 3600 * 1000
Report = Callable[[str, NodeId, str], None]


class Standing(enum.StrEnum):
    """Whether a member takes part, by its record and by the role suspend."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    # The directory does not name it (yet).
    NONE = "none"


def standing_of(directory: Directory, node_id: NodeId) -> Standing:
    """Return how a node stands in a directory."""
    member = directory.member(node_id)
    if member is None:
        return Standing.NONE
    if member.status is MemberStatus.REVOKED:
        return Standing.REVOKED
    return Standing.ACTIVE if directory.is_active(node_id) else Standing.SUSPENDED


def standing_facts(
    directory: Directory, node_id: NodeId, *, now_ms: int, grace_ms: int
) -> dict[str, Any]:
    """Return how a node stands in its directory, and how far to rely on that."""
    return {
        "directory_version": directory.version,
        "directory_expires_at_ms": directory.expires_at_ms,
        "directory_grace_ends_at_ms": directory.expires_at_ms + grace_ms,
        "freshness": directory.freshness(now_ms, grace_ms).value,
        "standing": standing_of(directory, node_id).value,
        "suspended_since_ms": directory.suspended_since_ms(node_id),
    }


class Watch:
    """Reports what is wrong when it begins, and then once a day."""

    def __init__(self, context: Context, report: Report) -> None:
        """Nothing was reported yet."""
        self._context = context
        self._report = report
        self._reported_ms: dict[tuple[str, str], int] = {}

    def look(self) -> None:
        """Report what is due; to be called often."""
        now_ms, wrong = self._context.clock.now_ms(), self._wrong()
        before, self._reported_ms = self._reported_ms, {}
        for warning in wrong:
            last_ms = before.get(warning)
            if last_ms is None or not 0 <= now_ms - last_ms < DAY_MS:
                self._report(warning[0], self._context.node_id, warning[1])
                last_ms = now_ms
            self._reported_ms[warning] = last_ms

    def _wrong(self) -> list[tuple[str, str]]:
        """Return events and codes; nothing is wrong with a node that has not joined yet."""
        context, trust = self._context, self._context.trust
        if not trust.directory.members:
            return []
        standing = standing_of(trust.directory, context.node_id)
        freshness = trust.freshness(context.clock.now_ms())
        found = []
        if standing is not Standing.ACTIVE:
            found.append(("this_node_is_not_active", standing.value))
        if freshness is not Freshness.FRESH:
            found.append(("directory_expired", freshness.value))
        return found
