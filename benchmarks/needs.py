"""What a load needs, worked out from what an event was measured to cost. Pure arithmetic; every assumption is a constant here."""

from collections.abc import Mapping
from math import ceil
from typing import Any, NamedTuple

USED = 0.5  # of what was measured at full load: the other half catches up after an outage, as long again as it took
COPIES = 3  # of Kafka's topics
SHARD_BYTES = 32e9  # of Redis' memory on one node: more takes too long to load and to copy
ROOM = 1.3  # of memory: fragmentation, the outbox, buffers of replicas
BUCKETS = 256
PARTITIONS_A_WORKER = 4  # so that three lanes always have work
LEAST_PARTITIONS, MOST_PARTITIONS = 8, 256
KEPT_DAYS = 7
FEW_ORDERS, MANY_ORDERS = 5, 20  # at which a customer's bytes are measured


class Costs(NamedTuple):
    """Of one event, everything on; and of one customer."""

    worker_us: float  # CPU
    redis_us: float
    broker_us: float
    redis_in: float  # bytes on the wire, to Redis
    redis_out: float
    order: float  # bytes on Kafka's disk, one copy, uncompressed
    told: float  # the same: tier changes and drift alerts
    few: float  # bytes of Redis of a customer with FEW_ORDERS, on the server that takes the most
    many: float  # with MANY_ORDERS

    def customer(self, orders: float) -> float:
        """Bytes of Redis of one with so many orders: each adds as much."""
        each = (self.many - self.few) / (MANY_ORDERS - FEW_ORDERS)
        return self.few + (orders - FEW_ORDERS) * each


class Traffic(NamedTuple):
    """What a rate needs, whoever the events are of."""

    partitions: int
    workers: int
    shards: int  # of Redis, for its CPU
    redis_wire: float  # bytes a second, both ways, all shards
    kafka_wire: float  # bytes a second into all brokers, and as many out of them, copies included
    kafka_cores: int
    kafka_disk: float  # bytes for KEPT_DAYS at this rate, copies included


class Memory(NamedTuple):
    """What customers need, however rarely they buy."""

    stored: float  # bytes
    held: float  # with room, without replicas
    shards: int


def traffic(events_per_s: float, costs: Costs) -> Traffic:
    """For so many events a second at the peak."""
    partitions, worker_cores = LEAST_PARTITIONS, events_per_s * costs.worker_us / 1e6
    while partitions < min(worker_cores / USED * PARTITIONS_A_WORKER, MOST_PARTITIONS):
        partitions *= 2
    written = costs.order + costs.told
    return Traffic(
        partitions=partitions,
        workers=holders(worker_cores, partitions, USED),
        shards=holders(events_per_s * costs.redis_us / 1e6, BUCKETS, USED),
        redis_wire=events_per_s * (costs.redis_in + costs.redis_out),
        # in: written, and copied; out: copied, the orders to the worker, and what is told to one consumer
        kafka_wire=events_per_s * written * COPIES,
        kafka_cores=max(ceil(events_per_s * costs.broker_us * COPIES / 1e6 / USED), 1),
        kafka_disk=events_per_s * written * COPIES * KEPT_DAYS * 86_400,
    )


def memory(customers: float, orders: float, costs: Costs) -> Memory:
    """For so many customers of so many orders each."""
    stored = customers * costs.customer(orders)
    return Memory(stored, stored * ROOM, holders(stored * ROOM, BUCKETS, SHARD_BYTES))


def holders(load: float, parts: int, most: float) -> int:
    """How many must share a load in equal parts, which nobody can divide, so that none has more than `most` of it.

    Raises ValueError where one part is more than that.
    """
    each = int(most / load * parts)
    if not each:
        raise ValueError(f"{load / parts:g} a part, where {most:g} are allowed")
    return ceil(parts / each)


def costs_of(measures: Mapping[str, Any]) -> Costs:
    """From the JSON of a run. CPU of worker and Redis where they took the most: behind the history, or on the largest state;
    a lower bound beyond that. The broker's at half the top rate, where the inputs are produced and what is told is read."""
    worker, sizes = measures["worker"], measures["customers"]["by_customers"]
    largest, stored, sized = sizes[max(sizes, key=int)], worker["stored"], measures["redis-bytes"]
    return Costs(
        worker_us=max(worker["worker_us"], largest["worker_us"]),
        redis_us=max(worker["redis_us"], largest["redis_us"]),
        broker_us=measures["latency"]["at"][-1]["cpu"]["broker_us"],
        redis_in=worker["redis_in"],
        redis_out=worker["redis_out"],
        order=stored["orders"],
        told=stored["tier-changes"] + stored["drift-alerts"],
        few=max(sized["bytes_a_customer"].values()),
        many=max(sized["with_many_orders"].values()),
    )
