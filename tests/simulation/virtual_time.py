"""An event loop whose time is a number: whoever waits, waits no time at all.

Production code sleeps, waits and times out as always. When nothing is ready the
loop does not block: it moves its time to the next timer. Nothing comes from outside
(no sockets, no threads), so a run depends on nothing but what the tasks do.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

# So many turns of the loop without this much time going by: somebody spins.
SPINNING_TURNS = 20_000
SPINNING_SECONDS = 30.0


class Stuck(RuntimeError):
    """Every task waits for another and no timer is set, or one waits without waiting."""


class JumpingSelector(selectors.SelectSelector):
    """Waits by moving `now`; no file is ever ready."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self._turns = 0
        self._looked_at = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        """Let the timeout pass."""
        if timeout is None:
            raise Stuck("nothing is ready and no timer is set")
        self.now += max(0.0, timeout)
        self._watch()
        return []

    def _watch(self) -> None:
        self._turns += 1
        if self.now - self._looked_at >= SPINNING_SECONDS:
            self._turns, self._looked_at = 0, self.now
        elif self._turns > SPINNING_TURNS:
            self._turns = 0
            raise Stuck(f"{SPINNING_TURNS} turns of the loop in {self.now - self._looked_at:.3f} s")


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """The loop of one simulation; its time starts at 0 seconds."""

    def __init__(self) -> None:
        self._jumping = JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Return the simulated seconds since the beginning."""
        return self._jumping.now


def run_in_virtual_time(main: Coroutine[Any, Any, T]) -> T:
    """Run to the end on a loop of its own."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)
