"""Clocks that disagree: what proofs show of them, and what is left open."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from node.exchange.clocks import NO_PEER, PeerClocks
from protocol import limits
from tests.support.network import BE, FR, GR
from tests.support.nodes import NOW_MS

SKEW, MINUTE = limits.CLOCK_SKEW_MS, 60_000


class Watch:
    """The clocks of some peers, as one node hears of them."""

    def __init__(self) -> None:
        self.reports: list[tuple[str, str, str]] = []
        self.clocks = PeerClocks(lambda *event: self.reports.append(event))

    def answer(self, peer: str, ahead_ms: int, *, took_ms: int = 0, is_certain=True) -> None:
        """A proof that was made as it was asked for, by a clock that is ahead by so much."""
        now_ms = NOW_MS + took_ms
        self.clocks.heard(
            peer, NOW_MS + ahead_ms, earliest_ms=NOW_MS, now_ms=now_ms, is_certain=is_certain
        )


def test_nothing_is_known_at_first() -> None:
    watch = Watch()
    assert (watch.clocks.ahead_ms(GR), watch.clocks.own_ahead_ms()) == (None, None)
    assert watch.clocks.confirmed_ms == 0


def test_a_time_is_confirmed_when_both_clocks_have_come_to_it() -> None:
    clocks = Watch().clocks
    clocks.bear_out(NOW_MS - 60 * MINUTE, NOW_MS)
    assert clocks.confirmed_ms == NOW_MS - 50 * MINUTE
    clocks.bear_out(NOW_MS, NOW_MS)
    assert clocks.confirmed_ms == NOW_MS
    # A peer that is a year ahead: later this clock may be, too, and alone.
    clocks.bear_out(NOW_MS * 2, NOW_MS + 1)
    assert clocks.confirmed_ms == NOW_MS + 1
    clocks.bear_out(NOW_MS - MINUTE, NOW_MS * 2)
    assert clocks.confirmed_ms == NOW_MS + 9 * MINUTE


def test_the_date_of_an_old_leaf_confirms_nothing() -> None:
    watch = Watch()
    watch.answer(GR, NOW_MS)
    assert watch.clocks.confirmed_ms == 0


def test_ten_minutes_are_tolerated_and_a_second_more_is_not() -> None:
    for side in (1, -1):
        watch = Watch()
        watch.answer(GR, side * SKEW)
        assert watch.clocks.ahead_ms(GR) is None
        watch.answer(GR, side * (SKEW + 1000))
        assert watch.clocks.ahead_ms(GR) == side * (SKEW + 1000)


def test_a_disagreement_is_told_once_and_so_is_its_end() -> None:
    watch = Watch()
    for minutes in (25, 26, 24):
        watch.answer(GR, minutes * MINUTE)
    assert watch.reports == [("clock_disagrees", GR, "about 25 minutes ahead")]
    watch.answer(GR, 5 * MINUTE)
    watch.answer(GR, 0)
    assert watch.reports[1:] == [("clock_agrees", GR, "")]
    assert watch.clocks.ahead_ms(GR) is None


def test_an_answer_that_is_given_again_later_does_not_make_the_difference_smaller() -> None:
    watch = Watch()
    watch.answer(GR, 25 * MINUTE)
    made_at_ms, later_ms = NOW_MS + 25 * MINUTE, NOW_MS + 5 * MINUTE
    watch.clocks.heard(GR, made_at_ms, earliest_ms=NOW_MS, now_ms=later_ms)
    assert watch.clocks.ahead_ms(GR) == 25 * MINUTE
    watch.clocks.heard(GR, later_ms + 15 * MINUTE, earliest_ms=later_ms, now_ms=later_ms)
    assert watch.clocks.ahead_ms(GR) == 15 * MINUTE


def test_another_disagreement_is_told_anew() -> None:
    watch = Watch()
    watch.answer(GR, 25 * MINUTE)
    watch.answer(GR, -25 * MINUTE)
    words = [words for _, _, words in watch.reports]
    assert words == ["about 25 minutes ahead", "about 25 minutes behind"]


def test_an_answer_that_took_long_leaves_it_open_who_is_behind() -> None:
    watch = Watch()
    # The envelope waited for an hour: its receipt may be as old as that.
    watch.answer(GR, 0, took_ms=60 * MINUTE)
    assert watch.clocks.ahead_ms(GR) is None
    watch.answer(GR, -11 * MINUTE, took_ms=60 * MINUTE)
    assert watch.clocks.ahead_ms(GR) == -11 * MINUTE


def test_what_is_open_does_not_end_what_is_known_but_what_cannot_be_does() -> None:
    watch = Watch()
    watch.answer(GR, 25 * MINUTE)
    watch.answer(GR, 25 * MINUTE, took_ms=60 * MINUTE)
    assert watch.clocks.ahead_ms(GR) == 25 * MINUTE
    watch.answer(GR, -MINUTE, took_ms=20 * MINUTE)
    assert watch.clocks.ahead_ms(GR) is None


def test_a_proof_of_unknown_age_shows_only_that_a_clock_is_ahead() -> None:
    clocks = Watch().clocks
    clocks.heard(GR, NOW_MS - 25 * MINUTE, earliest_ms=None, now_ms=NOW_MS)
    assert clocks.ahead_ms(GR) is None
    clocks.heard(GR, NOW_MS + 25 * MINUTE, earliest_ms=None, now_ms=NOW_MS)
    assert clocks.ahead_ms(GR) == 25 * MINUTE


def test_a_clock_that_was_set_back_while_it_waited_shows_nothing() -> None:
    clocks = Watch().clocks
    clocks.heard(GR, NOW_MS - MINUTE, earliest_ms=NOW_MS + 60 * MINUTE, now_ms=NOW_MS)
    assert clocks.ahead_ms(GR) is None


def test_what_a_cache_may_have_kept_accuses_nobody_alone() -> None:
    watch = Watch()
    watch.answer(GR, -60 * MINUTE, is_certain=False)
    assert (watch.clocks.ahead_ms(GR), watch.clocks.own_ahead_ms()) == (None, None)
    watch.answer(GR, 60 * MINUTE, is_certain=False)
    assert watch.clocks.ahead_ms(GR) == 60 * MINUTE


def test_two_that_say_the_same_of_this_clock_are_believed() -> None:
    for is_certain in (True, False):
        watch = Watch()
        watch.answer(GR, -25 * MINUTE, is_certain=is_certain)
        assert watch.clocks.own_ahead_ms() is None
        watch.answer(FR, -27 * MINUTE, is_certain=is_certain)
        assert watch.clocks.own_ahead_ms() in (25 * MINUTE, 27 * MINUTE)
        told = [report for report in watch.reports if report[1] == NO_PEER]
        assert len(told) == 1
        watch.answer(FR, 0)
        assert watch.clocks.own_ahead_ms() is None
        assert watch.reports[-1] == ("clock_is_right", NO_PEER, "")


def test_two_that_are_wrong_in_different_ways_say_nothing_of_this_clock() -> None:
    watch = Watch()
    watch.answer(GR, 25 * MINUTE)
    watch.answer(FR, -25 * MINUTE)
    watch.answer(BE, 90 * MINUTE)
    assert watch.clocks.own_ahead_ms() is None


def test_as_many_that_find_this_clock_right_outweigh_those_that_do_not() -> None:
    watch = Watch()
    for peer, minutes in (("aa.one", 25), ("aa.two", 25), ("bb.one", 0), ("bb.two", 3)):
        watch.answer(peer, minutes * MINUTE)
    assert watch.clocks.own_ahead_ms() is None
    watch.answer("aa.three", 26 * MINUTE)
    assert watch.clocks.own_ahead_ms() == -25 * MINUTE


times = st.integers(0, 2 * NOW_MS)


@given(
    true_ms=times,
    waited_ms=st.integers(0, 90 * 24 * 60 * MINUTE),
    ahead_ms=st.integers(-NOW_MS, NOW_MS),
    part=st.floats(0, 1),
)
def test_nothing_is_ever_said_of_clocks_that_agree(true_ms, waited_ms, ahead_ms, part) -> None:
    """Whatever moment of the wait the peer answered in, and whatever its clock showed then."""
    watch = Watch()
    answered_ms = true_ms + int(waited_ms * part)
    watch.clocks.heard(GR, answered_ms + ahead_ms, earliest_ms=true_ms, now_ms=true_ms + waited_ms)
    said = watch.clocks.ahead_ms(GR)
    if abs(ahead_ms) <= SKEW:
        assert said is None
    elif said is not None:
        assert said * ahead_ms > 0
        assert SKEW < abs(said) <= abs(ahead_ms)
