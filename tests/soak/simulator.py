"""The simulator's seeds, in as many processes as there are cores."""

import os
import sys

from tests.soak.place import Place
from tests.soak.scenario import Found, Scenario

SEEDS = 10_000
SHORT = 300


def run(place: Place) -> Found:
    from tests.simulation.running import run_seeds

    seeds = place.seeds or place.scale(SEEDS, SHORT)
    result = run_seeds(1, seeds, os.cpu_count() or 1)
    for told in result.failures.values():
        sys.stderr.write(told + "\n")
    failed = sorted(result.failures)
    note = f"seeds {failed[:10]} fail: .soak/simulator.log tells how" if failed else f"{seeds:,} seeds"
    return Found(f"{result.faults.total():,} simulated", result.events, len(failed), 0, 0, not failed, note)


SIMULATOR = Scenario("simulator", "some order of events that nobody thought of", run, limit_s=2400, alone=True)
