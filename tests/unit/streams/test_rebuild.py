"""A state made anew from the log is the state there was; what was wrong with it is told, and nothing that was told before."""

import asyncio
import json
from collections.abc import Sequence
from threading import Thread

import pytest

from scoring.hashing import bucket_of
from scoring.layout import BUCKETS
from scoring.ledgers import peek
from state.store import Outcome, Switch
from streams.broker.lag import Extent
from streams.config import INPUTS, ORDERS, ClockKind
from streams.errors import StreamsError
from streams.events.messages import TIERS
from streams.history.sources.source import Record
from streams.rebuild.comparing import FACTS
from streams.rebuild.rebuild import refuse_a_log_that_ends_before, refuse_a_log_that_lost_its_beginning
from tests.fakes.memory_store import MemoryStore
from tests.support.deadlines import too_late
from tests.support.lives import (
    EVENTS,
    PARTITIONS,
    SILENT_US,
    FakeLog,
    Live,
    changed,
    differ,
    logs_of,
    outbox,
)
from tests.support.pipelines import states, totals


@pytest.mark.parametrize("clock", ["wall", "stream"])
def test_a_sound_state_is_rebuilt_to_the_byte_and_nobody_hears_of_it(clock: ClockKind) -> None:
    live = Live(logs_of(EVENTS), clock).work()
    for bench in live.benches:
        bench.silence(SILENT_US if clock == "wall" else 0)
    before = states(live.store), totals(live.store)
    outboxes = asyncio.run(live.store.outbox(range(BUCKETS), 1000))
    through = live.rebuild()
    assert differ(through) == {}
    assert (states(live.store), totals(live.store)) == before
    assert asyncio.run(too_late(live.store)) == []
    assert asyncio.run(live.store.outbox(range(BUCKETS), 1000)) == outboxes
    assert totals(live.store)["forwarded"] > 0
    assert totals(live.store)["dead.not_json"] == 1


@pytest.mark.parametrize("clock", ["wall", "stream"])
def test_silence_that_no_worker_has_met_yet_is_left_to_the_next_who_tells_of_it(clock: ClockKind) -> None:
    later = [event | {"occurred_at": event["occurred_at"].replace("2024", "2025")} for event in EVENTS[500:]]
    live = Live(logs_of(EVENTS[:500] + later), clock).work()
    before = states(live.store)
    due = {b: dict(held.due) for b, held in live.store._buckets.items()}
    clocks = asyncio.run(live.store.heads())
    assert any(us <= clocks[b].clock_us for b, dues in due.items() for us in dues.values())
    assert differ(live.rebuild()) == {}
    assert states(live.store) == before
    assert asyncio.run(too_late(live.store)) == []
    assert "correction" not in {change["cause"] for change in outbox(live.store)}


def silent_live() -> Live:
    live = Live(logs_of(EVENTS)).work()
    for bench in live.benches:
        bench.silence(SILENT_US)
    for held in live.store._buckets.values():
        held.outbox.clear()  # published
    return live


def test_what_was_wrong_is_mended_told_once_and_numbered_on() -> None:
    live = silent_live()
    before, counted = states(live.store), totals(live.store)
    heads = asyncio.run(live.store.heads())
    damaged, missing, wrong, fallen, ahead, *_ = sorted(before)
    live.put(damaged, b"\x02no ledger")
    live.put(missing, None)
    live.put(wrong, changed(before[wrong], held=1))
    live.put(fallen, changed(before[fallen], tier=1, sequence=40))
    live.put(ahead, changed(before[ahead], sequence=50, alerts=60))
    live.put(b"nobody", before[wrong])
    through = live.rebuild()

    assert differ(through) == {"damaged": 1, "missing": 1, "facts": 1, "tier": 1, "extra": 1}
    first = {one.customer_id: one.what for settled in through for one in settled.first}
    assert first == {
        damaged: ("damaged",),
        missing: ("missing",),
        wrong: ("facts",),
        fallen: ("tier",),
        b"nobody": ("extra",),
    }
    after = states(live.store)
    assert after.pop(b"nobody") == before[wrong]  # what the log does not tell of is not thrown away
    numbers = {fallen: (40, int(peek(before[fallen]).alerts)), ahead: (50, 60)}
    for who in (damaged, missing, wrong):  # nobody can read how many it was told: no more than the bucket
        counters = heads[bucket_of(who)].counters
        numbers[who] = counters["tier_changes"], counters.get("drift_alerts", 0)
    for who, blob in before.items():
        sequence, alerts = numbers.get(who, (number(blob), int(peek(blob).alerts)))
        assert after[who] == changed(blob, sequence=sequence, alerts=alerts)
    told = {change["customer_id"].encode(): change for change in outbox(live.store)}
    assert set(told) == {damaged, missing, fallen}
    held = asyncio.run(live.store.held())
    for who, change in told.items():
        beside = f"{who.decode()}:corrected:{held[bucket_of(who)].epoch}"
        assert (change["id"], change["cause"], change["muted"]) == (beside, "correction", True)
        assert change["to"]["tier"] == TIERS[int(peek(before[who]).tier)]
        assert change["from"]["tier"] == ("loss" if who == fallen else None)
    counts = {name: count for name, count in totals(live.store).items() if not name.startswith("left_out.")}
    assert counts == counted | {"tier_changes": counted["tier_changes"] + 3, "tier_changes.corrected": 3}


