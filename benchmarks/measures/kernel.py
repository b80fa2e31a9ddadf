"""The kernel alone: ledgers opened, events run, ledgers packed, in one process without any server."""

from time import perf_counter

import numpy as np

from benchmarks.report import Finding, Line
from benchmarks.run import Run
from benchmarks.shop import Told, kernel_events
from ebbtide.tiers_file import read_tiers
from scoring.defaults import DEFAULT_MODEL
from scoring.layout import DAY_US, Cause, Records
from scoring.ledgers import open_ledgers, pack_ledgers, run
from scoring.terms import Limits, Terms

BATCHES = (5_000, 500, 50, 1)
LIMITS = Limits(3650 * DAY_US, count_free_orders=True)
TIERS = read_tiers(None, 2)
TERMS = Terms(1, 0, int(Cause.BOUNDARY), DEFAULT_MODEL, TIERS.rules, TIERS.drift)


async def measure(run: Run) -> Finding:
    """By size of batch."""
    log = await run.log()
    found = kernel_us(log.history, log.backlog, run.plan.kernel_s)
    of = "open, run and pack; batches of "
    return Finding(
        [Line("ledgers", f"{us:.2f} µs an event", f"{of}{batch:,}") for batch, us in found.items()],
        {"us_by_batch": found},
    )


def kernel_us(history: Told, events: Told, seconds: float) -> dict[int, float]:
    """Microseconds an event by size of batch, on ledgers that hold the history; about so many seconds for each size."""
    stored: dict[int, bytes] = {}
    _feed(stored, kernel_events(history))
    upcoming = kernel_events(events)
    return {batch: 1e6 * _timed(dict(stored), upcoming, batch, seconds) for batch in BATCHES}


def _timed(stored: dict[int, bytes], events: Records, batch: int, seconds: float) -> float:
    _feed(stored, events[:batch])
    done, started, spent = batch, perf_counter(), 0.0
    while done < len(events) and spent < seconds:
        part = events[done : done + batch]
        _feed(stored, part)
        done += len(part)
        spent = perf_counter() - started
    return spent / (done - batch)


def _feed(stored: dict[int, bytes], events: Records) -> None:
    customers, index = np.unique(events["customer"], return_inverse=True)
    part = events.copy()
    part["customer"] = index
    names = customers.tolist()
    ledgers = open_ledgers([stored.get(name) for name in names], np.bincount(index))
    run(ledgers, part, TERMS, TERMS, LIMITS)
    stored.update(zip(names, pack_ledgers(ledgers), strict=True))
