"""Periods are those of the calendar, as Python's datetime has it; names read back."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.synlead.period_names import Period, named_period, period_name
from scoring.synlead.periods import period_of, period_start_us

LAST_US = 253_402_300_800_000_000 - 1  # 9999-12-31
UNITS = st.sampled_from(Period)


def months_since_1970(at: datetime) -> int:
    return (at.year - 1970) * 12 + at.month - 1


@given(st.integers(0, LAST_US), UNITS)
def test_an_instant_lies_in_the_period_of_its_date(us: int, unit: Period) -> None:
    at = datetime.fromtimestamp(us // 1_000_000, UTC)
    expected = months_since_1970(at) // {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: 12}[unit]
    assert period_of(us, int(unit)) == expected
    assert period_start_us(expected, int(unit)) <= us < period_start_us(expected + 1, int(unit))


@given(st.integers(0, 8_000), UNITS)
def test_a_period_starts_in_itself_and_a_microsecond_earlier_is_another(index: int, unit: Period) -> None:
    start_us = period_start_us(index, int(unit))
    assert (period_of(start_us, int(unit)), period_of(start_us - 1, int(unit))) == (index, index - 1)


@given(st.integers(0, 8_000), UNITS)
def test_a_periods_name_names_it(index: int, unit: Period) -> None:
    assert named_period(period_name(index, unit)) == (index, unit)


@pytest.mark.parametrize("year", [2000, 2024, 2100])
def test_years_begin_on_the_first_of_january(year: int) -> None:
    assert period_start_us(year - 1970, int(Period.YEAR)) == datetime(year, 1, 1, tzinfo=UTC).timestamp() * 1e6


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-0", "2026-Q5", "26-01", "1969", "2026-q1", "2026-1", " 2026", "2026\n", "٢٠٢٦", ""]
)
def test_what_names_no_period(text: str) -> None:
    assert named_period(text) is None
