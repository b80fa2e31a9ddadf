"""Versions through the loop over the store in memory: each customer meets a new one at its instant, whoever comes when."""

import asyncio
from collections.abc import Sequence
from math import inf
from typing import Any

import pytest

from scoring.layout import BUCKETS, Tier
from scoring.ledgers import peek
from scoring.terms import Rules
from state.store import Commit
from streams.config import COMMANDS, ORDERS
from streams.events.instants import instant_us
from streams.events.terms_records import write_terms
from streams.events.text import time_text
from streams.sweeping import sweeps
from streams.versions import Versioned, unpack
from streams.work import Records, Slice, Verdict
from tests.fakes.memory_store import MemoryStore
from tests.support.builders import order
from tests.support.kernel import TERMS, tell
from tests.support.pipelines import Bench, CrashError, Line, lines, states, totals

FROM_US = instant_us(order("o", "1.00", day=100)["occurred_at"], None, None)


def stricter(name: str = "strict", made_us: int = FROM_US - 1, from_us: int = FROM_US) -> Versioned:
    """Boundaries three times as high."""
    rules = Rules((-inf, -inf, 0.0, 90_00.0, 300_00.0), (-inf, -inf, 0.0, 81_00.0, 270_00.0), min_stay_us=0)
    return Versioned(name, made_us, from_us, name, rules, TERMS.drift)


def commands(*versions: Versioned) -> list[Line]:
    return [Line(write_terms(version, "USD"), None, offset) for offset, version in enumerate(versions)]


def shop(days: Sequence[int] = (0, 20, 60, 99, 100, 101, 140, 300)) -> list[dict[str, Any]]:
    """Eleven customers who come on different days, each with amounts of their own."""
    return [
        {**order(f"o{day}-{who}", f"{20 + 9 * who}.00", day=day), "customer_id": f"c{who}"}
        for day in days
        for who in range(11)
        if (day + who) % 3
    ]


def feed(bench: Bench, events: Sequence[Line], told: Sequence[Line], at: int, size: int) -> None:
    """Orders in batches, and the commands in the batch with the order of this number."""
    for first in range(0, len(events), size):
        slices = [Slice(ORDERS, events[first : first + size])]
        if first <= at < first + size and told:
            slices.append(Slice(COMMANDS, told))
        assert asyncio.run(bench.pipeline.run(bench.owned, Records(slices))) is Verdict.DONE


def sweep(bench: Bench) -> int:
    """Everybody who is left; how many that were."""

    async def run() -> int:
        count = 0
        async for work in sweeps(bench.store, range(BUCKETS), unpack(bench.owned.versions)):
            assert await bench.pipeline.run(bench.owned, work) is Verdict.DONE
            count += len(work.customers)
        return count

    return asyncio.run(run())


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize("at", [0, 15, 25])
def test_every_customer_is_judged_anew_at_the_instant_itself(at: int, size: int) -> None:
    events = shop()
    before = [event for event in events if instant_us(event["occurred_at"], None, None) < FROM_US]
    assert at < len(before)
    bench = Bench(MemoryStore())
    feed(bench, lines(events), commands(stricter()), at, size)
    version = unpack(bench.owned.versions)
    assert version.new.terms.number == 2
    plain = tell(events, terms=TERMS, new=version.new.terms)
    assert states(bench.store) == {who.encode(): blob for who, blob in plain.blobs.items()}
    moved = [change for change in bench.ears.changes if change["cause"] == "boundary"]
    assert len(moved) > 3
    for change in moved:
        assert (change["occurred_at"], change["cause_id"]) == (time_text(FROM_US), "strict")
    at_us = {change["id"]: instant_us(change["occurred_at"], None, None) for change in bench.ears.changes}
    names = {(at_us[change["id"]] >= FROM_US, change["boundaries"]) for change in bench.ears.changes}
    assert names == {(False, "default"), (True, "strict")}


def test_a_version_counts_once_a_copy_and_a_copy_again_is_a_duplicate() -> None:
    bench = Bench(MemoryStore())
    bench.feed(commands(stricter(), stricter(), stricter("later", FROM_US)), topic=COMMANDS)
    assert totals(bench.store) == {"consumed": 3, "applied": 2, "duplicate": 1}
    assert unpack(bench.owned.versions).new.boundaries == "later"
    bench.owned.read = dict.fromkeys(bench.owned.read, 0)
    bench.feed(commands(stricter()), topic=COMMANDS)
    assert totals(bench.store) == {"consumed": 3, "applied": 2, "duplicate": 1}
    assert {head.offsets[COMMANDS] for head in asyncio.run(bench.store.heads()).values()} == {3}


