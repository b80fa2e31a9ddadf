"""Runs of the simulation: as many as a coffee takes. `make soak` runs 10,000."""

import pytest

from tests.simulation.bugs import BUGS
from tests.simulation.plan import plan_of
from tests.simulation.shrink import shrunk, told
from tests.simulation.world import run

SEEDS = range(100)
FOUND_WITHIN = {  # seeds; a change of what is drawn moves them
    "commit.lua looks neither at the epoch nor at whose head a number has": range(58, 66),
    "commit.lua looks at no number, whether passed, written or after a gap": range(22, 30),
    "the relay trims before the acknowledgement": range(16, 24),
}


@pytest.mark.parametrize("first", range(SEEDS.start, SEEDS.stop, 10))
def test_whatever_fails_nothing_is_lost_doubled_or_stuck(first: int) -> None:
    for seed in range(first, first + 10):
        outcome = run(plan_of(seed))
        assert not outcome.problems, told(shrunk(outcome))


@pytest.mark.parametrize("seed", [201, 1118, 1177])
def test_what_was_found_once_stays_mended(seed: int) -> None:
    """A poll of the timers that a slow store held up took the silence of its own waiting for a quiet second."""
    outcome = run(plan_of(seed))
    assert not outcome.problems, told(shrunk(outcome))


@pytest.mark.parametrize("seed", [3, 11])
def test_the_same_seed_is_the_same_run(seed: int) -> None:
    first, second = run(plan_of(seed)), run(plan_of(seed))
    assert first.lines == second.lines
    assert first.sum == second.sum


@pytest.mark.parametrize("name", BUGS)
def test_a_known_bug_is_found_and_told_in_a_few_lines(name: str) -> None:
    outcomes = (run(plan_of(seed), BUGS[name]) for seed in FOUND_WITHIN[name])
    found = next(outcome for outcome in outcomes if outcome.problems)
    small = shrunk(found, BUGS[name])
    assert small.problems
    assert len(small.plan.faults) <= 3
    assert len(told(small).splitlines()) < 60
