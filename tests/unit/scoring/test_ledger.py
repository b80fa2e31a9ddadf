"""The kernel's ledger is what a plain fold over the same events gives, whatever their order and their batches."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.layout import DAY_US, Result
from scoring.ledgers import peek
from scoring.terms import Limits
from tests.support import logs
from tests.support.builders import cancel, order, refund
from tests.support.fold import fold
from tests.support.kernel import LIMITS, Told, facts, identity_hash, tell
from tests.support.shop_log import shop_log


def order_rank(order_id: str) -> int:
    return identity_hash("o" + order_id)


def folded_facts(events: list[dict[str, Any]], **options: Any) -> dict[str, dict[str, int | None]]:
    return fold(events, order_rank=order_rank, **options).customers


@given(logs.logs)
@settings(max_examples=300, deadline=None)
def test_the_ledger_equals_a_plain_fold(events: list[dict[str, Any]]) -> None:
    told = tell(events)
    assert {customer: facts(blob) for customer, blob in told.blobs.items()} == folded_facts(events)


@given(logs.logs)
@settings(max_examples=60, deadline=None)
def test_every_event_is_applied_or_a_duplicate_as_the_fold_says(events: list[dict[str, Any]]) -> None:
    results, expected = tell(events).results, fold(events, order_rank=order_rank)
    assert results.count(Result.APPLIED) == expected.applied
    assert results.count(Result.DUPLICATE) + results.count(Result.CONFLICT) == expected.duplicate
    assert results.count(Result.CONFLICT) == expected.conflict


@given(logs.logs, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_any_permutation_gives_the_same_ledger(events: list[dict[str, Any]], chance: random.Random) -> None:
    shuffled = list(events)
    chance.shuffle(shuffled)
    one, other = tell(events), tell(shuffled)
    assert {c: facts(b) for c, b in one.blobs.items()} == {c: facts(b) for c, b in other.blobs.items()}


@given(logs.logs, st.sampled_from([1, 2, 7]), st.sampled_from([50, 400, 3650]))
@settings(max_examples=100, deadline=None)
def test_batch_boundaries_change_neither_states_nor_changes(
    events: list[dict[str, Any]], batch: int, fold_after_days: int
) -> None:
    limits = Limits(fold_after_days * DAY_US, count_free_orders=True)
    whole, parts = tell(events, limits=limits), tell(events, batch, limits=limits)
    assert whole == parts


@pytest.fixture(scope="module")
def shop() -> list[dict[str, Any]]:
    return shop_log(12_000, customers=700)


@pytest.fixture(scope="module")
def in_one(shop: list[dict[str, Any]]) -> Told:
    return tell(shop, 5000)


@pytest.mark.parametrize("batch", [1, 7, 500])
def test_a_shops_log_gives_the_same_bytes_in_batches_of_any_size(
    shop: list[dict[str, Any]], in_one: Told, batch: int
) -> None:
    assert in_one.changes
    assert tell(shop, batch) == in_one


def test_a_shops_log_equals_a_plain_fold(shop: list[dict[str, Any]], in_one: Told) -> None:
    assert {customer: facts(blob) for customer, blob in in_one.blobs.items()} == folded_facts(shop)


def test_free_orders_count_only_where_asked() -> None:
    free = order("o1", "0.00", day=1)
    assert facts(tell([free]).blobs["ada"])["orders"] == 1
    none = tell([free], limits=Limits(LIMITS.fold_after_us, count_free_orders=False))
    assert facts(none.blobs["ada"]) == folded_facts([free], count_free_orders=False)["ada"]


def test_a_refund_that_comes_before_its_order_takes_effect_when_the_order_comes() -> None:
    early = [refund("r1", "o1", "40.00", day=9), order("o1", "100.00", day=1)]
    assert facts(tell(early).blobs["ada"])["monetary"] == 60_00


def test_a_refund_never_takes_back_more_than_the_order_still_holds() -> None:
    log = [order("o1", "100.00", day=1), refund("r1", "o1", "80.00", day=2), refund("r2", "o1", "80.00", day=3)]
    assert facts(tell(log).blobs["ada"])["monetary"] == 0
    assert facts(tell(log).blobs["ada"])["orders"] == 0


def test_the_share_of_a_cost_that_comes_back_is_exact_at_the_largest_money() -> None:
    log = [order("o1", "9999999999.99", day=1, cost="9999999999.97"), refund("r1", "o1", "3333333333.31", day=2)]
    assert facts(tell(log).blobs["ada"])["cost"] == folded_facts(log)["ada"]["cost"]


def test_a_hot_customer_with_thousands_of_orders_stays_exact() -> None:
    chance = random.Random(7)
    log = [order(f"o{i}", f"{chance.randrange(1, 9999)}.00", day=chance.randrange(700)) for i in range(4000)]
    log += [refund(f"r{i}", f"o{chance.randrange(4000)}", "5.00", day=701) for i in range(400)]
    log += [cancel(f"o{chance.randrange(4000)}", day=702) for _ in range(400)]
    chance.shuffle(log)
    assert facts(tell(log, 500).blobs["ada"]) == folded_facts(log)["ada"]


def test_a_folded_ledger_keeps_its_facts_and_lets_its_rows_go() -> None:
    log = [order(f"o{day}", "10.00", day=day, cost="4.00") for day in range(0, 1000, 2)]
    bounded = tell(log, limits=Limits(100 * DAY_US, count_free_orders=True)).blobs["ada"]
    assert facts(bounded) == folded_facts(log)["ada"]
    assert len(bounded) < len(tell(log).blobs["ada"]) / 5


def test_what_is_folded_is_counted_and_so_is_what_never_met_its_order() -> None:
    log = [refund("r1", "lost", "5.00", day=0), order("o1", "10.00", day=1), order("o2", "10.00", day=500)]
    h = peek(tell(log, limits=Limits(100 * DAY_US, count_free_orders=True)).blobs["ada"])
    assert (h.folded_rows, h.folded_orphans, h.folded_orders, h.rows) == (2, 1, 1, 1)


def test_a_day_whose_other_order_is_refunded_after_the_fold_still_counts() -> None:
    log = [order("kept", "10.00", day=0), order("old", "10.00", day=0), refund("r1", "kept", "1.00", day=90)]
    log += [order("new", "10.00", day=150), refund("r2", "kept", "9.00", day=151)]
    told = tell(log, limits=Limits(100 * DAY_US, count_free_orders=True))
    assert set(told.results) == {Result.APPLIED}
    assert facts(told.blobs["ada"]) == folded_facts(log)["ada"]


@given(logs.logs)
@settings(max_examples=200, deadline=None)
def test_whatever_is_refused_or_folded_the_facts_make_sense(events: list[dict[str, Any]]) -> None:
    for blob in tell(events, 3, limits=Limits(30 * DAY_US, count_free_orders=True)).blobs.values():
        h = peek(blob)
        assert 0 <= h.purchase_days <= h.orders
        assert (h.purchase_days > 0) == (h.orders > 0)
        assert h.first_us <= h.last_us
        assert min(h.held, h.cost) >= 0


def test_an_event_older_than_the_ledgers_memory_is_refused() -> None:
    log = [order("new", "10.00", day=500), order("old", "10.00", day=1)]
    told = tell(log, limits=Limits(100 * DAY_US, count_free_orders=True))
    assert told.results == [Result.APPLIED, Result.TOO_OLD]
    assert facts(told.blobs["ada"])["orders"] == 1