def test_a_dry_run_tells_the_same_and_changes_nothing() -> None:
    live = silent_live()
    wrong = min(states(live.store))
    live.put(wrong, changed(states(live.store)[wrong], held=1))
    before = states(live.store), totals(live.store), asyncio.run(live.store.held())
    through = live.rebuild(dry=True)
    assert differ(through) == {"facts": 1}
    assert (states(live.store), totals(live.store), asyncio.run(live.store.held())) == before
    assert live.store.shadow()._buckets == {}


def test_one_bucket_is_rebuilt_alone_and_its_neighbours_stay_as_they_are() -> None:
    live = silent_live()
    before = states(live.store)
    one, *others = sorted(before)
    for who in (one, *others):
        live.put(who, changed(before[who], held=1))
    live.rebuild([bucket_of(one)])
    after = states(live.store)
    assert {who for who in before if after[who] == before[who]} == {
        who for who in before if bucket_of(who) == bucket_of(one)
    }


def half_worked() -> tuple[Live, Live]:
    """A state of all of a log, and one of half of it."""
    whole = Live(logs_of(EVENTS)).work()
    half = Live(whole.logs)
    for bench in half.benches:
        half.feed(bench, 0.5)
    return whole, half


def test_records_that_a_worker_has_not_applied_are_left_to_it_as_news() -> None:
    whole, half = half_worked()
    assert differ(half.rebuild()) == {}
    assert sorted(change["id"] for change in outbox(half.store)) == sorted(change["id"] for change in half.told)
    for bench in half.benches:
        bench.restart()
        half.feed(bench)
        bench.settle()
    assert (states(half.store), totals(half.store)) == (states(whole.store), totals(whole.store))


def test_a_bucket_that_a_worker_takes_back_in_between_is_rebuilt_to_where_that_came() -> None:
    _, half = half_worked()
    wrong = min(states(half.store))
    half.put(wrong, changed(states(half.store)[wrong], sequence=70, tier=0))
    tries = []

    async def switch(switches: Sequence[Switch]) -> list[Outcome]:
        """In the very moment of the switch, a worker takes the bucket back; the first time it goes on, too."""
        tries.append(switches)
        if len(tries) < 3:
            for bench in half.benches:
                for owned in await half.store.acquire(list(bench.owned.heads)):
                    bench.owned.epochs[owned.bucket] = owned.epoch
        return await MemoryStore.switch(half.store, switches)

    half.store.switch = switch  # type: ignore[method-assign]
    half.rebuild([bucket_of(wrong)])
    assert len(tries) == 3
    assert number(states(half.store)[wrong]) == 70
    corrections = [change["id"] for change in outbox(half.store) if change["cause"] == "correction"]
    epoch = asyncio.run(half.store.held())[bucket_of(wrong)].epoch
    assert corrections == [f"{wrong.decode()}:corrected:{epoch}"]  # once, however often it was tried


