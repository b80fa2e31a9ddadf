"""The simulator's seeds, in as many processes as there are cores, kept as they end."""

import os
import sys
import time
from typing import TYPE_CHECKING

from tests.soak.place import Place
from tests.soak.ranges import Range, keep, known
from tests.soak.results import tree
from tests.soak.scenario import Found, Scenario

if TYPE_CHECKING:
    from tests.simulation.running import Ran, Result

SEEDS = 10_000
SHORT = 300
AT_ONCE = 500
TOLD_EVERY_S = 15.0


def run(place: Place) -> Found:
    from tests.simulation.running import Result, run_seeds

    of, count = tree(), place.seeds or place.scale(SEEDS, SHORT)
    asked = Range(place.seed, place.seed + count - 1)
    had, total, progress = known(of), Result(), Progress(count)
    for seeds in asked.parts(AT_ONCE):
        result = had.get(seeds)
        if result is None:
            result = run_seeds(*seeds, os.cpu_count() or 1, progress.heard)
            if tree() == of:  # otherwise nobody knows which code it was that ran
                keep(seeds, of, result)
        else:
            progress.skipped(result)
        total.add(result)
    for told in total.failures.values():
        sys.stderr.write(told + "\n")
    failed = sorted(total.failures)
    note = f"seeds {asked.first:,} to {asked.last:,}, {total.virtual_s / 3600:.0f} simulated hours"
    if failed:
        note += f"; {failed[:10]} fail: .soak/simulator.log tells how"
    struck = f"{total.faults.total():,} simulated struck, of {total.planned:,} drawn"
    return Found(struck, total.events, len(failed), 0, 0, not failed, note)


class Progress:
    """Told on stderr every some seconds: how many seeds, how many of them fail, and how long the rest takes at this pace."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._done = self._here = self._failed = 0
        self._began_s = self._told_s = time.monotonic()

    def skipped(self, known: "Result") -> None:
        """These are known from before."""
        self._done += known.seeds
        self._failed += len(known.failures)

    def heard(self, ran: "Ran") -> None:
        """One more."""
        self._done, self._here, self._failed = self._done + 1, self._here + 1, self._failed + bool(ran.problems)
        if (now_s := time.monotonic()) >= self._told_s + TOLD_EVERY_S:
            self._told_s = now_s
            left_min = (now_s - self._began_s) / self._here * (self._count - self._done) / 60
            line = f"simulator: {self._done:,} of {self._count:,} seeds, {self._failed} fail, {left_min:.0f} min at this pace"
            sys.stderr.write(line + "\n")
            sys.stderr.flush()


SIMULATOR = Scenario(
    "simulator",
    "some order of events that nobody thought of",
    run,
    limit_s=4 * 3600,  # at nice 19, it has what others leave; what it got through is kept
    alone=True,
    first_seed=1,
)
