"""The operational log: one JSON object a line, and only keys that are allowed.

Whatever else is passed is dropped, so that no field of a case, no text and no
address gets in by accident. Events are named in code; values are codes, counts
and node ids.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import Any

import structlog

ALLOWED_KEYS = frozenset(
    {"event", "level", "timestamp", "peer", "code", "job", "error", "count", "seconds", "port"}
)


Logger = structlog.typing.FilteringBoundLogger


def open_log(path: Path) -> tuple[Logger, Callable[[], None]]:
    """Open a log file for appending; return a logger and the function that closes it."""
    file = path.open("a", encoding="utf-8")
    path.chmod(0o600)
    logger = structlog.wrap_logger(
        structlog.WriteLogger(file),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _only_allowed,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger("info"),
    )
    return logger, file.close


def _only_allowed(
    _logger: object, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    return {key: value for key, value in event.items() if key in ALLOWED_KEYS}
