"""What holds of every model and every customer: finite, probabilities in [0, 1], and nothing rises in silence."""

import math
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.deadline import falls_below_at
from scoring.defaults import DEFAULT_MODEL
from scoring.layout import DAY_US, NEVER_US, Family
from scoring.models import bg_gg, mbg_gg, pareto_gg, verbs
from scoring.process import bg_nbd, mbg_cnbd, pareto_nbd
from scoring.terms import Model
from scoring.value import expected_orders_of, orders_if_alive, p_alive_of, tail_of, value_of
from tests.support.models import Customer, any_models, customers, look_at

ROUNDING = 1e-9


@settings(max_examples=500, deadline=None)
@given(model=any_models, customer=customers())
def test_every_answer_is_finite_and_every_chance_is_one(model: Model, customer: Customer) -> None:
    inputs = look_at(customer)
    assert 0.0 <= p_alive_of(model, inputs) <= 1.0
    assert 0.0 <= tail_of(model, inputs) <= 1.0
    assert 0.0 <= expected_orders_of(model, inputs) < math.inf
    assert 0.0 <= value_of(model, inputs) < math.inf


@settings(max_examples=500, deadline=None)
@given(model=any_models, customer=customers(), days=st.floats(0.0, 3_650.0))
def test_nothing_rises_in_silence(model: Model, customer: Customer, days: float) -> None:
    now, then = look_at(customer), look_at(customer._replace(t=customer.t + days))
    for measure in (p_alive_of, tail_of, expected_orders_of, value_of):
        assert measure(model, then) <= measure(model, now) * (1.0 + ROUNDING)


@settings(max_examples=500, deadline=None)
@given(model=any_models, customer=customers())
def test_who_never_leaves_would_buy_more(model: Model, customer: Customer) -> None:
    x, t_x, t = customer[:3]
    # k - 1 stages at most have passed since t_x
    never_leaves = (model.r + model.k * (x + 1.0) - 1.0) / model.k / (model.alpha + t) * model.horizon_days
    assert orders_if_alive(model, x, t_x, t, model.horizon_days) <= never_leaves * (1.0 + ROUNDING)


@settings(max_examples=300, deadline=None)
@given(model=any_models, customer=customers(), log_gap=st.floats(-1.0, 6.0))
def test_every_history_has_a_likelihood(model: Model, customer: Customer, log_gap: float) -> None:
    x, t_x, t = customer[:3]
    by_family = {
        Family.MBG: lambda: mbg_cnbd.log_likelihood(model, x, t_x, t, x * log_gap),
        Family.BG: lambda: bg_nbd.log_likelihood(model, x, t_x, t),
        Family.PARETO: lambda: pareto_nbd.log_likelihood(model, x, t_x, t),
    }
    assert math.isfinite(by_family[Family(model.family)]())


THREE = pytest.mark.parametrize(
    ("one", "model"),
    [
        (mbg_gg, DEFAULT_MODEL._replace(k=2.0)),
        (bg_gg, DEFAULT_MODEL._replace(family=int(Family.BG))),
        (pareto_gg, DEFAULT_MODEL._replace(family=int(Family.PARETO))),
    ],
)


@THREE
def test_the_verbs_give_each_customer_what_the_kernel_gives(one: ModuleType, model: Model) -> None:
    x = np.array([0.0, 3.0, 40.0])
    t = np.array([10.0, 90.0, 400.0])
    people = verbs.looks(x, 0.5 * t * (x > 0.0), t, x + 1.0, np.array([1_000.0, -500.0, 3_000.0]))
    for verb, scalar in (
        ("p_alive", p_alive_of),
        ("expected_orders", expected_orders_of),
        ("expected_profit", value_of),
    ):
        assert getattr(one, verb)(model, people).tolist() == [scalar(model, person) for person in people]
    assert verbs.tail(model, people).tolist() == [tail_of(model, person) for person in people]
    first_us = np.array([5 * DAY_US, 0, 0])
    falls = one.falls_below_at(model, people, first_us, 100.0, 500 * DAY_US)
    assert falls.tolist() == [
        falls_below_at(model, person, first, 100.0, 500 * DAY_US)
        for person, first in zip(people, first_us.tolist(), strict=True)
    ]
    assert NEVER_US not in falls
