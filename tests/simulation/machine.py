"""A node through all of its lives, and the folder that survives each of them.

A crash is `kill -9`: in that instant the folder is copied as it is, with whatever
the database and the blob store had got onto the disk, and the next life begins
from the copy. What the dead life's code might still do, it does to the old folder.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, Protocol

from keys.identity import Identity
from node.home import Home
from tests.simulation.clocks import NodeClock
from tests.simulation.dangers import is_full_disk
from tests.simulation.life import Around, Life, outcome_of
from tests.simulation.plan import stream

EPOCH_CHORE_SECONDS = 3600.0
SWEEP_SECONDS = 60.0
REFRESH_SECONDS = 600.0


class Surrounding(Around, Protocol):
    """What a machine needs of the world around it."""

    def spawn(self, coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]: ...
    def clock_of(self, name: str, life_number: int) -> NodeClock: ...
    def look_into(self, life: Life) -> None: ...
    def restart_later(self, machine: Machine) -> None: ...


class Machine:
    """One node: up with a life, or down with a folder."""

    def __init__(
        self, name: str, identity: Identity, folder: Path, *, seed: int, around: Surrounding
    ) -> None:
        """`folder` holds the home as `0`."""
        self.name = name
        self.identity = identity
        self.life: Life | None = None
        self._folder = folder
        self._copies = 0
        self._starts = 0
        self._seed = seed
        self._around = around
        self._burial: asyncio.Task[Any] | None = None

    @property
    def home(self) -> Home:
        """The folder as the last life left it, or the present one uses it."""
        return Home(self._folder / str(self._copies))

    # --- up

    async def start(self) -> None:
        """Begin a new life, unless one goes on."""
        if self._burial is not None:
            await self._burial
        if self.life is not None:
            return
        self._starts += 1
        number = self._starts
        self._around.note("start", f"{self.name} life {number}")
        life = self.life = Life(
            self.name,
            self.home,
            self.identity,
            clock=self._around.clock_of(self.name, number),
            around=self._around,
            node_random=stream(self._seed, self.name, number, "node"),
            own_random=stream(self._seed, self.name, number, "life"),
        )
        self._around.look_into(life)
        starting = life.spawn(life.core.start())
        await asyncio.wait([starting])
        if life.is_over:
            return
        if is_full_disk(outcome_of(starting)):
            self.kill("could not start")
            self._around.restart_later(self)
            return
        starting.result()
        core = life.core
        life.chores = [
            life.spawn(self._every(life, EPOCH_CHORE_SECONDS, core.turn_epochs)),
            life.spawn(self._every(life, SWEEP_SECONDS, core.sweep)),
            life.spawn(self._do(life, core.refresh_directory)),
            life.spawn(self._every(life, REFRESH_SECONDS, core.refresh_directory)),
        ]

    async def _every(
        self, life: Life, seconds: float, chore: Callable[[], Awaitable[object]]
    ) -> None:
        while True:
            await asyncio.sleep(seconds)
            await self._do(life, chore)

    async def _do(self, life: Life, chore: Callable[[], Awaitable[object]]) -> None:
        try:
            await chore()
        except Exception as error:  # noqa: BLE001 - nobody else would hear of it
            if not is_full_disk(error):
                self._around.violate(f"{life.name}: a chore failed: {error!r}")
            # The next run finds the same rows due.
            self._around.note("chore failed", life.name)

    def do_chores(self, after_seconds: float) -> None:
        """Do what is done on schedule, after a jump of the time that skipped the schedule."""
        life = self.life
        if life is None:
            return

        async def both() -> None:
            await asyncio.sleep(after_seconds)
            await self._do(life, life.core.turn_epochs)
            await self._do(life, life.core.sweep)

        life.spawn(both())

    # --- down

    def kill(self, why: str, *, torn: bytes = b"") -> None:
        """End the life this instant; its code finds all doors shut.

        `torn` is what a write that was not flushed leaves at the end of an upload.
        """
        life = self.life
        if life is None:
            raise RuntimeError("a node that is down cannot be killed")
        self._around.note("crash", f"{self.name} {why}")
        life.is_over = True
        self.life = None
        old = self.home.folder
        self._copies += 1
        shutil.copytree(old, self.home.folder)
        if torn:
            self._tear(torn)
        self._burial = self._around.spawn(self._bury(life, old))

    def _tear(self, torn: bytes) -> None:
        for part in sorted(self.home.blobs.glob("*.part"))[:1]:
            self._around.note("torn", f"{self.name} {len(torn)}")
            with part.open("ab") as file:
                file.write(torn)

    async def _bury(self, life: Life, folder: Path) -> None:
        # The code that was struck unwinds first.
        await asyncio.sleep(0)
        await life.end_tasks()
        life.close_files()
        shutil.rmtree(folder)

    async def stop(self) -> None:
        """End the life in good order: answer nobody new, finish, close."""
        life = self.life
        if life is None:
            return
        self._around.note("stop", self.name)
        life.is_serving = False
        await life.finish_tasks()
        closing = life.spawn(life.core.close())
        await asyncio.wait([closing])
        if life.is_over:
            return
        closing.result()
        await life.end_tasks()
        life.committed.conn.close()
        life.is_over = True
        self.life = None
