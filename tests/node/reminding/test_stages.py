"""Stages: whenever somebody looks, the last one whose moment has come."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from node.reminding.levels import LEVELS
from node.reminding.stages import reached
from node.reminding.waits import Wait, What
from node.reminding.working_time import ALWAYS, DAY_MS, after, is_open
from node.store.messages import LegRow
from protocol.ids import LegId, NodeId
from tests.node.reminding.test_working_time import GREEK_OFFICE, MOMENTS

LATER = st.integers(0, 60 * DAY_MS)


def waiting(urgency: int, working, since_ms: int, what: What = What.CLAIM) -> Wait:
    leg = LegRow(
        leg_id=LegId(bytes(16)), side="sender", peer=NodeId("gr.example"), kind="info_request",
        urgency=urgency, case_id=None, opened_at_ms=since_ms, reply_by_ms=0, expires_at_ms=0,
    )  # fmt: skip
    due_ms = after(working, since_ms, LEVELS[urgency].claim)
    return Wait(
        leg=leg, what=what, is_ours=False, cause="out1", since_ms=since_ms, due_ms=due_ms,
        working=working,
    )  # fmt: skip


WAITS = st.builds(
    waiting,
    st.integers(1, 4),
    st.sampled_from([ALWAYS, GREEK_OFFICE]),
    MOMENTS,
    st.sampled_from([What.CLAIM, What.CONFIRMATION]),
)


@given(WAITS, LATER, LATER)
@settings(max_examples=150, deadline=None)
def test_a_stage_never_goes_back_and_its_moment_has_come(wait, first, second) -> None:
    level = LEVELS[wait.leg.urgency]
    stages = [reached(wait, level, wait.since_ms + each) for each in sorted((first, second))]
    numbers = [0 if stage is None else stage.number for stage in stages]
    assert numbers[0] <= numbers[1]
    for stage, later in zip(stages, sorted((first, second)), strict=True):
        assert stage is None or wait.since_ms < stage.at_ms <= wait.since_ms + later


@given(WAITS)
@settings(max_examples=100, deadline=None)
def test_everybody_is_told_by_the_time_it_is_due_unless_only_later_ones_are_left(wait) -> None:
    assert reached(wait, LEVELS[wait.leg.urgency], wait.since_ms) is None
    stage = reached(wait, LEVELS[wait.leg.urgency], wait.due_ms)
    assert stage is not None


@given(MOMENTS, st.integers(1, 10))
@settings(max_examples=100, deadline=None)
def test_an_urgent_one_is_told_while_somebody_is_there(since_ms, minutes) -> None:
    wait = waiting(2, GREEK_OFFICE, since_ms)
    stage = reached(wait, LEVELS[2], wait.due_ms + minutes * 60_000)
    assert stage is not None
    # The end of an opening is the last moment at which somebody is there.
    assert is_open(GREEK_OFFICE, stage.at_ms - 1)


def test_what_has_no_time_is_not_reminded_of() -> None:
    wait = waiting(1, ALWAYS, 0)
    without = Wait(
        leg=wait.leg, what=What.OUTCOME, is_ours=False, cause="out1", since_ms=0, due_ms=None,
        working=ALWAYS,
    )  # fmt: skip
    assert reached(without, LEVELS[1], 10**15) is None
