"""Two ends that speak at the same time, over a link that is slow, agree in the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.errors import RefusalCode
from protocol.exchange.leg import (
    Side,
    Step,
    fold,
    in_order,
    state_at,
)
from protocol.exchange.patterns import Pattern
from tests.protocol.test_leg import (
    REACHED,
    REFERRAL,
    ROWS,
    R,
    S,
    next_step,
    rows_at,
    spoken,
    verdict,
)


@dataclass
class End:
    """One side: the steps that it has applied, and what is on the way to it."""

    side: Side
    pattern: Pattern
    known: list[Step] = field(default_factory=lambda: [REFERRAL])
    on_the_way: list[Step] = field(default_factory=list)

    def arrive(self, at: int = 0) -> None:
        """Take one of the steps that are on the way; it stays there if it is too early."""
        if not self.on_the_way:
            return
        step = self.on_the_way[at % len(self.on_the_way)]
        code = verdict(self.known, step, pattern=self.pattern)
        # No honest step is ever a fault; one that overtook another comes again.
        assert code in (None, RefusalCode.STEP_OUT_OF_ORDER)
        if code is None:
            self.known.append(step)
        if step in self.known:
            self.on_the_way.remove(step)


@dataclass
class Wire:
    """Both ends of one leg."""

    pattern: Pattern
    ends: dict[Side, End]

    @classmethod
    def of(cls, pattern: Pattern) -> Wire:
        return cls(pattern, {side: End(side, pattern) for side in Side})

    def make(self, side: Side, row: str) -> None:
        """Let one side make a step; where it is illegal the other side says so too."""
        author, reader = self.ends[side], self.ends[side.other]
        step = next_step(self.pattern, author.known, side, row)
        code = verdict(author.known, step, pattern=self.pattern)
        if code is None:
            author.known.append(step)
            reader.on_the_way.append(step)
            return
        self.settle(reader)
        assert verdict(reader.known, step, pattern=self.pattern) is code

    def double(self, side: Side) -> None:
        """Have what comes next to a side come twice."""
        on_the_way = self.ends[side].on_the_way
        on_the_way.extend(on_the_way[:1])

    def settle(self, *ends: End) -> None:
        for end in ends or self.ends.values():
            while end.on_the_way:
                # Whatever else is lost and sent again, the earliest is never too early.
                end.on_the_way.sort(key=lambda step: step.number)
                end.arrive()


@st.composite
def conversations_over_a_slow_link(draw: st.DrawFn) -> Wire:
    """Two sides that make legal and illegal steps; what they send comes in any order."""
    wire = Wire.of(draw(st.sampled_from(Pattern)))
    for _ in range(draw(st.integers(0, 25))):
        side = draw(st.sampled_from(Side))
        leg = fold(wire.pattern, wire.ends[side].known)
        offered = rows_at(wire.pattern, leg, side)
        rows = offered if offered and draw(st.integers(0, 5)) else ROWS
        what = draw(st.sampled_from(("make", "make", "arrive", "double")))
        if what == "make":
            wire.make(side, draw(st.sampled_from(rows)))
        elif what == "double":
            wire.double(side)
        else:
            wire.ends[side].arrive(draw(st.integers(0, 5)))
    return wire


@settings(max_examples=300)
@given(conversations_over_a_slow_link(), st.integers(0, 2000))
def test_both_ends_agree_when_everything_has_arrived(wire: Wire, now_ms: int) -> None:
    wire.settle()
    sender, recipient = wire.ends[S], wire.ends[R]
    assert len(sender.known) == len(set(sender.known))
    assert set(sender.known) == set(recipient.known)
    ours, theirs = (fold(wire.pattern, end.known) for end in (sender, recipient))
    assert ours == theirs
    assert ours.state in REACHED[wire.pattern]
    assert state_at(ours, 1000, now_ms) is state_at(theirs, 1000, now_ms)


@given(conversations_over_a_slow_link(), st.data())
def test_the_order_is_the_same_however_the_steps_are_handed_in(wire: Wire, data) -> None:
    wire.settle()
    steps = wire.ends[S].known
    shuffled = data.draw(st.permutations(steps))
    assert in_order(shuffled) == in_order(steps)
    assert fold(wire.pattern, shuffled) == fold(wire.pattern, steps)


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
