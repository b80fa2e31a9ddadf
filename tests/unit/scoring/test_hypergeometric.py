"""(2F1(a, b; c; z) - 1) / b: SciPy says the same, near z = 1, at b = 0 and at the poles of the series in 1 - z."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import hyp2f1

from scoring.hypergeometric import one_2f1, reduced_2f1


def by_scipy(a: float, b: float, c: float, z: float) -> float:
    return float(hyp2f1(a, b, c, z) - 1.0) / b


@settings(max_examples=300, deadline=None)
@given(
    a=st.floats(0.05, 10.0),
    b=st.one_of(st.floats(-0.9, -0.05), st.floats(0.05, 4.0)),
    extra=st.floats(0.05, 30.0),
    z=st.floats(0.0, 0.995),
)
def test_it_is_what_scipy_says(a: float, b: float, extra: float, z: float) -> None:
    c = max(a, a + b) + extra
    assert reduced_2f1(a, b, c, z) == pytest.approx(by_scipy(a, b, c, z), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("excess", [1.0, 2.0, 5.0, 1.0 + 1e-9, 1.009, 1.011, 0.995])
def test_a_whole_excess_is_no_hole(excess: float) -> None:
    a, b, z = 0.9, -0.4, 0.985
    assert reduced_2f1(a, b, a + b + excess, z) == pytest.approx(by_scipy(a, b, a + b + excess, z), rel=1e-10)


@pytest.mark.parametrize("z", [0.0, 0.3, 0.8, 0.81, 0.99, 0.999])
def test_at_b_zero_it_is_the_limit(z: float) -> None:
    # 2F1(c, b; c; z) = (1-z)^-b, so the limit is -log(1-z)
    assert reduced_2f1(1.7, 0.0, 1.7, z) == pytest.approx(-math.log1p(-z), rel=1e-12)


@pytest.mark.parametrize("b", [-0.5, -0.0101, -0.0099, 0.0, 0.0099, 0.0101, 0.5])
def test_both_series_meet_where_one_takes_over(b: float) -> None:
    below, above = reduced_2f1(1.3, b, 2.6, 0.8), reduced_2f1(1.3, b, 2.6, math.nextafter(0.8, 1.0))
    assert above == pytest.approx(below, rel=1e-11)


def test_a_polynomial_ends() -> None:
    assert reduced_2f1(-2.0, 1.0, 3.0, 0.5) == pytest.approx(by_scipy(-2.0, 1.0, 3.0, 0.5), rel=1e-13)


def test_ten_years_ahead_of_a_customer_of_a_second_comes_to_an_end() -> None:
    assert reduced_2f1(1.0, -0.5, 1.5, 1.0 - 1e-5) == pytest.approx(by_scipy(1.0, -0.5, 1.5, 1.0 - 1e-5), rel=1e-6)


@settings(max_examples=300, deadline=None)
@given(b=st.floats(0.05, 300.0), extra=st.floats(0.05, 300.0), z=st.one_of(st.floats(0.0, 0.999), st.just(0.6)))
def test_with_a_one_for_the_first_it_is_what_scipy_says(b: float, extra: float, z: float) -> None:
    assert one_2f1(b, b + extra, z) == pytest.approx(float(hyp2f1(1.0, b, b + extra, z)), rel=1e-10)


def test_the_fraction_and_the_series_meet_at_their_border() -> None:
    below, above = one_2f1(1.3, 2.6, 0.6), one_2f1(1.3, 2.6, math.nextafter(0.6, 1.0))
    assert above == pytest.approx(below, rel=1e-14)
