"""Pareto/NBD: the published numbers of CDNOW, as lifetimes computes it, and by quadrature where lifetimes cannot."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.integrate import quad

from scoring.defaults import DEFAULT_MODEL
from scoring.layout import Family
from scoring.process.pareto_nbd import expected_orders_if_alive, log_likelihood, log_odds_gone, p_alive
from scoring.terms import Model
from tests.support.models import Customer, cdnow_weeks, customers, lifetimes_pareto, pareto_models

# Fader, Hardie and Lee (2005), table 2: s = .606, beta = 11.669; time in weeks
CDNOW = DEFAULT_MODEL._replace(family=int(Family.PARETO), r=0.553, alpha=10.578, a=0.606, b=11.669)


def test_the_log_likelihood_is_the_published_one() -> None:
    total = sum(log_likelihood(CDNOW, *customer) for customer in zip(*cdnow_weeks(), strict=True))
    assert total == pytest.approx(-9594.98, abs=0.01)


def test_the_expectation_is_the_published_one() -> None:
    # "Buy 'Til You Die: a walkthrough" (Dziurzynski, Wadsworth, McCarthy 2014): customer 1516, 52 weeks ahead
    alive = p_alive(CDNOW, 26.0, 30.86, 31.0)
    assert alive == pytest.approx(0.998, abs=5e-4)
    assert alive * expected_orders_if_alive(CDNOW, 26.0, 31.0, 52.0) == pytest.approx(25.46, abs=5e-3)


@pytest.mark.parametrize("model", [CDNOW, CDNOW._replace(alpha=11.669, b=10.578), CDNOW._replace(b=10.578)])
def test_lifetimes_gives_the_same_for_every_customer_of_cdnow(model: Model) -> None:
    x, t_x, t = cdnow_weeks()
    oracle = lifetimes_pareto(model)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        alive = oracle.conditional_probability_alive(x, t_x, t)
        orders = oracle.conditional_expected_number_of_purchases_up_to_time(39.0, x, t_x, t)
    ours = np.array([p_alive(model, *customer) for customer in zip(x, t_x, t, strict=True)])
    expected = np.array([expected_orders_if_alive(model, n, age, 39.0) for n, age in zip(x, t, strict=True)])
    assert ours == pytest.approx(alive, rel=1e-12)
    assert ours * expected == pytest.approx(orders, rel=1e-11)


def by_quadrature(model: Model, x: float, t_x: float, t: float) -> float:
    """log of the integral over when they died, its largest part taken out: at death just before t, or just after t_x."""
    total = model.r + x

    def log_density(u: float) -> float:
        since = total * math.log((model.alpha + t) / (model.alpha + u))
        return since + model.a * math.log((model.b + t) / (model.b + u)) + math.log(model.a / (model.b + u))

    largest = log_density(t_x)
    points = [t_x + (t - t_x) * part for part in (1e-6, 1e-4, 1e-2)]
    found = quad(lambda u: math.exp(log_density(u) - largest), t_x, t, points=points, limit=500, epsabs=0.0)[0]
    return largest + math.log(found)


@pytest.mark.parametrize("alpha", [0.5, 10.0, 200.0])
@pytest.mark.parametrize("beta", [0.5, 10.0, 500.0])
@pytest.mark.parametrize(
    ("x", "t_x", "t"), [(0.0, 0.0, 1.0), (0.0, 0.0, 3_650.0), (40.0, 100.0, 400.0), (4_000.0, 900.0, 905.0)]
)
def test_quadrature_gives_the_same_odds(alpha: float, beta: float, x: float, t_x: float, t: float) -> None:
    model = CDNOW._replace(alpha=alpha, b=beta)
    assert log_odds_gone(model, x, t_x, t) == pytest.approx(by_quadrature(model, x, t_x, t), rel=1e-7, abs=1e-7)


def test_thousands_of_orders_and_ten_years_of_silence_overflow_nothing() -> None:
    assert p_alive(CDNOW, 5_000.0, 100.0, 3_750.0) == 0.0
    assert math.isfinite(log_likelihood(CDNOW, 5_000.0, 100.0, 3_750.0))
    assert p_alive(CDNOW, 5_000.0, 3_750.0, 3_750.0) == 1.0


@pytest.mark.parametrize(("x", "t"), [(0.0, 0.0), (3.0, 40.0), (5_000.0, 700.0)])
def test_nothing_jumps_at_s_equal_one(x: float, t: float) -> None:
    at, beside = (expected_orders_if_alive(CDNOW._replace(a=s), x, t, 365.0) for s in (1.0, 1.0 + 1e-9))
    assert at == pytest.approx(beside, rel=1e-8)


@settings(max_examples=200)
@given(model=pareto_models, customer=customers())
def test_the_chance_of_death_is_none_without_silence_and_grows_by_no_jump(model: Model, customer: Customer) -> None:
    assert p_alive(model, customer.x, customer.t_x, customer.t_x) == 1.0
    assert p_alive(model, customer.x, customer.t_x, customer.t_x + 1e-9) > 0.999
