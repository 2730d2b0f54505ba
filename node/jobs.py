"""The table of scheduled work.

Schedules are code, due times are data: a job that was missed or cut off loses
nothing, because the next run finds the same rows due. A job that is still running
is not started twice.

The scheduler reckons in the computer's time, which people and time servers move, and
sets itself a timer that knows nothing of it. So every minute it looks anew. When the
clock has leapt ahead (a machine that slept, a wrong year), each job runs once. When it
has fallen back, a job that is further off than its interval runs as well: else it
would wait until the old time comes again, a year if need be.
"""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

LOOK_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Job:
    """One kind of work, and how often it is done."""

    name: str
    seconds: int
    run: Callable[[], Awaitable[object]]


class Jobs:
    """Runs a table of jobs on the event loop."""

    def __init__(self, table: list[Job], report: Callable[[str, str], None]) -> None:
        """`report` is called with a job's name and its error's type when it fails."""
        self._scheduler = AsyncIOScheduler(timezone=datetime.UTC)
        self._look_later: asyncio.TimerHandle | None = None
        for job in table:
            self._scheduler.add_job(
                job.run,
                _Every(datetime.timedelta(seconds=job.seconds)),
                id=job.name,
                max_instances=1,
                misfire_grace_time=None,
            )

        def failed(event: JobExecutionEvent) -> None:
            report(event.job_id, type(event.exception).__name__)

        self._scheduler.add_listener(failed, EVENT_JOB_ERROR)

    def start(self) -> None:
        """Begin; the first runs come after one interval each."""
        self._scheduler.start()
        self._look_again()

    def stop(self) -> None:
        """End; running jobs are cancelled, which loses nothing (see above)."""
        if self._look_later is not None:
            self._look_later.cancel()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _look(self) -> None:
        """Let jobs run now whose time has come, or is one that the clock had shown before."""
        now = datetime.datetime.now(datetime.UTC)
        for job in self._scheduler.get_jobs():
            if job.next_run_time is not None and job.next_run_time - now > job.trigger.interval:
                job.modify(next_run_time=now)
        self._scheduler.wakeup()
        self._look_again()

    def _look_again(self) -> None:
        self._look_later = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)


class _Every(BaseTrigger):  # type: ignore[misc] # the library has no types
    """Fires an interval after the last time, however late that was.

    The library's own counts every time that a leap of the clock went over.
    """

    def __init__(self, interval: datetime.timedelta) -> None:
        self.interval = interval

    def get_next_fire_time(
        self, _previous: datetime.datetime | None, now: datetime.datetime
    ) -> datetime.datetime:
        """Return when to run next."""
        return now + self.interval
