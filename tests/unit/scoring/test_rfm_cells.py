"""Quintile cells against NumPy's quantiles; one pass in parts gives what the whole gives; equal values share a cell."""

from functools import reduce

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.rfm.cells import MONEY_ENDS, Cells, add, cells_of, scores, tally
from scoring.rfm.sums import Rfm

FIFTHS = (0.2, 0.4, 0.6, 0.8)


def people(n: int, seed: int = 7) -> Rfm:
    chance = np.random.default_rng(seed)
    orders = chance.geometric(0.4, n).astype(np.int64)
    return Rfm(chance.integers(0, 700, n).astype(float), orders, (chance.lognormal(8, 1.5, n)).astype(np.int64))


def part(rfm: Rfm, where: slice) -> Rfm:
    return Rfm(rfm.recency_days[where], rfm.orders[where], rfm.monetary[where])


def test_boundaries_are_quantiles_of_the_population() -> None:
    rfm = people(5000)
    cells = cells_of(tally(rfm))
    exact = [np.quantile(values, FIFTHS, method="inverted_cdf") for values in rfm]
    assert cells.recency_days.tolist() == exact[0].tolist()
    assert cells.orders.tolist() == exact[1].tolist()
    assert cells.monetary == pytest.approx(exact[2], rel=0.005)
    assert (cells.monetary >= exact[2]).all()


def test_parts_add_up_to_the_whole() -> None:
    rfm = people(5000)
    told = reduce(add, [tally(part(rfm, slice(at, at + 700))) for at in range(0, 5000, 700)])
    assert all(np.array_equal(a, b) for a, b in zip(cells_of(told), cells_of(tally(rfm)), strict=True))


def test_without_ties_each_fifth_has_a_fifth_and_the_best_have_five() -> None:
    n = 500
    rfm = Rfm(np.arange(n, dtype=float), np.arange(1, n + 1), 1000 + 100 * np.arange(n))
    told = scores(rfm, cells_of(tally(rfm)))
    assert [np.bincount(told[:, i], minlength=6).tolist() for i in range(2)] == [[0, 100, 100, 100, 100, 100]] * 2
    assert told[0].tolist() == [5, 1, 1]  # today, and only once
    assert told[-1].tolist() == [1, 5, 5]
    assert (np.diff(told[:, 2]) >= 0).all()


def test_who_bought_once_like_most_is_in_the_least_cell_and_the_next_above_them() -> None:
    orders = np.array([1] * 70 + [2] * 20 + [9] * 10)
    rfm = Rfm(np.zeros(100), orders, np.full(100, 500))
    told = scores(rfm, cells_of(tally(rfm)))
    assert told[[0, 70, 90], 1].tolist() == [1, 4, 5]
    assert set(told[:, 0]) == {5}  # all equal: all the most recent
    assert set(told[:, 2]) == {1}


def test_nobody_without_an_order_has_a_cell_or_moves_a_boundary() -> None:
    some = people(100)
    none = Rfm(np.full(50, np.inf), np.zeros(50, np.int64), np.zeros(50, np.int64))
    recency_days, orders, monetary = (np.concatenate(pair) for pair in zip(some, none, strict=True))
    both = Rfm(recency_days, orders, monetary)
    cells = cells_of(tally(both))
    assert all(np.array_equal(a, b) for a, b in zip(cells, cells_of(tally(some)), strict=True))
    assert not scores(both, cells)[100:].any()


def test_an_empty_population_has_boundaries_all_the_same() -> None:
    nobody = Rfm(np.empty(0), np.empty(0, np.int64), np.empty(0, np.int64))
    assert all(len(bounds) == 4 for bounds in cells_of(tally(nobody)))


def test_money_is_told_apart_to_half_a_percent() -> None:
    assert MONEY_ENDS[0] == 0
    assert MONEY_ENDS[-1] >= 10**15
    assert (np.diff(MONEY_ENDS) > 0).all()
    large = MONEY_ENDS[MONEY_ENDS > 1000]
    assert (large[1:] / large[:-1]).max() < 1.0062


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 4), st.integers(0, 300)), min_size=1, max_size=40))
def test_equal_values_share_a_cell_and_better_is_never_worse(told: list[tuple[int, int, int]]) -> None:
    days, orders, money = (np.array(values, np.int64) for values in zip(*told, strict=True))
    rfm = Rfm(days.astype(float), orders, money)
    cells = cells_of(tally(rfm))
    got = scores(rfm, cells)
    assert ((got >= 1) & (got <= 5)).all()
    for column, values in ((0, -days), (1, orders), (2, money)):
        by_value = got[np.argsort(values, kind="stable"), column]
        assert (np.diff(by_value) >= 0).all()
        for value in set(values.tolist()):
            assert len(set(got[values == value, column])) == 1


def test_cells_told_by_hand() -> None:
    cells = Cells(np.array([10, 20, 30, 40]), np.array([1, 2, 3, 4]), np.array([100, 200, 300, 400]))
    rfm = Rfm(np.array([10.9, 11.0, 40.0, 41.0]), np.array([1, 2, 4, 5]), np.array([100, 101, 400, 401]))
    assert scores(rfm, cells).tolist() == [[5, 1, 1], [4, 2, 2], [2, 4, 4], [1, 5, 5]]
