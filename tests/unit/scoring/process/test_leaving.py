"""Orders until a buyer leaves: series and quadrature say the same, and both what the definition says."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import betaln

from scoring.process import leaving


def by_definition(shape: float, rate: float, a: float, b: float, days: float) -> float:
    """E[(1 - (1 + p days / rate)^-shape) / p] over p ~ Beta(a, b), a, b > 0.3, over log(p / (1 - p))."""

    def density(y: float) -> float:
        log_p, log_stays = -math.log1p(math.exp(-y)), -math.log1p(math.exp(y))
        p = math.exp(log_p)
        made = -math.expm1(-shape * math.log1p(p * days / rate)) / p
        return made * math.exp(a * log_p + b * log_stays - betaln(a, b))

    return float(sum(quad(density, low, low + 10.0, limit=200)[0] for low in range(-120, 60, 10)))


CASES = [
    # shape, rate, a, b, days: few orders, many, a horizon far beyond the past, hardly anybody leaves, nearly everybody does
    (0.9, 12.0, 0.8, 3.5, 365.0),
    (60.9, 600.0, 0.8, 13.5, 365.0),
    (3_000.0, 1_800.0, 0.8, 1_003.5, 365.0),
    (3_000.0, 180.0, 2.6, 1_003.5, 3_650.0),
    (20.0, 60.0, 5.0, 0.4, 365.0),
    (20.0, 60.0, 0.4, 40.0, 3_650.0),
    (
        6_030.0,
        1_600.0,
        44.0,
        1_207.0,
        270.0,
    ),  # all leave with about the same chance: most of its weight lies past e^-40
    (1.04, 0.245, 2_681.0, 5.03, 610.0),  # and nearly all at once: w^(a-1) is 0
]


@pytest.mark.parametrize(("shape", "rate", "a", "b", "days"), CASES)
def test_both_ways_are_what_the_definition_says(shape: float, rate: float, a: float, b: float, days: float) -> None:
    expected = by_definition(shape, rate, a, b, days)
    assert leaving.orders_until_gone(shape, rate, a, b, a + b - 1.0 - shape, days) == pytest.approx(expected, rel=1e-9)
    assert leaving._by_quadrature(shape, rate, a, b, days) == pytest.approx(expected, rel=1e-9)


@settings(max_examples=300)
@given(
    shape=st.floats(0.05, 200.0),
    rate=st.floats(0.5, 5_000.0),
    a=st.floats(0.05, 5.0),
    b=st.floats(1.05, 300.0),
    days=st.floats(1.0, 3_650.0),
)
def test_nothing_jumps_where_one_way_takes_over(shape: float, rate: float, a: float, b: float, days: float) -> None:
    either = leaving.orders_until_gone(shape, rate, a, b, a + b - 1.0 - shape, days)
    assert leaving._by_quadrature(shape, rate, a, b, days) == pytest.approx(either, rel=1e-9)


@pytest.mark.parametrize("a", [0.02, 0.05, 0.3])
def test_customers_who_hardly_ever_leave_are_worth_the_same_either_way(a: float) -> None:
    # 5 orders expected of who was last seen after 30 days, 3 years ahead: 2F1's first parameter is large, its second near -1
    shape, rate, b = 4.0, 100.0, 400.0
    expected = leaving._by_quadrature(shape, rate, a, b, 1_000.0)
    assert leaving.orders_until_gone(shape, rate, a, b, a + b - 1.0 - shape, 1_000.0) == pytest.approx(
        expected, rel=1e-9
    )


def test_ten_years_of_many_orders_a_day_come_to_an_end() -> None:
    # who leaves with a chance around 1/100 makes about that many
    assert leaving._by_quadrature(1e6, 1.0, 10.0, 991.0, 3_650.0) == pytest.approx(1_000.0 / 9.0, rel=1e-6)
