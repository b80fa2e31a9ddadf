"""States made without a log: ledgers that the kernel wrote, committed as a worker commits them, millions in seconds."""

import asyncio
import os
from collections.abc import Sequence

import numpy as np

from benchmarks.measures.kernel import LIMITS, TERMS
from benchmarks.shop import FIRST_US, SEED, Past, Shop
from benchmarks.site import Site
from scoring.hashing import buckets
from scoring.layout import BUCKETS, EVENT, Ints, Kind
from scoring.ledgers import open_ledgers, pack_ledgers, run
from state.redis_store import RedisStore
from state.store import Commit, Head

AT_ONCE = 50_000  # customers
TIMEOUT_S = 60.0


async def fill(site: Site, shop: Shop, customers: int, orders: int) -> None:
    """The shop's customers with so many orders each, as they stand where its log begins."""
    store = await RedisStore.connect(site.redis_url, site.namespace, TIMEOUT_S)
    filler = Filler(store)
    await filler.own()
    firsts = list(range(0, customers, AT_ONCE))
    parts = [shop.before(first, min(first + AT_ONCE, customers), orders) for first in firsts]
    cores = os.cpu_count() or 1  # the kernel lets go of the GIL
    for start in range(0, len(parts), cores):
        made = (asyncio.to_thread(ledgers_of, part, FIRST_US) for part in parts[start : start + cores])
        for first, (ledgers, dues_us) in zip(firsts[start:], await asyncio.gather(*made), strict=False):
            ids = [b"c%06d" % customer for customer in range(first, first + len(ledgers))]
            await filler.write(ids, ledgers, dues_us, FIRST_US)
    await store.close()


def ledgers_of(past: Past, now_us: int) -> tuple[list[bytes], Ints]:
    """Packed ledgers after these orders and the silence up to `now_us`, and their deadlines, shape (customers,)."""
    orders, customers = past.at_us.shape
    events = np.zeros((orders + 1, customers), EVENT)
    events["customer"] = np.arange(customers)
    events["group"] = np.random.default_rng(SEED).integers(0, 2**64, events.shape, np.uint64)  # as hashes lie
    events["at_us"][:orders] = events["now_us"][:orders] = past.at_us
    events["amount"][:orders] = past.amount
    events["at_us"][orders] = events["now_us"][orders] = now_us
    events["kind"][orders] = Kind.TICK
    ledgers = open_ledgers([None] * customers, np.full(customers, orders))
    run(ledgers, events.reshape(-1), TERMS, TERMS, LIMITS)
    return pack_ledgers(ledgers), ledgers.headers["due_us"].copy()


class Filler:
    """Owns all buckets and writes them."""

    def __init__(self, store: RedisStore) -> None:
        self._store = store
        self._epochs: dict[int, int] = {}
        self._sequences: dict[int, int] = {}

    async def own(self) -> None:
        """Take the buckets over."""
        owned = await self._store.acquire(range(BUCKETS))
        self._epochs = {one.bucket: one.epoch for one in owned}
        self._sequences = {one.bucket: one.head.sequence for one in owned}

    async def write(self, ids: Sequence[bytes], ledgers: Sequence[bytes], dues_us: Ints, clock_us: int) -> None:
        """One more commit of each of their buckets; positions stay at the beginning of the log."""
        states, dues = list(zip(ids, ledgers, strict=True)), list(zip(ids, dues_us.tolist(), strict=True))
        members: dict[int, list[int]] = {}
        for i, bucket in enumerate(buckets(ids).tolist()):
            members.setdefault(bucket, []).append(i)
        commits = []
        for bucket, mine in members.items():
            self._sequences[bucket] += 1
            head = Head(self._sequences[bucket], {}, clock_us, {})
            commits.append(
                Commit(bucket, self._epochs[bucket], head, [states[i] for i in mine], [dues[i] for i in mine], [])
            )
        await self._store.commit(commits)
