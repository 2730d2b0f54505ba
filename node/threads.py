"""Where a real node's blocking work is done: threads, fed from the event loop.

One thread writes to the database, one reads, one has the files, two compute. A lane of
one thread hands its results straight to the loop: `ThreadPoolExecutor` takes twice as
long to do so, and a message crosses over five times on its way.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from node.store.db import Runner

T = TypeVar("T")

COMPUTING_THREADS = 2


class Threads:
    """The threads of a node."""

    def __init__(self) -> None:
        """Start nothing; threads come with their first work."""
        self._computing = ThreadPoolExecutor(COMPUTING_THREADS, thread_name_prefix="compute")
        self._lanes = {name: Lane(name) for name in ("writes", "reads", "disk")}

    def runner(self, name: str) -> Runner:
        """Return the runner of one kind of work: writes, reads, disk or compute."""
        return self._lanes[name].run if name in self._lanes else self._compute

    def begin(self, function: Callable[[], T], /) -> Callable[[], T]:
        """Begin a computation; what is returned waits for its result."""
        return self._computing.submit(function).result

    async def _compute(self, function: Callable[[], T], /) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._computing, function)

    def close(self) -> None:
        """End the threads once their work is done."""
        for lane in self._lanes.values():
            lane.close()
        self._computing.shutdown(wait=True)


class Lane:
    """One thread that does one thing after another, for one event loop."""

    def __init__(self, name: str) -> None:
        """Start nothing yet."""
        self._queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name=name, daemon=True)

    async def run(self, function: Callable[[], T], /) -> T:
        """Call the function in the thread; return or raise what it did."""
        if not self._thread.is_alive():
            self._thread.start()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._queue.put(partial(_call, function, loop, future))
        return await future

    def close(self) -> None:
        """End the thread after what is queued; it cannot be used again."""
        self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        while (call := self._queue.get()) is not None:
            call()


def _call(
    function: Callable[[], T], loop: asyncio.AbstractEventLoop, future: asyncio.Future[T]
) -> None:
    settle: Callable[[], None]
    try:
        settle = partial(future.set_result, function())
    except BaseException as error:  # noqa: BLE001 - it goes to whoever waits
        settle = partial(future.set_exception, error)
    # A loop that has been closed has nobody left who waits.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(_settle, future, settle)


def _settle(future: asyncio.Future[Any], settle: Callable[[], None]) -> None:
    if not future.done():
        settle()
