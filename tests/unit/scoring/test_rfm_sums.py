"""Recency, frequency and monetary against pandas on CDNOW, and against the plain fold where orders are taken back."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from scoring.layout import DAY_US
from scoring.ledgers import Ledgers, open_ledgers
from scoring.rfm.cohorts import cohorts
from scoring.rfm.periods import Period, by_period, period_text
from scoring.rfm.sums import Rfm, window
from scoring.terms import Limits
from tests.support.fold import fold, microseconds
from tests.support.kernel import LIMITS, tell
from tests.support.logs import START, time_of
from tests.support.shop_log import MINUTE_US, shop_log

SAMPLE = Path(__file__).parents[3] / "ebbtide" / "data" / "cdnow_sample.csv.gz"
START_US = int(START.timestamp()) * 1_000_000
DAYS = (30, 90, 365, None)
PERIODS = [(Period.MONTH, "M"), (Period.QUARTER, "Q"), (Period.YEAR, "Y")]


def opened(events: list[dict[str, Any]], limits: Limits = LIMITS) -> tuple[list[str], Ledgers]:
    blobs = tell(events, limits=limits).blobs
    return list(blobs), open_ledgers(list(blobs.values()), np.zeros(len(blobs), np.int64))


def order(order_id: str, amount: str, day: float, **more: Any) -> dict[str, Any]:
    told = {"id": order_id, "type": "order.placed", "customer_id": "c", "order_id": order_id, "amount": amount}
    return told | {"occurred_at": time_of(round(day * DAY_US))} | more


def one(rfm: Rfm) -> tuple[float, int, int]:
    (recency_days,), (orders,), (monetary,) = rfm
    return float(recency_days), int(orders), int(monetary)


@pytest.fixture(scope="module")
def cdnow() -> tuple[pd.DataFrame, list[str], Ledgers]:
    rows = pd.read_csv(SAMPLE, dtype=str).rename(columns={"sample_customer_id": "customer"})
    rows["cents"] = rows["dollars"].str.replace(".", "", regex=False).astype("int64")
    rows["at"] = pd.to_datetime(rows["date"])
    told = zip(rows["customer"], rows["dollars"], rows["date"], strict=True)
    ids, ledgers = opened(
        [
            order(f"o{i}", dollars, 0, customer_id=who, occurred_at=f"{date}T00:00:00+00:00")
            for i, (who, dollars, date) in enumerate(told)
        ]
    )
    return rows, ids, ledgers


@pytest.mark.parametrize("days", DAYS)
@pytest.mark.parametrize("as_of", ["1997-03-31", "1997-09-30", "1998-06-30"])
def test_windows_of_cdnow_are_what_pandas_groups(
    cdnow: tuple[pd.DataFrame, list[str], Ledgers], days: int | None, as_of: str
) -> None:
    rows, ids, ledgers = cdnow
    end = pd.Timestamp(as_of)
    inside = rows[rows["at"] <= end]
    if days is not None:
        inside = inside[inside["at"] > end - pd.Timedelta(days=days)]
    expected = inside.groupby("customer").agg(last=("at", "max"), orders=("at", "size"), cents=("cents", "sum"))
    expected = expected.reindex(ids)

    got = window(ledgers, int(end.timestamp()) * 1_000_000, days, True)

    there = expected["orders"].notna().to_numpy()
    assert 0 < there.sum() <= len(ids)
    assert np.array_equal(got.orders, expected["orders"].fillna(0))
    assert np.array_equal(got.monetary, expected["cents"].fillna(0))
    assert np.array_equal(got.recency_days[there], (end - expected["last"][there]).dt.days)
    assert np.isinf(got.recency_days[~there]).all()


@pytest.mark.parametrize(("period", "letter"), PERIODS)
def test_periods_of_cdnow_are_what_pandas_groups(
    cdnow: tuple[pd.DataFrame, list[str], Ledgers], period: Period, letter: str
) -> None:
    rows, ids, ledgers = cdnow
    named = rows["at"].dt.to_period(letter).astype(str).str.replace("Q", "-Q", regex=False)
    expected = rows.assign(period=named).groupby(["customer", "period"]).agg(n=("at", "size"), cents=("cents", "sum"))

    got = by_period(ledgers, 2**60, period, True)

    keys = [(ids[c], period_text(number, period)) for c, number in zip(got.customer, got.period.tolist(), strict=True)]
    sums = zip(got.orders.tolist(), got.monetary.tolist(), strict=True)
    assert dict(zip(keys, sums, strict=True)) == {
        key: (row.n, row.cents) for key, row in zip(expected.index, expected.itertuples(), strict=True)
    }


@pytest.mark.parametrize("share", [0.3, 0.7, 1.0])
def test_life_is_the_fold_of_what_was_told_up_to_then(share: float) -> None:
    log = shop_log(3000, 60)
    as_of_us = START_US + int(share * 3000) * MINUTE_US
    ids, ledgers = opened(log)
    told = fold([event for event in log if microseconds(event["occurred_at"]) <= as_of_us]).customers

    got = window(ledgers, as_of_us, None, True)

    for i, customer in enumerate(ids):
        facts = told.get(customer, {"orders": 0, "monetary": 0, "last_at": None})
        assert (got.orders[i], got.monetary[i]) == (facts["orders"], facts["monetary"])
        if (last_us := facts["last_at"]) is not None:
            assert got.recency_days[i] == (as_of_us - last_us) / DAY_US


def test_windows_are_the_fold_of_their_orders_with_what_befell_them() -> None:
    log = shop_log(3000, 20)
    hours = 12
    after_us, until_us = START_US + 1500 * MINUTE_US - hours * 60 * MINUTE_US, START_US + 1500 * MINUTE_US
    placed = {e["order_id"]: microseconds(e["occurred_at"]) for e in log if e["type"] == "order.placed"}
    inside = [
        event
        for event in log
        if after_us < placed.get(event["order_id"], 0) <= until_us and microseconds(event["occurred_at"]) <= until_us
    ]
    ids, ledgers = opened(log)
    told = fold(inside).customers
    assert {event["type"] for event in inside} == {"order.placed", "order.refunded", "order.cancelled"}

    got = window(ledgers, until_us, hours / 24, True)

    expected = [told.get(customer, {"orders": 0, "monetary": 0}) for customer in ids]
    assert got.orders.tolist() == [facts["orders"] for facts in expected]
    assert got.monetary.tolist() == [facts["monetary"] for facts in expected]


def test_periods_sum_to_life_where_nothing_is_folded() -> None:
    ids, ledgers = opened(shop_log(3000, 60))
    life = window(ledgers, 2**60, None, True)
    for period in Period:
        got = by_period(ledgers, 2**60, period, True)
        orders: dict[int, int] = defaultdict(int)
        for customer, count in zip(got.customer.tolist(), got.orders.tolist(), strict=True):
            orders[customer] += count
        assert [orders[c] for c in range(len(ids))] == life.orders.tolist()


def test_a_credit_lowers_the_window_and_the_period_it_lies_in() -> None:
    credit = {"id": "r", "type": "order.refunded", "customer_id": "c", "refund_id": "r", "amount": "4.00"}
    log = [order("o1", "10.00", 1), order("o2", "20.00", 40), credit | {"occurred_at": time_of(45 * DAY_US)}]
    _, ledgers = opened(log)
    at_us = START_US + 50 * DAY_US
    assert one(window(ledgers, at_us, None, True)) == (10.0, 2, 2600)
    assert one(window(ledgers, at_us, 30, True)) == (10.0, 1, 1600)
    assert one(window(ledgers, START_US + 44 * DAY_US, 30, True)) == (4.0, 1, 2000)  # not yet told
    assert by_period(ledgers, at_us, Period.MONTH, True).monetary.tolist() == [1000, 1600]


def test_life_remembers_what_was_folded_away() -> None:
    credit = {"id": "r", "type": "order.refunded", "customer_id": "c", "refund_id": "r", "amount": "4.00"}
    log = [order("o1", "10.00", 0), order("o2", "20.00", 5), credit | {"occurred_at": time_of(6 * DAY_US)}]
    _, ledgers = opened([*log, order("o3", "40.00", 100)], Limits(30 * DAY_US, True))
    assert ledgers.headers["folded_orders"].tolist() == [2]
    assert one(window(ledgers, START_US + 101 * DAY_US, None, True)) == (1.0, 3, 6600)
    assert one(window(ledgers, START_US + 101 * DAY_US, 30, True)) == (1.0, 1, 4000)


def test_free_orders_count_where_the_setting_says_so() -> None:
    _, ledgers = opened([order("o1", "10.00", 0), order("o2", "0.00", 5)])
    at_us = START_US + 10 * DAY_US
    assert one(window(ledgers, at_us, None, True)) == (5.0, 2, 1000)
    assert one(window(ledgers, at_us, None, False)) == (10.0, 1, 1000)


def test_no_customers_give_nothing() -> None:
    ledgers = open_ledgers([], np.zeros(0, np.int64))
    assert all(len(values) == 0 for values in window(ledgers, 0, None, True))
    assert all(len(values) == 0 for values in by_period(ledgers, 0, Period.YEAR, True))


def test_cohorts_of_cdnow_are_what_pandas_groups(cdnow: tuple[pd.DataFrame, list[str], Ledgers]) -> None:
    rows, _, ledgers = cdnow
    month = rows["at"].dt.year * 12 + rows["at"].dt.month
    first = month.groupby(rows["customer"]).transform("min")
    table = pd.DataFrame({"who": rows["customer"], "cohort": first - month.min(), "later": month - first})
    counts: Any = table.groupby(["cohort", "later"])["who"].nunique().unstack(fill_value=0)

    got = cohorts(by_period(ledgers, 2**60, Period.MONTH, True), 18)

    assert (got.period, period_text(got.start, got.period), len(got.sizes)) == (Period.MONTH, "1997-01", 18)
    assert got.sizes[:3].tolist() == counts[0].tolist()  # all of CDNOW's customers came in one quarter
    assert not got.sizes[3:].any()
    for i in range(3):
        assert got.shares[i, : 18 - i] * got.sizes[i] == pytest.approx(counts.loc[i].to_numpy()[: 18 - i])
        assert np.isnan(got.shares[i, 18 - i :]).all()  # not yet


def test_a_long_history_has_cohorts_by_quarter_or_year() -> None:
    for years, period in ((1, Period.MONTH), (4, Period.QUARTER), (9, Period.YEAR)):
        _, ledgers = opened([order("o1", "1.00", 0), order("o2", "1.00", 365.0 * years)])
        got = cohorts(by_period(ledgers, 2**60, Period.MONTH, True), 18)
        assert got.period is period
        assert got.shares[0, -1] == 1.0
        assert got.sizes.sum() == 1
