"""Which of two models foretold better, against a truth that is known because it was drawn."""

import numpy as np
import pytest

from scoring.accuracy.compare import compare, predicts_better
from scoring.accuracy.forecast import forecast
from scoring.defaults import DEFAULT_MODEL
from scoring.everybody import chances_to_buy
from scoring.history import Histories, histories_of_table
from scoring.layout import DAY_US, Floats, Ints
from scoring.outcomes import outcomes_of_table
from scoring.terms import Model
from scoring.value import p_alive

DICE = np.random.default_rng(5)
TRUE = DEFAULT_MODEL._replace(k=2.0, r=1.2, alpha=20.0, a=0.6, b=3.0, p=5.0, q=4.0, v=3_000.0)
CUT_US, DAYS = 200 * DAY_US, 150.0


def bought() -> tuple[Ints, Ints, Floats]:
    """Orders (customer, time, profit) of 3,000 buyers drawn from TRUE, the first of each on day 0."""
    n = 3_000
    rate, leaves = DICE.gamma(TRUE.r, 1 / TRUE.alpha, n), DICE.beta(TRUE.a, TRUE.b, n)
    pays = DICE.gamma(TRUE.q, 1 / TRUE.v, n)
    at, buys = np.zeros(n), np.ones(n, bool)
    who, when = [np.arange(n)], [at.copy()]
    while buys.any():
        buys &= DICE.random(n) >= leaves
        at = np.where(buys, at + np.maximum(1.0, DICE.gamma(TRUE.k, 1 / rate)), at)
        buys &= at < 400
        who.append(np.flatnonzero(buys))
        when.append(at[buys])
    customers, days = np.concatenate(who), np.concatenate(when)
    return customers, (days * DAY_US).astype(np.int64), DICE.gamma(TRUE.p, 1 / pays[customers])


CUSTOMERS, AT_US, PROFITS = bought()
HISTORIES: Histories = histories_of_table(CUSTOMERS, AT_US, PROFITS, CUT_US)
OUTCOMES = outcomes_of_table(CUSTOMERS, AT_US, PROFITS, HISTORIES.customer, CUT_US, CUT_US + int(DAYS * DAY_US))


@pytest.mark.parametrize(
    "other",
    [
        TRUE._replace(r=0.5),
        TRUE._replace(a=3.0),
        TRUE._replace(a=0.05),
        TRUE._replace(v=1_500.0),
        TRUE._replace(k=1.0, alpha=5.0),
    ],
)
def test_the_model_that_drew_the_buyers_is_preferred_to_one_that_is_off(other: Model) -> None:
    assert predicts_better(other, TRUE, HISTORIES, OUTCOMES, DAYS)
    assert not predicts_better(TRUE, other, HISTORIES, OUTCOMES, DAYS)


def test_what_differs_by_chance_only_is_taken() -> None:
    for near in (TRUE, TRUE._replace(r=TRUE.r * 1.005), TRUE._replace(v=TRUE.v * 0.995)):
        assert predicts_better(TRUE, near, HISTORIES, OUTCOMES, DAYS)
        assert predicts_better(near, TRUE, HISTORIES, OUTCOMES, DAYS)


def test_no_forecast_scores_better_than_the_expectation_whatever_the_unit() -> None:
    profit = np.where(DICE.random(200_000) < 0.3, DICE.lognormal(3.0, 1.5, 200_000), -0.5)
    mean = np.full(len(profit), profit.mean())
    for factor in (0.8, 0.95, 1.05, 1.25):
        assert compare(mean, factor * mean, profit).new > compare(mean, factor * mean, profit).old
        in_pence = compare(100 * mean, 100 * factor * mean, 100 * profit)
        assert in_pence.is_worse == compare(mean, factor * mean, profit).is_worse


def test_a_forecast_over_arrays_is_what_the_kernel_says_of_each() -> None:
    told = forecast(TRUE._replace(discount=0.3, horizon_days=365.0), HISTORIES, DAYS)
    assert told.p_alive[7] == p_alive(TRUE, HISTORIES.x[7], HISTORIES.t_x[7], HISTORIES.t[7])
    np.testing.assert_array_equal(told.chance, chances_to_buy(TRUE, HISTORIES, DAYS))
    # the holdout is not discounted, and its orders are those that came, give or take
    assert told.orders.sum() == pytest.approx(OUTCOMES.days.sum(), rel=0.05)
    assert told.profit.sum() == pytest.approx(OUTCOMES.profit.sum(), rel=0.07)
