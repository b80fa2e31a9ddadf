"""DEFAULT_MODEL is what `fit` gives on the whole packaged CDNOW sample, and the likeliest by likelihoods that are not ours."""

import warnings

import numpy as np
import pytest
from scipy.special import gammaln

from scoring.defaults import DEFAULT_MODEL
from scoring.fitting.fit import fit
from scoring.history import Histories
from scoring.layout import INPUTS, Family
from scoring.terms import Model
from scoring.value import value_of
from tests.support.cdnow import END, cdnow_histories, cdnow_orders
from tests.support.models import lifetimes_mbg

PROCESS = ("r", "alpha", "a", "b")
PROFIT = ("p", "q", "v")


def of_purchases(model: Model, seen: Histories) -> float:
    """lifetimes: the mean over the customers."""
    logs = np.log([getattr(model, name) for name in PROCESS])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitter = lifetimes_mbg(model)
        mean = fitter._negative_log_likelihood(logs, seen.x, seen.t_x, seen.t, np.ones_like(seen.x), 0.0)
    return -float(mean) * len(seen.x)


def of_profits(model: Model, seen: Histories) -> float:
    """Each customer's orders: gammas of one rate, the rate integrated out."""
    who, cents = seen.order_of[seen.order_profits > 0.0], seen.order_profits[seen.order_profits > 0.0]
    n, total = np.bincount(who), np.bincount(who, cents)
    p, q, v = model.p, model.q, model.v
    of_customers = gammaln(p * n + q) - n * gammaln(p) - gammaln(q) + q * np.log(v) - (p * n + q) * np.log(v + total)
    return float(np.sum(of_customers) + (p - 1.0) * np.sum(np.log(cents)))


def test_the_default_is_what_fit_gives() -> None:
    found = fit(cdnow_histories(END), Family.MBG)
    assert found.model[:9] == pytest.approx(DEFAULT_MODEL[:9], rel=1e-4)
    assert found.log_likelihood == pytest.approx(-25_570.677, abs=0.001)
    assert found.log_likelihood_profit == pytest.approx(-61_497.401, abs=0.001)


@pytest.mark.parametrize(
    ("names", "function", "best"), [(PROCESS, of_purchases, -25_570.677), (PROFIT, of_profits, -61_497.401)]
)
def test_no_parameter_moved_makes_the_sample_likelier(names: tuple[str, ...], function: object, best: float) -> None:
    assert callable(function)
    seen = cdnow_histories(END)
    top = function(DEFAULT_MODEL, seen)
    assert top == pytest.approx(best, abs=0.001)
    for name in names:
        for factor in (0.99, 1.01):
            moved = DEFAULT_MODEL._replace(**{name: getattr(DEFAULT_MODEL, name) * factor})
            assert function(moved, seen) < top


def test_the_defaults_foretell_the_next_year_of_the_sample() -> None:
    # 12 months after 1997-06-30, the whole population's spend; fitted on the same weeks, so this is a check of scale
    seen, orders = cdnow_histories("1997-06-30"), cdnow_orders()
    looks = np.zeros(len(seen.x), INPUTS)
    for name in ("x", "t_x", "t", "orders", "profit"):
        looks[name] = getattr(seen, name)
    foretold = sum(value_of(DEFAULT_MODEL, look) for look in looks) / 100.0
    assert foretold == pytest.approx(orders[orders.date > "1997-06-30"].dollars.sum(), rel=0.06)
