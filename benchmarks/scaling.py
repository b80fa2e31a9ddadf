"""`python -m benchmarks.scaling BENCH.json`: docs/scaling.md from the JSON of a run of `python -m benchmarks --json`."""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

from benchmarks.needs import (
    BUCKETS,
    COPIES,
    FEW_ORDERS,
    KEPT_DAYS,
    MANY_ORDERS,
    MOST_PARTITIONS,
    ROOM,
    SHARD_BYTES,
    USED,
    Costs,
    costs_of,
    memory,
    traffic,
)

RATES = (1e4, 1e5, 1e6)  # events a second
CUSTOMERS, ORDERS = (1e7, 1e8, 1e9), (FEW_ORDERS, MANY_ORDERS, 100)
SWEEP_PER_S = 5_000  # EBBTIDE_SWEEP_PER_S
SWEEPERS = 4
TEMPLATE = Path(__file__).with_name("scaling_page.txt")
PAGE = Path(__file__).parents[1] / "docs" / "scaling.md"


def page(bench: Mapping[str, Any]) -> str:
    """The whole document."""
    measures = bench["measures"]
    costs = costs_of(measures)
    said = {
        **{name: str(value) for name, value in bench["machine"].items()},
        "broker": bench["broker"],
        "load_before": f"{bench['machine']['load_before']:.1f}",
        **_measured(costs, measures),
        **_assumed(),
        "rates": "\n".join(_rate(rate, costs) for rate in RATES),
        "customers": "\n".join(_customers(customers, orders, costs) for customers in CUSTOMERS for orders in ORDERS),
        **_billion(costs, measures["silence"]),
        **_limits(costs, measures["worker"]["events_per_s"]),
    }
    return Template(TEMPLATE.read_text("utf-8")).substitute(said)


def _measured(costs: Costs, measures: Mapping[str, Any]) -> dict[str, str]:
    worker = measures["worker"]
    return {
        "worker_us": f"{costs.worker_us:.1f}",
        "redis_us": f"{costs.redis_us:.1f}",
        "broker_us": f"{costs.broker_us:.1f}",
        "resident": in_bytes(max(worker["resident_bytes"], measures["memory"]["resident_bytes"])),
        "redis_in": in_bytes(costs.redis_in),
        "redis_out": in_bytes(costs.redis_out),
        "customer": _by_server(measures["redis-bytes"]["bytes_a_customer"]),
        "with_uuid": in_bytes(max(measures["redis-bytes"]["with_uuids"].values())),
        "each_order": in_bytes(costs.customer(1) - costs.customer(0)),
        "paces": "\n".join(_pace(*pace) for pace in _paces(measures)),
        "largest": f"{_largest(measures):,}",
        "order": in_bytes(costs.order),
        "told": in_bytes(costs.told),
        "changes": f"{worker['changes']:.1%}",
        "sizes": "\n".join(
            f"| {int(customers):,} | {one['events_per_s']:,.0f} | {one['worker_us']:.1f} | {one['redis_us']:.1f} "
            f"| {in_bytes(one['resident_bytes'])} |"
            for customers, one in measures["customers"]["by_customers"].items()
        ),
    }


def _largest(measures: Mapping[str, Any]) -> int:
    """Customers in the largest state that was measured."""
    return max(map(int, measures["customers"]["by_customers"]))


def _by_server(sizes: Mapping[str, float]) -> str:
    """All measured servers, the one that takes the most first: it is the one that counts."""
    first, *others = sorted(sizes, key=lambda name: -sizes[name])
    return f"{in_bytes(sizes[first])} on {first}" + "".join(f", {in_bytes(sizes[name])} on {name}" for name in others)


def _assumed() -> dict[str, str]:
    return {
        "used": f"{USED:.0%}",
        "room": f"{ROOM - 1:.0%}",
        "shard": in_bytes(SHARD_BYTES),
        "copies": str(COPIES),
        "kept_days": str(KEPT_DAYS),
        "sweep": f"{SWEEP_PER_S:,}",
    }


