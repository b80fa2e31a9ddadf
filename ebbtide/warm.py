"""Compile the kernel, or load it compiled: once when the environment is set up, and before a demo or a replay begins.

What reports, RFM and fits compile besides is compiled at setup only: nobody waits for it who does not ask for it.
"""

import time

from ebbtide.settings import Settings
from ebbtide.wiring import scoring_of
from scoring.ledgers import open_one
from streams.events.lines import score_line
from streams.warm import warm_up


def warm_kernel() -> float:
    """Run every compiled entry point once; returns the seconds it took."""
    started = time.perf_counter()
    scoring = scoring_of(Settings.model_construct())
    score_line(b"c", *open_one(warm_up(scoring)), scoring.first, 0, "USD")
    return time.perf_counter() - started


def warm_batches() -> float:
    """Run what looks at many customers at once; returns the seconds it took."""
    from ebbtide.warm_batches import run_each

    started = time.perf_counter()
    run_each(scoring_of(Settings.model_construct()))
    return time.perf_counter() - started


if __name__ == "__main__":
    print("setup: compiling the kernel, once:", end=" ", flush=True)
    print(f"{warm_kernel():.0f} s, reports and fits", end=" ", flush=True)
    print(f"{warm_batches():.0f} s")
