"""A leg: two ends that speak at the same time, over a link that is slow, agree in the end."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.errors import PeerError, RefusalCode
from protocol.exchange.leg import (
    ENDS,
    TRANSITIONS,
    Leg,
    Side,
    State,
    Step,
    allowed_steps,
    check_step,
    fold,
    in_order,
)

S, R = Side.SENDER, Side.RECIPIENT
NAMES = sorted({name for _, name in TRANSITIONS} | {"referral"})
REFERRAL = Step(S, 1, 0, "referral")


def next_step(known: Sequence[Step], side: Side, name: str) -> Step:
    """Return the step that an honest end would make now, whether it is legal or not."""
    mine = [step for step in known if step.side is side]
    questions = sorted(n for asker, n in fold(known).open_questions if asker is side.other)
    question = questions[0] if name == "answer" and questions else 0
    return Step(side, len(mine) + 1, len(known) - len(mine), name, question)


def verdict(known: Sequence[Step], step: Step) -> RefusalCode | None:
    try:
        check_step(known, step)
    except PeerError as refusal:
        return refusal.code
    return None


def spoken(*turns: tuple[Side, str]) -> tuple[Step, ...]:
    """Return the steps of a conversation in which each waits for the other."""
    steps = [REFERRAL]
    for side, name in turns:
        step = next_step(steps, side, name)
        check_step(steps, step)
        steps.append(step)
    return tuple(steps)


@lru_cache(maxsize=1)
def conversations() -> tuple[tuple[Step, ...], ...]:
    """Return a shortest conversation to every (state, who waits for an answer)."""
    found = {(State.DELIVERED, ()): (REFERRAL,)}
    waiting = deque(found.values())
    while waiting:
        steps = waiting.popleft()
        leg = fold(steps)
        for side in Side:
            for name in allowed_steps(leg, side):
                longer = (*steps, next_step(steps, side, name))
                after = fold(longer)
                asked = tuple(sorted({asker.value for asker, _ in after.open_questions}))
                if (after.state, asked) not in found:
                    found[after.state, asked] = longer
                    waiting.append(longer)
    return tuple(found.values())


# The table


def test_every_state_that_steps_decide_is_reached() -> None:
    reached = {fold(steps).state for steps in conversations()}
    assert reached == set(State) - {State.QUEUED, State.UNDELIVERABLE}


def test_every_row_of_the_table_is_used() -> None:
    used = {
        ((side, name), leg.state)
        for leg in map(fold, conversations())
        for side in Side
        for name in allowed_steps(leg, side)
    }
    assert used == {(key, before) for key, row in TRANSITIONS.items() for before in row}


@pytest.mark.parametrize("side", Side)
def test_a_step_is_legal_exactly_where_it_is_offered(side: Side) -> None:
    for steps, name in product(conversations(), NAMES):
        is_offered = name in allowed_steps(fold(steps), side)
        expected = None if is_offered else RefusalCode.ILLEGAL_STEP
        assert verdict(steps, next_step(steps, side, name)) == expected


def test_nothing_follows_an_end() -> None:
    ends = [fold(steps) for steps in conversations() if fold(steps).state in ENDS]
    assert {leg.state for leg in ends} == ENDS - {State.UNDELIVERABLE}
    assert not any(allowed_steps(leg, side) for leg in ends for side in Side)


@pytest.mark.parametrize(
    ("turns", "state"),
    [
        ([], State.DELIVERED),
        ([(R, "claim")], State.RECEIVED),
        ([(S, "withdraw")], State.WITHDRAWN),
        ([(R, "claim"), (R, "decline")], State.DECLINED),
        ([(R, "claim"), (R, "accept"), (R, "ask"), (R, "ask"), (S, "answer")], State.INFO_NEEDED),
        ([(R, "claim"), (R, "accept"), (R, "ask"), (S, "answer")], State.IN_PROGRESS),
        ([(R, "claim"), (R, "accept"), (R, "ask"), (R, "outcome")], State.OUTCOME_REPORTED),
        ([(R, "claim"), (R, "accept"), (R, "outcome"), (S, "dispute")], State.IN_PROGRESS),
        ([(R, "claim"), (R, "accept"), (R, "outcome"), (S, "confirm")], State.CLOSED),
        ([(R, "claim"), (R, "accept"), (S, "withdraw")], State.CANCEL_REQUESTED),
    ],
)
def test_a_conversation_leads_where_the_table_says(turns, state: State) -> None:
    assert fold(spoken(*turns)).state is state


def test_nobody_waits_for_an_answer_once_an_outcome_is_reported() -> None:
    steps = spoken((R, "claim"), (R, "accept"), (R, "ask"), (R, "outcome"), (S, "dispute"))
    late = Step(S, 3, 4, "answer", question=3)
    assert fold(steps).open_questions == frozenset()
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


def crossings() -> Iterator[tuple[tuple[Step, ...], Step, Step]]:
    """Every pair of legal steps that both sides can make at the same moment."""
    for steps in conversations():
        leg = fold(steps)
        for mine, theirs in product(allowed_steps(leg, S), allowed_steps(leg, R)):
            yield steps, next_step(steps, S, mine), next_step(steps, R, theirs)


def test_any_two_steps_may_cross_and_neither_is_a_fault() -> None:
    for steps, ours, theirs in crossings():
        assert verdict((*steps, theirs), ours) is None
        assert verdict((*steps, ours), theirs) is None
        leg = fold((*steps, ours, theirs))
        assert leg == fold((*steps, theirs, ours))
        # The recipient's goes first, so only the sender's can be overtaken.
        assert leg.overtaken in ((), (ours,))


def test_an_accept_that_crosses_a_withdrawal_leaves_a_request_to_cancel() -> None:
    withdraw, accept = Step(S, 2, 1, "withdraw"), Step(R, 2, 1, "accept")
    leg = fold((*CLAIMED, withdraw, accept))
    assert leg == Leg(State.CANCEL_REQUESTED)
    assert leg == fold((accept, withdraw, *CLAIMED))
    confirm = Step(R, 3, 2, "confirm_cancel")
    assert verdict((*CLAIMED, withdraw, accept), confirm) is None
    assert fold((*CLAIMED, withdraw, accept, confirm)).state is State.CANCEL_CONFIRMED


def test_a_withdrawal_that_crosses_a_decline_is_overtaken() -> None:
    withdraw, decline = Step(S, 2, 1, "withdraw"), Step(R, 2, 1, "decline")
    assert fold((*CLAIMED, withdraw, decline)) == Leg(State.DECLINED, overtaken=(withdraw,))


# Two ends and a slow link


@dataclass
class End:
    """One side: the steps that it has applied, and what is on the way to it."""

    side: Side
    known: list[Step] = field(default_factory=lambda: [REFERRAL])
    on_the_way: deque[Step] = field(default_factory=deque)

    def arrive(self) -> None:
        """Apply what comes next; no honest step is ever refused."""
        if self.on_the_way:
            step = self.on_the_way.popleft()
            check_step(self.known, step)
            self.known.append(step)


@dataclass
class Wire:
    """Both ends of one leg."""

    ends: dict[Side, End] = field(default_factory=lambda: {side: End(side) for side in Side})

    def make(self, side: Side, name: str) -> None:
        """Let one side make a step; where it is illegal the other side says so too."""
        author, reader = self.ends[side], self.ends[side.other]
        step = next_step(author.known, side, name)
        code = verdict(author.known, step)
        if code is None:
            author.known.append(step)
            reader.on_the_way.append(step)
            return
        self.settle(reader)
        assert verdict(reader.known, step) is code

    def settle(self, *ends: End) -> None:
        for end in ends or self.ends.values():
            while end.on_the_way:
                end.arrive()


@st.composite
def conversations_over_a_slow_link(draw: st.DrawFn) -> Wire:
    wire = Wire()
    for _ in range(draw(st.integers(0, 25))):
        side = draw(st.sampled_from(Side))
        offered = allowed_steps(fold(wire.ends[side].known), side)
        names = offered if offered and draw(st.integers(0, 5)) else tuple(NAMES)
        if draw(st.booleans()):
            wire.make(side, draw(st.sampled_from(names)))
        else:
            wire.ends[side].arrive()
    return wire


@settings(max_examples=150)
@given(conversations_over_a_slow_link())
def test_both_ends_agree_when_everything_has_arrived(wire: Wire) -> None:
    wire.settle()
    sender, recipient = wire.ends[S], wire.ends[R]
    assert set(sender.known) == set(recipient.known)
    assert fold(sender.known) == fold(recipient.known)
    assert fold(sender.known).state not in (None, State.QUEUED, State.UNDELIVERABLE)


@given(conversations_over_a_slow_link(), st.data())
def test_the_order_is_the_same_however_the_steps_are_handed_in(wire: Wire, data) -> None:
    wire.settle()
    steps = wire.ends[S].known
    shuffled = data.draw(st.permutations(steps))
    assert in_order(shuffled) == in_order(steps)
    assert fold(shuffled) == fold(steps)


@given(conversations_over_a_slow_link())
def test_the_order_respects_what_each_author_had_seen(wire: Wire) -> None:
    wire.settle()
    ordered = in_order(wire.ends[R].known)
    assert len(ordered) == len(wire.ends[R].known)
    done = {S: 0, R: 0}
    for step in ordered:
        assert step.number == done[step.side] + 1
        assert step.peer_steps_seen <= done[step.side.other]
        done[step.side] += 1


def test_a_step_whose_past_has_not_come_yet_is_left_out() -> None:
    steps = spoken((R, "claim"), (R, "accept"), (S, "note"))
    for missing in range(len(steps)):
        rest = [step for number, step in enumerate(steps) if number != missing]
        assert all(in_order(order) == list(steps[:missing]) for order in permutations(rest))
