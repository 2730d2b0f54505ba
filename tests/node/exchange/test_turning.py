"""Epochs turn over through any clock, any restart and any crash.

There is always a present epoch, and it is published; what is over is gone; no key
ever comes twice.
"""

from __future__ import annotations

import asyncio
import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from keys import epochs as epochs_module
from keys import files
from keys.epochs import destroyed_at_ms, epoch_numbers
from node.exchange.descriptors import RENEW_BEFORE_MS, Descriptors
from protocol import limits
from protocol.values import Descriptor, Epoch
from protocol.wire import parse_descriptor, parse_signed_descriptor
from tests.support.network import DAY_MS, GR, Network
from tests.support.nodes import NOW_MS, Federation

HOUR_MS, WEEK_MS = 3_600_000, limits.EPOCH_MS
LONGEST_MS = 800 * DAY_MS


class Crash(BaseException):
    """The power is gone."""


@contextmanager
def crash_at(target: object, name: str, call: int, *, is_after: bool) -> Iterator[None]:
    """Let the power go before or after the n-th call of a function."""
    count, function = itertools.count(), getattr(target, name)

    def struck(*arguments, **options):
        is_struck = next(count) == call
        if is_struck and not is_after:
            raise Crash
        result = function(*arguments, **options)
        if is_struck:
            raise Crash
        return result

    with patch.object(target, name, struck):
        yield


CRASHES: dict[str, tuple[object, str]] = {
    "writing": (files, "_write_synced"),
    "storing": (epochs_module, "store_file"),
    "publishing": (Descriptors, "_log_own"),
    "overwriting": (files, "_overwrite"),
    "destroying": (epochs_module, "destroy_file"),
}


@dataclass
class Turning:
    """One node, and all that was ever seen of its keys."""

    network: Network
    keys: dict[bytes, int] = field(default_factory=dict)
    gone: set[bytes] = field(default_factory=set)
    serial: int = 0
    last: Descriptor | None = None

    @property
    def folder(self) -> Path:
        return self.network.federation.home(GR).epochs

    async def move(self, ms: int) -> None:
        """Let the clock leap or fall, and the hourly work be done."""
        at_ms = self.network.clock.at_ms + ms
        self.network.clock.at_ms = max(NOW_MS - LONGEST_MS, min(NOW_MS + LONGEST_MS, at_ms))
        await self.turn()

    async def turn(self) -> None:
        await self.network.cores[GR].turn_epochs()
        await self.check()

    async def restart(self, ms: int) -> None:
        """Be off for a while; the clock may come back as any other."""
        await self.network.close(GR)
        self.network.clock.at_ms += ms
        await self.network.open(GR)
        await self.check()

    async def crash(self, where: str, call: int, is_after: bool, ms: int) -> None:
        """Die in the middle of the hourly work, or of the next start."""
        target, name = CRASHES[where]
        self.network.clock.at_ms += ms
        with crash_at(target, name, call, is_after=is_after):
            try:
                await self.network.cores[GR].turn_epochs()
            except Crash:
                await self.network.close(GR)
            else:
                await self.network.close(GR)
        with crash_at(target, name, call, is_after=is_after):
            try:
                await self.network.open(GR)
            except Crash:
                if GR in self.network.cores:
                    await self.network.close(GR)
        if GR not in self.network.cores:
            await self.network.open(GR)
        await self.turn()

    async def lose(self, what: str, ms: int) -> None:
        """Come back from a backup without epochs, or with what a crash left of one."""
        await self.network.close(GR)
        held = sorted(self.folder.glob("*.epoch"))
        if what == "the folder":
            shutil.rmtree(self.folder)
        elif what == "one" and held:
            held[0].unlink()
        elif what == "zeros" and held:
            held[-1].write_bytes(bytes(held[-1].stat().st_size))
        elif what == "leftover" and held:
            held[0].with_name(f"{held[0].name}.tmp").write_bytes(held[0].read_bytes())
        self.network.clock.at_ms += ms
        await self.network.open(GR)
        await self.check()

    # --- what must hold

    async def check(self) -> None:
        core, now_ms = self.network.cores[GR], self.network.clock.at_ms
        published = core.context.trust.epochs.published(now_ms)
        self._check_published(published, now_ms)
        self._check_folder(now_ms)
        self._check_keys(published, core.context.trust.epochs._by_key_id)
        signed = await core.service.descriptor()
        assert signed is not None
        self._check_descriptor(parse_descriptor(parse_signed_descriptor(signed)[0]), published)

    def _check_published(self, published: tuple[Epoch, ...], now_ms: int) -> None:
        present = published[0]
        assert present.starts_at_ms <= now_ms < present.ends_at_ms
        numbers = [epoch.number for epoch in published]
        assert numbers == [present.number + ahead for ahead in range(limits.EPOCHS_AHEAD + 1)]

    def _check_folder(self, now_ms: int) -> None:
        assert not [n for n in epoch_numbers(self.folder) if destroyed_at_ms(n) <= now_ms]
        for path in self.folder.iterdir():
            assert path.suffix in {".epoch", ".TAG"}
            assert any(path.read_bytes())

    def _check_keys(self, published: tuple[Epoch, ...], held: dict[bytes, object]) -> None:
        for epoch in published:
            number = self.keys.setdefault(epoch.kem_public_key, epoch.number)
            assert number == epoch.number
        now = {opener.public_key for opener in held.values()}
        assert not self.gone & now
        self.gone |= self.keys.keys() - now

    def _check_descriptor(self, own: Descriptor, published: tuple[Epoch, ...]) -> None:
        now_ms = self.network.clock.at_ms
        assert own.epochs == published
        assert own.created_at_ms <= now_ms <= own.expires_at_ms - RENEW_BEFORE_MS
        assert own.serial >= self.serial
        assert own == self.last or own.serial > self.serial
        self.serial, self.last = own.serial, own


