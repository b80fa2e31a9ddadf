"""Where everything of a run happens: one broker, one Redis, one log; and how the log gets onto the broker."""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from time import monotonic
from typing import NamedTuple

from benchmarks.processes import listening_on
from benchmarks.shop import Told, customer_ids, values
from ebbtide.embedded import Server, start_broker, start_redis
from scoring.hashing import buckets
from state.redis_store import RedisStore
from streams.broker.publishing import Message, Publisher
from streams.broker.topics import ensure_topics
from streams.config import ORDERS, Topics
from streams.patience import Patience
from tests.support.kafka_broker import VERSION, start_kafka

NAMESPACE = "bench"
PARTITIONS = 8
AT_ONCE = 20_000
ENDS_WITHIN_S = 20.0


class Site(NamedTuple):
    """The addresses and processes of a run."""

    broker: str  # its name
    kafka: str
    redis_url: str
    broker_pid: int
    redis_pid: int


class Count(NamedTuple):
    """What the heads of all buckets say."""

    consumed: int
    tier_changes: int
    silence_changes: int


@contextmanager
def open_site() -> Iterator[Site]:
    """Start the servers; they end with the run."""
    name, broker = _best_broker()
    with broker, start_redis() as redis:
        site = Site(name, broker.address, redis.url, listening_on(broker.port), listening_on(redis.port))
        asyncio.run(ensure_topics(site.kafka, Topics(partitions=PARTITIONS)))
        yield site


def _best_broker() -> tuple[str, Server]:
    """Apache Kafka where this machine can run it."""
    if shutil.which("java") and shutil.which("mvn"):
        return f"Apache Kafka {VERSION}", start_kafka()
    return "the embedded broker", start_broker()


async def produce(site: Site, told: Told) -> None:
    """Append these orders to the topic, each in its customer's partition."""
    publisher = Publisher(site.kafka, Patience())
    await publisher.start()
    keys = customer_ids(told)
    places = (buckets(keys) % PARTITIONS).tolist()
    messages = [Message(ORDERS, *row, []) for row in zip(places, keys, values(told), strict=True)]
    for first in range(0, len(messages), AT_ONCE):
        await publisher.publish(messages[first : first + AT_ONCE])
    await publisher.stop()


@asynccontextmanager
async def running_worker(site: Site) -> AsyncIterator[Process]:
    """`ebbtide worker` as a process of its own; ended with SIGTERM."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EBBTIDE_")} | {
        "EBBTIDE_KAFKA": site.kafka,
        "EBBTIDE_REDIS_URL": site.redis_url,
        "EBBTIDE_NAMESPACE": NAMESPACE,
        "EBBTIDE_CLOCK": "stream",  # the log lies in the past; so silence acts in the log's own time
    }
    with tempfile.TemporaryFile() as log:
        command = [sys.executable, "-m", "ebbtide", "worker"]
        worker = await asyncio.create_subprocess_exec(*command, env=environment, stdout=log, stderr=log)
        try:
            yield worker
        finally:
            ended = worker.returncode is not None
            with contextlib.suppress(ProcessLookupError):
                worker.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(worker.wait(), ENDS_WITHIN_S)
            except TimeoutError:
                worker.kill()
                await worker.wait()
            if ended:
                log.seek(0)
                raise RuntimeError(f"the worker ended by itself: {log.read()[-2000:].decode(errors='replace')}")


@asynccontextmanager
async def open_store(site: Site) -> AsyncIterator[RedisStore]:
    """The worker's state, to look at."""
    store = await RedisStore.connect(site.redis_url, NAMESPACE)
    try:
        yield store
    finally:
        await store.close()


async def count(store: RedisStore) -> Count:
    """Look at the heads."""
    heads = (await store.heads()).values()
    return Count(*(sum(head.counters.get(name, 0) for head in heads) for name in Count._fields))


async def wait_for(store: RedisStore, consumed: int, worker: Process, within_s: float) -> None:
    """Until so many events are committed in all."""
    give_up = monotonic() + within_s
    while (await count(store)).consumed < consumed:
        if worker.returncode is not None or monotonic() > give_up:
            raise RuntimeError(f"the worker does not reach {consumed} events: {await count(store)}")
        await asyncio.sleep(0.05)
