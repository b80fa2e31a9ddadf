"""Compile the kernel, or load it compiled: once when the environment is set up, and before a demo or a replay begins."""

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


if __name__ == "__main__":
    print("setup: compiling the kernel, once:", end=" ", flush=True)
    print(f"{warm_kernel():.0f} s")
