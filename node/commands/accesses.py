"""The command on the access trail: who has looked at which case, referral or list."""

from __future__ import annotations

from node.app import Core
from node.commands.arguments import Answer, Arguments

ACCESSES_AT_ONCE = 500


async def list_accesses(core: Core, arguments: Arguments) -> Answer:
    """Return looks, the newest first: `count` after the first `skip`, of `subject` or of all."""
    limit = min(max(1, arguments.number("count", 100)), ACCESSES_AT_ONCE)
    total, rows = await core.accesses.newest(
        subject=arguments.text("subject", ""),
        skip=max(0, arguments.number("skip", 0)),
        limit=limit,
    )
    return {
        "total": total,
        "accesses": [
            {
                "who": row.who,
                "action": row.action,
                "subject": row.subject,
                "what": row.what,
                "count": row.count,
                "at_ms": row.at_ms,
                "until_ms": row.until_ms,
            }
            for row in rows
        ],
    }
