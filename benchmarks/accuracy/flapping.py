"""How often a tier change is undone within 30 days, in a replay with live boundaries by share of profit."""

from typing import NamedTuple

import numpy as np
from msgspec import json

from benchmarks.accuracy.shops import Shop
from ebbtide.embedded import start_redis
from ebbtide.tiers_file import TIERS
from ebbtide.wiring import decode_rules, scoring_of
from scoring.boundaries.flaps import Flaps, flaps
from scoring.layout import Ints, Tier
from state.redis_store import RedisStore
from streams.events.out import TierChanged
from streams.history.reading import read_history
from streams.history.replay import Change, Replay


class Flapping(NamedTuple):
    """Of one shop."""

    shop: str
    customers: int
    flaps: Flaps


async def flapping(shop: Shop) -> Flapping:
    """Replay the shop as `ebbtide replay` does, and count."""
    rules = decode_rules(shop.settings)
    history = read_history(shop.records, rules)
    told: list[Change] = []
    with start_redis() as redis:
        store = await RedisStore.connect(redis.url, "flaps")
        try:
            run = Replay(store, rules, scoring_of(shop.settings, muted=True), told.extend, lambda _done: None)
            await run.run(history)
        finally:
            await store.close()
    decode = json.Decoder(TierChanged).decode
    changes = [decode(one.value) for one in told]
    index: dict[bytes, int] = {}
    customer = np.array([index.setdefault(one.customer_id, len(index)) for one in told], np.int64)
    at_us = np.array([one.at_us for one in told], np.int64)
    before, after = _tiers([one.from_.tier for one in changes]), _tiers([one.to.tier for one in changes])
    return Flapping(shop.name, len(index), flaps(customer, at_us, before, after))


def _tiers(names: list[str | None]) -> Ints:
    return np.array(
        [int(Tier.NONE) if name is None else TIERS.index(name) + int(Tier.LOSS) for name in names], np.int64
    )
