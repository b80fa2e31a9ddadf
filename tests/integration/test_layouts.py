"""A state of an older layout is taken over as it lies, and written anew bit by bit; a release of that time made the fixture."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from operator import itemgetter
from typing import Any

import numpy as np
import pytest
from redis import Redis

from ebbtide.embedded import Server
from ebbtide.settings import load_settings
from ebbtide.wiring import scoring_of
from scoring.layout import BUCKETS, LAYOUT, Kind
from scoring.ledgers import open_one, peek
from state.redis_store import RedisStore
from state.store import Store
from streams.clock import by_bucket
from streams.config import TIER_CHANGES, StreamsConfig, Topics
from streams.events.facts import DecodeRules
from streams.events.text import time_text
from streams.ownership import acquire
from streams.patience import Patience
from streams.pipeline import Pipeline
from streams.work import Records, Ticks, Verdict
from tests.fakes.memory_store import MemoryStore
from tests.support.deadlines import too_late
from tests.support.fold import fold
from tests.support.kernel import facts
from tests.support.pipelines import Ears
from tests.support.stored import Stored, restore, stored_state
from tests.support.workers import shop, until, working

AT_ONCE = 50  # events: fewer than the fold horizon is wide
END_US = 2**51 - 1


@pytest.fixture
def old(redis: Server) -> Stored:
    """A Redis as the first release left it, in the middle of a log."""
    state = stored_state(1)
    with Redis.from_url(redis.url) as client:
        restore(client, state)
    return state


@asynccontextmanager
async def opened(redis: Server, state: Stored) -> AsyncIterator[RedisStore]:
    store = await RedisStore.connect(redis.url, state.namespace)
    yield store
    await store.close()


async def go_on(state: Stored, store: Store, events: int, *, silence_us: int = 0) -> Ears:
    """This release reads the log from where the store stands up to so many events; then silence acts up to an instant.

    Between what came together it is quiet for a while, as it was when the fixture was made: buckets come to one clock.
    """
    fold_days = int(state.settings["EBBTIDE_FOLD_AFTER_DAYS"])
    scoring = scoring_of(load_settings(clock="stream", fold_after_days=fold_days))
    ears = Ears()
    pipeline = Pipeline(store, DecodeRules(), scoring, by_bucket, ears, ears, None, Patience())
    [owned] = await acquire(store, [0], 1)

    async def silence(until_us: int) -> None:
        while dues := (await store.due(list(owned.heads), until_us, 1000))[0]:
            assert await pipeline.run(owned, Ticks(dues, until_us)) is Verdict.DONE

    for part in (part for slices in state.batches(AT_ONCE)[: events // AT_ONCE] for part in slices):
        await silence(max(head.clock_us for head in owned.heads.values()))
        assert await pipeline.run(owned, Records([part])) is Verdict.DONE
    await silence(silence_us)
    return ears


async def ledgers(store: Store) -> dict[str, bytes]:
    return {customer.decode(): blob async for customer, blob in store.states(*range(BUCKETS))}


def alerts(ears: Ears) -> set[tuple[Any, ...]]:
    """Without their numbers, which go on from none."""
    return {(told["customer_id"], told["type"], told["level"], told["occurred_at"]) for told in ears.alerts}


def said(changes: Iterable[dict[str, Any]]) -> dict[str, tuple[str, str | None, str]]:
    """By id, what both releases know of a change."""
    return {change["id"]: (change["occurred_at"], change["cause_id"], change["to"]["tier"]) for change in changes}


def untimed(told: set[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
    """Those of `watch` without their instants: how far a value fell, layout 1 knows from the upgrade on only."""
    return {(*a[:3], None if a[2] == "watch" else a[3]) for a in told}


async def test_every_ledger_of_layout_1_holds_the_rows_that_this_release_makes_of_the_same_events(old: Stored) -> None:
    anew = MemoryStore()
    await go_on(old, anew, old.first)
    told = await ledgers(anew)
    assert told.keys() == old.ledgers().keys()
    for customer, blob in old.ledgers().items():
        assert (blob[0], told[customer][0]) == (1, LAYOUT)
        was, rows = open_one(blob)
        now, rows_now = open_one(told[customer])
        plain = ("group", "sub", "at_us")  # what corrections say, what is owed and discounts, layout 1 did not keep
        assert rows[list(plain)].tolist() == rows_now[list(plain)].tolist()
        money = rows["kind"] < Kind.INTERACTION
        assert np.array_equal(rows[money][["amount", "cost"]], rows_now[money][["amount", "cost"]])
        unknown = {"terms", "level", "alerts", "warned_us", "peak", "due_us", "clock_us", "tier", "sequence"}
        unknown |= {"since_us", "value", "p_alive"}
        for name in set(was.dtype.names) - unknown:
            assert (customer, name, was[name]) == (customer, name, now[name])
        assert was[["terms", "level", "alerts", "warned_us", "peak"]].tolist() == (0, 0, 0, 0, 0.0)
    assert {facts(blob)["orders"] for blob in told.values()} != {0}


async def test_this_release_goes_on_from_layout_1(redis: Server, old: Stored) -> None:
    async with opened(redis, old) as store:
        heads_before = await store.heads()
        ears = await go_on(old, store, len(old.log))
        after = await ledgers(store)
        heads = await store.heads()
    # nothing was read twice, and nothing was left out
    counts: defaultdict[str, int] = defaultdict(int)
    for head in heads.values():
        for name, count in head.counters.items():
            counts[name] += count
    told = fold(old.log)
    assert (counts["consumed"], counts["applied"], counts["duplicate"]) == (
        len(old.log),
        told.applied,
        told.duplicate,
    )
    assert {customer: facts(blob) for customer, blob in after.items()} == told.customers
    # upgraded is who was touched, by an event or a deadline, and nobody else
    touched = {event["customer_id"] for event in old.log[old.first :]}
    upgraded = {customer for customer, blob in after.items() if blob[0] == LAYOUT}
    assert touched <= upgraded < after.keys()
    assert all(after[customer] == blob for customer, blob in old.ledgers().items() if customer not in upgraded)
    assert all(heads[b].sequence >= head.sequence for b, head in heads_before.items())
    # changes are numbered on
    before = defaultdict(int, {customer: int(peek(blob).sequence) for customer, blob in old.ledgers().items()})
    numbers = defaultdict(list)
    for change in ears.changes:
        customer, _, number = change["id"].rpartition(":")
        numbers[customer].append(int(number))
    assert any(before[customer] > 0 for customer in numbers)
    for customer, blob in after.items():
        assert numbers[customer] == list(range(before[customer] + 1, int(peek(blob).sequence) + 1))


async def test_what_layout_1_had_not_yet_told_is_published_before_anything_newer(
    redis: Server, kafka: str, old: Stored
) -> None:
    config = StreamsConfig(
        kafka, old.namespace, Topics("layout-1.", 1), "stream", stall_after_s=30.0, session_timeout_s=2.0
    )
    untold = sorted(old.untold(), key=itemgetter(1))
    assert len({key for _, key, *_ in untold}) > 5 < len(untold)
    async with shop(config, redis.url) as here:
        for slices in old.batches(AT_ONCE)[: old.first // AT_ONCE]:
            for topic, lines in slices:
                await here.send([json.loads(line.value or b"") for line in lines], topic)
        async with working(here):
            found = await here.records(TIER_CHANGES, lambda records: len(records) >= len(untold))
            await until(lambda: told_all(here.store))
    told = [(TIER_CHANGES, r.key, r.value, [list(pair) for pair in r.headers]) for r in found[: len(untold)]]
    assert sorted(told, key=itemgetter(1)) == untold


async def told_all(store: Store) -> bool:
    """Whether nothing is left in any outbox."""
    return not any((await store.outbox(range(BUCKETS), 1)).values())


async def test_standings_after_layout_1_are_those_that_this_release_would_have_come_to(
    redis: Server, old: Stored
) -> None:
    async with opened(redis, old) as store:
        ears = await go_on(old, store, len(old.log))
        after = {customer: peek(blob) for customer, blob in (await ledgers(store)).items()}
        touched = {customer for customer, blob in (await ledgers(store)).items() if blob[0] == LAYOUT}
        assert await too_late(store) == []
    anew = MemoryStore()
    always = await go_on(old, anew, len(old.log))
    for customer, now in {customer: peek(blob) for customer, blob in (await ledgers(anew)).items()}.items():
        was = after[customer]
        assert was[["tier", "sequence", "since_us"]] == now[["tier", "sequence", "since_us"]], customer
        if customer in touched:  # of others, layout 1 has not looked at drift
            assert was[["value", "p_alive", "clock_us"]] == now[["value", "p_alive", "clock_us"]], customer
            # a drift has the highest value since the upgrade to fall from
            assert was.due_us == now.due_us or was.peak < now.peak, customer
    # what it left untold, and what came since, is told under the same ids
    left = said(json.loads(value) for topic, _, value, _ in old.untold() if topic == TIER_CHANGES)
    since = said(ears.changes)
    assert left
    assert not left.keys() & since.keys()
    assert (left | since).items() <= said(always.changes).items()


async def test_alerts_after_layout_1_are_those_that_this_release_would_have_told_all_along(
    redis: Server, old: Stored
) -> None:
    async with opened(redis, old) as store:
        told = alerts(await go_on(old, store, len(old.log), silence_us=END_US))
        silent = {customer for customer, blob in (await ledgers(store)).items() if blob[0] == 1}
    looked_at = {customer: time_text(int(peek(blob).clock_us)) for customer, blob in old.ledgers().items()}
    always = alerts(await go_on(old, MemoryStore(), len(old.log), silence_us=END_US))
    # layout 1 had no deadlines of drift: who stays silent is looked at when a version comes
    due = {a for a in always if a[3] > looked_at.get(a[0], "") and a[0] not in silent}
    assert untimed(due) == untimed(told)
    assert len(due - told) < 5
    assert {level for _, _, level, _ in told} == {None, "watch", "drifting", "lost"}
    assert len(silent) < 8
