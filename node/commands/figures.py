"""The command on this node's own figures."""

from __future__ import annotations

from node.app import Core
from node.commands.arguments import Answer, Arguments
from node.errors import ArgumentError

_LAST_YEAR = 9999


async def show_figures(core: Core, arguments: Arguments) -> Answer:
    """Return the figures of `year`, or of all years; contacts are not recorded by a node."""
    year = arguments.number("year", 0)
    if not 0 <= year <= _LAST_YEAR:
        raise ArgumentError("argument_invalid", "this is no year", "for example 2026")
    return {
        "node_id": core.context.node_id,
        "at_ms": core.context.clock.now_ms(),
        **await core.figures.count(year),
    }
