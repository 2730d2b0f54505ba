"""Commands on how the node is doing: its keys, its disk, its database, what waits."""

from __future__ import annotations

import os
import platform
import shutil
import stat
from importlib import metadata
from pathlib import Path

from keys.epochs import destroyed_at_ms, epoch_numbers
from node.app import Core
from node.commands.arguments import Answer, Arguments
from node.commands.nodes import show_status
from node.store import checking
from protocol import limits

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


async def show_health(core: Core, arguments: Arguments) -> Answer:
    """Return the node's status with its epochs, its keys' age, its disk and its queue."""
    status = await show_status(core, arguments)
    now_ms = status["now_ms"]
    disk = await core.context.disk(lambda: _disk(core.home.folder, core.home.database))
    numbers = await core.context.disk(lambda: epoch_numbers(core.home.epochs))
    queued = [row["queued_at_ms"] for peer in status["peers"] for row in peer["waiting"]]
    return {
        **status,
        "version": _version(),
        "python": platform.python_version(),
        "log_origin": core.context.logbook.origin,
        "log_key_id": core.context.logbook.signer.key_id.hex(),
        "log_key_from_ms": _log_key_from_ms(core),
        "keys_on_disk": [_epoch(number, now_ms) for number in numbers],
        "waiting": len(queued),
        "oldest_waiting_ms": min(queued, default=None),
        **disk,
    }


async def check_database(core: Core, arguments: Arguments) -> Answer:
    """Read the whole database and say whether it is whole; takes long when it is large."""
    del arguments
    found = await core.store.read(checking.faults)
    return {"faults": len(found), "checked_at_ms": core.context.clock.now_ms()}


def _log_key_from_ms(core: Core) -> int | None:
    member = core.context.trust.directory.member(core.context.node_id)
    key = None if member is None else member.log_key(core.context.logbook.signer.key_id)
    return None if key is None else key.valid_from_ms


def _epoch(number: int, now_ms: int) -> Answer:
    current, ends = now_ms // limits.EPOCH_MS, destroyed_at_ms(number)
    if ends <= now_ms:
        state = "overdue"
    elif number == current:
        state = "in_use"
    elif number < current:
        state = "kept"
    else:
        state = "ahead" if number <= current + limits.EPOCHS_AHEAD else "far_ahead"
    return {
        "number": number,
        "starts_at_ms": number * limits.EPOCH_MS,
        "ends_at_ms": (number + 1) * limits.EPOCH_MS,
        "destroyed_at_ms": ends,
        "state": state,
    }


def _disk(folder: Path, database: Path) -> Answer:
    """Return what there is of the home on the disk, and how much room is left."""
    size = files = open_to_others = 0
    for path, _, names in os.walk(folder):
        for name in (".", *names):
            try:
                found = (Path(path) / name).lstat()
            except FileNotFoundError:
                # A temporary file that was there a moment ago.
                continue
            size += found.st_size if stat.S_ISREG(found.st_mode) else 0
            files += stat.S_ISREG(found.st_mode)
            open_to_others += bool(found.st_mode & _OTHERS) and not stat.S_ISLNK(found.st_mode)
    usage = shutil.disk_usage(folder)
    return {
        "home_bytes": size,
        "home_files": files,
        "database_bytes": database.stat().st_size,
        "open_to_others": open_to_others,
        "disk_free_bytes": usage.free,
        "disk_bytes": usage.total,
    }


def _version() -> str:
    try:
        return metadata.version("homeward-node")
    except metadata.PackageNotFoundError:
        # It runs from a copy of the source that nobody has installed.
        return ""
