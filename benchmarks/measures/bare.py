"""What a loop costs that only reads, or only reads and stores: aiokafka, a JSON decoder, and one small value a customer.

The second is the least that keeps anything: for each batch of 5,000 the distinct customers' values are got and set, as many
batches in flight as the worker has, packed by hiredis as the worker packs. It tells no duplicates apart, scores nothing, has no
position with the state, and two batches may overwrite one another.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from time import perf_counter, process_time
from typing import Any, NamedTuple

import msgspec
import uvloop
from aiokafka import AIOKafkaConsumer, TopicPartition
from redis.asyncio.connection import parse_url

from benchmarks.report import Finding, Line, Target, at_least
from benchmarks.run import Run
from benchmarks.site import PARTITIONS, Site
from state.wire import ServerWire
from streams.broker.ingest import FETCH_BYTES
from streams.collector import spare_the_collector
from streams.config import ORDERS, StreamsConfig

WANTED = 0.5  # the worker's share of the rate of the loop that stores
VALUE = b"." * 59  # an average ledger of a shop that keeps counts and sums
TIMEOUT_S = 10.0
MOST_EMPTY = 30  # answers of a second each, one after another: the log is shorter than it should be


class Bare(NamedTuple):
    """What a loop did; CPU of its own process."""

    events_per_s: float
    cpu_us: float


class _Order(msgspec.Struct, gc=False):
    """What anybody would read of an order."""

    id: str
    customer_id: str
    type: str
    occurred_at: str
    order_id: str
    amount: str = "0"


async def measure(run: Run) -> Finding:
    """Both loops over the same log, each in a process of its own."""
    log = await run.log()
    loop = asyncio.get_running_loop()
    found = {}
    for name, stores in (("reads", False), ("stores", True)):
        with ProcessPoolExecutor(1, get_context("spawn")) as elsewhere:
            found[name] = await loop.run_in_executor(elsewhere, run_loop, run.site, log.events, stores)
    worker_per_s = run.figure("worker", "events_per_s")
    reads, stores_too = found["reads"], found["stores"]
    ratio = worker_per_s / stores_too.events_per_s
    return Finding(
        [
            _line("getmany + decode", reads, worker_per_s),
            _line("getmany + decode + MGET + MSET", stores_too, worker_per_s, at_least(ratio, WANTED)),
        ],
        {name: one._asdict() for name, one in found.items()}
        | {"worker_to_reads": worker_per_s / reads.events_per_s, "worker_to_stores": ratio},
    )


def _line(name: str, bare: Bare, worker_per_s: float, target: Target | None = None) -> Line:
    of = f"the worker: {worker_per_s / bare.events_per_s:.2f} of it; CPU for 10⁶ events {bare.cpu_us:.1f} s"
    return Line(name, f"{bare.events_per_s:,.0f} events/s", of, target)


def run_loop(site: Site, events: int, stores: bool) -> Bare:
    """Over this many events from the beginning of the topic; runs in a process of its own."""
    spare_the_collector()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_loop(site, events, stores))


async def _loop(site: Site, events: int, stores: bool) -> Bare:
    config, wire = StreamsConfig(site.kafka), ServerWire(dict(parse_url(site.redis_url)), TIMEOUT_S)
    await wire.send([("PING",)])
    consumer = AIOKafkaConsumer(bootstrap_servers=site.kafka, max_partition_fetch_bytes=FETCH_BYTES)
    await consumer.start()
    started_s, started_cpu_s = perf_counter(), process_time()  # before the consumer reads ahead
    consumer.assign([TopicPartition(site.topics.full(ORDERS), number) for number in range(PARTITIONS)])
    await consumer.seek_to_beginning()
    slots, work = asyncio.Semaphore(config.in_flight), partial(_work, wire, stores)
    done = empty = 0
    async with asyncio.TaskGroup() as tasks:
        while done < events:
            await slots.acquire()
            found = await consumer.getmany(timeout_ms=1_000, max_records=config.batch)
            records = [record for part in found.values() for record in part]
            empty = 0 if records else empty + 1
            if empty > MOST_EMPTY:
                raise RuntimeError(f"nothing came any more behind {done:,} of {events:,} events")
            done += len(records)
            task = tasks.create_task(work(records))
            task.add_done_callback(lambda _: slots.release())
    spent_s, cpu_s = perf_counter() - started_s, process_time() - started_cpu_s
    await wire.close()
    await consumer.stop()
    return Bare(done / spent_s, 1e6 * cpu_s / done)


async def _work(wire: ServerWire, stores: bool, records: Sequence[Any]) -> None:
    decode = msgspec.json.Decoder(_Order).decode
    for record in records:
        decode(record.value)
    if stores and records:
        keys = list({record.key for record in records})
        await wire.send([("MGET", *keys)])
        pairs = [VALUE] * (2 * len(keys))
        pairs[::2] = keys
        await wire.send([("MSET", *pairs)])
