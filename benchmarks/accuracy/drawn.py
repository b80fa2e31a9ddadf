"""Simulated buyers whose fate is known because we drew it: MBG/CNBD-k with gamma-gamma amounts, as order events."""

from typing import NamedTuple

import msgspec
import numpy as np

from benchmarks.accuracy.shops import Shop, shop_of
from ebbtide.settings import Settings
from scoring.layout import DAY_US, Floats, Ints
from streams.events.text import time_text
from streams.history.sources.source import Record

SEED = 11
FIRST_US = 1_640_995_200_000_000  # 2022-01-01
JOINING_DAYS, DAYS = 250.0, 730.0
K, R, ALPHA, A, B = 2, 1.5, 24.0, 0.6, 4.0
P, Q, V = 4.0, 4.0, 4_500.0  # amounts in cents


class Truth(NamedTuple):
    """By customer in the shop's order, shape (n,)."""

    last_us: Ints  # the last purchase ever made: the customer leaves right after it
    leaves: Floats  # 1 where that lies within the log, else 0 (the customer still buys at its end)


class Drawn(NamedTuple):
    """A shop and what is true of it."""

    shop: Shop
    truth: Truth


def draw(customers: int = 12_000, seed: int = SEED) -> Drawn:
    """The same seed gives the same log."""
    dice = np.random.default_rng(seed)
    rate, leaves = dice.gamma(R, 1.0 / ALPHA, customers), dice.beta(A, B, customers)
    pays = dice.gamma(Q, 1.0 / V, customers)
    at = dice.random(customers) * JOINING_DAYS
    last, gone = at.copy(), np.zeros(customers, bool)
    days, who = [at.copy()], [np.arange(customers)]
    buys = np.ones(customers, bool)
    while buys.any():
        gone |= buys & (dice.random(customers) < leaves)
        buys &= ~gone
        at = np.where(buys, at + dice.gamma(K, 1.0 / rate), at)
        buys &= at < DAYS
        last = np.where(buys, at, last)
        days.append(at[buys])
        who.append(np.flatnonzero(buys))
    at_us = FIRST_US + (np.concatenate(days) * DAY_US).astype(np.int64)
    customer = np.concatenate(who)
    cents = np.maximum(1, dice.gamma(P, 1.0 / pays[customer])).astype(np.int64)
    order = np.argsort(at_us, kind="stable")
    shop = shop_of("simulated", _records(customer[order], at_us[order], cents[order]), Settings.model_construct())
    ids = np.array([int(name) for name in shop.everyone.ids])
    return Drawn(shop, Truth(FIRST_US + (last[ids] * DAY_US).astype(np.int64), gone[ids].astype(np.float64)))


def _records(customer: Ints, at_us: Ints, cents: Ints) -> list[Record]:
    encode = msgspec.json.Encoder().encode
    return [
        Record(
            "orders",
            b"%d" % who,
            encode(
                {
                    "id": str(number),
                    "type": "order.placed",
                    "customer_id": str(who),
                    "occurred_at": time_text(when),
                    "order_id": str(number),
                    "amount": f"{amount // 100}.{amount % 100:02}",
                }
            ),
        )
        for number, (who, when, amount) in enumerate(
            zip(customer.tolist(), at_us.tolist(), cents.tolist(), strict=True)
        )
    ]
