"""A state that workers made of logs in memory, and what may be done to it: rebuilt, tampered with, given more partitions."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from scoring.hashing import bucket_of, buckets
from scoring.layout import BUCKETS
from scoring.ledgers import open_ledgers, pack_ledgers
from state.store import Store
from streams.broker.lag import Extent, Extents
from streams.clock import by_bucket, by_event
from streams.config import INPUTS, INTERACTIONS, ORDERS, TIER_CHANGES, ClockKind
from streams.events.facts import DecodeRules
from streams.history.sources.source import Record
from streams.rebuild.files import batches
from streams.rebuild.merging import Merge
from streams.rebuild.rebuild import Rebuild
from streams.rebuild.settling import Settled
from streams.rebuild.shadow import Shadow
from streams.stages import begun
from streams.work import Records, Slice, Verdict
from tests.fakes.memory_store import MemoryStore
from tests.support.fold import microseconds
from tests.support.pipelines import SCORING, Bench, Ears, Line, lines
from tests.support.shop_log import shop_log

PARTITIONS = 2
EVENTS = shop_log(600, 60)
SILENT_US = microseconds("2026-09-01T00:00:00Z")
Logs = dict[tuple[str, int], list[Line]]


class FakeLog:
    """A Log over lists; `before` runs ahead of each reading."""

    def __init__(self, logs: Logs, before: Sequence[Any] = ()) -> None:
        self.logs = logs
        self.before = list(before)

    async def read(
        self, partition: int, starts: Mapping[str, int], ends: Mapping[str, int]
    ) -> AsyncIterator[list[Slice]]:
        if self.before:
            self.before.pop(0)()
        merge = Merge(list(ends))
        for topic, end in ends.items():
            merge.put(topic, [r for r in self.logs[topic, partition] if starts[topic] <= r.offset < end])
            merge.end(topic)
        while batch := merge.take(100):
            yield batch


def logs_of(events: Sequence[Mapping[str, Any]], partitions: int = PARTITIONS) -> Logs:
    """Events where they belong, at the broker's time of the latest so far; every hundredth misrouted, and one is none."""
    logs: Logs = {(topic, number): [] for topic in INPUTS for number in range(partitions)}
    homes = (buckets([event["customer_id"].encode() for event in events]) % partitions).tolist()
    at_us = 0
    for i, (event, home) in enumerate(zip(events, homes, strict=True)):
        at_us = max(at_us, microseconds(event["occurred_at"]))
        partition = home if i % 100 else (home + 1) % partitions
        log = logs[ORDERS if i % 3 else INTERACTIONS, partition]
        [line] = lines([event], len(log))
        line.timestamp = at_us // 1000
        log.append(line)
    logs[ORDERS, 0] += lines([b"{"], len(logs[ORDERS, 0]))
    return logs


class Live:
    """A state that workers made of the logs, forwards included."""

    def __init__(
        self,
        logs: Logs,
        clock: ClockKind = "wall",
        partitions: int = PARTITIONS,
        store: MemoryStore | None = None,
    ) -> None:
        self.store = store or MemoryStore()
        self.clock: ClockKind = clock
        rule = by_event if clock == "wall" else by_bucket
        self.logs = logs
        self.benches = [Bench(self.store, number=n, partitions=partitions, clock=rule) for n in range(partitions)]

    def work(self) -> "Live":
        """Apply all that is there, and what that forwards."""
        for bench in self.benches:
            self.feed(bench)
        for bench in self.benches:
            self.deliver(bench.ears)
        for bench in self.benches:
            self.feed(bench)
            bench.settle()
        return self

    def deliver(self, ears: Ears) -> None:
        """What was forwarded, at the end of its partition."""
        newest = max(line.timestamp for log in self.logs.values() for line in log)
        for forward in ears.forwards:
            log = self.logs[forward.topic, forward.partition]
            log.append(Line(forward.record.value, forward.customer_id, len(log), (), newest))
        ears.forwards.clear()

    def feed(self, bench: Bench, share: float = 1.0) -> None:
        """As a worker reads that is never behind."""
        number = bench.owned.number
        ends = {topic: int(len(self.logs[topic, number]) * share) for topic in INPUTS}

        async def feed() -> None:
            async for slices in FakeLog(self.logs).read(number, dict(bench.owned.read), ends):
                assert await bench.pipeline.run(bench.owned, Records(slices)) is Verdict.DONE

        asyncio.run(feed())

    @property
    def told(self) -> list[dict[str, Any]]:
        return [change for bench in self.benches for change in bench.ears.changes]

    @property
    def held(self) -> Extents:
        """What the log holds."""
        return {t: [Extent(0, len(self.logs[t, n])) for n in range(len(self.benches))] for t in INPUTS}

    def put(self, customer_id: bytes, blob: bytes | None) -> None:
        """Tamper: other bytes, or none."""
        held = self.store._buckets[bucket_of(customer_id)].states
        held.pop(customer_id, None)
        held.update({customer_id: blob} if blob is not None else {})

    def rebuild(
        self,
        wanted: Sequence[int] = range(BUCKETS),
        *,
        dry: bool = False,
        log: FakeLog | None = None,
        files: Sequence[Record] = (),
    ) -> list[Settled]:
        """What is told of each bucket."""
        through: list[Settled] = []
        held = self.held

        async def run() -> None:
            shadow = Shadow(self.store.shadow(dry), DecodeRules(), SCORING, self.clock)
            chosen = begun(await self.store.heads(), wanted)
            await shadow.begin(chosen)
            if files:
                await shadow.files(chosen, batches(files, DecodeRules()))
            rebuild = Rebuild(
                self.store, shadow, log or FakeLog(self.logs), held, SCORING, self.clock, through.append, dry
            )
            try:
                for number in range(len(self.benches)):
                    if here := [b for b in chosen if b % len(self.benches) == number]:
                        await rebuild.run(here)
            finally:
                await shadow.end()

        asyncio.run(run())
        return through


def changed(blob: bytes, **fields: int) -> bytes:
    """A ledger that says something else."""
    ledgers = open_ledgers([blob], [0])  # type: ignore[arg-type]
    for name, value in fields.items():
        ledgers.headers[name] = value
    return pack_ledgers(ledgers)[0]


def outbox(store: Store) -> list[dict[str, Any]]:
    found = asyncio.run(store.outbox(range(BUCKETS), 1000))
    return [json.loads(e.value) for entries in found.values() for e in entries if e.topic == TIER_CHANGES]


def differ(through: Sequence[Settled]) -> dict[str, int]:
    total: dict[str, int] = {}
    for settled in through:
        for what, count in settled.counts.items():
            total[what] = total.get(what, 0) + count
    return total
