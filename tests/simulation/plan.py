"""What a seed decides beforehand: who takes part, how bad it gets, how long it goes on."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

NAMES = ("be.example", "gr.example", "ua.example", "fr.example")
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


def stream(seed: int, *purpose: object) -> random.Random:
    """Return the random numbers of one purpose: what others draw does not change them."""
    return random.Random(" ".join(map(str, (seed, *purpose))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """How likely each fate of a call is, and how long a way takes."""

    lost: float = 0.0
    """The request never arrives."""
    unanswered: float = 0.0
    """It arrives and has its effect; the answer does not come back."""
    late: float = 0.0
    """The caller has given up when it arrives."""
    doubled: float = 0.0
    """It arrives again, at some later time."""
    broken: float = 0.0
    """An upload stops in the middle."""
    longest_way_seconds: float = 0.2


CALM = Weather()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One seed's choices."""

    seed: int
    names: tuple[str, ...]
    weather: Weather
    crash_rate: float
    """Likelihood of a crash at each point where something becomes durable."""
    full_disk_rate: float
    """Likelihood that the disk takes nothing at such a point."""
    longest_skew_ms: int
    is_skew_changing: bool
    """Whether a node's clock differs after each start."""
    acts: int
    referrals: int
    partition_rate: float
    stop_rate: float
    """Likelihood, before an act, that somebody kills or stops a node."""
    jump_rate: float
    longest_jump_ms: int
    pause_seconds: float
    """Mean time between acts."""
    start_ms: int
    """When it begins, after the federation was founded."""
    publish_rate: float = 0.05
    """Likelihood, before an act, that the secretariat publishes a directory."""
    clock_fault_rate: float = 0.0
    """Likelihood, before an act, that somebody sets a clock wrong, or one right again."""
    longest_fault_ms: int = 0


def plan_for(seed: int) -> Plan:
    """Draw the plan of a seed; about one in eight is a calm one."""
    draw = stream(seed, "plan")
    is_calm = draw.random() < 0.125
    return Plan(
        seed=seed,
        names=NAMES[: draw.choice((2, 2, 3, 4))],
        weather=CALM if is_calm else _bad_weather(draw),
        crash_rate=0.0 if is_calm else draw.choice((0.0, 0.005, 0.02, 0.06)),
        full_disk_rate=0.0 if is_calm else draw.choice((0.0, 0.0, 0.02, 0.1)),
        # Two clocks may disagree by ten minutes in all.
        longest_skew_ms=draw.choice((0, 1000, 2 * MINUTE_MS, 5 * MINUTE_MS - 1000)),
        is_skew_changing=draw.random() < 0.3,
        acts=draw.randint(25, 60),
        referrals=draw.randint(2, 6),
        partition_rate=0.0 if is_calm else draw.choice((0.0, 0.05, 0.15)),
        stop_rate=0.0 if is_calm else draw.choice((0.0, 0.03, 0.08)),
        jump_rate=draw.choice((0.0, 0.0, 0.05, 0.1)),
        longest_jump_ms=draw.choice((6 * HOUR_MS, 2 * DAY_MS, 9 * DAY_MS, 20 * DAY_MS)),
        pause_seconds=draw.choice((0.5, 5.0, 60.0)),
        start_ms=draw.randrange(7 * DAY_MS),
    )


def with_wrong_clocks(plan: Plan) -> Plan:
    """Return the same plan, with clocks that are set wrong by up to more than a year."""
    draw = stream(plan.seed, "wrong clocks")
    return replace(
        plan,
        clock_fault_rate=draw.choice((0.1, 0.3)),
        longest_fault_ms=draw.choice((HOUR_MS, 5 * DAY_MS, 25 * DAY_MS, 400 * DAY_MS)),
        # The days that people's messages live must not be over by themselves.
        longest_jump_ms=6 * HOUR_MS,
    )


def _bad_weather(draw: random.Random) -> Weather:
    return Weather(
        lost=draw.choice((0.0, 0.05, 0.2)),
        unanswered=draw.choice((0.0, 0.05, 0.2)),
        late=draw.choice((0.0, 0.05, 0.1)),
        doubled=draw.choice((0.0, 0.1, 0.3)),
        broken=draw.choice((0.0, 0.1, 0.3)),
        longest_way_seconds=draw.choice((0.05, 0.5, 5.0)),
    )
