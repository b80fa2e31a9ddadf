"""The brokers and the Redis that integration tests share; each test has topics and a namespace of its own."""

from collections.abc import AsyncIterator, Iterator
from itertools import count

import pytest

from ebbtide.embedded import Server, start_broker, start_redis
from streams.config import StreamsConfig, Topics
from tests.support.kafka_broker import start_kafka
from tests.support.workers import Shop, shop

_names = count()
BROKERS = {"embedded": (start_broker, 2.0), "kafka": (start_kafka, 6.0)}  # and the shortest session that serves


@pytest.fixture(scope="session", params=list(BROKERS))
def broker(request: pytest.FixtureRequest) -> Iterator[tuple[Server, float]]:
    start, session_s = BROKERS[request.param]
    with start() as server:
        yield server, session_s


@pytest.fixture(scope="session")
def kafka() -> Iterator[str]:
    """The address of an embedded broker, for what needs no worker."""
    with start_broker() as server:
        yield server.address


@pytest.fixture(scope="session")
def redis() -> Iterator[Server]:
    with start_redis() as server:
        yield server


@pytest.fixture
async def here(broker: tuple[Server, float], redis: Server) -> AsyncIterator[Shop]:
    server, session_s = broker
    name = f"test{next(_names)}"
    config = StreamsConfig(
        kafka=server.address,
        namespace=name,
        topics=Topics(f"{name}.", 4),
        session_timeout_s=session_s,
        stall_after_s=30.0,
    )
    async with shop(config, redis.url) as opened:
        yield opened
