"""Whether a rival worked it out: what it knows of every customer at the end, against a plain fold over the log."""

import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from aiokafka import AIOKafkaConsumer, TopicPartition

from benchmarks.site import PARTITIONS, Site
from scoring.by_address import model_by_address
from scoring.defaults import DEFAULT_MODEL
from scoring.layout import DAY_US, INPUTS
from scoring.value import value_of
from streams.broker.ingest import FETCH_BYTES
from tests.support.fold import fold, microseconds, minor

Event = dict[str, Any]
Log = list[list[bytes]]  # by partition, the events as they lie there
EXACT = ("orders", "purchase_days", "first_at", "last_at", "monetary", "cost")
CLOSE = 1e-9  # relative, of a value


async def read_log(site: Site, topic: str) -> Log:
    """The whole topic."""
    consumer = AIOKafkaConsumer(bootstrap_servers=site.kafka, max_partition_fetch_bytes=FETCH_BYTES)
    await consumer.start()
    places = [TopicPartition(topic, number) for number in range(PARTITIONS)]
    consumer.assign(places)
    await consumer.seek_to_beginning()
    ends = await consumer.end_offsets(places)
    log: Log = [[] for _ in places]
    while any(len(log[place.partition]) < end for place, end in ends.items()):
        for place, records in (await consumer.getmany(timeout_ms=1_000)).items():
            log[place.partition] += [record.value for record in records]
    await consumer.stop()
    return log


def is_plain_rfm(log: Log, told: Path) -> bool:
    """Orders placed, money less refunds and the latest time; nothing told apart."""
    known: dict[str, list[int | str]] = json.loads(told.read_bytes())
    orders: dict[str, int] = defaultdict(int)
    money: dict[str, int] = defaultdict(int)
    latest: dict[str, str] = defaultdict(str)
    for event in (msgspec.json.decode(value) for part in log for value in part):
        customer, kind = event["customer_id"], event["type"]
        orders[customer] += kind == "order.placed"
        if kind != "order.cancelled":
            money[customer] += (1 if kind == "order.placed" else -1) * minor(event["amount"], 2)
        latest[customer] = max(latest[customer], event["occurred_at"])
    return known == {customer: [orders[customer], money[customer], at] for customer, at in latest.items()}


def is_exact(log: Log, told: Path) -> bool:
    """The contract's facts, and the value that Ebbtide's own model makes of them at the customer's last event."""
    known = {row["customer_id"]: row for row in map(msgspec.json.decode, told.read_bytes().splitlines())}
    customers = 0
    for part in log:  # one after another, for a fold of all of them takes gigabytes
        events: list[Event] = [msgspec.json.decode(value) for value in part]
        clocks: dict[str, int] = defaultdict(int)
        for event in events:
            clocks[event["customer_id"]] = max(clocks[event["customer_id"]], microseconds(event["occurred_at"]))
        folded = fold(events, default_margin=Decimal(1)).customers
        customers += len(folded)
        for customer, facts in folded.items():
            row = known.get(customer)
            if (
                row is None
                or row["clock"] != clocks[customer]
                or any(row[name] != (facts[name] or 0) for name in EXACT)
            ):
                return False
            value = _value(row)
            if abs(row["value"] - value) > CLOSE * abs(value):
                return False
    return len(known) == customers


def _value(row: dict[str, Any]) -> float:
    inputs = np.zeros(1, INPUTS)[0]
    orders = row["orders"]
    if orders:
        inputs.x, inputs.orders = row["purchase_days"] - 1.0, orders
        inputs.t_x = (row["last_at"] - row["first_at"]) / DAY_US
        inputs.t = (row["clock"] - row["first_at"]) / DAY_US
        inputs.profit = (row["monetary"] - row["cost"]) / orders
    return float(value_of(model_by_address(DEFAULT_MODEL), inputs))
