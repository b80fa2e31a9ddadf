"""Some months of a small shop, a pure function of the seed: enough customers for a census."""

import random
from typing import Any

from streams.events.instants import instant_us
from streams.events.text import time_text

START_US = instant_us("2024-01-03T00:00:00Z", None, None)
BUYERS = 150


def shop(days: int = 70, seed: int = 3) -> list[dict[str, Any]]:
    """Some buy often and much, most rarely and little, on whole hours; and each midnight six come for the first time."""
    chance = random.Random(seed)
    events = [bought(f"night{day}.{n}", day, 900.0) for day in range(days) for n in range(6)]
    for who in range(BUYERS):
        gap, amount = chance.uniform(3, 60), chance.lognormvariate(3, 1)
        at = chance.uniform(0, 20)
        while at < days:
            events.append(bought(f"c{who}", int(at * 24) / 24, amount * chance.uniform(0.5, 1.5)))
            at += chance.expovariate(1 / gap)
    return sorted(events, key=lambda event: event["occurred_at"])


def bought(who: str, day: float, amount: float) -> dict[str, Any]:
    """An order."""
    return {
        "id": f"{who}-{day}",
        "type": "order.placed",
        "customer_id": who,
        "occurred_at": time_text(START_US + round(day * 24) * 3_600_000_000),
        "order_id": f"{who}-{day}",
        "amount": f"{amount:.2f}",
    }
