"""Scheduled work goes on whatever the computer's clock does."""

from __future__ import annotations

import asyncio
import datetime
import itertools
from collections.abc import Awaitable, Callable
from types import SimpleNamespace

import apscheduler.executors.base
import apscheduler.schedulers.base
import pytest

from node import jobs
from node.jobs import LOOK_SECONDS, Job, Jobs
from tests.simulation.virtual_time import run_in_virtual_time

HOUR = 3600
YEAR = 365 * 24 * HOUR
START = datetime.datetime(2027, 1, 15, tzinfo=datetime.UTC)


class Wall:
    """The computer's clock: it runs with the loop, and can be moved."""

    def __init__(self) -> None:
        self.moved_seconds = 0.0

    def now(self) -> datetime.datetime:
        seconds = asyncio.get_running_loop().time() + self.moved_seconds
        return START + datetime.timedelta(seconds=seconds)


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    wall = Wall()

    class Moved(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return wall.now()

    for module in (apscheduler.schedulers.base, apscheduler.executors.base):
        monkeypatch.setattr(module, "datetime", Moved)
    fake = SimpleNamespace(datetime=Moved, timedelta=datetime.timedelta, UTC=datetime.UTC)
    monkeypatch.setattr(jobs, "datetime", fake)
    return wall


class Diary:
    """Notes at which second of the loop a job ran."""

    def __init__(self) -> None:
        self.runs: list[int] = []
        self.failures: list[tuple[str, str]] = []

    async def run(self) -> None:
        self.runs.append(round(asyncio.get_running_loop().time()))

    async def play(self, story: Callable[[], Awaitable[None]], *, run=None) -> list[int]:
        table = [Job("epochs", HOUR, run or self.run)]
        scheduler = Jobs(table, lambda *failure: self.failures.append(failure))
        scheduler.start()
        await story()
        scheduler.stop()
        return self.runs


async def wait(seconds: float) -> None:
    await asyncio.sleep(seconds)


def test_a_job_runs_once_an_interval(wall: Wall) -> None:
    runs = run_in_virtual_time(Diary().play(lambda: wait(3.5 * HOUR)))
    assert runs == [HOUR, 2 * HOUR, 3 * HOUR]


def test_a_job_goes_on_when_the_clock_comes_back_from_a_year_ahead(wall: Wall) -> None:
    async def story() -> None:
        wall.moved_seconds = YEAR
        await wait(1.5 * HOUR)
        wall.moved_seconds = 0.0
        await wait(3 * HOUR)

    runs = run_in_virtual_time(Diary().play(story))
    back_at = 1.5 * HOUR
    after = [at for at in runs if at > back_at]
    assert back_at < after[0] <= back_at + LOOK_SECONDS
    assert [later - at for at, later in itertools.pairwise(after)] == [HOUR, HOUR]


def test_a_job_runs_once_and_soon_after_a_leap_of_the_clock(wall: Wall) -> None:
    async def story() -> None:
        await wait(10)
        wall.moved_seconds = YEAR
        await wait(HOUR)

    (ran_at,) = run_in_virtual_time(Diary().play(story))
    assert ran_at <= LOOK_SECONDS


def test_a_job_that_fails_is_told_and_runs_again(wall: Wall) -> None:
    diary = Diary()

    async def fail() -> None:
        await diary.run()
        raise KeyError

    runs = run_in_virtual_time(diary.play(lambda: wait(2.5 * HOUR), run=fail))
    assert runs == [HOUR, 2 * HOUR]
    assert diary.failures == [("epochs", "KeyError")] * 2


def test_a_job_that_takes_long_is_not_started_twice(wall: Wall) -> None:
    diary = Diary()

    async def take_long() -> None:
        await diary.run()
        await asyncio.sleep(2.5 * HOUR)

    runs = run_in_virtual_time(diary.play(lambda: wait(4.5 * HOUR), run=take_long))
    assert runs == [HOUR, 4 * HOUR]
