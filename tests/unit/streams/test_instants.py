"""RFC 3339 is read as datetime reads it, where both do."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.events.instants import instant_us
from streams.events.refusals import Reason, RefusedError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
TIMES = st.datetimes(datetime(1970, 1, 3), datetime(9999, 12, 30))  # noqa: DTZ001 - the zone is added in each test
OFFSETS = st.integers(-23 * 60 - 59, 23 * 60 + 59)


def us(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def read(text: str) -> int:
    return instant_us(text, None, None)


def reason(text: str, wall_us: int | None = None) -> Reason:
    with pytest.raises(RefusedError) as refused:
        instant_us(text, None, wall_us)
    return refused.value.reason


@given(TIMES, OFFSETS, st.sampled_from("Tt "), st.sampled_from(["auto", "milliseconds", "microseconds"]))
def test_any_offset_separator_and_fraction(naive: datetime, minutes: int, separator: str, fraction: str) -> None:
    moment = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    if fraction == "milliseconds":
        moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    assert read(moment.isoformat(separator, fraction)) == us(moment)


@given(TIMES)
def test_z_in_either_case_is_utc(naive: datetime) -> None:
    moment = naive.replace(tzinfo=UTC)

    for letter in "zZ":
        assert read(naive.isoformat() + letter) == us(moment)


@given(st.text("0123456789-:TZtz+. ", max_size=30))
def test_whatever_is_accepted_is_what_datetime_reads(text: str) -> None:
    try:
        at_us = read(text)
    except RefusedError:
        return
    assert at_us == us(datetime.fromisoformat(text.upper()))


def test_a_fraction_finer_than_a_microsecond_is_cut() -> None:
    assert read("1970-01-01T00:00:00.123456999Z") == 123_456


def test_a_leap_second_stays_in_its_day() -> None:
    assert read("2016-12-31T23:59:60Z") == us(datetime(2017, 1, 1, tzinfo=UTC)) - 1
    assert read("2017-01-01T05:29:60.5+05:30") == us(datetime(2017, 1, 1, tzinfo=UTC)) - 1


@pytest.mark.parametrize(
    "text", ["2016-12-30T23:59:60Z", "2016-12-31T23:58:60Z", "2016-12-31T23:59:61Z", "1970-01-01T00:00:60Z"]
)
def test_a_sixtieth_second_elsewhere_is_refused(text: str) -> None:
    assert reason(text) == Reason.TIME


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2024-03-05",
        "2024-03-05T10:11Z",
        "2024-03-05T10:11:12",
        "2024-02-30T10:11:12Z",
        "2023-02-29T00:00:00Z",
        "2024-13-01T00:00:00Z",
        "2024-03-05T24:00:00Z",
        "2024-03-05T10:60:12Z",
        "2024-03-05T10:11:12+24:00",
        "2024-03-05T10:11:12+0100",
        "2024-03-05T10:11:12.Z",
        "2024-03-05T10:11:12Z ",
        "2024-03-05T10:11:12Z\n",
        "20240305T101112Z",
        "2024-W10-2T10:11:12Z",
        "0000-01-01T00:00:00Z",
        "٢٠٢٤-03-05T10:11:12Z",
        "1709633472",
    ],
)
def test_what_is_not_rfc_3339_with_a_zone_is_refused(text: str) -> None:
    assert reason(text) == Reason.TIME


def test_before_1970_is_refused_and_1970_is_not() -> None:
    assert reason("1969-12-31T23:59:59.999999Z") == Reason.TIME
    assert reason("1970-01-01T00:00:00+00:01") == Reason.TIME
    assert read("1970-01-01T00:00:00Z") == 0


def test_a_day_ahead_of_the_wall_clock_is_taken_and_a_microsecond_more_is_not() -> None:
    wall_us = us(datetime(2024, 3, 4, tzinfo=UTC))

    assert instant_us("2024-03-05T00:00:00Z", None, wall_us) == wall_us + 86_400_000_000
    assert reason("2024-03-05T00:00:00.000001Z", wall_us) == Reason.FUTURE


@given(TIMES)
def test_a_naive_time_is_read_in_the_zone_that_is_named(naive: datetime) -> None:
    moment = naive.replace(tzinfo=BERLIN, fold=0)

    assert instant_us(naive.isoformat(), BERLIN, None) == us(moment.astimezone(UTC))


def test_a_zone_that_is_written_counts_more_than_the_one_for_naive_times() -> None:
    assert instant_us("2024-07-01T00:00:00Z", BERLIN, None) == us(datetime(2024, 7, 1, tzinfo=UTC))


def test_a_date_alone_is_no_time_even_where_naive_times_are_read() -> None:
    with pytest.raises(RefusedError):
        instant_us("2024-07-01", BERLIN, None)