def test_a_correction_takes_no_number_that_the_log_gives_to_something_else_after_redis_fell_back() -> None:
    half = Live(logs_of(EVENTS), "stream")
    for bench in half.benches:
        half.feed(bench, 0.5)
    half.store.remember()
    before = states(half.store)
    for who in before:
        half.put(who, changed(before[who], tier=1))
    half.rebuild()
    told = outbox(half.store)
    half.store.rollback()
    for bench in half.benches:
        bench.restart()
        half.feed(bench)
    told += outbox(half.store)
    said = {(change["id"], json.dumps(change | {"emitted_at": ""}, sort_keys=True)) for change in told}
    assert any(change["cause"] == "correction" for change in told)
    assert len({id_ for id_, _ in said}) == len(said)


def test_a_second_rebuild_puts_an_end_to_the_first() -> None:
    live = silent_live()

    def second() -> None:
        there = live.store.shadow()
        for held in there._buckets.values():
            held.epoch = next(there._epochs)

    with pytest.raises(StreamsError, match="Another rebuild took this one's place"):
        live.rebuild(log=FakeLog(live.logs, [second]))
    assert live.store.shadow()._buckets  # which is the second's now


def test_what_a_killed_rebuild_left_is_dropped_by_the_next_whatever_that_rebuilds() -> None:
    live = silent_live()
    asyncio.run(live.store.shadow().acquire(range(BUCKETS)))
    live.rebuild([17])
    assert live.store.shadow()._buckets == {}


def test_a_dry_run_is_in_no_rebuilds_way() -> None:
    live = silent_live()

    def dry() -> None:
        beside = Thread(target=live.rebuild, kwargs={"dry": True})
        beside.start()
        beside.join()

    assert len(live.rebuild(log=FakeLog(live.logs, [lambda: None, dry]))) == BUCKETS


def test_a_dry_run_whose_shadow_another_took_tells_nothing_of_it() -> None:
    live = silent_live()
    [bucket] = {bucket_of(who) for who in sorted(states(live.store))[:1]}

    def second() -> None:
        live.store.shadow(dry=True)._buckets.clear()

    with pytest.raises(StreamsError, match="Another rebuild took this one's place"):
        live.rebuild([bucket], dry=True, log=FakeLog(live.logs, [lambda: None, lambda: None, second]))


def test_a_log_that_lost_its_beginning_is_refused() -> None:
    live = silent_live()
    heads = asyncio.run(live.store.heads())
    held = {topic: [Extent(0, 9), Extent(7 if topic == ORDERS else 0, 9)] for topic in INPUTS}
    refuse_a_log_that_lost_its_beginning(held, [0, 2], heads)
    with pytest.raises(StreamsError, match=r"Partition 1 of orders begins at offset 7.*rebuild FILE"):
        refuse_a_log_that_lost_its_beginning(held, [0, 1], heads)


def test_a_log_that_ends_before_the_state_does_is_refused() -> None:
    live = silent_live()
    heads = asyncio.run(live.store.heads())
    refuse_a_log_that_ends_before(live.held, range(BUCKETS), heads)
    live.logs[ORDERS, 1].pop()
    refuse_a_log_that_ends_before(live.held, [0, 2], heads)
    with pytest.raises(
        StreamsError, match=r"Partition 1 of orders ends at offset \d+, and bucket 1 has read up to \d+"
    ):
        refuse_a_log_that_ends_before(live.held, [0, 1], heads)


def test_files_come_before_what_is_left_of_the_log() -> None:
    live = silent_live()
    before, counted = states(live.store), totals(live.store)
    wrong = min(before)
    live.put(wrong, b"\x02no ledger")
    cut = {topic: [len(live.logs[topic, n]) // 2 for n in range(PARTITIONS)] for topic in INPUTS}
    log = FakeLog({(t, n): records[cut[t][n] :] for (t, n), records in live.logs.items()})
    past = [Record(ORDERS, e["customer_id"].encode(), json.dumps(e).encode()) for e in EVENTS]
    through = live.rebuild(files=past, log=log)
    assert differ(through) == {"damaged": 1}
    facts = {who: facts_in(blob) for who, blob in states(live.store).items()}
    assert facts == {who: facts_in(blob) for who, blob in before.items()}
    told = totals(live.store)
    assert told["applied"] == counted["applied"]
    assert told["consumed"] == told["applied"] + told["duplicate"] + told.get("dead.not_json", 0)


def facts_in(blob: bytes) -> list[int]:
    return [int(peek(blob)[name]) for name in FACTS]


def number(blob: bytes) -> int:
    return int(peek(blob).sequence)
