"""Compile the kernel, or load it compiled: once when the environment is set up, and before a demo or a replay begins."""

import time

from ebbtide.tiers_file import read_tiers
from scoring.defaults import DEFAULT_MODEL
from scoring.layout import NEVER_US, Limits
from scoring.ledgers import peek
from streams.config import Scoring
from streams.events.lines import score_line
from streams.warm import warm_up


def warm_kernel() -> float:
    """Run every compiled entry point once; returns the seconds it took."""
    started = time.perf_counter()
    ledger = warm_up(Scoring(DEFAULT_MODEL, read_tiers(None, 2).rules, Limits(NEVER_US, count_free_orders=True)))
    score_line(b"c", peek(ledger), DEFAULT_MODEL, 0, "USD")
    return time.perf_counter() - started


if __name__ == "__main__":
    print("setup: compiling the kernel, once:", end=" ", flush=True)
    print(f"{warm_kernel():.0f} s")
