"""Many seeds in several processes, and what came of them."""

import multiprocessing
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.simulation.plan import plan_of
from tests.simulation.shrink import shrunk, told
from tests.simulation.world import run

SHRUNK = 3  # failures that are made small; where there are many, they are of one kind


@dataclass
class Result:
    """The sum of many runs. `failures`: by seed, told in words; clean where there are none."""

    seeds: int = 0
    events: int = 0
    faults: Counter[str] = field(default_factory=Counter)  # that struck, by kind
    planned: int = 0  # faults, those included that found nobody: a kill of what is dead, silence that nobody hears
    virtual_s: float = 0.0
    failures: dict[int, str] = field(default_factory=dict)

    def add(self, other: "Result") -> None:
        """Those runs, too."""
        self.seeds += other.seeds
        self.events += other.events
        self.faults.update(other.faults)
        self.planned += other.planned
        self.virtual_s += other.virtual_s
        self.failures |= other.failures


@dataclass(frozen=True)
class Ran:
    """One seed."""

    seed: int
    events: int
    faults: tuple[str, ...]  # that struck
    planned: int
    virtual_s: float
    problems: tuple[str, ...]


def run_seed(seed: int) -> Ran:
    """Run one seed, here."""
    plan = plan_of(seed)
    outcome = run(plan)
    return Ran(seed, outcome.events, tuple(outcome.struck), len(plan.faults), outcome.lasted_s, tuple(outcome.problems))


def run_seeds(first: int, last: int, processes: int, heard: Callable[[Ran], None] = lambda _ran: None) -> Result:
    """Run the seeds from `first` up to and including `last`; `heard` hears of each."""
    result = Result()
    seeds = range(first, last + 1)
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for ran in pool.imap_unordered(run_seed, seeds, chunksize=4):
            heard(ran)
            result.seeds += 1
            result.events += ran.events
            result.faults.update(ran.faults)
            result.planned += ran.planned
            result.virtual_s += ran.virtual_s
            if ran.problems:
                result.failures[ran.seed] = "; ".join(ran.problems)
    for seed in sorted(result.failures)[:SHRUNK]:
        result.failures[seed] = told(shrunk(run(plan_of(seed))))
    return result
