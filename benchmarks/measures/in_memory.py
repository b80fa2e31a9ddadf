"""The worker's pipeline without Kafka: the same log, records already in memory, the same Redis."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import NamedTuple

from benchmarks.report import Finding, Line
from benchmarks.run import Run
from benchmarks.shop import Told, customer_ids, values
from ebbtide.settings import load_settings
from ebbtide.wiring import connect_store, decode_rules, scoring_of
from scoring.hashing import buckets
from state.store import Commit, Sent, Store
from streams.clock import by_bucket, wall_us
from streams.collector import spare_the_collector
from streams.config import ORDERS, StreamsConfig
from streams.ownership import Partition, acquire
from streams.patience import Patience
from streams.pipeline import Pipeline
from streams.work import Dead, Forward, Records, Slice, Verdict

LEAST_US = 0.3  # an event; shorter steps are not shown


@dataclass(slots=True)
class Row:
    """A record as the pipeline needs it."""

    key: bytes | None
    value: bytes | None
    offset: int
    headers: Sequence[tuple[str, bytes]] = ()
    timestamp: int = 0
    partition: int = 0


class Without(NamedTuple):
    """What a run gave."""

    events_per_s: float
    cpu_us: float  # of this process, an event
    steps_us: dict[str, float]  # by step of the pipeline, an event, waiting included


class _Nobody:
    """The relay's place: everything is sent at once; and nobody to tell about refused records."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def hand_over(self, commits: Sequence[Commit]) -> None:
        """See Outbox."""
        await self._store.trim({c.bucket: Sent(c.epoch, c.head.sequence, c.outbox[-1].index) for c in commits})

    async def tell(self, dead: Sequence[Dead], forwards: Sequence[Forward]) -> None:
        """See Messages."""
        raise AssertionError(f"no such records here: {len(dead)} refused, {len(forwards)} misrouted")


async def measure(run: Run) -> Finding:
    """The same log, in the bench's own process."""
    log = await run.log()
    config = StreamsConfig(run.site.kafka, topics=run.site.topics)
    found = await without_kafka(run.site.redis_url, "in-memory", [log.history], log.backlog, config)
    steps = ", ".join(f"{step} {us:.1f}" for step, us in found.steps_us.items() if us >= LEAST_US)
    return Finding(
        [
            Line("rate", f"{found.events_per_s:,.0f} events/s", f"CPU for 10⁶ events {found.cpu_us:.1f} s"),
            Line("by step", f"{sum(found.steps_us.values()):.1f} µs", f"{steps} µs an event; waiting included"),
        ],
        found._asdict(),
    )


async def without_kafka(
    redis_url: str, namespace: str, history: Sequence[Told], backlog: Told, config: StreamsConfig
) -> Without:
    """Events a second of the backlog, on a state that holds the history."""
    settings = load_settings(redis_url=redis_url, namespace=namespace)
    store = await connect_store(settings)
    nobody, steps = _Nobody(store), Counter[str]()
    rules, scoring, patience = decode_rules(settings), scoring_of(settings), Patience()
    pipeline = Pipeline(
        store, rules, scoring, by_bucket, nobody, nobody, wall_us, patience, lambda step, s: steps.update({step: s})
    )
    partitions = config.topics.partitions
    owned = await acquire(store, range(partitions), partitions)
    ends = [0] * partitions
    for part in history:
        past = _rows(part, ends)
        await _run(pipeline, owned, past, config)
        ends = [end + len(rows) for end, rows in zip(ends, past, strict=True)]
    upcoming = _rows(backlog, ends)
    steps.clear()
    spare_the_collector()  # as a worker does
    started, cpu_s = perf_counter(), process_time()
    await _run(pipeline, owned, upcoming, config)
    spent_s, cpu_s = perf_counter() - started, process_time() - cpu_s
    await store.close()
    n = len(backlog.number)
    return Without(n / spent_s, 1e6 * cpu_s / n, {step: 1e6 * seconds / n for step, seconds in steps.items()})


def _rows(told: Told, firsts: Sequence[int]) -> list[list[Row]]:
    """The records by partition; `firsts` are the offsets with which they go on."""
    rows: list[list[Row]] = [[] for _ in firsts]
    keys = customer_ids(told)
    for number, key, value in zip((buckets(keys) % len(firsts)).tolist(), keys, values(told), strict=True):
        mine = rows[number]
        mine.append(Row(key, value, firsts[number] + len(mine)))
    return rows


async def _run(pipeline: Pipeline, owned: Sequence[Partition], rows: list[list[Row]], config: StreamsConfig) -> None:
    """Each partition's batches one after another, as many partitions at once as the worker has."""
    slots = asyncio.Semaphore(config.in_flight)

    async def lane(partition: Partition, mine: list[Row]) -> None:
        for first in range(0, len(mine), config.batch):
            work = Records([Slice(ORDERS, mine[first : first + config.batch])])
            async with slots:
                if await pipeline.run(partition, work) is not Verdict.DONE:
                    raise RuntimeError(f"partition {partition.number} was lost to somebody else")

    await asyncio.gather(*(lane(*pair) for pair in zip(owned, rows, strict=True)))
