"""Texts of plain tokens -> integers: money, instants, counts. NOT_PLAIN where streams.events.{money,instants} have to look."""

from scoring.compiled import compiled
from scoring.layout import Bytes
from streams.events.money import MAX_MINOR
from streams.events.plain.tokens import NOT_PLAIN, digits_end

_ZERO, _POINT, _DASH, _COLON = 48, 46, 45, 58
_MOST_DIGITS = 18  # that an int64 holds whatever they are
_DAY_S = 86_400
_DAYS_TO_1970 = 719_468  # from 0000-03-01
_TEXT = len("1970-01-01T00:00:00Z")


@compiled
def count(data: Bytes, start: int, end: int) -> int:
    """Digits as an integer."""
    if end == start or end - start > _MOST_DIGITS or digits_end(data, start, end) != end:
        return NOT_PLAIN
    value = 0
    for i in range(start, end):
        value = 10 * value + (int(data[i]) - _ZERO)
    return value


@compiled
def minor(data: Bytes, start: int, end: int, decimals: int) -> int:
    """An amount in major units, as minor ones: digits, and no more after the point than the currency has."""
    whole = digits_end(data, start, end)
    value = count(data, start, whole)
    if value < 0:
        return NOT_PLAIN
    missing = decimals
    if whole < end:
        if data[whole] != _POINT or end - whole - 1 > decimals or digits_end(data, whole + 1, end) != end:
            return NOT_PLAIN
        if end == whole + 1 or end - start > _MOST_DIGITS:
            return NOT_PLAIN
        for i in range(whole + 1, end):
            value = 10 * value + (int(data[i]) - _ZERO)
            missing -= 1
    for _ in range(missing):
        if value > MAX_MINOR:
            return NOT_PLAIN
        value *= 10
    return value if value <= MAX_MINOR else NOT_PLAIN


@compiled
def instant(data: Bytes, start: int, end: int) -> int:
    """Microseconds since 1970 of "2024-03-05T10:00:00Z", in just this form."""
    if end - start != _TEXT or data[start + 10] != 84 or data[end - 1] != 90:  # T, Z
        return NOT_PLAIN
    if data[start + 4] != _DASH or data[start + 7] != _DASH or data[start + 13] != _COLON or data[start + 16] != _COLON:
        return NOT_PLAIN
    year, month, day = (
        count(data, start, start + 4),
        count(data, start + 5, start + 7),
        count(data, start + 8, start + 10),
    )
    hour, minute = count(data, start + 11, start + 13), count(data, start + 14, start + 16)
    second = count(data, start + 17, start + 19)
    if year < 1970 or not 1 <= month <= 12 or not 1 <= day <= _days_of(year, month):
        return NOT_PLAIN
    if not 0 <= hour <= 23 or not 0 <= minute <= 59 or not 0 <= second <= 59:
        return NOT_PLAIN
    return (_days_since_1970(year, month, day) * _DAY_S + 3600 * hour + 60 * minute + second) * 1_000_000


@compiled
def _days_of(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month == 4 or month == 6 or month == 9 or month == 11 else 31


@compiled
def _days_since_1970(year: int, month: int, day: int) -> int:
    """By years that begin in March, so that the leap day is a year's last."""
    y = year - 1 if month < 3 else year
    era = y // 400
    of_era = y - 400 * era
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - _DAYS_TO_1970
