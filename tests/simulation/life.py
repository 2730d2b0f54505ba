"""One life of a node: from opening its home until it crashes or is stopped.

A life has doors to the outside: the four runners, the link, the hooks at durable
writes. A crash shuts all of them in the same instant, so that whatever code of this
life still runs afterwards has no effect that anybody could see, and every task that
belongs to it is ended. Its random numbers and its clock are its own.
"""

from __future__ import annotations

import asyncio
import contextvars
import random
from collections.abc import AsyncIterator, Callable, Collection, Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from keys.identity import Identity
from node.app import Core, Surroundings
from node.exchange.context import Clock
from node.home import Home
from node.store.db import Runner
from protocol import limits
from protocol.ids import NodeId
from tests.simulation.books import open_database
from tests.simulation.dangers import DISK_FULL, is_full_disk
from tests.support.nodes import LONG_GRACE_MS

T = TypeVar("T")

OWNER: contextvars.ContextVar[Life | None] = contextvars.ContextVar("owner", default=None)
"""The life that a task belongs to; the tasks that it starts inherit it."""

LONGEST_PAUSE_SECONDS = 0.02
SHUTDOWN_SECONDS = 5.0
# Events that honest nodes on whole disks, whose clocks agree, never have a reason to report.
FAULTS = frozenset(
    {"store_failed", "answer_refused", "delivery_fault", "spreading_fault", "directory_fault"}
)
OF_CLOCKS = frozenset({"clock_disagrees", "clock_is_probably_wrong"})


class SimulatedCrash(BaseException):
    """The process is gone. Nothing in a node may catch this and go on."""


@dataclass(slots=True)
class Call:
    """One request of a node to another, with all of its body."""

    method: str
    endpoint: str
    path: str
    body: bytes = b""
    limit: int = limits.LOG_PROOF_BYTES
    pieces: list[bytes] = field(default_factory=list)


class Around(Protocol):
    """What is around a life: the network, and whoever keeps watch."""

    faults: Collection[str]
    """Events that no node has a reason to report."""

    def note(self, event: str, what: str) -> None: ...
    def violate(self, what: str) -> None: ...
    def at_durable(self, life: Life, stage: str) -> None: ...
    async def call(self, life: Life, call: Call) -> bytes | None: ...


