"""Data that cannot tell are refused with the reason, or told of by a note; no history makes a fit run away in silence."""

import math

import numpy as np
import pytest

from scoring.errors import DegenerateError
from scoring.fitting.fit import LEAST_Q, fit
from scoring.history import Histories
from scoring.layout import Family, Floats
from scoring.terms import Model
from tests.support.buyers import drawn_histories

TRUTH = Model(0, 1.0, 0.9, 12.0, 0.8, 2.5, p=3.4, q=4.8, v=3700.0, horizon_days=365.0, discount=0.0)
FAMILIES = [Family.MBG, Family.BG, Family.PARETO]


@pytest.fixture(scope="module")
def sound() -> Histories:
    return drawn_histories(TRUTH, 2_000, seed=1)


def rhythmic(x: Floats, t_x: Floats, t: Floats) -> Histories:
    """Two orders a customer, of amounts that tell."""
    n = len(x)
    profits = np.random.default_rng(2).gamma(3.0, np.repeat(np.random.default_rng(3).gamma(3.0, 500.0, n), 2))
    gaps = np.where(x > 0, x * np.log(np.maximum(t_x, 1.0) / np.maximum(x, 1.0)), 0.0)
    return Histories(
        x, t_x, t, gaps, x + 1.0, np.full(n, 1000.0), np.repeat(np.arange(n), 2), profits, np.arange(n, dtype=np.int64)
    )


def same(n: int, value: float) -> Floats:
    return np.full(n, value)


@pytest.mark.parametrize(
    ("x", "t_x", "t", "reason"),
    [
        ([], [], [], "no customer has an order that counts"),
        ([1.0] * 9, [5.0] * 9, [9.0] * 9, "only 9 customers"),
        ([0.0] * 50, [0.0] * 50, [90.0] * 50, "no customer has bought on a second day"),
        ([0.0] * 50, [0.0] * 50, [0.0] * 50, "no time has passed"),
        ([1.0] * 50, [math.nan] * 50, [90.0] * 50, "50 histories are none"),
        ([1.0] * 50, [91.0] * 50, [90.0] * 50, "50 histories are none"),
    ],
)
@pytest.mark.parametrize("family", FAMILIES)
def test_histories_that_tell_of_no_process_are_refused(
    family: Family, x: list[float], t_x: list[float], t: list[float], reason: str
) -> None:
    with pytest.raises(DegenerateError, match=reason):
        fit(rhythmic(np.array(x), np.array(t_x), np.array(t)), family)


@pytest.mark.parametrize(
    ("profits", "reason"),
    [
        (lambda h: np.full(len(h.order_of), 1999.0), "all amounts are identical"),
        (lambda h: 1000.0 + h.order_of, "no variance inside customers"),
        (lambda h: np.full(len(h.order_of), -5.0), "no order has a profit above zero"),
    ],
)
def test_profits_that_tell_of_no_spread_are_refused(sound: Histories, profits: object, reason: str) -> None:
    assert callable(profits)
    with pytest.raises(DegenerateError, match=reason):
        fit(sound._replace(order_profits=profits(sound)), Family.BG)


def test_orders_that_bring_nothing_are_left_out_and_told_of(sound: Histories) -> None:
    lost = sound.order_profits.copy()
    lost[::50] = 0.0
    lost[1::50] = -100.0
    kept = lost > 0.0
    found = fit(sound._replace(order_profits=lost), Family.BG)
    without = fit(sound._replace(order_profits=lost[kept], order_of=sound.order_of[kept]), Family.BG)
    assert found.model == without.model
    assert [note.split(":")[0] for note in found.notes] == ["no_profit"]


def test_customers_alike_in_profit_are_told_of(sound: Histories) -> None:
    alike = np.random.default_rng(4).gamma(4.0, 25.0, len(sound.order_of))
    found = fit(sound._replace(order_profits=alike), Family.BG)
    assert "profits_alike" in [note.split(":")[0] for note in found.notes]
    assert found.model.p == pytest.approx(4.0, rel=0.1)
    mean = found.model.p * found.model.v / (found.model.q - 1.0)
    assert mean == pytest.approx(100.0, rel=0.03)


def test_an_infinite_mean_profit_is_told_of_and_q_held_above_one() -> None:
    heavy = drawn_histories(TRUTH._replace(q=0.8, v=300.0), 2_000, seed=6)
    found = fit(heavy, Family.MBG, k=1)
    assert "mean_finite" in [note.split(":")[0] for note in found.notes]
    assert found.model.q == pytest.approx(LEAST_Q)


def test_a_shop_of_one_pace_is_told_to_be_poisson_like() -> None:
    found = fit(drawn_histories(TRUTH._replace(r=1e5, alpha=2e6), 2_000, seed=7), Family.MBG)
    assert "poisson_like" in [note.split(":")[0] for note in found.notes]
    assert found.model.r / found.model.alpha == pytest.approx(0.05, rel=0.05)


@pytest.mark.parametrize("family", FAMILIES)
def test_customers_who_never_leave_are_told_of(family: Family) -> None:
    stays = TRUTH._replace(family=int(Family.MBG), a=1e-6, b=1.0)
    found = fit(drawn_histories(stays, 2_000, seed=9, longest_days=365.0), family, k=1)
    assert "no_leaving" in [note.split(":")[0] for note in found.notes]
    assert all(math.isfinite(parameter) for parameter in found.model[:9])


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    ("x", "t_x", "t"),
    [
        (same(40, 3.0), same(40, 100.0), same(40, 200.0)),  # everybody the same
        (np.repeat([0.0, 1.0], [999, 1]), np.repeat([0.0, 7.0], [999, 1]), same(1000, 3650.0)),  # one second purchase
        (np.arange(40.0) * 500, np.arange(40.0) * 95, same(40, 4000.0)),  # up to 19,500 purchase days
        (np.repeat([0.0, 5.0], 20), np.repeat([0.0, 1e5], 20), same(40, 1e6)),  # watched for 2,700 years
        (np.repeat([0.0, 2.0], 20), np.repeat([0.0, 1e-3], 20), same(40, 1e-2)),  # watched for a quarter of an hour
    ],
)
def test_odd_histories_give_finite_parameters_and_a_finite_likelihood(
    family: Family, x: Floats, t_x: Floats, t: Floats
) -> None:
    found = fit(rhythmic(x, t_x, t), family)
    assert all(math.isfinite(parameter) and parameter > 0.0 for parameter in found.model[1:9])
    assert math.isfinite(found.log_likelihood)


def test_synlead_is_fitted_elsewhere_and_k_is_one_to_six(sound: Histories) -> None:
    with pytest.raises(ValueError, match="scoring/synlead"):
        fit(sound, Family.SYNLEAD)
    for family, k in ((Family.MBG, 0), (Family.MBG, 7), (Family.BG, 2)):
        with pytest.raises(ValueError, match="k is 1 to 6"):
            fit(sound, family, k=k)
