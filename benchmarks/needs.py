"""What a load needs, worked out from what an event was measured to cost. Pure arithmetic; every assumption is a constant here."""

from collections.abc import Mapping
from math import ceil
from typing import Any, NamedTuple

USED = 0.5  # of a core, in ordinary hours: the other half catches up after an outage, as long again as it took
COPIES = 3  # of Kafka's topics
REPLICAS = 1  # of each Redis shard
SHARD_BYTES = 32e9  # of Redis' memory on one node: more takes too long to load and to copy
ROOM = 1.3  # of memory: fragmentation, the outbox, buffers of replicas
PARTITIONS_A_WORKER = 4  # so that three lanes always have work
MOST_PARTITIONS = 256
KEPT_DAYS = 7


class Costs(NamedTuple):
    """Of one event, everything on."""

    worker_us: float  # CPU
    redis_us: float
    broker_us: float
    redis_in: float  # bytes on the wire, to Redis
    redis_out: float
    order: float  # bytes on Kafka's disk, one copy, uncompressed
    told: float  # the same: tier changes and drift alerts
    customer: float  # bytes of Redis, five orders each, on the server that takes the most


class Needs(NamedTuple):
    """What a load needs."""

    partitions: int
    workers: int
    shards_for_cpu: int
    shards_for_memory: int
    memory: float  # bytes of Redis, without replicas
    redis_wire: float  # bytes a second, both ways, all shards
    kafka_wire: float  # bytes a second into the brokers and out of them, copies included
    kafka_cores: int
    kafka_disk: float  # bytes for KEPT_DAYS, copies included

    @property
    def shards(self) -> int:
        """Of Redis."""
        return max(self.shards_for_cpu, self.shards_for_memory)


def needs(events_per_s: float, customers: float, costs: Costs) -> Needs:
    """For so many events a second at the peak, of so many customers."""
    workers = _cores(events_per_s, costs.worker_us)
    memory = customers * costs.customer * ROOM
    written = costs.order + costs.told
    return Needs(
        partitions=_partitions(workers),
        workers=workers,
        shards_for_cpu=_cores(events_per_s, costs.redis_us),
        shards_for_memory=max(ceil(memory / SHARD_BYTES), 1),
        memory=memory,
        redis_wire=events_per_s * (costs.redis_in + costs.redis_out),
        # written once and copied; read by the worker, and what is told by one consumer
        kafka_wire=events_per_s * written * (1 + (COPIES - 1) + 1),
        kafka_cores=_cores(events_per_s, costs.broker_us * COPIES),
        kafka_disk=events_per_s * written * COPIES * KEPT_DAYS * 86_400,
    )


def _cores(events_per_s: float, cpu_us: float) -> int:
    return max(ceil(events_per_s * cpu_us / 1e6 / USED), 1)


def _partitions(workers: int) -> int:
    wanted = 8
    while wanted < min(workers * PARTITIONS_A_WORKER, MOST_PARTITIONS):
        wanted *= 2
    return wanted


def costs_of(measures: Mapping[str, Any]) -> Costs:
    """From the JSON of a run: CPU at the largest state that was measured, where caches help least; a lower bound beyond it."""
    worker, sizes = measures["worker"], measures["customers"]["by_customers"]
    largest, stored = sizes[max(sizes, key=int)], worker["stored"]
    return Costs(
        worker_us=max(worker["worker_us"], largest["worker_us"]),
        redis_us=max(worker["redis_us"], largest["redis_us"]),
        broker_us=worker["broker_us"],
        redis_in=worker["redis_in"],
        redis_out=worker["redis_out"],
        order=stored["orders"],
        told=stored["tier-changes"] + stored["drift-alerts"],
        customer=max(measures["redis-bytes"]["bytes_a_customer"].values()),
    )