class Life:
    """The doors and the tasks of one life of a node."""

    def __init__(
        self,
        name: str,
        home: Home,
        identity: Identity,
        *,
        clock: Clock,
        around: Around,
        node_random: random.Random,
        own_random: random.Random,
    ) -> None:
        self.name = name
        self.home = home
        self.is_over = False
        self.is_serving = True
        self.chores: list[asyncio.Task[Any]] = []
        self._around = around
        self._draw = own_random
        # No sets: the order in which tasks end is part of the run.
        self._tasks: dict[asyncio.Task[Any], None] = {}
        self._watched: dict[asyncio.Task[Any], None] = {}
        self.core = self._open(identity, clock, node_random)
        # What another process would see: only what is committed.
        self.committed = open_database(home, identity)

    def _open(self, identity: Identity, clock: Clock, node_random: random.Random) -> Core:
        surroundings = Surroundings(
            clock=clock,
            random=node_random.randbytes,
            link=LifeLink(self, self._around),
            run_writes=self._thread(),
            run_reads=self._thread(),
            compute=self._run,
            disk=self._disk_thread(),
            begin=lambda make: make,
            report=self._report,
            on_durable=self._on_durable,
            # Time goes by in leaps, and nobody publishes the directory meanwhile.
            directory_grace_ms=LONG_GRACE_MS,
        )
        return Core(self.home, identity, surroundings, now_ms=clock.now_ms())

    # --- tasks

    def spawn(self, coroutine: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start a task of this life; whoever starts it looks at its outcome."""
        context = contextvars.copy_context()
        context.run(OWNER.set, self)
        task = asyncio.get_running_loop().create_task(coroutine, context=context)
        self._watched[task] = None
        return task

    def adopt(self, task: asyncio.Task[Any]) -> None:
        """Take note of a task, so that it can be ended with this life."""
        self._tasks[task] = None
        task.add_done_callback(self._task_ended)

    def _task_ended(self, task: asyncio.Task[Any]) -> None:
        del self._tasks[task]
        is_watched = task in self._watched
        self._watched.pop(task, None)
        error = outcome_of(task)
        if error is None or is_watched or is_full_disk(error):
            return
        self._around.violate(f"{self.name}: a task ended with {error!r}")

    async def finish_tasks(self) -> None:
        """End the chores; let what was begun be finished, and cancel what takes long."""
        for chore in self.chores:
            chore.cancel()
        if self._watched:
            await asyncio.wait(list(self._watched), timeout=SHUTDOWN_SECONDS)
        late = list(self._watched)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)

    async def end_tasks(self) -> None:
        """Cancel all tasks and wait until they are gone."""
        for _ in range(100):
            if not self._tasks:
                return
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(list(self._tasks))
        self._around.violate(f"{self.name}: tasks do not end: {list(self._tasks)}")

    def close_files(self) -> None:
        """Close the connections of a life that crashed; nothing is committed by it."""
        for database in (self.committed, self.core.store._reader, self.core.store._writer):
            database.conn.close()

    # --- doors

    def check_alive(self) -> None:
        """End whatever asks, if this life is over."""
        if self.is_over:
            raise SimulatedCrash(self.name)

    def _on_durable(self, stage: str) -> None:
        self.check_alive()
        self._around.at_durable(self, stage)
        self.check_alive()

    def _report(self, event: str, peer: NodeId, code: str) -> None:
        if self.is_over:
            return
        self._around.note(f"report {event}", f"{self.name} {peer} {code}")
        if event in self._around.faults and code != DISK_FULL:
            self._around.violate(f"{self.name} reports {event} {code}")

    async def _run(self, function: Callable[[], T], /) -> T:
        """Run the function at some time, and tell of it at some later time."""
        await self._pause()
        self.check_alive()
        result = function()
        await self._pause()
        self.check_alive()
        return result

    def _thread(self) -> Runner:
        """Return a runner that does one thing after another."""
        turn = asyncio.Lock()

        async def run(function: Callable[[], T], /) -> T:
            async with turn:
                return await self._run(function)

        return run

    def _disk_thread(self) -> Runner:
        """Return a runner before and after each of whose functions a crash may come."""
        thread = self._thread()

        async def run(function: Callable[[], T], /) -> T:
            def struck() -> T:
                self._on_durable("disk:before")
                result = function()
                self._on_durable("disk:after")
                return result

            return await thread(struck)

        return run

    async def _pause(self) -> None:
        if self._draw.random() < 0.5:
            await asyncio.sleep(self._draw.uniform(0.0, LONGEST_PAUSE_SECONDS))


class LifeLink:
    """The `PeerLink` of one life."""

    def __init__(self, life: Life, around: Around) -> None:
        self._life = life
        self._around = around

    async def post(self, endpoint: str, path: str, body: bytes, *, limit: int) -> bytes:
        answer = await self._around.call(self._life, Call("POST", endpoint, path, body, limit))
        assert answer is not None
        return answer

    async def put(
        self, endpoint: str, path: str, authorization: bytes, pieces: AsyncIterator[bytes]
    ) -> bytes:
        call = Call("PUT", endpoint, path, authorization)
        call.pieces = [piece async for piece in pieces]
        answer = await self._around.call(self._life, call)
        assert answer is not None
        return answer

    async def get(self, endpoint: str, path: str, *, limit: int) -> bytes | None:
        return await self._around.call(self._life, Call("GET", endpoint, path, limit=limit))


def outcome_of(task: asyncio.Task[Any]) -> BaseException | None:
    """Return what a task that is done failed with; to be ended with its life is no failure."""
    error = None if task.cancelled() else task.exception()
    return None if isinstance(error, SimulatedCrash) else error


def owned_task(
    loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, T], **options: Any
) -> asyncio.Task[T]:
    """Make a task, and tell the life that it belongs to (the loop's task factory)."""
    task = asyncio.Task(coroutine, loop=loop, **options)
    context = options.get("context")
    owner = OWNER.get() if context is None else context.get(OWNER)
    if owner is not None:
        owner.adopt(task)
    return task
