"""Steps about erasing: in every pattern and state, by both sides, and no state changes."""

from __future__ import annotations

import pytest

from protocol.errors import PeerError, RefusalCode
from protocol.exchange.leg import (
    Side,
    State,
    Step,
    check_step,
    fold,
    has_gap,
    in_order,
    next_step_numbers,
)
from protocol.exchange.patterns import Pattern
from tests.protocol.test_leg import REFERRAL, conversations, next_step

S, R = Side.SENDER, Side.RECIPIENT


def added(steps: tuple[Step, ...], side: Side, name: str, request: int = 0) -> tuple[Step, ...]:
    return (*steps, Step(side, *next_step_numbers(steps, side), name, request))


def fault(pattern: Pattern, steps: tuple[Step, ...]) -> RefusalCode | None:
    try:
        check_step(pattern, steps[:-1], steps[-1])
    except PeerError as refusal:
        return refusal.code
    return None


@pytest.mark.parametrize("pattern", Pattern)
def test_both_sides_may_ask_and_answer_wherever_the_leg_stands(pattern: Pattern) -> None:
    for steps in conversations(pattern):
        before = fold(pattern, steps)
        for side in Side:
            for answer in ("erased", "erase_refused"):
                asked = added(steps, side, "erase_request")
                number = asked[-1].number
                assert fault(pattern, asked) is None
                assert (side, number) in fold(pattern, asked).open_erase_requests
                done = added(asked, side.other, answer, number)
                assert fault(pattern, done) is None
                after = fold(pattern, done)
                assert (after.state, after.open_questions) == (before.state, before.open_questions)
                assert not after.open_erase_requests
                # Once, and by the other side alone.
                assert fault(pattern, added(done, side.other, answer, number)) is (
                    RefusalCode.ILLEGAL_STEP
                )
                assert fault(pattern, added(asked, side, answer, number)) is (
                    RefusalCode.ILLEGAL_STEP
                )


def test_nothing_is_answered_that_was_not_asked() -> None:
    for answer in ("erased", "erase_refused"):
        assert fault(Pattern.REQUEST, added((REFERRAL,), R, answer, 1)) is RefusalCode.ILLEGAL_STEP
        question = added((REFERRAL,), S, "note")
        assert fault(Pattern.REQUEST, added(question, R, answer, 2)) is RefusalCode.ILLEGAL_STEP


def test_a_request_that_crosses_an_end_is_still_open() -> None:
    steps = (
        REFERRAL,
        Step(R, 1, 1, "claim"),
        Step(R, 2, 1, "decline"),
        Step(S, 2, 0, "erase_request"),
    )
    leg = fold(Pattern.REQUEST, steps)
    assert (leg.state, leg.open_erase_requests) == (State.DECLINED, {(S, 2)})
    assert leg.overtaken == ()


def test_a_request_does_not_close_a_question() -> None:
    steps: tuple[Step, ...] = (REFERRAL,)
    for side, name in ((R, "claim"), (R, "accept"), (R, "ask")):
        steps = (*steps, next_step(Pattern.REQUEST, steps, side, name))
    asked = fold(Pattern.REQUEST, added(steps, R, "erase_request"))
    assert asked.open_questions == {(R, 3)}
    assert asked.state is State.INFO_NEEDED


def test_nobody_asks_before_there_is_anything() -> None:
    step = Step(S, 1, 0, "erase_request")
    assert fault(Pattern.REQUEST, (step,)) is RefusalCode.UNKNOWN_LEG


# A step that its author has given up: what is about erasing comes behind the gap

GIVEN_UP = Step(S, 2, 0, "note")
BEHIND = Step(S, 3, 0, "erase_request")


def test_a_request_comes_also_where_a_step_before_it_was_given_up() -> None:
    known = (REFERRAL, Step(R, 1, 1, "claim"), BEHIND)
    assert fault(Pattern.REQUEST, known) is None
    assert (has_gap(known, S), has_gap(known, R)) == (True, False)
    leg = fold(Pattern.REQUEST, known)
    assert (leg.state, leg.open_erase_requests) == (State.RECEIVED, {(S, 3)})
    assert BEHIND not in in_order(known)
    # What comes behind a gap is no part of a step's past.
    assert next_step_numbers(known, R) == (2, 1)
    assert next_step_numbers(known, S) == (4, 1)


@pytest.mark.parametrize("answer", ["erased", "erase_refused"])
def test_it_is_answered_as_any_other_by_both_sides_books(answer: str) -> None:
    theirs = added((REFERRAL, Step(R, 1, 1, "claim"), BEHIND), R, answer, 3)
    assert fault(Pattern.REQUEST, theirs) is None
    ours = (REFERRAL, GIVEN_UP, BEHIND, Step(R, 1, 1, "claim"), theirs[-1])
    assert fault(Pattern.REQUEST, ours) is None
    for books in (theirs, ours):
        assert not fold(Pattern.REQUEST, books).open_erase_requests
        again = Step(R, 3, 1, answer, 3)
        assert fault(Pattern.REQUEST, (*books, again)) is RefusalCode.ILLEGAL_STEP


@pytest.mark.parametrize("step", [GIVEN_UP, Step(S, 4, 0, "note"), Step(S, 3, 0, "erase_request")])
def test_nothing_else_comes_behind_a_gap_nor_into_it(step: Step) -> None:
    assert fault(Pattern.REQUEST, (REFERRAL, BEHIND, step)) is RefusalCode.STEP_OUT_OF_ORDER


def test_another_request_comes_behind_the_same_gap() -> None:
    steps = added((REFERRAL, BEHIND), S, "erase_request")
    assert fault(Pattern.REQUEST, steps) is None
    assert fold(Pattern.REQUEST, steps).open_erase_requests == {(S, 3), (S, 4)}


def test_a_step_that_is_not_about_erasing_leaves_no_gap() -> None:
    assert fault(Pattern.REQUEST, (REFERRAL, Step(S, 3, 0, "note"))) is (
        RefusalCode.STEP_OUT_OF_ORDER
    )
