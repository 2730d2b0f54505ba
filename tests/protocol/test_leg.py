"""A leg: which steps its state allows, where they lead, and what becomes of two that cross."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product

import pytest

from protocol.errors import PeerError, RefusalCode
from protocol.exchange.leg import (
    ENDS,
    Leg,
    Side,
    State,
    Step,
    allowed_steps,
    check_step,
    fold,
    has_lead_moved,
    state_at,
)
from protocol.exchange.patterns import KINDS, TRANSITIONS, Pattern, pattern_of
from protocol.vocabulary import VOCABULARIES

S, R = Side.SENDER, Side.RECIPIENT
REQUEST, BROADCAST, HANDOVER = Pattern.REQUEST, Pattern.BROADCAST, Pattern.HANDOVER
TIP, NOTICE = Pattern.TIP, Pattern.NOTICE
ROWS = sorted({name for table in TRANSITIONS.values() for _, name in table} | {"referral"})
REFERRAL = Step(S, 1, 0, "referral")
# What only the clock or one side can know.
NOT_OF_STEPS = {State.QUEUED, State.UNDELIVERABLE, State.EXPIRED}
_TAKEN_ON = {
    State.ACCEPTED,
    State.DECLINED,
    State.REDIRECTED,
    State.IN_PROGRESS,
    State.INFO_NEEDED,
    State.CANCEL_REQUESTED,
    State.CANCEL_CONFIRMED,
}
_ALWAYS = {
    State.DELIVERED,
    State.RECEIVED,
    State.CLOSED,
    State.WITHDRAWN,
    State.ENTERED_IN_ERROR,
}
REACHED = {
    REQUEST: _ALWAYS | _TAKEN_ON | {State.OUTCOME_REPORTED},
    BROADCAST: _ALWAYS,
    HANDOVER: _ALWAYS | _TAKEN_ON | {State.HANDED_OVER},
    TIP: _ALWAYS | {State.IN_PROGRESS, State.INFO_NEEDED, State.DECLINED, State.REDIRECTED},
    NOTICE: _ALWAYS,
}

each_pattern = pytest.mark.parametrize("pattern", Pattern)


def next_step(pattern: Pattern, known: Sequence[Step], side: Side, row: str) -> Step:
    """Return the step that an honest end would make now, whether it is legal or not."""
    mine = [step for step in known if step.side is side]
    asked = fold(pattern, known).open_questions
    questions = sorted(number for asker, number in asked if asker is side.other)
    question = questions[0] if row == "answer" and questions else 0
    name, _, reason = row.partition(" ")
    return Step(side, len(mine) + 1, len(known) - len(mine), name, question, reason)


def verdict(known: Sequence[Step], step: Step, *, pattern: Pattern = REQUEST) -> RefusalCode | None:
    try:
        check_step(pattern, known, step)
    except PeerError as refusal:
        return refusal.code
    return None


def rows_at(pattern: Pattern, leg: Leg, side: Side) -> list[str]:
    """Return the rows of the table that this side may use now."""
    names = allowed_steps(pattern, leg, side)
    rows = TRANSITIONS[pattern].items()
    found = [row for (s, row), states in rows if s is side and leg.state in states]
    return [row for row in found if row.partition(" ")[0] in names]


def spoken(*turns: tuple[Side, str], pattern: Pattern = REQUEST) -> tuple[Step, ...]:
    """Return the steps of a conversation in which each waits for the other."""
    steps = [REFERRAL]
    for side, name in turns:
        step = next_step(pattern, steps, side, name)
        check_step(pattern, steps, step)
        steps.append(step)
    return tuple(steps)


@cache
def conversations(pattern: Pattern) -> tuple[tuple[Step, ...], ...]:
    """Return a shortest conversation to every (state, who waits for an answer)."""
    found = {(State.DELIVERED, ()): (REFERRAL,)}
    waiting = deque(found.values())
    while waiting:
        steps = waiting.popleft()
        leg = fold(pattern, steps)
        for side in Side:
            for row in rows_at(pattern, leg, side):
                longer = (*steps, next_step(pattern, steps, side, row))
                after = fold(pattern, longer)
                asked = tuple(sorted({asker.value for asker, _ in after.open_questions}))
                if (after.state, asked) not in found:
                    found[after.state, asked] = longer
                    waiting.append(longer)
    return tuple(found.values())


# The tables


def test_every_kind_of_the_list_has_a_pattern_and_every_pattern_a_kind() -> None:
    assert list(KINDS) == list(VOCABULARIES["referral_kind"].codes)
    assert set(KINDS.values()) == set(Pattern) == set(TRANSITIONS)


def test_a_kind_of_a_newer_version_is_refused_by_name() -> None:
    with pytest.raises(PeerError) as refusal:
        pattern_of("of_the_future")
    assert refusal.value.code is RefusalCode.UNKNOWN_KIND
    assert "future" not in refusal.value.detail


@each_pattern
def test_every_state_that_steps_decide_is_reached(pattern: Pattern) -> None:
    reached = {fold(pattern, steps).state for steps in conversations(pattern)}
    assert reached == REACHED[pattern]


def test_every_state_is_reached_in_some_pattern_or_follows_from_no_step() -> None:
    assert set().union(*REACHED.values()) == set(State) - NOT_OF_STEPS


@each_pattern
def test_every_row_of_the_table_is_used(pattern: Pattern) -> None:
    used = {
        ((side, row), leg.state)
        for leg in (fold(pattern, steps) for steps in conversations(pattern))
        for side in Side
        for row in rows_at(pattern, leg, side)
    }
    table = TRANSITIONS[pattern]
    assert used == {(key, before) for key, row in table.items() for before in row}


@each_pattern
@pytest.mark.parametrize("side", Side)
def test_a_step_is_legal_exactly_where_it_is_offered(pattern: Pattern, side: Side) -> None:
    for steps, row in product(conversations(pattern), ROWS):
        name = row.partition(" ")[0]
        is_offered = name in allowed_steps(pattern, fold(pattern, steps), side)
        expected = None if is_offered else RefusalCode.ILLEGAL_STEP
        step = next_step(pattern, steps, side, row)
        assert verdict(steps, step, pattern=pattern) == expected


@each_pattern
def test_nothing_follows_an_end_but_the_cancelling_of_a_broadcast(pattern: Pattern) -> None:
    legs = [fold(pattern, steps) for steps in conversations(pattern)]
    ends = [leg for leg in legs if leg.state in ENDS]
    assert {leg.state for leg in ends} == ENDS & REACHED[pattern]
    for leg, side in product(ends, Side):
        is_look_out = pattern is BROADCAST and leg.state is State.CLOSED
        may = ("withdraw",) if is_look_out and side is S else ()
        assert allowed_steps(pattern, leg, side) == may


@pytest.mark.parametrize(
    ("pattern", "turns", "state"),
    [
        (REQUEST, "", State.DELIVERED),
        (REQUEST, "R claim", State.RECEIVED),
        (REQUEST, "S withdraw", State.WITHDRAWN),
        (REQUEST, "R claim, S withdraw in_error", State.ENTERED_IN_ERROR),
        (REQUEST, "R claim, S withdraw found", State.WITHDRAWN),
        (REQUEST, "R claim, R decline", State.DECLINED),
        (REQUEST, "R claim, R redirect", State.REDIRECTED),
        (REQUEST, "R claim, R accept, R ask, R ask, S answer", State.INFO_NEEDED),
        (REQUEST, "R claim, R accept, R ask, S answer", State.IN_PROGRESS),
        (REQUEST, "R claim, R accept, R ask, R outcome", State.OUTCOME_REPORTED),
        (REQUEST, "R claim, R accept, R outcome, S dispute", State.IN_PROGRESS),
        (REQUEST, "R claim, R accept, R outcome, S confirm", State.CLOSED),
        (REQUEST, "R claim, R accept, S withdraw", State.CANCEL_REQUESTED),
        (REQUEST, "R claim, R accept, S withdraw in_error", State.CANCEL_REQUESTED),
        (BROADCAST, "R acknowledge", State.CLOSED),
        (BROADCAST, "R claim, S note, R acknowledge, S withdraw", State.WITHDRAWN),
        (HANDOVER, "R claim, R accept", State.ACCEPTED),
        (HANDOVER, "R claim, R accept, S hand_over", State.HANDED_OVER),
        (HANDOVER, "R claim, R accept, R ask, S hand_over", State.HANDED_OVER),
        (HANDOVER, "R claim, R accept, S hand_over, S hand_over", State.HANDED_OVER),
        (HANDOVER, "R claim, R accept, S hand_over, R custody_taken", State.CLOSED),
        (HANDOVER, "R claim, R accept, S hand_over, S withdraw", State.CANCEL_REQUESTED),
        (TIP, "R claim, R disposition", State.CLOSED),
        (TIP, "R claim, R ask, S answer", State.IN_PROGRESS),
        (TIP, "R claim, R ask, R disposition", State.CLOSED),
        (NOTICE, "R acknowledge", State.CLOSED),
        (NOTICE, "R claim, S withdraw in_error", State.ENTERED_IN_ERROR),
    ],
)
def test_a_conversation_leads_where_the_table_says(pattern, turns: str, state: State) -> None:
    sides = {"S": S, "R": R}
    given = [(sides[turn[0]], turn[2:]) for turn in turns.split(", ") if turn]
    assert fold(pattern, spoken(*given, pattern=pattern)).state is state


@pytest.mark.parametrize(
    ("pattern", "turns", "illegal"),
    [
        (HANDOVER, (), (S, "hand_over")),
        (HANDOVER, ((R, "claim"),), (S, "hand_over")),
        (HANDOVER, ((R, "claim"), (R, "accept")), (R, "custody_taken")),
        (HANDOVER, ((R, "claim"), (R, "accept")), (R, "outcome")),
        (REQUEST, ((R, "claim"), (R, "accept")), (S, "hand_over")),
        (REQUEST, ((R, "claim"),), (R, "acknowledge")),
        (BROADCAST, ((R, "claim"),), (R, "accept")),
        (BROADCAST, ((R, "acknowledge"),), (R, "acknowledge")),
        (TIP, (), (R, "disposition")),
        (TIP, ((R, "claim"),), (S, "disposition")),
        (NOTICE, ((R, "acknowledge"),), (S, "withdraw")),
    ],
)
def test_what_is_another_patterns_or_too_early_is_illegal(pattern, turns, illegal) -> None:
    steps = spoken(*turns, pattern=pattern)
    step = next_step(pattern, steps, *illegal)
    assert verdict(steps, step, pattern=pattern) is RefusalCode.ILLEGAL_STEP


def test_the_lead_moves_only_when_custody_is_taken() -> None:
    turns = ((R, "claim"), (R, "accept"), (S, "hand_over"), (R, "custody_taken"))
    for count in range(len(turns) + 1):
        leg = fold(HANDOVER, spoken(*turns[:count], pattern=HANDOVER))
        assert has_lead_moved(HANDOVER, leg) == (count == len(turns))
    for pattern in set(Pattern) - {HANDOVER}:
        legs = [fold(pattern, steps) for steps in conversations(pattern)]
        assert not any(has_lead_moved(pattern, leg) for leg in legs)


# The clock


@each_pattern
def test_what_is_open_past_its_expiry_has_expired(pattern: Pattern) -> None:
    for steps in conversations(pattern):
        leg = fold(pattern, steps)
        assert state_at(leg, 1000, 999) is leg.state
        assert state_at(leg, 0, 2**62) is leg.state
        over = leg.state if leg.state in ENDS else State.EXPIRED
        assert state_at(leg, 1000, 1000) is state_at(leg, 1000, 2**62) is over


def test_what_was_never_opened_does_not_expire() -> None:
    assert state_at(Leg(), 1000, 2000) is None


def test_an_end_that_was_made_in_time_counts_also_when_it_comes_late() -> None:
    steps = spoken((R, "claim"), (R, "accept"), (R, "outcome"))
    confirm = next_step(REQUEST, steps, S, "confirm")
    assert state_at(fold(REQUEST, steps), 1000, 1001) is State.EXPIRED
    assert verdict(steps, confirm) is None
    assert state_at(fold(REQUEST, (*steps, confirm)), 1000, 1001) is State.CLOSED


# Questions


def test_nobody_waits_for_an_answer_once_an_outcome_is_reported() -> None:
    steps = spoken((R, "claim"), (R, "accept"), (R, "ask"), (R, "outcome"), (S, "dispute"))
    late = Step(S, 3, 4, "answer", question=3)
    assert fold(REQUEST, steps).open_questions == frozenset()
    assert verdict(steps, late) is RefusalCode.ILLEGAL_STEP


def test_an_answer_must_name_an_open_question_of_the_other_side() -> None:
    steps = spoken((R, "claim"), (R, "accept"), (R, "ask"))
    assert verdict(steps, Step(S, 2, 3, "answer", 3)) is None
    assert verdict(steps, Step(S, 2, 3, "answer", 2)) is RefusalCode.ILLEGAL_STEP
    assert verdict(steps, Step(S, 2, 3, "answer")) is RefusalCode.ILLEGAL_STEP
    assert verdict(steps, Step(R, 4, 1, "answer", 3)) is RefusalCode.ILLEGAL_STEP


# Steps that do not follow on what is known

CLAIMED = spoken((R, "claim"))


@pytest.mark.parametrize(
    ("known", "step", "code"),
    [
        ((), Step(R, 1, 1, "claim"), RefusalCode.UNKNOWN_LEG),
        ((), Step(S, 2, 0, "note"), RefusalCode.UNKNOWN_LEG),
        ((), Step(R, 1, 0, "referral"), RefusalCode.ILLEGAL_STEP),
        ((), Step(S, 2, 0, "referral"), RefusalCode.STEP_OUT_OF_ORDER),
        (CLAIMED, Step(S, 2, 1, "referral"), RefusalCode.ILLEGAL_STEP),
        (CLAIMED, Step(R, 3, 1, "accept"), RefusalCode.STEP_OUT_OF_ORDER),
        (CLAIMED, Step(R, 1, 1, "claim"), RefusalCode.STEP_OUT_OF_ORDER),
        (CLAIMED, Step(R, 2, 2, "accept"), RefusalCode.STEP_OUT_OF_ORDER),
        (CLAIMED, Step(R, 2, 0, "accept"), RefusalCode.ILLEGAL_STEP),
        (CLAIMED, Step(S, 2, 1, "accept"), RefusalCode.ILLEGAL_STEP),
        (CLAIMED, Step(R, 2, 1, "unheard_of"), RefusalCode.ILLEGAL_STEP),
        (CLAIMED, Step(R, 2, 1, "accept"), None),
    ],
    ids=[
        "a claim of nothing",
        "a note on nothing",
        "a referral by the recipient",
        "a referral as step 2 of nothing",
        "a second referral",
        "a step is missing",
        "a number is used again",
        "it claims to have seen what was never made",
        "it has forgotten what it had seen",
        "the sender accepts its own referral",
        "a step that no table knows",
        "the step that follows",
    ],
)
def test_a_step_is_checked_against_its_own_past(known, step: Step, code) -> None:
    assert verdict(known, step) == code


# Two steps that cross


def crossings(pattern: Pattern) -> Iterator[tuple[tuple[Step, ...], Step, Step]]:
    """Every pair of legal steps that both sides can make at the same moment."""
    for steps in conversations(pattern):
        leg = fold(pattern, steps)
        for mine, theirs in product(rows_at(pattern, leg, S), rows_at(pattern, leg, R)):
            ours = next_step(pattern, steps, S, mine)
            yield steps, ours, next_step(pattern, steps, R, theirs)


@each_pattern
def test_any_two_steps_may_cross_and_neither_is_a_fault(pattern: Pattern) -> None:
    for steps, ours, theirs in crossings(pattern):
        assert verdict((*steps, theirs), ours, pattern=pattern) is None
        assert verdict((*steps, ours), theirs, pattern=pattern) is None
        leg = fold(pattern, (*steps, ours, theirs))
        assert leg == fold(pattern, (*steps, theirs, ours))
        # The recipient's goes first, so only the sender's can be overtaken.
        assert leg.overtaken in ((), (ours,))


def test_an_accept_that_crosses_a_withdrawal_leaves_a_request_to_cancel() -> None:
    withdraw, accept = Step(S, 2, 1, "withdraw"), Step(R, 2, 1, "accept")
    leg = fold(REQUEST, (*CLAIMED, withdraw, accept))
    assert leg == Leg(State.CANCEL_REQUESTED)
    assert leg == fold(REQUEST, (accept, withdraw, *CLAIMED))
    confirm = Step(R, 3, 2, "confirm_cancel")
    assert verdict((*CLAIMED, withdraw, accept), confirm) is None
    assert fold(REQUEST, (*CLAIMED, withdraw, accept, confirm)).state is State.CANCEL_CONFIRMED


def test_a_withdrawal_that_crosses_a_decline_is_overtaken() -> None:
    withdraw, decline = Step(S, 2, 1, "withdraw"), Step(R, 2, 1, "decline")
    leg = fold(REQUEST, (*CLAIMED, withdraw, decline))
    assert leg == Leg(State.DECLINED, overtaken=(withdraw,))


def test_a_cancelled_look_out_is_cancelled_also_where_it_was_just_acknowledged() -> None:
    claimed = spoken((R, "claim"), pattern=BROADCAST)
    withdraw, acknowledge = Step(S, 2, 1, "withdraw"), Step(R, 2, 1, "acknowledge")
    assert fold(BROADCAST, (*claimed, withdraw, acknowledge)) == Leg(State.WITHDRAWN)


def test_a_withdrawal_that_crosses_the_taking_of_custody_leaves_the_lead_moved() -> None:
    turns = ((R, "claim"), (R, "accept"), (S, "hand_over"))
    steps = spoken(*turns, pattern=HANDOVER)
    withdraw, custody = Step(S, 3, 2, "withdraw"), Step(R, 3, 2, "custody_taken")
    leg = fold(HANDOVER, (*steps, withdraw, custody))
    assert leg == Leg(State.CLOSED, overtaken=(withdraw,))
    assert has_lead_moved(HANDOVER, leg)
