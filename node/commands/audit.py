"""Commands for auditors: the node's log, and evidence of what was sent and received."""

from __future__ import annotations

from node.app import Core
from node.commands.arguments import Answer, Arguments, encoded
from node.errors import ArgumentError
from node.store import directories
from protocol.errors import RefusalCode
from protocol.log import Leaf, parse_leaf

LEAVES_AT_ONCE = 1000


async def list_leaves(core: Core, arguments: Arguments) -> Answer:
    """Return leaves of the log: those from `start` on, at most `count`; or the last ones."""
    count = min(max(1, arguments.number("count", 50)), LEAVES_AT_ONCE)
    start = arguments.number("start", -1)
    logbook = core.context.logbook
    size, first, leaves = await logbook.leaves(start=start, count=count)
    known = await core.store.read(
        lambda db: directories.between(db, logbook.number, first, first + len(leaves))
    )
    versions = {row.log_position: row.version for row in known}
    return {
        "origin": logbook.origin,
        "size": size,
        "leaves": [
            {
                **_leaf(position, parse_leaf(leaf)),
                "directory_version": versions.get(position),
            }
            for position, leaf in enumerate(leaves, start=first)
        ],
    }


async def collect_evidence(core: Core, arguments: Arguments) -> Answer:
    """Return the bundle of one message: number `entry` of the thread of `leg`."""
    view = await core.legs.view(await core.legs.find(arguments.text("leg")))
    number = arguments.number("entry", 1)
    if not 1 <= number <= len(view.messages):
        hint = f"1 to {len(view.messages)}"
        raise ArgumentError("argument_invalid", "the referral has no such message", hint)
    message = view.messages[number - 1]
    bundle = await core.evidence.collect(
        message.message_id, with_opening=bool(arguments.number("with_content", 0))
    )
    return {"leg": view.row.leg_id.hex(), "step": message.name, "bundle": encoded(bundle)}


def _leaf(position: int, leaf: Leaf) -> Answer:
    known = {code.value: code.name.lower() for code in RefusalCode}
    return {
        "position": position,
        "kind": leaf.kind.name.lower(),
        "at_ms": leaf.at_ms,
        "subject": leaf.subject.hex(),
        "code": leaf.code,
        "refusal": known.get(leaf.code, "") if leaf.code else "",
    }
