"""Time: one for all nodes, which can jump, and each node's own reading of it."""

from __future__ import annotations

import asyncio


class SimulatedTime:
    """The true time: what the loop has counted, and what was jumped over."""

    def __init__(self, start_ms: int) -> None:
        self._start_ms = start_ms

    def now_ms(self) -> int:
        """Return milliseconds since 1970-01-01 UTC."""
        return self._start_ms + int(asyncio.get_running_loop().time() * 1000)

    def jump(self, ms: int) -> None:
        """Let time go by without anybody noticing, as when all machines sleep."""
        self._start_ms += ms


class Fault:
    """By how much somebody has set a computer's clock wrong; all of its lives go by it."""

    def __init__(self) -> None:
        self.ms = 0


class NodeClock:
    """A node's clock, off by the same amount as long as the node runs, and by any fault."""

    def __init__(self, time: SimulatedTime, skew_ms: int, fault: Fault) -> None:
        self._time = time
        self._skew_ms = skew_ms
        self._fault = fault

    def now_ms(self) -> int:
        """Return what this node takes for the time."""
        return self._time.now_ms() + self._skew_ms + self._fault.ms
