"""Texts of plain tokens -> integers: money, instants, counts. NOT_PLAIN where streams.events.{money,instants} have to look."""

from scoring.compiled import compiled
from scoring.layout import Bytes
from streams.events.money import MAX_MINOR
from streams.events.plain.tokens import NOT_PLAIN, digits_end

_ZERO, _POINT, _PLUS, _DASH, _COLON, _T, _Z = 48, 46, 43, 45, 58, 84, 90
_MOST_DIGITS = 18  # that an int64 holds whatever they are
_DAY_S = 86_400
_DAYS_TO_1970 = 719_468  # from 0000-03-01
_SECONDS_TEXT = len("1970-01-01T00:00:00")
_NO_OFFSET = 24 * 60


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
    value, fraction = 0, -1  # digits after the point; -1 before it
    for i in range(start, end):
        c = int(data[i])
        if _ZERO <= c <= _ZERO + 9:
            value = 10 * value + c - _ZERO
            fraction += fraction >= 0
        elif c == _POINT and fraction < 0 and i > start:
            fraction = 0
        else:
            return NOT_PLAIN
    if not 0 < end - start <= _MOST_DIGITS or fraction == 0 or fraction > decimals or value > MAX_MINOR:
        return NOT_PLAIN
    value *= 10 ** (decimals - max(0, fraction))
    return value if value <= MAX_MINOR else NOT_PLAIN


@compiled
def instant(data: Bytes, start: int, end: int) -> int:
    """Microseconds since 1970 of "2024-03-05T10:00:00Z", also with a fraction or as "...+01:00"."""
    if end - start <= _SECONDS_TEXT or data[start + 10] != _T:
        return NOT_PLAIN
    if data[start + 4] != _DASH or data[start + 7] != _DASH or data[start + 13] != _COLON or data[start + 16] != _COLON:
        return NOT_PLAIN
    year, month, day = (
        count(data, start, start + 4),
        count(data, start + 5, start + 7),
        count(data, start + 8, start + 10),
    )
    if year < 1970 or not 1 <= month <= 12 or not 1 <= day <= _days_of(year, month):
        return NOT_PLAIN
    minute, second = _minute_of_day(data, start + 11), count(data, start + 17, start + 19)
    at = start + _SECONDS_TEXT
    stop = digits_end(data, at + 1, end) if data[at] == _POINT else at
    offset = _offset_minutes(data, stop, end)
    if minute < 0 or not 0 <= second <= 59 or stop == at + 1 or offset == _NO_OFFSET:
        return NOT_PLAIN
    seconds = _days_since_1970(year, month, day) * _DAY_S + 60 * (minute - offset) + second
    return seconds * 1_000_000 + _millionths(data, at + 1, stop)


@compiled
def _minute_of_day(data: Bytes, at: int) -> int:
    """Of "23:59"; the colon is the caller's."""
    hour, minute = count(data, at, at + 2), count(data, at + 3, at + 5)
    return 60 * hour + minute if 0 <= hour <= 23 and 0 <= minute <= 59 else NOT_PLAIN


@compiled
def _offset_minutes(data: Bytes, at: int, end: int) -> int:
    """Of "Z" or "+01:00"."""
    if end - at == 1 and data[at] == _Z:
        return 0
    if end - at != len("+00:00") or data[at + 3] != _COLON or (data[at] != _PLUS and data[at] != _DASH):
        return _NO_OFFSET
    minutes = _minute_of_day(data, at + 1)
    if minutes < 0:
        return _NO_OFFSET
    return -minutes if data[at] == _DASH else minutes


@compiled
def _millionths(data: Bytes, start: int, end: int) -> int:
    """Digits after a point; what is finer is cut."""
    value = 0
    for i in range(start, start + 6):
        value = 10 * value + (int(data[i]) - _ZERO if i < end else 0)
    return value


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
