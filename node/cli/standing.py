"""What people are told when something is wrong between this node and its federation.

The same words in `node status` and from the doctor: a sentence, and what to do.
"""

from __future__ import annotations

from collections.abc import Iterator

from node.cli import output
from node.cli.output import Answer

RENEWING = "fetched from peers by itself; if not, ask the secretariat to publish"


def standing_warnings(answer: Answer) -> Iterator[tuple[str, str]]:
    """Yield sentence and hint when the federation does not count on this node."""
    standing, since_ms = answer["standing"], answer["suspended_since_ms"]
    since = f" since {output.moment(since_ms)}" if since_ms is not None else ""
    nothing = "peers refuse what it sends, and nothing goes out"
    if standing == "suspended":
        hint = "call the secretariat; what waits here goes out once the node is reinstated"
        yield f"the federation has suspended this node{since}: {nothing}", hint
    elif standing == "revoked":
        yield f"the federation has revoked this node: {nothing}", "call the secretariat"
    elif standing == "none":
        yield "the directory does not name this node as a member", "ask the secretariat"


def expiry_warnings(answer: Answer) -> Iterator[tuple[str, str]]:
    """Yield sentence and hint when the directory has expired."""
    now_ms, expired_at_ms = answer["now_ms"], answer["directory_expires_at_ms"]
    expired = (
        f"directory {answer['directory_version']} expired "
        f"{output.span(now_ms - expired_at_ms)} ago, and nobody has renewed it"
    )
    if answer["freshness"] == "overdue":
        left = output.span(answer["directory_grace_ends_at_ms"] - now_ms)
        yield f"{expired}; members that this node has not met count for {left} more", RENEWING
    elif answer["freshness"] == "stale":
        yield f"{expired}; only members that this node has met before still count", RENEWING


def held_words(own: str, peer: str) -> str:
    """Return why nothing goes from here to a peer, by how both stand; empty: it goes."""
    if own != "active":
        return f"this node is {_words(own)}"
    return "" if peer == "active" else f"member is {_words(peer)}"


def _words(standing: str) -> str:
    return "not in the directory" if standing == "none" else standing