def test_one_that_cannot_be_read_is_a_dead_letter_and_changes_nothing() -> None:
    bench = Bench(MemoryStore())
    bench.feed(
        [Line(commands(stricter())[0].value, None, 0), Line(b'{"type":"terms.versioned"}', None, 1)], topic=COMMANDS
    )
    assert totals(bench.store) == {"consumed": 2, "applied": 1, "dead.schema": 1}
    assert unpack(bench.owned.versions).new.terms.number == 2


class Breaking(MemoryStore):
    """Writes only some buckets of the n-th commit, as a cluster may, and dies."""

    def __init__(self, countdown: int, written: slice) -> None:
        super().__init__()
        self.countdown, self.written = countdown, written

    async def commit(self, commits: Sequence[Commit]) -> Any:
        self.countdown -= 1
        if self.countdown == 0:
            await MemoryStore.commit(self, commits[self.written])
            raise CrashError
        return await MemoryStore.commit(self, commits)


@pytest.mark.parametrize("written", [slice(0, 0), slice(0, 1), slice(1, None), slice(100, 200), slice(None)])
def test_a_crash_while_a_version_is_taken_leaves_it_taken_once_by_every_bucket(written: slice) -> None:
    events, told = shop(), commands(stricter(), stricter())
    plain = Bench(MemoryStore())
    store = Breaking(2, written)
    broken = Bench(store)
    for bench in (plain, broken):
        bench.feed(lines(events[:20]))
    plain.feed(told, topic=COMMANDS)
    with pytest.raises(CrashError):
        broken.feed(told, topic=COMMANDS)
    broken.restart()
    broken.feed(told, topic=COMMANDS)
    for bench in (plain, broken):
        bench.feed(lines(events))
        sweep(bench)
    assert states(store) == states(plain.store)
    assert totals(store) == totals(plain.store)
    heads = asyncio.run(store.heads()).values()
    assert {head.versions for head in heads} == {plain.owned.versions}
    assert {head.swept for head in heads} == {2}


def test_a_new_owner_finds_the_version_although_nothing_is_read_again() -> None:
    bench = Bench(MemoryStore())
    bench.feed(commands(stricter()), topic=COMMANDS)
    before = bench.owned.versions
    assert bench.restart().versions == before != b""
    bench.feed(lines(shop()))
    assert "boundary" in {change["cause"] for change in bench.ears.changes}


def test_a_late_version_meets_everybody_where_they_are() -> None:
    events = shop()
    bench = Bench(MemoryStore())
    bench.feed(lines(events))
    before = {who: peek(blob) for who, blob in states(bench.store).items()}
    bench.ears.commits.clear()
    bench.feed(commands(stricter()), topic=COMMANDS)
    assert bench.ears.changes == []  # until somebody looks
    assert sweep(bench) == len(before)
    changes = bench.ears.changes
    assert changes
    assert {change["cause"] for change in changes} <= {"boundary", "silence"}
    for change in changes:
        at_us = instant_us(change["occurred_at"], None, None)
        assert at_us >= max(FROM_US, int(before[change["customer_id"].encode()]["clock_us"]))


def test_a_sweep_touches_whom_nobody_else_did_and_a_second_one_nothing() -> None:
    events = shop((0, 20, 60))
    silent, busy = Bench(MemoryStore()), Bench(MemoryStore())
    for bench in (silent, busy):
        bench.feed(lines(events))
        bench.feed(commands(stricter()), topic=COMMANDS)
    assert sweep(silent) == len(states(silent.store))
    busy.silence(FROM_US)
    left = sweep(busy)
    assert states(busy.store) == states(silent.store)
    assert sorted(map(str, busy.ears.changes)) == sorted(map(str, silent.ears.changes))
    assert left <= len(states(silent.store))
    after = states(silent.store)
    silent.ears.commits.clear()
    assert sweep(silent) == 0
    assert states(silent.store) == after
    assert silent.ears.commits == []
    assert any(peek(blob)["tier"] > Tier.LOW for blob in after.values())
