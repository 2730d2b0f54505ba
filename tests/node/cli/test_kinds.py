"""Scripts of whole referrals of every pattern, between two nodes that run now and then."""

from __future__ import annotations

import asyncio
import time
from itertools import count
from pathlib import Path

import pytest

from node.app import Core
from node.store import outbox
from tests.support.commands import play
from tests.support.nodes import (
    DirectLink,
    Federation,
    SettableClock,
    make_federation,
    open_core,
    until,
)

SCRIPTS = sorted((Path(__file__).parent / "scripts" / "kinds").glob("*.txt"))
NAMES = ("be.example", "gr.example")


@pytest.fixture
def federation(tmp_path: Path) -> Federation:
    """Two joined nodes that can reach each other when both run, and a member that never does."""
    members = (*NAMES, "fr.example")
    return make_federation(tmp_path, members, now_ms=time.time_ns() // 1_000_000)


async def let_run(federation: Federation, seed: str) -> None:
    """Run both nodes until nothing waits at either."""
    link, clock = DirectLink(), SettableClock(time.time_ns() // 1_000_000)
    cores = [open_core(federation, name, link, clock, seed=seed) for name in NAMES]
    for core in cores:
        await core.start()
    for core, peer in zip(cores, reversed(NAMES), strict=True):
        core.delivery.wake(peer)

    async def is_done() -> bool:
        return all([await waiting(core, peer) == 0 for core in cores for peer in NAMES])

    try:
        await until(is_done)
    finally:
        for core in cores:
            await core.close()


async def waiting(core: Core, peer: str) -> int:
    return await core.store.read(lambda db: outbox.count(db, peer))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_script(script: Path, federation: Federation, tmp_path: Path) -> None:
    names = {name: str(federation.home(f"{name}.example").folder) for name in ("be", "gr")}
    seeds = count()
    # A node that has never run has published no keys to seal to.
    asyncio.run(let_run(federation, "first run"))
    play(
        script,
        {**names, "tmp": str(tmp_path)},
        deliver=lambda: asyncio.run(let_run(federation, f" run {next(seeds)}")),
    )
