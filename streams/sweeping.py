"""Customers whom a new version moves although nothing else touches them: found, and looked at as of when it came into force."""

from collections.abc import AsyncIterator, Sequence

import numpy as np

from scoring.errors import LedgerCorruptError
from scoring.hashing import buckets as buckets_of
from scoring.layout import Tier
from scoring.ledgers import open_ledgers
from state.store import Store
from streams.versions import Versions
from streams.work import Sweep

AT_ONCE = 500  # customers in one piece of work: live events wait for no more
READ_AT_ONCE = 4_000
TOGETHER = 32  # buckets


async def sweeps(
    store: Store, buckets: Sequence[int], versions: Versions, at_once: int = AT_ONCE
) -> AsyncIterator[Sweep]:
    """Work for all customers of these buckets who were not yet looked at under the newest terms; marks each bucket when done.

    Whoever comes while this reads is looked at under the terms in force by what brings them.
    """
    terms = versions.new.terms
    customers: list[tuple[int, bytes]] = []
    swept: dict[int, int] = {}
    for first in range(0, len(buckets), TOGETHER):
        together = buckets[first : first + TOGETHER]
        async for part in parts(store, together):
            ids = behind(part, terms.number)
            customers += zip(buckets_of(ids).tolist(), ids, strict=True)
            while len(customers) >= at_once:
                yield Sweep(customers[:at_once], terms.from_us, swept)
                customers, swept = customers[at_once:], {}
        swept |= dict.fromkeys(
            together, terms.number
        )  # their last customers are in the next piece, or in the one before
    yield Sweep(customers, terms.from_us, swept)


async def parts(store: Store, buckets: Sequence[int]) -> AsyncIterator[list[tuple[bytes, bytes]]]:
    """Every customer of these buckets, many at a time."""
    part: list[tuple[bytes, bytes]] = []
    async for customer in store.states(*buckets):
        part.append(customer)
        if len(part) == READ_AT_ONCE:
            yield part
            part = []
    yield part


def behind(customers: Sequence[tuple[bytes, bytes]], number: int) -> list[bytes]:
    """Those who have a tier and were last looked at under terms before these; of whom the ledger is damaged, not."""
    if not customers:
        return []
    blobs = [blob for _, blob in customers]
    try:
        headers = open_ledgers(blobs, np.zeros(len(blobs), np.int64)).headers
    except LedgerCorruptError as error:
        damaged = set(error.indices)
        return behind([pair for i, pair in enumerate(customers) if i not in damaged], number)
    met = (headers["terms"] < number) & (headers["tier"] != Tier.NONE)
    return [customers[i][0] for i in np.flatnonzero(met).tolist()]
