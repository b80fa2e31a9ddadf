"""Amounts are exact, or refused."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.events.money import MAX_MINOR, exact, half_even, minor_units
from streams.events.refusals import RefusedError
from tests.support.values import fact, order


def read(value: str | int | Decimal) -> int | None:
    try:
        return minor_units(value, 2)
    except RefusedError:
        return None


@given(minor=st.integers(0, MAX_MINOR), decimals=st.integers(0, 4), zeros=st.integers(0, 5))
def test_every_amount_comes_through_exactly_as_a_text_and_as_a_number(minor: int, decimals: int, zeros: int) -> None:
    amount = Decimal(minor).scaleb(-decimals)
    text = f"{amount:f}" + ("0" * zeros if decimals else "")

    assert minor_units(text, decimals) == minor
    assert minor_units(exact(text), decimals) == minor


@given(st.integers(0, MAX_MINOR))
def test_a_json_number_that_a_float_holds_comes_through_exactly(minor: int) -> None:
    # 10^12 cents have 12 digits: the shortest decimal that a float is written as is the one meant.
    assert fact(order(amount=minor / 100)).amount == minor


@given(st.text("0123456789.eE+-_ ", max_size=24) | st.text(max_size=8))
def test_a_text_is_read_exactly_as_decimal_reads_it_or_refused(text: str) -> None:
    minor = read(text)

    assert minor is None or Decimal(minor) == Decimal(text) * 100


@given(st.decimals(allow_nan=True, allow_infinity=True) | st.integers())
def test_a_number_is_read_exactly_or_refused(number: Decimal | int) -> None:
    minor = read(number)

    assert minor is None or Decimal(minor) == Decimal(number) * 100


def test_trailing_zeros_beyond_the_currency_do_not_matter_because_the_value_fits() -> None:
    assert minor_units("45.900", 2) == 4590
    assert minor_units("45.000", 0) == 45


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "45.",
        ".90",
        "-1",
        "-0.00",
        "+1",
        "1e2",
        "1_000",
        "1,000",
        " 1",
        "1 ",
        "0x1",
        "٣",
        "²",
        "٣.٤٥",
        "1.²³",
        "0" * 50 + "1.00",
        "NaN",
        "Infinity",
    ],
)
def test_a_text_that_is_not_plain_digits_is_no_amount(text: str) -> None:
    with pytest.raises(RefusedError):
        minor_units(text, 2)


@pytest.mark.parametrize("text", ["45.901", "0.001", "1.00000000000000000000000000000000001"])
def test_more_decimals_than_the_currency_has_are_refused(text: str) -> None:
    for value in (text, exact(text)):
        with pytest.raises(RefusedError):
            minor_units(value, 2)


@pytest.mark.parametrize("literal", ["1e13", "1e400", "1e999999999", "1e-999999999", "1e99999999999999999999", "-0.01"])
def test_an_absurd_number_is_refused_without_arithmetic_on_it(literal: str) -> None:
    with pytest.raises(RefusedError):
        minor_units(exact(literal), 2)


def test_a_trillion_minor_units_are_the_most() -> None:
    assert minor_units("10000000000.00", 2) == MAX_MINOR
    with pytest.raises(RefusedError):
        minor_units("10000000000.01", 2)


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**6))
def test_halves_go_to_the_even_neighbour(numerator: int, denominator: int) -> None:
    assert half_even(numerator, denominator) == round(Fraction(numerator, denominator))
