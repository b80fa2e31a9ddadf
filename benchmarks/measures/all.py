"""The measures in the order in which a run makes them; what one needs of an earlier one stands beside it."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from benchmarks.measures import (
    bare,
    customers,
    in_memory,
    kernel,
    latency,
    memory,
    naive,
    redis_bytes,
    replay,
    restart,
    rivals,
    several,
    silence,
    visible,
    worker,
)
from benchmarks.report import Finding
from benchmarks.run import Run


class Measure(NamedTuple):
    """A section of the table."""

    heading: str
    measure: Callable[[Run], Awaitable[Finding]]
    needs: tuple[str, ...] = ()


ALL = {
    "worker": Measure("One worker, end to end, everything on", worker.measure),
    "bare": Measure("The same log, nothing but reading; and nothing but storing", bare.measure, ("worker",)),
    "rivals": Measure("Rivals", rivals.measure, ("worker",)),  # before `latency` lengthens the log
    "naive": Measure("A naive agent", naive.measure, ("worker",)),
    "latency": Measure("How soon", latency.measure, ("worker",)),
    "visible": Measure("How soon a lookup knows", visible.measure),
    "in-memory": Measure("The pipeline without Kafka", in_memory.measure),
    "kernel": Measure("The kernel alone", kernel.measure),
    "redis-bytes": Measure("Redis, five orders a customer", redis_bytes.measure),
    "customers": Measure("However many customers", customers.measure),
    "restart": Measure("Start of a process to its first commit", restart.measure, ("customers",)),
    "silence": Measure("Silence, by the wall clock", silence.measure),
    "replay": Measure("ebbtide replay", replay.measure, ("worker",)),
    "memory": Measure("Memory on a backlog", memory.measure),
    "several": Measure("Several workers", several.measure, ("worker",)),
}
