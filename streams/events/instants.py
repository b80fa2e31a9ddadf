"""RFC 3339 text -> integer microseconds since 1970-01-01 UTC.

Any offset, lower-case t and z, a blank for the T (RFC 3339, 5.6). Fractions finer than a microsecond are cut. A leap second is
the last microsecond before it, so that it stays in its day. In a naive zone's gap or overlap the offset before the change holds.
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from streams.events.refusals import Reason, RefusedError, shown

SECOND_US = 1_000_000
MAX_AHEAD_US = 24 * 3_600 * SECOND_US
PATTERN = (  # as JSON Schema gets it; zones are not optional there
    r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)"
    r"(\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MINUTE_US = {f":{m:02}:{s:02}": (60 * m + s) * SECOND_US for m in range(60) for s in range(60)}
_HOUR = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2})")
_FRACTION = re.compile(r"\.[0-9]+")
_ZONE = re.compile(r"([+-])([01][0-9]|2[0-3]):([0-5][0-9])")
_NAIVE = ""


def instant_us(text: str, naive_zone: tzinfo | None, wall_us: int | None) -> int:
    """The instant a text names; not before 1970 nor, where there is a wall clock, more than 24 h ahead of it."""
    hour = _hour_us(text[:13])
    minute = _MINUTE_US.get(text[13:19])
    at_us = hour + minute if hour is not None and minute is not None and text[19:] == "Z" else _any_us(text, naive_zone)
    if at_us < 0:
        raise RefusedError(Reason.TIME, f"{shown(text)} is before 1970")
    if wall_us is not None and at_us > wall_us + MAX_AHEAD_US:
        raise RefusedError(Reason.FUTURE, f"{shown(text)} is more than 24 h ahead of the wall clock")
    return at_us


def _any_us(text: str, naive_zone: tzinfo | None) -> int:
    leap = text[17:19] == "60"
    hour = _hour_us(text[:13])
    minute = _MINUTE_US.get(text[13:16] + ":59" if leap else text[13:19])
    fraction = _FRACTION.match(text, 19)
    zone = text[fraction.end() :] if fraction else text[19:]
    offset_us = 0 if zone == _NAIVE else _zone_us(zone)
    if hour is None or minute is None or offset_us is None:
        raise RefusedError(Reason.TIME, f"{shown(text)} is not an RFC 3339 time")
    at_us = hour + minute
    if zone == _NAIVE:
        if naive_zone is None:
            raise RefusedError(Reason.TIME, f"{shown(text)} has no zone. Send one, or set EBBTIDE_NAIVE_TIMEZONE")
        offset_us = _naive_us(at_us, naive_zone)
    at_us -= offset_us
    if not leap:
        return at_us + int(fraction[0][1:7].ljust(6, "0")) if fraction else at_us
    if not _ends_a_month(at_us + SECOND_US):
        raise RefusedError(Reason.TIME, f"{shown(text)} is no leap second: they end a month, in UTC")
    return at_us + SECOND_US - 1


@lru_cache(maxsize=65_536)
def _hour_us(text: str) -> int | None:
    """Of "2024-03-05T10"; a stream names the same hours again and again."""
    match = _HOUR.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour = map(int, match.groups())
    try:
        return (datetime(year, month, day, hour, tzinfo=UTC) - _EPOCH) // _MICROSECOND
    except ValueError:
        return None


@lru_cache(maxsize=1_024)
def _zone_us(text: str) -> int | None:
    """The offset of "+02:00" from UTC."""
    match = _ZONE.fullmatch("+00:00" if text in ("Z", "z") else text)
    if match is None:
        return None
    minutes = 60 * int(match[2]) + int(match[3])
    return (-minutes if match[1] == "-" else minutes) * 60 * SECOND_US


def _naive_us(local_us: int, zone: tzinfo) -> int:
    try:
        offset = (datetime(1970, 1, 1) + timedelta(microseconds=local_us)).replace(tzinfo=zone).utcoffset()  # noqa: DTZ001
    except OverflowError:
        offset = None
    if offset is None:
        raise RefusedError(Reason.TIME, "the naive time zone does not reach that year")
    return offset // _MICROSECOND


def _ends_a_month(at_us: int) -> bool:
    start_of_day = at_us % (24 * 3_600 * SECOND_US) == 0
    return start_of_day and at_us > 0 and (_EPOCH + timedelta(microseconds=at_us)).day == 1
