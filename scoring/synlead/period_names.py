"""Periods as people write them: 2026-12, 2026-Q4, 2026. Their indices count from the period of 1970-01-01."""

import re
from enum import IntEnum


class Period(IntEnum):
    """The unit of a forecast."""

    MONTH = 0
    QUARTER = 1
    YEAR = 2


MONTHS = (1, 3, 12)  # in a period, by Period
DAYS = (365.2425 / 12, 365.2425 / 4, 365.2425)  # the same on average
PATTERN = "^(19[7-9][0-9]|[2-9][0-9]{3})(-(0[1-9]|1[0-2])|-Q[1-4])?$"
_NAME = re.compile(r"([0-9]{4})(?:-(0[1-9]|1[0-2])|-Q([1-4]))?", re.ASCII)
_FIRST_YEAR = 1970


def period_name(index: int, unit: int) -> str:
    """As people write it."""
    a_year = 12 // MONTHS[unit]
    year, within = _FIRST_YEAR + index // a_year, index % a_year + 1
    if unit == Period.MONTH:
        return f"{year:04}-{within:02}"
    return f"{year:04}-Q{within}" if unit == Period.QUARTER else f"{year:04}"


def named_period(text: str) -> tuple[int, Period] | None:
    """Index and unit of a period; None where the text names none, or one before 1970."""
    match = _NAME.fullmatch(text)
    if match is None or int(match[1]) < _FIRST_YEAR:
        return None
    years = int(match[1]) - _FIRST_YEAR
    if match[2]:
        return years * 12 + int(match[2]) - 1, Period.MONTH
    if match[3]:
        return years * 4 + int(match[3]) - 1, Period.QUARTER
    return years, Period.YEAR
