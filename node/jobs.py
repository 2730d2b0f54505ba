"""The table of scheduled work.

Schedules are code, due times are data: a job that was missed or cut off loses
nothing, because the next run finds the same rows due. A job that is still running
is not started twice.
"""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

MISFIRE_SECONDS = 3600


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
        for job in table:
            self._scheduler.add_job(
                job.run,
                "interval",
                seconds=job.seconds,
                id=job.name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=MISFIRE_SECONDS,
            )

        def failed(event: JobExecutionEvent) -> None:
            report(event.job_id, type(event.exception).__name__)

        self._scheduler.add_listener(failed, EVENT_JOB_ERROR)

    def start(self) -> None:
        """Begin; the first runs come after one interval each."""
        self._scheduler.start()

    def stop(self) -> None:
        """End; running jobs are cancelled, which loses nothing (see above)."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
