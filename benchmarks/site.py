"""Where everything of a run happens: one broker, one Redis; and how a log gets onto the broker."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from redis import Redis

from benchmarks.processes import listening_on
from benchmarks.shop import Told, customer_ids, values
from ebbtide.embedded import Server, start_broker, start_redis
from scoring.hashing import buckets
from state.keys import keys_of
from streams.broker.publishing import Message, Publisher
from streams.broker.topics import ensure_topics
from streams.config import ORDERS, Topics
from streams.patience import Patience
from tests.support.kafka_broker import VERSION, start_kafka

NAMESPACE = "bench"
PARTITIONS = 8
FIXED_TIERS = Path(__file__).with_name("fixed_tiers.toml")
AT_ONCE = 20_000


class Site(NamedTuple):
    """The addresses and processes of a run, and the names under which a measure has its topics and its state."""

    broker: str  # its name
    kafka: str
    redis_url: str
    broker_pid: int
    redis_pid: int
    namespace: str = NAMESPACE
    prefix: str = ""  # of topics

    @property
    def topics(self) -> Topics:
        """Their names, and how many partitions each has."""
        return Topics(self.prefix, PARTITIONS)

    async def apart(self, name: str) -> "Site":
        """The same servers under other names: topics of its own, a state of its own, both empty."""
        site = self._replace(namespace=name, prefix=f"{name}-")
        await ensure_topics(site.kafka, site.topics)
        return site

    def forget(self) -> None:
        """Remove the state, so that it is neither held nor scanned while others are measured."""
        with Redis.from_url(self.redis_url) as client:
            client.unlink(*(key for keys in keys_of(self.namespace) for key in keys[:5]))


@contextmanager
def open_site() -> Iterator[Site]:
    """Start the servers; they end with the run."""
    name, broker = _best_broker()
    with broker, start_redis() as redis:
        site = Site(name, broker.address, redis.url, listening_on(broker.port), listening_on(redis.port))
        asyncio.run(ensure_topics(site.kafka, site.topics))
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
    topic = site.topics.full(ORDERS)
    messages = [Message(topic, *row, []) for row in zip(places, keys, values(told), strict=True)]
    for first in range(0, len(messages), AT_ONCE):
        await publisher.publish(messages[first : first + AT_ONCE])
    await publisher.stop()
