"""How each customer stands in a namespace, read straight from Redis, and whether that is what was told of them."""

import asyncio
from collections.abc import Collection, Mapping
from typing import NamedTuple

from scoring.layout import BUCKETS, NEVER_US
from scoring.ledgers import peek
from state.redis_store import RedisStore
from streams.events.messages import TIERS
from tests.soak.told import Told
from tests.support.deadlines import unnoticed
from tests.support.world import World

MANY = 10**9


class Stand(NamedTuple):
    """What is stored of one customer: the ledger, and when the due index has silence looked at."""

    ledger: bytes  # as it is stored: facts, value, tier, numbers, deadline
    indexed_us: int  # NEVER_US: it does not

    def tells(self) -> tuple[str | None, int, int]:
        """Tier, number of the last change, number of the last alert."""
        header = peek(self.ledger)
        return TIERS[int(header["tier"])], int(header["sequence"]), int(header["alerts"])

    def oversleeps(self) -> bool:
        """Whether silence that changes something would go unnoticed."""
        return unnoticed(self.indexed_us, int(peek(self.ledger)["due_us"]))


def stands(world: World, namespace: str) -> dict[str, Stand]:
    """By customer."""
    return asyncio.run(_stands(world.env["EBBTIDE_REDIS_URL"], namespace))


def otherwise_told(here: Mapping[str, Stand], changes: Told, alerts: Told, spoilt: Collection[str]) -> int:
    """Customers of whom the last that was told is not the last there is. Numbers of `spoilt` ones may be left out."""
    found = 0
    for customer in {*here, *changes.last, *alerts.last}:
        stored = here[customer].tells() if customer in here else (None, 0, 0)
        told = changes.stands.get(customer), changes.last.get(customer, 0), alerts.last.get(customer, 0)
        found += stored[0] != told[0] if customer in spoilt else stored != told
    return found


def apart(one: Mapping[str, Stand], other: Mapping[str, Stand], spoilt: Collection[str]) -> list[str]:
    """Customers whose ledgers are others there, if by a byte; but for `spoilt` ones."""
    ledgers, others = ({customer: stand.ledger for customer, stand in side.items()} for side in (one, other))
    return sorted(c for c in {*ledgers, *others} - {*spoilt} if ledgers.get(c) != others.get(c))


async def _stands(url: str, namespace: str) -> dict[str, Stand]:
    store = await RedisStore.connect(url, namespace)
    try:
        due = {one.customer_id: one.due_us for one in (await store.due(range(BUCKETS), NEVER_US, MANY))[0]}
        return {
            customer.decode(): Stand(ledger, due.get(customer, NEVER_US))
            async for customer, ledger in store.states(*range(BUCKETS))
        }
    finally:
        await store.close()
