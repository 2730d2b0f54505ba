"""What may go wrong where something becomes durable: the node dies, or the disk is full."""

from __future__ import annotations

import enum
import errno
import random

import sqlcipher3.dbapi2 as sqlcipher

from node.errors import StoreError
from tests.simulation.plan import Plan

# Files are few among all that is written, so each of their writes is in more danger.
BLOB_RISK = 5.0
DISK_FULL = "disk_full"


class Danger(enum.Enum):
    """What strikes."""

    CRASH = "crash"
    FULL_DISK = "full disk"


class Dangers:
    """Draws what strikes at each durable write, until all is calm."""

    def __init__(self, plan: Plan, draw: random.Random) -> None:
        self._crash_rate = plan.crash_rate
        self._full_disk_rate = plan.full_disk_rate
        self._draw = draw

    def calm_down(self) -> None:
        """From now on nothing strikes."""
        self._crash_rate = self._full_disk_rate = 0.0

    def at(self, stage: str) -> Danger | None:
        """Say what strikes at this stage."""
        drawn = self._draw.random()
        if stage.startswith("blob_"):
            drawn /= BLOB_RISK
        if drawn < self._crash_rate:
            return Danger.CRASH
        # A disk is full before a write, never after one.
        if drawn < self._crash_rate + self._full_disk_rate and stage in _FULL_DISK:
            return Danger.FULL_DISK
        return None

    def restart_seconds(self) -> float:
        """Say how long a node stays down."""
        return self._draw.uniform(0.0, self._draw.choice((0.1, 10.0, 600.0)))

    def torn_bytes(self) -> bytes:
        """Return what a power cut left at the end of a file, if anything."""
        return bytes(self._draw.choice((0, 1, 5000)))


def is_full_disk(error: BaseException | None) -> bool:
    """Whether this is how a node says that its disk is full."""
    return isinstance(error, StoreError) and error.code == DISK_FULL


def full_disk_error(stage: str) -> Exception:
    """Return what the library raises when the disk is full at this stage."""
    return _FULL_DISK[stage]()


def _database_full() -> Exception:
    return sqlcipher.OperationalError("database or disk is full")


def _folder_full() -> Exception:
    return OSError(errno.ENOSPC, "No space left on device")


_FULL_DISK = {
    "commit:before": _database_full,
    "blob_bytes:before": _folder_full,
    "blob_name:before": _folder_full,
}
