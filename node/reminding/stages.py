"""When somebody is to be told of a wait: the moments that its urgency's reminders stand for."""

from __future__ import annotations

from dataclasses import dataclass

from node.reminding.levels import (
    CONFIRMING,
    ERASING_REMINDERS,
    Audience,
    Level,
    Reminder,
)
from node.reminding.waits import Wait, What
from node.reminding.working_time import (
    DAY_MS,
    after_open_ms,
    open_between_ms,
    opening_of_day_ms,
)

WEEK_MS = 7 * DAY_MS
# What has reminders of its own, whatever the urgency.
_OWN = {What.CONFIRMATION: CONFIRMING, What.ERASURE: ERASING_REMINDERS}


@dataclass(frozen=True, slots=True)
class Stage:
    """One moment at which somebody is told; `number` counts them, weekly ones onward."""

    number: int
    audience: Audience
    at_ms: int


Moments = tuple[tuple[int, Reminder, int], ...]
"""The reminders of one wait: number, which, and when."""


def reached(wait: Wait, level: Level, now_ms: int) -> Stage | None:
    """Return the last stage whose moment has come; whoever slept is told once, not often."""
    return stage_at(moments(wait, level), now_ms)


def moments(wait: Wait, level: Level) -> Moments:
    """Return when the reminders of a wait are due, in their order; a weekly one: the first time."""
    if wait.due_ms is None:
        return ()
    due_ms = wait.due_ms
    reminders = enumerate(_OWN.get(wait.what, level.reminders), 1)
    found = ((number, each, _moment(wait, due_ms, each)) for number, each in reminders)
    return tuple((number, each, at_ms) for number, each, at_ms in found if at_ms is not None)


def stage_at(due: Moments, now_ms: int) -> Stage | None:
    """Return the last stage whose moment has come."""
    found = None
    for number, reminder, at_ms in due:
        if at_ms > now_ms:
            continue
        if reminder.is_weekly:
            weeks = (now_ms - at_ms) // WEEK_MS
            found = Stage(number + weeks, reminder.audience, at_ms + weeks * WEEK_MS)
        else:
            found = Stage(number, reminder.audience, at_ms)
    return found


def _moment(wait: Wait, due_ms: int, reminder: Reminder) -> int | None:
    """Return when a reminder is due; None: not at all, for it would be before the wait."""
    if reminder.is_weekly:
        return due_ms + WEEK_MS
    if reminder.days_before is not None:
        at_ms = opening_of_day_ms(wait.working, due_ms, reminder.days_before)
        if at_ms > wait.since_ms:
            return at_ms
        return None if reminder.days_before else due_ms
    part = reminder.part or 0
    whole_ms = open_between_ms(wait.working, wait.since_ms, due_ms)
    if part == 1 or not whole_ms:
        return due_ms
    return after_open_ms(wait.working, wait.since_ms, int(whole_ms * part))
