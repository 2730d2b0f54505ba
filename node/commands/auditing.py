"""Commands for who checks without reading: checkpoint, messages without content, verdicts."""

from __future__ import annotations

import json
from functools import partial

from keys.files import load_file
from node.app import Core
from node.audit.verify import verify_bundle
from node.commands.arguments import Answer, Arguments
from node.commands.nodes import check_joined
from node.errors import ArgumentError
from protocol import limits
from protocol.bundle import UnusableBundle

BUNDLE_BYTES = 32 * limits.MIB


async def show_checkpoint(core: Core, arguments: Arguments) -> Answer:
    """Return the newest checkpoint of the log, as it is signed."""
    del arguments
    now_ms = core.context.clock.now_ms()
    note = await core.context.logbook.checkpoint(at_ms=now_ms)
    size, _, _ = await core.context.logbook.leaves(start=0, count=1)
    return {
        "origin": core.context.logbook.origin,
        "size": size,
        "now_ms": now_ms,
        "note": note.decode("utf-8"),
    }


async def list_messages(core: Core, arguments: Arguments) -> Answer:
    """Return the messages of a leg: numbers, names and times, nothing of what they say."""
    view = await core.legs.view(await core.legs.find(arguments.text("leg")))
    return {
        "leg": view.row.leg_id.hex(),
        "kind": view.row.kind,
        "side": view.side.value,
        "peer": view.row.peer,
        "state": view.state.value,
        "case_id": view.row.case_id or "",
        "messages": [
            {
                "number": number,
                "step": row.name,
                "is_ours": row.direction == "out",
                "created_at_ms": row.created_at_ms,
                "settled": row.settled,
                "settled_at_ms": row.settled_at_ms,
            }
            for number, row in enumerate(view.messages, start=1)
        ],
    }


async def verify_evidence(core: Core, arguments: Arguments) -> Answer:
    """Judge a `bundle` under the root that this node trusts; nothing of it is kept.

    Raises:
        ArgumentError: the bundle is too large, or none: there is no verdict.
    """
    check_joined(core)
    bundle, now_ms = arguments.blob("bundle"), core.context.clock.now_ms()
    if len(bundle) > BUNDLE_BYTES:
        hint = f"at most {BUNDLE_BYTES // limits.MIB} MiB"
        raise ArgumentError("bundle_too_large", "the bundle is too large", hint)
    context = core.context
    root = await context.disk(lambda: load_file(core.home.root, limits.DIRECTORY_ROOT_BYTES))
    try:
        report = await context.compute(partial(verify_bundle, bundle, root, now_ms))
    except UnusableBundle as error:
        raise ArgumentError(error.code, error.sentence) from error
    answer: Answer = json.loads(report.to_json())
    return answer
