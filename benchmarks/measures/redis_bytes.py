"""What a customer takes in Redis, by orders and by length of the id: ledger, deadline, and their share of the dictionaries."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from uuid import UUID

import numpy as np
from redis import Redis

from benchmarks.measures.kernel import LIMITS, TERMS
from benchmarks.needs import FEW_ORDERS, MANY_ORDERS
from benchmarks.report import Finding, Line, at_most
from benchmarks.run import Run
from benchmarks.shop import SEED, SPENDING
from ebbtide.embedded import Server, start_redis
from ebbtide.embedded.server import HOST, start
from scoring.hashing import buckets, identities
from scoring.layout import BUCKETS, DAY_US, EVENT, Records
from scoring.ledgers import open_ledgers, pack_ledgers, run
from state.redis_store import RedisStore
from state.store import Commit, Head

DAYS = 400
FIRST_DAY = 19_723  # 2024-01-01
WANTED_BYTES = 400


async def measure(run: Run) -> Finding:
    """By server."""
    customers = run.plan.redis_customers
    short, long = [b"c%06d" % customer for customer in range(customers)], uuids(customers)
    usual = await bytes_a_customer(short, FEW_ORDERS)
    with_uuids = await bytes_a_customer(long, FEW_ORDERS)
    with_many = await bytes_a_customer(short, MANY_ORDERS)
    lines = [
        *(
            Line(name, f"{size:.0f} bytes a customer", f"{FEW_ORDERS} orders each; {ids}", at_most(size, WANTED_BYTES))
            for ids, found in (("ids of 7 bytes", usual), ("ids of 36 bytes", with_uuids))
            for name, size in found.items()
        ),
        *(Line(name, f"{size:.0f} bytes a customer", f"{MANY_ORDERS} orders each") for name, size in with_many.items()),
    ]
    return Finding(lines, {"bytes_a_customer": usual, "with_uuids": with_uuids, "with_many_orders": with_many})


def uuids(customers: int) -> list[bytes]:
    """Ids as many shops have them."""
    chance = Random(SEED)
    return [str(UUID(int=chance.getrandbits(128), version=4)).encode() for _ in range(customers)]


async def bytes_a_customer(ids: Sequence[bytes], orders: int) -> dict[str, float]:
    """By server: the embedded one, and this machine's redis-server where there is one."""
    found = {}
    for name, server in _servers():
        with server, Redis(HOST, server.port) as client:
            about = client.info("server")
            version = about.get("valkey_version", about["redis_version"])  # Valkey tells the Redis it speaks like, too
            store = await RedisStore.connect(server.url, "bench")
            epochs = {o.bucket: o.epoch for o in await store.acquire(range(BUCKETS))}
            before = client.info("memory")["used_memory"]  # scripts and empty heads are no customer's
            await _write(store, epochs, ids, orders)
            found[f"{name} {version}"] = (client.info("memory")["used_memory"] - before) / len(ids)
            await store.close()
    return found


def _servers() -> Iterator[tuple[str, Server]]:
    yield "the embedded Valkey", start_redis()
    binary = shutil.which("redis-server")
    if binary is not None:
        yield "this machine's redis-server", _system_redis(binary)


def _system_redis(binary: str) -> Server:
    def command(port: int, mark: str) -> Sequence[str]:
        return [binary, "--bind", HOST, "--port", str(port), "--save", "", "--syslog-ident", mark]

    return start("redis", None, command, b"CONFIG GET syslog-ident\r\n")


async def _write(store: RedisStore, epochs: Mapping[int, int], ids: Sequence[bytes], orders: int) -> None:
    """One order of everybody after another, each written as the worker writes it."""
    customers = len(ids)
    bucket_of = buckets(ids)
    members = [np.flatnonzero(bucket_of == bucket).tolist() for bucket in range(BUCKETS)]
    blobs: list[bytes | None] = [None] * customers
    for sequence, events in enumerate(_orders(customers, orders), 1):
        ledgers = open_ledgers(blobs, np.ones(customers, np.int64))
        run(ledgers, events, TERMS, TERMS, LIMITS)
        packed = pack_ledgers(ledgers)
        dues = ledgers.headers["due_us"].tolist()
        head = Head(sequence, {"orders": sequence * customers}, int(events["at_us"].max()), {"applied": sequence})
        await store.commit(
            [
                Commit(
                    bucket,
                    epochs[bucket],
                    head,
                    [(ids[c], packed[c]) for c in members[bucket]],
                    [(ids[c], dues[c]) for c in members[bucket]],
                    [],
                )
                for bucket in range(BUCKETS)
            ]
        )
        blobs = list(packed)


def _orders(customers: int, orders: int) -> Iterator[Records]:
    chance = np.random.default_rng(SEED)
    usual = 100 * chance.lognormal(*SPENDING, customers)
    days = np.sort(chance.integers(0, DAYS, (orders, customers)), axis=0)
    for number in range(orders):
        events = np.zeros(customers, EVENT)
        events["customer"] = np.arange(customers)
        events["group"] = identities([b"oo%d" % (number * customers + c) for c in range(customers)])
        events["at_us"] = (FIRST_DAY + days[number]) * DAY_US + chance.integers(0, 86_400, customers) * 1_000_000
        events["now_us"] = events["at_us"]
        events["amount"] = usual * chance.gamma(4.0, 0.25, customers) + 1
        yield events
