"""Compile the kernel, or load it compiled: once when the environment is set up, and before a worker's first batch."""

import time

import numpy as np

from ebbtide.tiers_file import read_tiers
from scoring.defaults import DEFAULT_MODEL
from scoring.hashing import buckets, identities
from scoring.layout import EVENT, NEVER_US, Limits
from scoring.ledgers import open_ledgers, pack_ledgers, peek, run
from streams.events.lines import score_line


def warm_kernel() -> float:
    """Run every compiled entry point once; returns the seconds it took."""
    started = time.perf_counter()
    events = np.zeros(1, EVENT)
    events["group"] = identities([b"o"])
    events["amount"] = 1
    buckets([b"c"])
    ledgers = open_ledgers([None], np.ones(1, np.int64))
    run(ledgers, events, DEFAULT_MODEL, read_tiers(None, 2).rules, Limits(NEVER_US, count_free_orders=True))
    score_line(b"c", peek(pack_ledgers(ledgers)[0]), DEFAULT_MODEL, 0, "USD")
    return time.perf_counter() - started


if __name__ == "__main__":
    print("setup: compiling the kernel, once:", end=" ", flush=True)
    print(f"{warm_kernel():.0f} s")