def _paces(measures: Mapping[str, Any]) -> list[tuple[str, float, Mapping[str, float]]]:
    """What it was measured at, events a second, CPU by part; slow to fast."""
    worker = measures["worker"]
    paced = [(f"{one['events_per_s']:,.0f}", one["events_per_s"], one["cpu"]) for one in measures["latency"]["at"]]
    return [*paced, (f"{worker['events_per_s']:,.0f}, all it can", worker["events_per_s"], worker)]


def _pace(name: str, events_per_s: float, cpu: Mapping[str, float]) -> str:
    parts = [cpu["worker_us"], cpu["redis_us"], cpu["broker_us"]]
    return f"| {name} | {' | '.join(f'{us:.1f}' for us in parts)} | {events_per_s * parts[0] / 1e6:.2f} |"


def _rate(rate: float, costs: Costs) -> str:
    need = traffic(rate, costs)
    cells = (
        f"{rate:,.0f}",
        str(need.partitions),
        str(need.workers),
        f"≥ {need.shards}",
        f"{in_bytes(need.redis_wire)}/s",
        f"{in_bytes(need.kafka_wire)}/s",
        str(need.kafka_cores),
        in_bytes(need.kafka_disk),
    )
    return f"| {' | '.join(cells)} |"


def _customers(customers: float, orders: int, costs: Costs) -> str:
    need = memory(customers, orders, costs)
    cells = (
        f"{customers:,.0f}",
        str(orders),
        in_bytes(costs.customer(orders)),
        in_bytes(need.stored),
        in_bytes(need.held),
        str(need.shards),
    )
    return f"| {' | '.join(cells)} |"


def _billion(costs: Costs, silence: Mapping[str, Any]) -> dict[str, str]:
    customers = 1e9
    few, many = (memory(customers, orders, costs) for orders in (FEW_ORDERS, MANY_ORDERS))
    return {
        "billion": f"{customers:,.0f}",
        "few_orders": str(FEW_ORDERS),
        "many_orders": str(MANY_ORDERS),
        "few_bytes": in_bytes(few.stored),
        "few_shards": str(few.shards),
        "many_bytes": in_bytes(many.stored),
        "many_shards": str(many.shards),
        "bucket": f"{customers / BUCKETS:,.0f}",
        "bucket_bytes": in_bytes(few.stored / BUCKETS),
        "sweep_hours": f"{customers / (SWEEP_PER_S * SWEEPERS) / 3_600:.0f}",
        "deadlines": f"{silence['deadlines']:,}",
        "within": f"{silence['within_s']:g}",
        "late": "∞" if silence["p99_s"] is None else f"{silence['p99_s']:.2f}",
        "deadlines_a_day": f"{silence['deadlines'] / silence['within_s'] * 86_400:,.0f}",
    }


def _limits(costs: Costs, one_worker: float) -> dict[str, str]:
    return {
        "one_worker": f"{one_worker:,.0f}",
        "one_shard": f"{1e6 / costs.redis_us:,.0f}",
        "shard_customers": f"{SHARD_BYTES / ROOM / costs.few:,.0f}",
        "most_events": f"{MOST_PARTITIONS * one_worker * USED:,.0f}",
    }


def in_bytes(size: float) -> str:
    """As a person reads it; decimal units."""
    for unit, next_one in (("bytes", 1e3), ("kB", 1e6), ("MB", 1e9), ("GB", 1e12), ("TB", 1e15)):
        if size < next_one:
            value = size / (next_one / 1e3)
            return f"{value:,.0f} {unit}" if value >= 10 or unit == "bytes" else f"{value:.1f} {unit}"
    return f"{size / 1e15:,.1f} PB"


def main() -> None:
    """Read the run, write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__)
    parser.add_argument("bench", type=Path, metavar="BENCH.json")
    parser.add_argument("--out", type=Path, default=PAGE)
    options = parser.parse_args()
    bench = json.loads(options.bench.read_text("utf-8"))
    if not bench["measures"]["worker"]["stored"]["orders"]:
        parser.error(f"{bench['broker']} has no disk to measure: run it where there is Apache Kafka")
    options.out.write_text(page(bench), "utf-8")


if __name__ == "__main__":
    main()
