"""How soon an answer is due at each urgency, and who is reminded when: data.

The figures of each urgency stand in `LEVELS` and nowhere else; the settings of a node may
put others in their place (`level_of`). Rules:

- Minutes and days count in the opening hours of whoever is waited for, with the public
  holidays of its country. Only where life is at risk (U1) the clock on the wall counts,
  whoever is there: what is told then says whether somebody is, and which number to ring.
- An answer is due when the sender asked for it, else as the level says; after an accept,
  when the recipient has promised it.
- A reminder stands at a part of the allowance ("1/3"; beyond 1 it is overdue), at the
  beginning of a working day before the due one ("1d") or of the due one ("0d"), or each
  week after ("weekly").
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from node.errors import ConfigError
from node.reminding.working_time import Allowance


class Audience(enum.StrEnum):
    """Who is told; at PHONE staff and supervisors are told to take the telephone."""

    STAFF = "staff"
    SUPERVISOR = "supervisor"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Reminder:
    """When somebody is told: at a part of the allowance, by days before it ends, or weekly."""

    audience: Audience
    part: Fraction | None = None
    days_before: int | None = None

    @property
    def is_weekly(self) -> bool:
        """Whether it comes again each week after the due time."""
        return self.part is None and self.days_before is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One urgency: what may take how long, and the reminders in their order."""

    claim: Allowance
    answer: Allowance
    reminders: tuple[Reminder, ...]
    is_always_running: bool = False
    """By the clock on the wall, whether anybody is there or not."""


def _parts(audience: Audience, *parts: str) -> tuple[Reminder, ...]:
    return tuple(Reminder(audience, part=Fraction(part)) for part in parts)


LEVELS: Mapping[int, Level] = MappingProxyType(
    {
        # Life at risk: 10, 20 and 30 minutes of the 30 for a claim, then 40 and 50.
        1: Level(
            claim=Allowance(minutes=30),
            answer=Allowance(minutes=3 * 60),
            reminders=(
                *_parts(Audience.STAFF, "1/3", "2/3", "1"),
                *_parts(Audience.SUPERVISOR, "4/3"),
                *_parts(Audience.PHONE, "5/3"),
            ),
            is_always_running=True,
        ),
        2: Level(
            claim=Allowance(minutes=2 * 60),
            answer=Allowance(minutes=12 * 60),
            reminders=(
                *_parts(Audience.STAFF, "1/2", "1"),
                *_parts(Audience.SUPERVISOR, "3/2"),
            ),
        ),
        3: Level(
            claim=Allowance(days=1),
            answer=Allowance(days=5),
            reminders=(
                Reminder(Audience.STAFF, days_before=1),
                Reminder(Audience.STAFF, days_before=0),
                Reminder(Audience.STAFF),
            ),
        ),
        4: Level(
            claim=Allowance(days=3),
            answer=Allowance(weeks=4),
            reminders=(Reminder(Audience.STAFF, days_before=0),),
        ),
    }
)

CONFIRMING: Final = (
    Reminder(Audience.STAFF, days_before=1),
    Reminder(Audience.STAFF, days_before=0),
)
"""Before an outcome is confirmed by itself, whatever the urgency."""

ERASING: Final = Allowance(weeks=4)
"""For the answer to a request to erase, whatever the urgency (GDPR Art. 12(3): a month)."""

ERASING_REMINDERS: Final = (
    Reminder(Audience.STAFF, days_before=1),
    Reminder(Audience.STAFF, days_before=0),
    Reminder(Audience.SUPERVISOR),
)

ALLOWANCE_PATTERN: Final = r"([1-9][0-9]{0,3})([mhdw])"
REMINDER_PATTERN: Final = r"[1-9][0-9]?(/[1-9][0-9]?)?|[0-9]d|weekly"
_ALLOWANCE: Final = re.compile(ALLOWANCE_PATTERN, re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelTexts:
    """What settings say of one urgency; what they leave out stays as it is."""

    claim: str = ""
    answer: str = ""
    is_always_running: bool | None = None
    staff: Sequence[str] | None = None
    supervisor: Sequence[str] | None = None
    phone: Sequence[str] | None = None


def level_of(level: Level, texts: LevelTexts) -> Level:
    """Return a level with what settings put in its place.

    Raises:
        ConfigError: weekly reminders stand before others, or one is no time.
    """
    given = {
        Audience.STAFF: texts.staff,
        Audience.SUPERVISOR: texts.supervisor,
        Audience.PHONE: texts.phone,
    }
    reminders: list[Reminder] = []
    for audience, entries in given.items():
        if entries is None:
            reminders += [each for each in level.reminders if each.audience is audience]
        else:
            reminders += [_reminder(audience, entry) for entry in entries]
    if any(reminder.is_weekly for reminder in reminders[:-1]):
        raise ConfigError("bad_config", "only the last reminder of an urgency can be weekly")
    is_always = texts.is_always_running
    return Level(
        claim=parse_allowance(texts.claim) if texts.claim else level.claim,
        answer=parse_allowance(texts.answer) if texts.answer else level.answer,
        reminders=tuple(reminders),
        is_always_running=level.is_always_running if is_always is None else is_always,
    )


def parse_allowance(text: str) -> Allowance:
    """Read 30m, 2h, 3d (working days) or 4w.

    Raises:
        ConfigError: it is none of these.
    """
    found = _ALLOWANCE.fullmatch(text)
    if found is None:
        raise ConfigError("bad_config", "an allowance cannot be read", "30m, 2h, 3d or 4w")
    count = int(found[1])
    return {
        "m": Allowance(minutes=count),
        "h": Allowance(minutes=60 * count),
        "d": Allowance(days=count),
        "w": Allowance(weeks=count),
    }[found[2]]


def _reminder(audience: Audience, text: str) -> Reminder:
    if re.fullmatch(REMINDER_PATTERN, text, re.ASCII) is None:
        raise ConfigError("bad_config", "a reminder cannot be read", '"1/2", "1", "1d", "weekly"')
    if text == "weekly":
        return Reminder(audience)
    if text.endswith("d"):
        return Reminder(audience, days_before=int(text[:-1]))
    return Reminder(audience, part=Fraction(text))
