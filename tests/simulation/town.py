"""Thirty nodes in virtual time, each with its own rhythm of asking; for how things spread.

Smaller than the world of the simulator: no crashes, and a network that only loses calls.
What a node does here by the clock is what `node.running` has it do.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from node.app import Core
from node.errors import DeliveryError
from tests.simulation.plan import stream
from tests.support.nodes import (
    NOW_MS,
    DirectLink,
    Federation,
    SettableClock,
    endpoint_of,
    make_federation,
    open_core,
)
from tests.support.secretariat import Secretariat

COUNTRIES = (
    "at be bg hr cy cz dk ee fi fr de gr hu ie it lv lt lu mt nl pl pt ro sk si es se ch ua gb"
)
NAMES = tuple(f"{country}.example" for country in COUNTRIES.split())
INTERVAL_SECONDS = 600.0
JITTER_SECONDS = 60.0


class VirtualClock(SettableClock):
    """A clock that goes with the loop."""

    def now_ms(self) -> int:
        return self.at_ms + int(asyncio.get_running_loop().time() * 1000)


@dataclass
class LossyLink(DirectLink):
    """A link that takes a moment, and loses the calls for which `is_lost` says so."""

    is_lost: Callable[[str], bool] = lambda path: False
    draw: random.Random = field(default_factory=random.Random)

    async def post(self, endpoint: str, path: str, body: bytes, *, limit: int) -> bytes:
        await self._go(path)
        return await super().post(endpoint, path, body, limit=limit)

    async def get(self, endpoint: str, path: str, *, limit: int) -> bytes | None:
        await self._go(path)
        return await super().get(endpoint, path, limit=limit)

    async def _go(self, path: str) -> None:
        await asyncio.sleep(self.draw.uniform(0.0, 0.2))
        if self.is_lost(path):
            raise DeliveryError("unreachable", "lost", retryable=True)


class Town:
    """The nodes, up or down."""

    def __init__(self, template: Federation, folder: Path, seed: int) -> None:
        """Copy the homes of the template."""
        shutil.copytree(template.folder, folder)
        self.federation = replace(template, folder=folder)
        self.secretariat = Secretariat.of(template)
        self.draw = stream(seed, "town")
        self.link = LossyLink(draw=stream(seed, "way"))
        self.clock = VirtualClock(NOW_MS)
        self.cores: dict[str, Core] = {}
        self.reports: list[tuple] = []
        self._rhythms: dict[str, asyncio.Task[None]] = {}
        self._lives = len(NAMES)

    # --- up and down

    async def bring_up(self, *names: str) -> None:
        for name in names:
            self._lives += 1
            core = open_core(
                self.federation,
                name,
                self.link,
                self.clock,
                self.reports,
                seed=f" life {self._lives}",
            )
            self.cores[name] = core
            await core.start()
            self._rhythms[name] = asyncio.create_task(self._go_on(core))

    async def _go_on(self, core: Core) -> None:
        """Ask at once, and then again and again."""
        await core.refresh_directory()
        while True:
            await asyncio.sleep(INTERVAL_SECONDS - JITTER_SECONDS)
            await asyncio.sleep(self.draw.uniform(0.0, JITTER_SECONDS))
            await core.refresh_directory()

    async def take_down(self, *names: str) -> None:
        for name in names:
            self.link.services.pop(endpoint_of(name))
            rhythm = self._rhythms.pop(name)
            rhythm.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await rhythm
            await self.cores.pop(name).close()

    async def end(self) -> None:
        await self.take_down(*list(self.cores))

    # --- what they know

    def behind(self) -> list[str]:
        """Return the running nodes that do not go by the newest directory."""
        newest = self.secretariat.version
        return [n for n, c in self.cores.items() if c.context.trust.directory.version != newest]

    async def seconds_until_all_know(self, at_most: float) -> float:
        """Wait until no running node is behind; return how long that took."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while self.behind():
            assert loop.time() - begun <= at_most, f"still behind: {self.behind()}"
            await asyncio.sleep(1.0)
        return loop.time() - begun


def make_town(folder: Path) -> Federation:
    """Make the homes, and let every node run once: tables, keys and descriptors are there."""
    template = make_federation(folder, NAMES, has_suspend=True)

    async def run_once() -> None:
        link, clock = DirectLink(), SettableClock()
        for number, name in enumerate(NAMES):
            core = open_core(template, name, link, clock, seed=f" life {number}")
            await core.start()
            await core.close()

    asyncio.run(run_once())
    return template
