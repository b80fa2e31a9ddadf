"""MBG/CNBD-k: k = 1 as lifetimes computes it, any k as simulated buyers behave, and safe where the textbook form is not."""

import math
import warnings

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import beta as beta_function
from scipy.stats import gamma

from scoring.defaults import DEFAULT_MODEL
from scoring.layout import Floats
from scoring.process.mbg_cnbd import expected_orders_if_alive, log_likelihood, p_alive, tail
from scoring.terms import Model
from tests.support.models import lifetimes_mbg

GRID = [(0, 0, 0), (0, 0, 30), (0, 0, 540), (1, 1, 1), (1, 20, 300), (4, 200, 210), (12, 300, 420), (40, 350, 365)]
RHYTHM = DEFAULT_MODEL._replace(k=2.0, r=0.9, alpha=12.0, a=0.8, b=2.5, horizon_days=90.0)


@pytest.mark.parametrize("model", [DEFAULT_MODEL, DEFAULT_MODEL._replace(r=2.2, a=1.8, b=3.5, alpha=20.0)])
@pytest.mark.parametrize(("x", "t_x", "t"), GRID)
def test_lifetimes_gives_the_same_expectations_for_k_1(model: Model, x: int, t_x: int, t: int) -> None:
    oracle = lifetimes_mbg(model)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        alive = float(np.squeeze(oracle.conditional_probability_alive(x, t_x, t)))
        orders = float(
            np.squeeze(oracle.conditional_expected_number_of_purchases_up_to_time(model.horizon_days, float(x), t_x, t))
        )
    chance = p_alive(model, float(x), float(t_x), float(t))
    assert chance == pytest.approx(alive, rel=1e-12)
    assert chance * expected_orders_if_alive(model, float(x), float(t_x), float(t), 365.0) == pytest.approx(
        orders, rel=1e-10
    )


def of_one_history(model: Model, gaps: list[float], t: float) -> tuple[float, float, float]:
    """Likelihood, P(alive) and tail from their definition, integrated over the stage rate: no closed form, no logarithms."""
    k, x = int(model.k), len(gaps)
    since = t - sum(gaps)
    stays, leaves = beta_function(model.a, model.b + x + 1), beta_function(model.a + 1, model.b + x)

    def purchases(rate: float) -> float:
        made = math.prod(float(gamma.pdf(gap, k, scale=1.0 / rate)) for gap in gaps)
        return made * float(gamma.pdf(rate, model.r, scale=1.0 / model.alpha))

    made = quad(purchases, 0.0, math.inf, epsabs=0.0, epsrel=1e-11, limit=500)[0]
    silent = quad(
        lambda rate: purchases(rate) * float(gamma.sf(since, k, scale=1.0 / rate)),
        0.0,
        math.inf,
        epsabs=0.0,
        epsrel=1e-11,
        limit=500,
    )[0]
    alive, gone = stays * silent, leaves * made
    return (alive + gone) / beta_function(model.a, model.b), alive / (alive + gone), silent / made


@pytest.mark.parametrize("k", [1.0, 2.0, 3.0, 6.0])
@pytest.mark.parametrize(("gaps", "t"), [([], 40.0), ([5.0, 9.0, 4.0], 30.0), ([20.0], 20.0), ([3.0] * 8, 60.0)])
def test_likelihood_p_alive_and_tail_are_what_their_definition_says(k: float, gaps: list[float], t: float) -> None:
    model = RHYTHM._replace(k=k)
    x, t_x, log_gaps = float(len(gaps)), sum(gaps), sum(math.log(gap) for gap in gaps)
    likelihood, alive, silent = of_one_history(model, gaps, t)
    assert math.exp(log_likelihood(model, x, t_x, t, log_gaps)) == pytest.approx(likelihood, rel=1e-8)
    assert p_alive(model, x, t_x, t) == pytest.approx(alive, rel=1e-8)
    assert tail(model, x, t_x, t) == pytest.approx(silent, rel=1e-8)


def simulated(model: Model, t: float, n: int) -> tuple[Floats, Floats, Floats, Floats]:
    """n buyers from the model itself: purchases up to t, the last of them, still a buyer then (0 or 1), purchases after."""
    rng = np.random.default_rng(20070801)
    rate = rng.gamma(model.r, 1.0 / model.alpha, n)
    leaving = rng.beta(model.a, model.b, n)
    stays = rng.random(n) >= leaving
    now, x, t_x, after = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    alive = np.ones(n)
    while True:
        alive[~stays & (now <= t)] = 0.0
        now = np.where(stays, now + rng.gamma(model.k, 1.0, n) / rate, math.inf)
        if not (now <= t + model.horizon_days).any():
            return x, t_x, alive, after
        seen = now <= t
        x += seen
        t_x = np.where(seen, now, t_x)
        after += (now > t) & (now <= t + model.horizon_days)
        stays = stays & (rng.random(n) >= leaving)


