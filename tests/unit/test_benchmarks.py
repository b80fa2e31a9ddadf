"""The benchmarks' own log and arithmetic; how fast anything is, no test asks."""

from io import StringIO
from math import inf
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from benchmarks.__main__ import in_order
from benchmarks.filling import ledgers_of
from benchmarks.measures.all import ALL
from benchmarks.measures.kernel import BATCHES, kernel_us
from benchmarks.needs import Costs, costs_of, holders, memory, traffic
from benchmarks.percentiles import waited
from benchmarks.report import Finding, Line, as_table, at_least, at_most
from benchmarks.scaling import page
from benchmarks.shop import FIRST_US, Shop, kernel_events, values
from scoring.layout import Kind
from scoring.ledgers import open_one
from streams.events.columns import columns
from streams.events.decode import decode
from streams.events.facts import DecodeRules, Fact


def test_the_same_seed_gives_the_same_bytes() -> None:
    one, other = Shop(50, 10.0), Shop(50, 10.0)
    assert [values(one.draw(300)), values(one.draw(300))] == [values(other.draw(300)), values(other.draw(300))]


def test_the_kernel_is_told_what_the_worker_would_decode() -> None:
    told = Shop(50, 10.0).draw(2_000)
    facts = [decode("orders", value, [], DecodeRules(), None) for value in values(told)]
    decoded = columns([fact for fact in facts if isinstance(fact, Fact)])
    direct = kernel_events(told)
    assert set(told.kind.tolist()) == {Kind.PLACED, Kind.REFUND, Kind.CANCELLED}
    for field in ("group", "sub", "at_us", "amount", "cost", "kind", "marks"):
        np.testing.assert_array_equal(decoded[field], direct[field], field)


def test_the_kernel_is_timed_at_every_size_of_batch() -> None:
    shop = Shop(50, 10.0)
    timed = kernel_us(shop.draw(500), shop.draw(12_000), seconds=0.02)
    assert set(timed) == set(BATCHES)
    assert all(us > 0 for us in timed.values())


def test_a_state_without_a_log_has_the_ledgers_that_the_log_would_have_made() -> None:
    past = Shop(40, 10.0).before(0, 40, 3)
    ledgers, due_us = ledgers_of(past, FIRST_US)
    headers = [open_one(ledger)[0] for ledger in ledgers]
    assert [header["orders"] for header in headers] == [3] * 40
    assert [header["last_us"] for header in headers] == past.at_us[-1].tolist()
    assert [header["held"] for header in headers] == past.amount.sum(axis=0).tolist()
    assert (due_us > FIRST_US).all()


def test_needs_by_hand() -> None:
    costs = Costs(20, 5, 1, redis_in=300, redis_out=100, order=150, told=50, few=250, many=550)
    need = traffic(1e6, costs)
    assert (need.workers, need.shards, need.partitions) == (43, 11, 256)  # half of a core: 6 partitions, 25 buckets
    assert need.redis_wire == 400e6
    assert need.kafka_wire == 600e6  # each way: written and copied twice; copied twice and read once
    assert traffic(1, costs)[:3] == (8, 1, 1)
    assert [costs.customer(orders) for orders in (5, 20, 100)] == [250, 550, 2150]
    assert memory(1e9, 5, costs) == (250e9, 325e9, 11)  # 25 buckets of 1.3 GB at 32 GB each


def test_parts_that_nobody_can_divide_take_more_hands() -> None:
    assert [holders(load, 8, 1.0) for load in (0.5, 1.0, 1.1, 4.1, 8.0)] == [1, 1, 2, 8, 8]
    with pytest.raises(ValueError, match="a part"):
        holders(8.1, 8, 1.0)


def a_run() -> dict[str, Any]:
    """What `python -m benchmarks --json` prints, as far as the page on scaling reads it."""
    one = {"events_per_s": 8e4, "worker_us": 15.0, "redis_us": 5.0, "resident_bytes": 3e8}
    stored = {"orders": 150, "tier-changes": 60, "drift-alerts": 80}
    cpu = {"worker_us": 25.0, "redis_us": 6.0, "broker_us": 3.0}
    valkey, redis = "the embedded Valkey 9.1.0", "this machine's redis-server 7.0.15"
    measures = {
        "latency": {"at": [{"events_per_s": 1e3, "cpu": cpu}, {"events_per_s": 4e4, "cpu": cpu}]},
        "worker": one | {"broker_us": 2.0, "redis_in": 380, "redis_out": 220, "changes": 0.056, "stored": stored},
        "customers": {"by_customers": {"10000": one, "2000000": one | {"redis_us": 12.0}}},
        "redis-bytes": {
            "bytes_a_customer": {valkey: 275.0, redis: 334.0},
            "with_uuids": {valkey: 335.0, redis: 395.0},
            "with_many_orders": {valkey: 600.0, redis: 634.0},
        },
        "memory": {"resident_bytes": 580e6},
        "silence": {"deadlines": 100_000, "within_s": 60, "p99_s": None},
    }
    machine = {"at": "today", "cores": 4, "processor": "one", "python": "3.11", "load_before": 0.1}
    return {"broker": "a broker", "machine": machine, "measures": measures}


def test_costs_are_those_of_the_largest_state_and_of_the_server_that_takes_the_most() -> None:
    costs = costs_of(a_run()["measures"])
    assert (costs.redis_us, costs.broker_us, costs.few, costs.customer(6)) == (12.0, 3.0, 334.0, 354.0)


def test_the_page_on_scaling_calls_what_was_not_measured_a_lower_bound() -> None:
    written = page(a_run())
    assert "334 bytes on this machine's redis-server 7.0.15, 275 bytes on the embedded Valkey 9.1.0" in written
    assert "CPU beyond 2,000,000 customers is a lower bound" in written
    assert "580 MB resident at most, behind a long backlog" in written
    assert "| 1,000,000 | 128 | 32 | ≥ 26 |" in written
    assert "| 1,000,000,000 | 5 | 334 bytes | 334 GB | 434 GB | 15 |" in written
    assert "each order more: 20 bytes; an id of 36 bytes: 395 bytes" in written


def test_what_never_came_is_infinitely_late() -> None:
    took = np.arange(1.0, 99.0)
    assert waited(took, 98)[:3] == (49.0, 98.0, 98.0)
    assert waited(took, 100) == (50.0, inf, inf, 100, 2)
    assert waited(np.array([1.0, inf]), 2) == (1.0, inf, inf, 2, 1)
    assert waited(took, 100).plain()["p99"] is None
    with pytest.raises(RuntimeError, match="nothing was expected"):
        waited(np.array([]), 0)


def test_what_a_measure_needs_comes_before_it() -> None:
    names = list(ALL)
    assert all(names.index(need) < names.index(name) for name, measure in ALL.items() for need in measure.needs)
    assert in_order(["restart"]) == ["customers", "restart"]


def test_the_table_says_whether_a_target_was_met() -> None:
    lines = [Line("rate", "7", target=at_least(7, 5)), Line("late", "9", target=at_most(9, 5, " ms"))]
    out = StringIO()
    Console(width=100, file=out).print(as_table("all", {"one": Finding(lines, {})}))
    shown = out.getvalue()
    assert "≥ 5 met" in shown
    assert "≤ 5 ms missed" in shown
