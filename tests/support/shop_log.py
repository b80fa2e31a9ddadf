"""A seeded log of orders as a shop's producers would send it: refunds, cancellations, repeats, late arrivals."""

import json
import random
from typing import Any

from tests.support.logs import time_of

Event = dict[str, Any]
MINUTE_US = 60_000_000
LATE_US = 3 * 86_400_000_000


def shop_log(n: int, customers: int, seed: int = 20) -> list[Event]:
    """n bare events of orders, a minute apart: 3% refunds, 1% cancellations, 1% repeats, 2% late by up to three days."""
    chance = random.Random(seed)
    log: list[Event] = []
    for i in range(n):
        fate, event = chance.random(), _order(i, chance.randrange(customers), chance)
        if log and fate < 0.05:
            event = _about(chance.choice(log[-5000:]), i, fate, chance)
        log.append(event)
    return log


def _order(i: int, customer: int, chance: random.Random) -> Event:
    late_us = chance.randrange(LATE_US) if chance.random() < 0.02 else 0
    amount = chance.randrange(500, 20_000)
    return {
        "id": f"e{i}",
        "type": "order.placed",
        "customer_id": f"customer-{customer}",
        "occurred_at": time_of(max(0, i * MINUTE_US - late_us)),
        "order_id": f"o{i}",
        "amount": f"{amount / 100:.2f}",
        "cost": f"{amount // 2 / 100:.2f}",
    }


def _about(earlier: Event, i: int, fate: float, chance: random.Random) -> Event:
    """A repeat of an earlier event, or a refund or cancellation of its order."""
    if fate < 0.01 or earlier["type"] != "order.placed":
        return earlier
    common = {key: earlier[key] for key in ("customer_id", "order_id")} | {
        "id": f"e{i}",
        "occurred_at": time_of(i * MINUTE_US),
    }
    if fate < 0.02:
        return common | {"type": "order.cancelled"}
    return common | {"type": "order.refunded", "refund_id": f"r{i}", "amount": f"{chance.randrange(1, 200)}.00"}


def as_bytes(event: Event) -> bytes:
    return json.dumps(event).encode()
