"""The stores that the contract suite runs over: in memory, simulated, embedded Valkey, the system's Redis, a cluster of three."""

import secrets
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import count
from typing import Protocol

import pytest

from ebbtide.embedded import Server, start_redis
from state.redis_store import RedisStore
from state.store import Store
from tests.fakes.memory_store import MemoryStore
from tests.simulation.redis_engine import Engine, NoDistance
from tests.support.redis_servers import dump, restore, running_cluster, start_system_redis


class Subject(Protocol):
    """A store under test, and the hand that makes what it stands on fall back."""

    @property
    def store(self) -> Store: ...

    def remember(self) -> None: ...

    def rollback(self) -> None: ...

    def wipe(self) -> None: ...


class InMemory:
    def __init__(self) -> None:
        self.store = MemoryStore()
        self.remember, self.rollback, self.wipe = self.store.remember, self.store.rollback, self.store.wipe


class OnServers:
    def __init__(self, store: RedisStore, servers: Sequence[Server]) -> None:
        self.store = store
        self._servers = servers
        self._remembered: list[dict[bytes, bytes]] = []

    def remember(self) -> None:
        self._remembered = dump(self._servers)

    def rollback(self) -> None:
        restore(self._servers, self._remembered)

    def wipe(self) -> None:
        restore(self._servers, [{} for _ in self._servers])


class Simulated:
    """The simulation's model of a Redis, which has to keep what the real ones keep."""

    def __init__(self) -> None:
        ticks = count(1)
        self._engine = Engine(lambda: 1_780_000_000 + next(ticks) / 1_000_000, {})
        self.store = RedisStore(NoDistance(self._engine), "test", "the simulation")
        self._remembered_s = 0.0

    def remember(self) -> None:
        [seconds, fraction] = self._engine.run(("TIME",))
        self._remembered_s = int(seconds) + int(fraction) / 1_000_000

    def rollback(self) -> None:
        self._engine.keys.fall_back(self._remembered_s)

    def wipe(self) -> None:
        self._engine.keys.fall_back(0.0)


@pytest.fixture(scope="session")
def embedded() -> Iterator[list[Server]]:
    with start_redis() as server:
        yield [server]


@pytest.fixture(scope="session")
def system() -> Iterator[list[Server]]:
    with start_system_redis() as server:
        yield [server]


@pytest.fixture(scope="session")
def cluster() -> Iterator[list[Server]]:
    with running_cluster() as servers:
        yield servers


@pytest.fixture(params=["embedded", "system", "cluster"])
def servers(request: pytest.FixtureRequest) -> list[Server]:
    """Each kind of server in turn."""
    started: list[Server] = request.getfixturevalue(request.param)
    return started


@pytest.fixture(params=["memory", "simulated", "embedded", "system", "cluster"])
async def subject(request: pytest.FixtureRequest) -> AsyncIterator[Subject]:
    """Each kind of store in turn, empty."""
    if request.param == "memory":
        yield InMemory()
        return
    if request.param == "simulated":
        yield Simulated()
        return
    started: list[Server] = request.getfixturevalue(request.param)
    store = await RedisStore.connect(started[0].url, f"test-{secrets.token_hex(4)}")
    yield OnServers(store, started)
    await store.close()


@pytest.fixture
def store(subject: Subject) -> Store:
    return subject.store
