"""How soon a lookup sees what was committed: from the answer to a commit to the answer to a lookup by somebody else."""

from time import perf_counter

import numpy as np

from benchmarks.filling import Filler, ledgers_of
from benchmarks.report import Finding, Line, Target
from benchmarks.run import Run
from benchmarks.shop import FIRST_US, Shop
from benchmarks.workers import open_store

ORDERS = 5


async def measure(run: Run) -> Finding:
    """One customer a commit, looked up right after it; a commit says done only when Redis has it."""
    looks, site = run.plan.looks, await run.site.apart("visible")
    ledgers, dues_us = ledgers_of(Shop(looks, run.plan.days_between).before(0, looks, ORDERS), FIRST_US)
    seen, took_ms = 0, np.empty(looks)
    async with open_store(site) as ours, open_store(site) as theirs:
        filler = Filler(ours)
        await filler.own()
        for i, ledger in enumerate(ledgers):
            customer_id = b"c%06d" % i
            await filler.write([customer_id], [ledger], dues_us[i : i + 1], FIRST_US)
            committed_s = perf_counter()
            found = await theirs.state(customer_id)
            took_ms[i] = 1e3 * (perf_counter() - committed_s)
            seen += found == ledger
    site.forget()
    p50, p99 = np.percentile(took_ms, (50, 99)).tolist()
    of = f"{seen:,} of {looks:,} lookups saw it at once; the time is the lookup's own"
    line = Line("commit to lookup", f"p50 {p50:.2f}, p99 {p99:.2f} ms", of, Target("at once", seen == looks))
    return Finding([line], {"p50_ms": p50, "p99_ms": p99, "looks": looks, "seen": seen})
