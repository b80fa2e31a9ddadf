"""The chance to buy again, against buyers whose fate is known because we drew it."""

import numpy as np
import pytest

from scoring.chance import chance_to_buy
from scoring.defaults import DEFAULT_MODEL
from scoring.layout import Family
from scoring.value import p_alive

DAYS = 180.0


def drawn(stages: int, customers: int = 60_000) -> tuple[np.ndarray, ...]:
    """x, t_x at 200 days, and whether a purchase follows within DAYS, of buyers who leave after a purchase (MBG/CNBD-k)."""
    dice = np.random.default_rng(7)
    rate = dice.gamma(0.9, 1.0 / 12.0, customers)
    leaves = dice.beta(0.8, 2.5, customers)
    x, t_x, last = np.zeros(customers), np.zeros(customers), np.zeros(customers)
    again = np.zeros(customers, bool)
    buys = dice.random(customers) >= leaves
    while buys.any():
        last = np.where(buys, last + dice.gamma(stages, 1.0 / rate), last)
        seen, soon = buys & (last <= 200.0), buys & (last > 200.0) & (last <= 200.0 + DAYS)
        x += seen
        t_x = np.where(seen, last, t_x)
        again |= soon
        buys = seen & (dice.random(customers) >= leaves)
    return x, t_x, again


@pytest.mark.parametrize("stages", [1, 2])
def test_of_those_told_a_chance_as_many_buy(stages: int) -> None:
    x, t_x, again = drawn(stages)
    model = DEFAULT_MODEL._replace(k=float(stages), r=0.9, alpha=12.0, a=0.8, b=2.5)
    chances = np.array([chance_to_buy(model, *who, 200.0, DAYS) for who in zip(x, t_x, strict=True)])
    for group in np.array_split(np.argsort(chances, kind="stable"), 10):
        assert chances[group].mean() == pytest.approx(again[group].mean(), abs=0.02)


@pytest.mark.parametrize("family", [Family.MBG, Family.BG, Family.PARETO])
@pytest.mark.parametrize(
    ("x", "t_x", "t"), [(0.0, 0.0, 0.0), (3.0, 80.0, 95.0), (500.0, 900.0, 900.0), (2.0, 10.0, 3_660.0)]
)
def test_it_lies_between_nothing_and_being_alive_and_grows_with_the_days(
    family: Family, x: float, t_x: float, t: float
) -> None:
    model = DEFAULT_MODEL._replace(family=int(family))
    chances = [chance_to_buy(model, x, t_x, t, days) for days in (0.0, 1.0, 30.0, 365.0, 1e5)]
    assert (np.diff(chances) >= -1e-12).all()  # two likelihoods are subtracted: the last digits are noise
    assert chances[0] == 0.0
    assert chances[-1] <= p_alive(model, x, t_x, t) + 1e-9