# docs/decisions/0013: how far the stationary expectation is off for k > 1, of a year's orders, over all silences
@pytest.mark.parametrize(("k", "off"), [(1.0, 0.0), (2.0, 0.03), (3.0, 0.04)])
def test_simulated_buyers_live_and_buy_as_predicted(k: float, off: float) -> None:
    model = RHYTHM._replace(k=k)
    t = 100.0
    x, t_x, alive, after = simulated(model, t, 60_000)
    for count in (0.0, 1.0, 2.0, 5.0):
        those = x == count
        last = t_x[those]
        of_each = math.sqrt(those.sum())
        chance = np.array([p_alive(model, count, when, t) for when in last])
        if_alive = np.array([expected_orders_if_alive(model, count, when, t, model.horizon_days) for when in last])
        # four standard errors
        assert chance.mean() == pytest.approx(alive[those].mean(), abs=4 * alive[those].std() / of_each)
        error = 4 * after[those].std() / of_each + off * after[those].mean()
        assert (chance * if_alive).mean() == pytest.approx(after[those].mean(), abs=error)


def of_living_buyers(model: Model, x: float, t_x: float, t: float, n: int, stationary: bool) -> tuple[float, float]:
    """Purchases within the horizon of n living buyers of this history, and the mean's standard error. Stationary: the last
    gap may be at any stage; else at the stage that the silence makes likely."""
    rng = np.random.default_rng(20210301)
    k, shape, part = int(model.k), model.r + model.k * x, (t - t_x) / (model.alpha + t)
    weights = np.array([math.exp(math.lgamma(shape + j) - math.lgamma(shape) - math.lgamma(j + 1)) for j in range(k)])
    weights *= part ** np.arange(k)
    stage = rng.choice(k, n, p=weights / weights.sum())
    rate = rng.gamma(shape + stage, 1.0 / (model.alpha + t))
    leaving = rng.beta(model.a, model.b + x + 1.0, n)
    begun = rng.integers(0, k, n) if stationary else stage
    purchases = (rng.poisson(rate * model.horizon_days) + begun) // k
    made = np.minimum(purchases, rng.geometric(leaving))
    return float(made.mean()), float(made.std() / math.sqrt(n))


HISTORIES = [
    (0.0, 0.0, 0.0),
    (0.0, 0.0, 30.0),
    (0.0, 0.0, 400.0),
    (1.0, 20.0, 60.0),
    (3.0, 150.0, 180.0),
    (30.0, 690.0, 700.0),
]


# docs/decisions/0013: gaps that follow no rhythm make a little fewer orders of a buyer who leaves after some of them
@pytest.mark.parametrize(("k", "most"), [(1.0, 0.0), (2.0, 0.028), (3.0, 0.037), (6.0, 0.045)])
@pytest.mark.parametrize(("x", "t_x", "t"), HISTORIES)
def test_the_expectation_is_that_of_buyers_at_any_stage_and_hardly_lower(
    k: float, most: float, x: float, t_x: float, t: float
) -> None:
    model = RHYTHM._replace(k=k, horizon_days=365.0)
    mean, error = of_living_buyers(model, x, t_x, t, 400_000, stationary=True)
    orders = expected_orders_if_alive(model, x, t_x, t, 365.0)
    assert (1.0 - most) * mean - 4 * error <= orders <= mean + 4 * error


@pytest.mark.parametrize("k", [2.0, 3.0])
@pytest.mark.parametrize(("x", "t_x", "t"), HISTORIES)
def test_what_the_stage_would_add_is_less_than_half_an_order(k: float, x: float, t_x: float, t: float) -> None:
    model = RHYTHM._replace(k=k, horizon_days=365.0)
    mean, error = of_living_buyers(model, x, t_x, t, 400_000, stationary=False)
    orders = expected_orders_if_alive(model, x, t_x, t, 365.0)
    assert orders == pytest.approx(mean, abs=0.5 * (k - 1.0) / k + 4 * error)
    assert orders == pytest.approx(mean, rel=0.11)


@pytest.mark.parametrize(("x", "t"), [(0.0, 0.0), (3.0, 40.0), (5_000.0, 700.0)])
@pytest.mark.parametrize("k", [1.0, 3.0])
def test_nothing_jumps_at_a_equal_one(x: float, t: float, k: float) -> None:
    at, beside = (
        expected_orders_if_alive(DEFAULT_MODEL._replace(a=a, k=k), x, 0.5 * t, t, 365.0) for a in (1.0, 1.0 + 1e-9)
    )
    assert at == pytest.approx(beside, rel=1e-8)


def test_a_one_time_buyer_can_be_gone_at_once() -> None:
    assert p_alive(DEFAULT_MODEL, 0.0, 0.0, 0.0) == pytest.approx(DEFAULT_MODEL.b / (DEFAULT_MODEL.a + DEFAULT_MODEL.b))


def test_thousands_of_purchases_and_ten_years_of_silence_are_certain_and_silent() -> None:
    assert p_alive(DEFAULT_MODEL, 50_000.0, 100.0, 3_750.0) == 0.0
    assert p_alive(DEFAULT_MODEL, 50_000.0, 3_750.0, 3_750.0) > 0.9999
