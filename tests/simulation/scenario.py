"""The story of one seed: people work, things break, then all comes to rest.

Then everything that was stored is checked. The seed decides all: who does what when,
what the network does with each call, and where a node dies.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import tempfile
import traceback
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from protocol import limits
from tests.simulation.dangers import is_full_disk
from tests.simulation.life import Life, outcome_of
from tests.simulation.people import People
from tests.simulation.plan import NAMES, Plan, plan_for, stream, with_wrong_clocks
from tests.simulation.trace import Trace
from tests.simulation.virtual_time import run_in_virtual_time
from tests.simulation.world import World
from tests.support.nodes import Federation, make_federation

# The longest backoff is 15 minutes, and a referral may need several turns.
REST_SECONDS = 2 * 3600.0
LOOK_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a seed."""

    seed: int
    violations: list[str]
    trace: Trace

    @property
    def counts(self) -> Counter[str]:
        """How often what happened."""
        return self.trace.counts


def make_template(folder: Path) -> Federation:
    """Make the homes that every run begins with; costs more than a run's own copy."""
    return make_federation(folder, NAMES)


def fast_folder() -> Path | None:
    """Return a folder in memory where there is one: each fsync on a disk costs."""
    memory = Path("/dev/shm")
    return memory if os.access(memory, os.W_OK) else None


def run_seed(seed: int, template: Federation, *, has_wrong_clocks: bool = False) -> Outcome:
    """Play one seed and check everything."""
    plan = with_wrong_clocks(plan_for(seed)) if has_wrong_clocks else plan_for(seed)
    folder = Path(tempfile.mkdtemp(prefix="homeward-simulation-", dir=fast_folder()))
    trace, violations = Trace(), list[str]()
    try:
        with small_uploads():
            violations = run_in_virtual_time(_play(plan, template, folder, trace))
    except Exception as error:  # noqa: BLE001 - whatever ends a run is a finding of that seed
        violations = [*traceback.format_exception(error)]
    finally:
        shutil.rmtree(folder)
    return Outcome(seed, violations, trace)


@contextmanager
def small_uploads() -> Iterator[None]:
    """Let small files take the way of large ones: several requests, several writes each."""
    before = limits.BLOB_WRITE_BYTES, limits.BLOB_REQUEST_BYTES
    limits.BLOB_WRITE_BYTES = limits.CHUNK_BYTES // 2
    limits.BLOB_REQUEST_BYTES = 2 * limits.CHUNK_BYTES
    try:
        yield
    finally:
        limits.BLOB_WRITE_BYTES, limits.BLOB_REQUEST_BYTES = before


async def _play(plan: Plan, template: Federation, folder: Path, trace: Trace) -> list[str]:
    world = World(plan, template, folder, trace)
    try:
        await Story(world).play()
    finally:
        await world.end()
    return world.violations


class Story:
    """What people and bad luck do in one run."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._plan = world.plan
        self._draw = stream(world.plan.seed, "story")
        self._people = People(
            stream(world.plan.seed, "people"), note=world.note, violate=world.violate
        )
        self._begun: set[asyncio.Task[Any]] = set()

    async def play(self) -> None:
        """Play the acts, come to rest, look at the legs, stop, and check the books."""
        for machine in self._world.machines.values():
            await machine.start()
        for number in range(self._plan.acts):
            await asyncio.sleep(self._draw.expovariate(1.0 / self._plan.pause_seconds))
            self._trouble()
            self._act(is_opening=number < self._plan.referrals)
        while self._begun:
            await asyncio.wait(self._begun)
        await self._come_to_rest()
        await self._world.check_bundles()
        views = await self._world.views()
        await self._world.end()
        self._world.check_books(views)

    # --- people

    def _act(self, *, is_opening: bool) -> None:
        lives = [m.life for m in self._world.machines.values() if m.life is not None]
        if not lives:
            return
        life = self._draw.choice(lives)
        if is_opening or self._draw.random() < 0.05:
            peer = self._draw.choice([n for n in self._plan.names if n != life.name])
            act = self._people.open_referral(life, peer)
        elif self._draw.random() < 0.15:
            act = self._people.try_illegal_step(life)
        else:
            act = self._people.make_step(life)
        self._begin(self._watch(life, act))

    async def _watch(self, life: Life, act: Coroutine[Any, Any, None]) -> None:
        if life.is_over or not life.is_serving:
            act.close()
            return
        task = life.spawn(act)
        await asyncio.wait([task])
        error = outcome_of(task)
        if is_full_disk(error):
            self._world.note("disk full", f"{life.name} says so to a person")
        elif error is not None:
            self._world.violate(f"{life.name}: a person sees {error!r}")

    def _begin(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = self._world.spawn(coroutine)
        self._begun.add(task)
        task.add_done_callback(self._begun.discard)

    # --- bad luck

    def _trouble(self) -> None:
        plan, draw, world = self._plan, self._draw, self._world
        if draw.random() < plan.partition_rate:
            self._part()
        if draw.random() < plan.stop_rate:
            self._take_down()
        if draw.random() < plan.jump_rate:
            world.jump(draw.randrange(plan.longest_jump_ms))
        if world.office.is_time(plan.publish_rate):
            self._begin(world.office.publish())
        # Not drawn where it cannot be: other stories stay as they are.
        if plan.clock_fault_rate and draw.random() < plan.clock_fault_rate:
            fault_ms = draw.choice((0, draw.randint(-plan.longest_fault_ms, plan.longest_fault_ms)))
            world.set_clock(draw.choice(plan.names), fault_ms)

    def _part(self) -> None:
        pairs = list(itertools.combinations(self._plan.names, 2))
        apart = [pair for pair in pairs if self._draw.random() < 0.4]
        self._world.note("part", " ".join("|".join(pair) for pair in apart))
        self._world.network.cut(apart)

    def _take_down(self) -> None:
        machine = self._draw.choice(list(self._world.machines.values()))
        if machine.life is None or not machine.life.is_serving:
            return
        if self._draw.random() < 0.5:
            machine.kill("at some time")
            self._world.restart_later(machine)
        else:
            self._begin(self._restart_in_order(machine.name))

    async def _restart_in_order(self, name: str) -> None:
        machine = self._world.machines[name]
        await machine.stop()
        await asyncio.sleep(self._draw.uniform(0.0, 30.0))
        await machine.start()

    # --- rest

    async def _come_to_rest(self) -> None:
        """Let everything that waits arrive, now that nothing is in its way."""
        await self._world.calm_down()
        for _ in range(int(REST_SECONDS / LOOK_SECONDS)):
            if await self._world.is_quiet():
                return
            await asyncio.sleep(LOOK_SECONDS)
