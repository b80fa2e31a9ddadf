"""Whatever dies, the state is what one plain pass over the log gives, and every change is there once by its id."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from ebbtide.embedded import Server
from tests.support.fold import fold
from tests.support.kernel import identity_hash
from tests.support.redis_servers import client, dump
from tests.support.shop_log import Event, shop_log
from tests.support.world import Change, World, until

KILLS = {"kafka": 10, "broker": 3}  # after each, the group waits for the session of the dead to end


@pytest.mark.timeout(300)
def test_a_worker_killed_again_and_again_in_mid_stream_leaves_no_trace_of_it(world: World, broker: Server) -> None:
    log = shop_log(160_000, customers=4_000)
    world.send(log)
    for _ in range(KILLS[broker.name]):
        before = consumed(world)
        worker = world.start_worker()
        until(lambda before=before: consumed(world) > before, "the worker goes on", [worker])  # type: ignore[misc]
        worker.kill()
        worker.wait()
    assert consumed(world) < len(log), "the last kill came after the end: nothing was proved by it"
    world.start_worker()
    told = world.settle(len(log))
    assert_equals_fold(world, log)
    assert_counters(told, log)
    published = assert_once_each(world.changes(), told)
    assert_a_life_without_faults_says_the_same(world, log, published)


@pytest.mark.timeout(200)
def test_a_redis_that_comes_back_empty_is_filled_again_from_the_log(world: World, redis_server: Server) -> None:
    log = shop_log(20_000, customers=2_000)
    world.send(log[:15_000])
    world.start_worker()
    world.settle(15_000)
    fall_back(redis_server, {})
    world.send(log[15_000:])
    told = world.settle(len(log))
    assert_equals_fold(world, log)
    assert_once_each(world.changes(), told)


@pytest.mark.timeout(200)
def test_a_redis_that_fell_back_is_healed_by_reading_again_from_where_it_stands(
    world: World, redis_server: Server
) -> None:
    log = shop_log(20_000, customers=2_000)
    world.send(log[:8_000])
    world.start_worker()
    world.settle(8_000)
    (older,) = dump([redis_server])
    world.send(log[8_000:15_000])
    world.settle(15_000)
    fall_back(redis_server, older)
    world.send(log[15_000:])
    told = world.settle(len(log))
    assert_equals_fold(world, log)
    assert_once_each(world.changes(), told)


@pytest.mark.timeout(200)
def test_workers_that_join_and_leave_share_the_log_without_losing_or_doubling(world: World) -> None:
    log = shop_log(60_000, customers=3_000)
    first = world.start_worker()
    world.send(log[:20_000])
    world.settle(20_000)
    second = world.start_worker()
    world.send(log[20_000:40_000])
    until(lambda: b"Work on partitions" in (world.logs / "worker-1.log").read_bytes(), "the second joins", [second])
    world.settle(40_000)
    first.terminate()
    assert first.wait(10) == 0
    world.send(log[40_000:])
    told = world.settle(len(log))
    assert_equals_fold(world, log)
    assert_once_each(world.changes(), told)


def fall_back(server: Server, older: dict[bytes, bytes]) -> None:
    """At one instant, as a restart from an older snapshot would."""
    with client(server) as redis:
        at_once = redis.pipeline(transaction=True)
        at_once.flushall()
        for key, value in older.items():
            at_once.restore(key, 0, value)
        at_once.execute()


def consumed(world: World) -> int:
    return world.counters()["consumed"]


def assert_equals_fold(world: World, log: Sequence[Event], **env: str) -> None:
    expected = fold(log, order_rank=lambda order_id: identity_hash("o" + order_id)).customers
    stored = {customer: told(line) for customer, line in world.facts(**env).items()}
    assert stored == {customer: plain(facts) for customer, facts in expected.items()}


def told(line: dict[str, Any]) -> dict[str, Any]:
    money = ("monetary", "cost", "marketing_cost", "gross_profit")
    return {name: int(Decimal(line[name]) * 100) for name in money} | {
        name: line[name] for name in ("orders", "purchase_days")
    }


def plain(facts: dict[str, int | None]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if not name.endswith("_at")}


def assert_counters(told: dict[str, Any], log: Sequence[Event]) -> None:
    expected = fold(log, order_rank=lambda order_id: identity_hash("o" + order_id))
    assert (told["applied"], told["duplicate"], told["dead"]) == (expected.applied, expected.duplicate, {})


def assert_once_each(published: Sequence[Change], told: dict[str, Any]) -> set[Change]:
    """Repeats say the same; without them a customer's changes are numbered 1, 2, 3 ... and as many as were counted."""
    distinct = set(published)
    assert len(distinct) == len({change.id for change in distinct}), "one id, two contents"
    numbers: dict[str, list[int]] = defaultdict(list)
    for change in distinct:
        numbers[change.customer_id].append(int(change.id.rpartition(":")[2]))
    assert all(sorted(seen) == list(range(1, len(seen) + 1)) for seen in numbers.values())
    assert len(distinct) == told["tier_changes"]
    return distinct


def assert_a_life_without_faults_says_the_same(world: World, log: Sequence[Event], published: set[Change]) -> None:
    """A second namespace reads the same log in peace and publishes to the same topic: no new id, no other content."""
    peace = {"EBBTIDE_NAMESPACE": "peace-" + world.env["EBBTIDE_NAMESPACE"]}
    world.start_worker(**peace)
    world.settle(len(log), **peace)
    assert set(world.changes()) == published
