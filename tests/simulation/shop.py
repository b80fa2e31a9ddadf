"""A small shop's log, drawn from a seed: refunds, cancellations, repeats, late, malformed and misrouted records, a hot customer."""

import json
import random
from typing import Any, NamedTuple

from scoring.hashing import buckets
from streams.config import COMMANDS, INTERACTIONS, ORDERS
from tests.simulation.kafka_log import New
from tests.support.logs import START, time_of

Event = dict[str, Any]
DAY_US = 86_400_000_000
YEARS_US = 2 * 365 * DAY_US
ENDS_S = START.timestamp() + YEARS_US / 1_000_000  # the wall clock when a run begins
GARBAGE = (
    b"{",
    b"",
    b"[1, 2]",
    b"\xff\xfe",
    b'{"id": "x", "type": "order.exploded", "customer_id": "c1", "occurred_at": "2024-05-05T00:00:00Z"}',
    b'{"id": "x", "type": "order.placed", "customer_id": "c1", "occurred_at": "2090-01-01T00:00:00Z", "order_id": "x", '
    b'"amount": "1.00"}',
    b'{"id": "x", "type": "order.placed", "customer_id": "c1", "occurred_at": "2024-05-05T00:00:00Z", "order_id": "x", '
    b'"amount": "1.001"}',
    b'{"id": "x", "type": "order.placed", "customer_id": "", "occurred_at": "2024-05-05T00:00:00Z", "order_id": "x", '
    b'"amount": "1.00"}',
)


class Sent(NamedTuple):
    """A record as a producer sends it. `event` None: it is malformed, or a marker where `new` is None, too."""

    topic: str
    partition: int
    new: New | None
    event: Event | None


class Shape(NamedTuple):
    """What kind of log."""

    events: int
    partitions: int
    plain: bool  # one topic, nothing misrouted: what comes of it does not depend on who reads what when


def log_of(chance: random.Random, shape: Shape) -> list[Sent]:
    """In the order of sending."""
    customers = [f"c{i}" for i in range(chance.choice((3, 8, 12)))]
    hot = customers[0] if chance.random() < 0.4 else None
    told: list[Event] = []
    sent: list[Sent] = []
    for i in range(shape.events):
        if chance.random() < 0.04:
            sent.append(_odd(chance, shape))
        customer = hot if hot and chance.random() < 0.5 else chance.choice(customers)
        event = _event(chance, i, i * YEARS_US // shape.events, customer, told)
        told.append(event)
        sent.append(_placed(chance, shape, event))
    return sent


def _event(chance: random.Random, i: int, at_us: int, customer: str, told: list[Event]) -> Event:
    fate = chance.random()
    if told and fate < 0.08:
        return chance.choice(told)  # a repeat
    if chance.random() < 0.1:
        at_us = max(0, at_us - chance.randrange(60 * DAY_US))  # late
    event: Event = {"id": f"e{i}", "customer_id": customer, "occurred_at": time_of(at_us)}
    orders = [one for one in told if one["type"] == "order.placed"]
    if orders and fate < 0.18:
        order = chance.choice(orders)
        event |= {"customer_id": order["customer_id"], "order_id": order["order_id"]}
        if fate < 0.12:
            return event | {"type": "order.cancelled"}
        if fate < 0.14:  # the same order told otherwise
            return event | {"type": "order.placed", "amount": _money(chance), "occurred_at": order["occurred_at"]}
        return event | {"type": "order.refunded", "refund_id": f"r{i}", "amount": _money(chance)}
    if fate < 0.23:
        return event | {"type": "interaction.contact", "channel": "mail", "direction": "out", "cost": _money(chance)}
    if fate < 0.28:
        return event | {"type": "interaction.visit"}
    return event | {"type": "order.placed", "order_id": f"o{i}", "amount": _money(chance), "cost": "1.00"}


def _money(chance: random.Random) -> str:
    return f"{chance.randrange(1, 400)}.{chance.randrange(100):02d}"


def _placed(chance: random.Random, shape: Shape, event: Event) -> Sent:
    key = event["customer_id"].encode()
    partition = int(buckets([key])[0]) % shape.partitions
    topic = ORDERS
    if not shape.plain:
        topic = COMMANDS if chance.random() < 0.05 else INTERACTIONS if chance.random() < 0.3 else ORDERS
        if chance.random() < 0.05:
            partition = chance.randrange(shape.partitions)
        if chance.random() < 0.05:
            key = b"somebody else"
    return Sent(topic, partition, New(key, json.dumps(event).encode(), []), event)


def _odd(chance: random.Random, shape: Shape) -> Sent:
    """No event: malformed, or the mark that ends a transaction."""
    topic = ORDERS if shape.plain else chance.choice((ORDERS, INTERACTIONS))
    partition = chance.randrange(shape.partitions)
    if chance.random() < 0.3:
        return Sent(topic, partition, None, None)
    return Sent(topic, partition, New(b"?", chance.choice(GARBAGE) or None, []), None)
