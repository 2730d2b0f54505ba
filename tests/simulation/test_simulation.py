"""A few dozen seeds over a bad network, with crashes, full disks and jumps of the time.

A seed that fails here is played again, with its trace, by

    python tests/simulation/run.py --first SEED --seeds 1 --trace

Many more seeds: `python tests/simulation/run.py --seeds 500`, and with `--wrong-clocks`
people besides who set clocks wrong by up to more than a year.
"""

from __future__ import annotations

import asyncio
import itertools

import pytest

from tests.simulation.scenario import run_seed
from tests.simulation.virtual_time import Stuck, run_in_virtual_time

SEEDS = range(24)
SEEDS_OF_CLOCKS = range(8)
MORE_SEEDS = range(24, 60)
MORE_SEEDS_OF_CLOCKS = range(8, 20)
MANY_SEEDS = range(60, 560)


@pytest.mark.parametrize("seed", SEEDS)
def test_invariants_hold_whatever_happens(seed, template):
    outcome = run_seed(seed, template)
    assert not outcome.violations


@pytest.mark.parametrize("seed", SEEDS_OF_CLOCKS)
def test_clocks_that_are_set_wrong_and_right_again_lose_no_message(seed, template):
    outcome = run_seed(seed, template, has_wrong_clocks=True)
    assert not outcome.violations


@pytest.mark.thorough
@pytest.mark.parametrize("seed", MORE_SEEDS)
def test_invariants_hold_on_more_seeds(seed, template):
    assert not run_seed(seed, template).violations


@pytest.mark.thorough
@pytest.mark.parametrize("seed", MORE_SEEDS_OF_CLOCKS)
def test_clocks_that_are_set_wrong_lose_no_message_on_more_seeds(seed, template):
    assert not run_seed(seed, template, has_wrong_clocks=True).violations


@pytest.mark.simulation
@pytest.mark.parametrize("seed", MANY_SEEDS)
def test_invariants_hold_on_many_seeds(seed, template):
    assert not run_seed(seed, template).violations


@pytest.mark.parametrize("seed", [3, 45])
def test_a_seed_plays_the_same_each_time(seed, template):
    first, second = run_seed(seed, template), run_seed(seed, template)
    assert first.trace.lines == second.trace.lines
    assert first.trace.digest() == second.trace.digest()


def test_seeds_differ(template):
    assert run_seed(1, template).trace.digest() != run_seed(2, template).trace.digest()


def test_waiting_takes_no_time():
    async def wait_a_month() -> float:
        await asyncio.sleep(30 * 86_400)
        return asyncio.get_running_loop().time()

    assert run_in_virtual_time(wait_a_month()) == pytest.approx(30 * 86_400)


def test_a_program_in_which_all_wait_for_each_other_is_stuck():
    async def wait_for_nobody() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Stuck):
        run_in_virtual_time(wait_for_nobody())


def test_a_program_that_spins_is_stuck():
    async def spin() -> None:
        for _ in itertools.count():
            await asyncio.sleep(0.0001)

    with pytest.raises(Stuck):
        run_in_virtual_time(spin())
