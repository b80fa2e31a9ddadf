"""What a run found, as one table for a person and one JSON object for a program."""

from typing import NamedTuple

from rich.table import Table

from benchmarks.backlog import Backlog
from benchmarks.in_memory import Without
from benchmarks.latency import Latency


class Found(NamedTuple):
    """Everything a run measures."""

    broker: str
    backlog: Backlog
    latencies: list[Latency]
    without_kafka: Without
    bare_per_s: float
    naive_per_s: float
    kernel_us: dict[int, float]  # by batch
    redis_bytes: dict[str, float]  # by server
    load_before: float  # of the machine, a minute's average before the run: who else was at work


def as_json(found: Found) -> dict[str, object]:
    """Names as in the tuples, ratios added."""
    plain = {
        name: value._asdict() if hasattr(value, "_asdict") else value for name, value in found._asdict().items()
    } | {"latencies": [_latency(latency) for latency in found.latencies]}
    return plain | {"worker_to_naive": _to_naive(found), "worker_to_bare": _to_bare(found)}


def as_table(found: Found) -> Table:
    """One line a measure."""
    backlog = found.backlog
    table = Table(title=f"Ebbtide on {found.broker} and the embedded Valkey", title_justify="left")
    table.add_column("measure")
    table.add_column("value", justify="right")
    table.add_column("of")
    table.add_row("worker, end to end", f"{backlog.events_per_s:,.0f} events/s", _mix(backlog))
    cpu = f"{backlog.worker_us:.1f} / {backlog.redis_us:.1f} / {backlog.broker_us:.1f} µs"
    table.add_row("  CPU an event", cpu, "worker / Redis / broker")
    table.add_row("  resident memory", f"{backlog.resident_bytes / 1e6:,.0f} MB", "worker, at the end")
    for latency in found.latencies:
        pace = f"at {latency.events_per_s:,.0f} events/s"
        for what, p in (("committed", latency.committed), ("tier change on topic", latency.changed)):
            table.add_row(f"event to {what}", f"p50 {p.p50:.1f}, p99 {p.p99:.1f} ms", f"{pace}; {p.events:,} seen")
    without = found.without_kafka
    table.add_row(
        "pipeline without Kafka", f"{without.events_per_s:,.0f} events/s", f"{without.cpu_us:.1f} µs CPU an event"
    )
    table.add_row("bare getmany and JSON", f"{found.bare_per_s:,.0f} events/s", f"worker: {_to_bare(found):.2f} of it")
    table.add_row(
        "naive Faust agent", f"{found.naive_per_s:,.0f} events/s", f"worker: {_to_naive(found):.1f} times as fast"
    )
    for batch, us in found.kernel_us.items():
        table.add_row("kernel alone", f"{us:.2f} µs an event", f"open, run and pack; batches of {batch:,}")
    for server, size in found.redis_bytes.items():
        table.add_row("Redis a customer", f"{size:.0f} bytes", f"{server}; five orders each, deadline included")
    return table


def _mix(backlog: Backlog) -> str:
    return (
        f"{backlog.events:,}; {backlog.changes:.1%} of the events changed a tier, "
        f"{backlog.silences:.1%} were followed by a change by silence"
    )


def _latency(latency: Latency) -> dict[str, object]:
    return latency._asdict() | {"committed": latency.committed._asdict(), "changed": latency.changed._asdict()}


def _to_naive(found: Found) -> float:
    return found.backlog.events_per_s / found.naive_per_s


def _to_bare(found: Found) -> float:
    return found.backlog.events_per_s / found.bare_per_s