near = st.integers(-3 * HOUR_MS, 3 * HOUR_MS)
weeks = st.integers(-5, 5).map(lambda count: count * WEEK_MS)
anywhere = st.integers(-LONGEST_MS // 2, LONGEST_MS // 2)
moves = st.one_of(near, weeks, anywhere, st.just(WEEK_MS - 1), st.just(1))
away = st.one_of(st.just(0), st.integers(0, 90 * DAY_MS), anywhere)
ACTS = st.one_of(
    st.tuples(st.just("move"), moves),
    st.tuples(st.just("restart"), away),
    st.tuples(
        st.just("crash"), st.sampled_from(sorted(CRASHES)), st.integers(0, 3), st.booleans(), away
    ),
    st.tuples(st.just("lose"), st.sampled_from(["the folder", "one", "zeros", "leftover"]), away),
)


@pytest.fixture(scope="module")
def play(federation: Federation) -> Callable[[list[tuple]], None]:
    def run(acts: list[tuple]) -> None:
        folder = Path(tempfile.mkdtemp(prefix="homeward-turning-"))
        try:
            asyncio.run(_play(Network.copied(federation, folder / "homes"), acts))
        finally:
            shutil.rmtree(folder)

    return run


async def _play(network: Network, acts: list[tuple]) -> None:
    turning = Turning(network)
    # Other lives than those in which the homes were made: they would draw the same keys.
    network.lives = 1000
    await network.open(GR)
    await turning.check()
    try:
        for name, *arguments in acts:
            await getattr(turning, name)(*arguments)
    finally:
        await network.close()


@given(acts=st.lists(ACTS, min_size=1, max_size=12))
@example(acts=[("move", 365 * DAY_MS), ("move", -365 * DAY_MS), ("move", 365 * DAY_MS)])
@example(acts=[("move", HOUR_MS), ("restart", -2 * HOUR_MS), ("move", HOUR_MS)])
@example(acts=[("crash", "publishing", 0, True, WEEK_MS), ("restart", 0)])
@example(acts=[("crash", "destroying", 1, False, 40 * DAY_MS), ("lose", "zeros", 0)])
@example(acts=[("lose", "zeros", 0), ("lose", "the folder", 21 * DAY_MS), ("move", -WEEK_MS)])
def test_there_is_always_a_present_key_and_it_is_published(play, acts: list[tuple]) -> None:
    play(acts)
