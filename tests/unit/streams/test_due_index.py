"""The due index: an entry may come early, never late; early ones let nothing happen, and orders that put them off write none."""

import asyncio
from typing import Any

import pytest

from scoring.hashing import bucket_of
from scoring.layout import DAY_US
from scoring.ledgers import peek
from streams.clock import Clock, by_bucket, by_event
from tests.fakes.memory_store import MemoryStore
from tests.support.builders import order, refund
from tests.support.deadlines import too_late
from tests.support.pipelines import Bench, lines, states

ADA = b"ada"
LOG = [order("o1", "200.00", day=0), order("o2", "200.00", day=20)]


def bench_of(log: list[dict[str, Any]], clock: Clock = by_event, live: bool = True) -> Bench:
    bench = Bench(MemoryStore(), clock=clock, live=live)
    bench.feed(lines(log), 1)
    return bench


def entry_us(bench: Bench) -> int:
    [due] = asyncio.run(bench.store.due(range(256), 2**62, 10))[0]
    return due.due_us


def deadline_us(bench: Bench) -> int:
    return int(peek(states(bench.store)[ADA])["due_us"])


def test_an_order_that_puts_the_deadline_off_writes_no_entry() -> None:
    first = deadline_us(bench_of(LOG[:1]))
    bench = bench_of(LOG)
    assert deadline_us(bench) > first + DAY_US
    assert entry_us(bench) == first


def test_a_replay_moves_the_entry_at_once() -> None:
    bench = bench_of(LOG, live=False)
    assert entry_us(bench) == deadline_us(bench) > deadline_us(bench_of(LOG[:1]))


@pytest.mark.parametrize("clock", [by_event, by_bucket])
def test_an_entry_that_comes_early_lets_nothing_happen_and_is_put_right(clock: Clock) -> None:
    bench = bench_of(LOG, clock)
    before, heard = states(bench.store), (bench.ears.changes, bench.ears.alerts)
    clock_us = bench.owned.heads[bucket_of(ADA)].clock_us
    bench.silence(entry_us(bench))
    assert entry_us(bench) == deadline_us(bench)
    assert (states(bench.store), (bench.ears.changes, bench.ears.alerts)) == (before, heard)
    # which entries come early depends on where batches end; what later events see must not
    assert bench.owned.heads[bucket_of(ADA)].clock_us == clock_us


def test_what_brings_the_deadline_forward_writes_it_at_once() -> None:
    bench = bench_of(LOG)
    bench.silence(entry_us(bench))
    later = entry_us(bench)
    bench.feed(lines([*LOG, refund("r2", "o2", "200.00", day=42)]), 1)
    assert entry_us(bench) == deadline_us(bench) < later


def test_where_batches_end_changes_what_stands_early_and_nothing_else() -> None:
    cut, whole = bench_of(LOG), Bench(MemoryStore())
    whole.feed(lines(LOG))
    assert states(cut.store) == states(whole.store)
    assert entry_us(cut) < entry_us(whole) == deadline_us(whole)
    for bench in (cut, whole):
        assert asyncio.run(too_late(bench.store)) == []
