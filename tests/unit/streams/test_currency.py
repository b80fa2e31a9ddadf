"""Conversion is at the event's date by the user's table, to the even half; what has no rate is refused."""

from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.events.currency import Rates, RatesError, Series, decimals_of, read_rates
from streams.events.decode import DecodeRules
from tests.support.values import fact, order, reason

TABLE = "date,currency,rate\n2024-03-01,EUR,1.10\n2024-03-05,EUR,1.08255\n2024-03-01,JPY,0.0067\n2024-03-01,KWD,3.25\n"


@pytest.fixture
def rules(tmp_path: Path) -> DecodeRules:
    return DecodeRules(currency="USD", rates=read_rates(written(tmp_path, TABLE), "USD"))


def written(directory: Path, text: str) -> Path:
    path = directory / "rates.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_rate_is_the_newest_not_after_the_events_day_in_utc(rules: DecodeRules) -> None:
    late_on_the_4th = order(amount="100.00", currency="EUR", occurred_at="2024-03-05T00:30:00+01:00")
    on_the_5th = order(amount="100.00", currency="EUR", occurred_at="2024-03-05T00:00:00Z")

    assert fact(late_on_the_4th, rules=rules).amount == 11_000
    assert fact(on_the_5th, rules=rules).amount == 10_826  # 108.255 to the even cent


def test_each_currency_has_its_own_decimals(rules: DecodeRules) -> None:
    assert fact(order(amount="1000", currency="JPY"), rules=rules).amount == 670
    assert fact(order(amount="1.234", currency="KWD"), rules=rules).amount == 401  # 4.0105
    assert reason(order(amount="1000.5", currency="JPY"), rules=rules) == "money"


def test_cost_is_converted_too(rules: DecodeRules) -> None:
    assert fact(order(amount="100.00", cost="50.00", currency="EUR"), rules=rules).cost == 5_413  # 54.1275


def test_the_reporting_currency_needs_no_rate() -> None:
    assert fact(order(currency="USD")).amount == 4590


@pytest.mark.parametrize("code", ["EUR", "XXX", "XAU", "usd", "US", "", "USDT", "\u0000"])
def test_a_currency_without_a_rate_or_unknown_is_refused(code: str) -> None:
    assert reason(order(currency=code)) == "currency"


def test_a_day_before_the_first_rate_is_refused(rules: DecodeRules) -> None:
    assert reason(order(currency="EUR", occurred_at="2024-02-29T23:59:59Z"), rules=rules) == "currency"


def test_what_is_too_much_when_converted_is_refused() -> None:
    rules = DecodeRules(currency="USD", rates=Rates({"EUR": Series([0], [(10**6, 1)])}))

    assert reason(order(currency="EUR", amount="1000000.00"), rules=rules) == "money"


@given(minor=st.integers(0, 10**9), rate=st.decimals("0.000001", "1000", places=6))
def test_conversion_is_exact_up_to_the_last_half(minor: int, rate: Decimal) -> None:
    rules = DecodeRules(currency="USD", rates=Rates({"EUR": Series([0], [rate.as_integer_ratio()])}))

    made = fact(order(amount=f"{Decimal(minor).scaleb(-2):f}", currency="EUR"), rules=rules).amount

    assert made == int((minor * rate).quantize(Decimal(1), ROUND_HALF_EVEN))


def test_decimals_are_those_of_iso_4217() -> None:
    assert [decimals_of(code) for code in ("JPY", "USD", "KWD", "CLF")] == [0, 2, 3, 4]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("day,currency,rate\n", "date,currency,rate"),
        ("date,currency,rate\n2024-03-01,EUX,1\n", "line 2: 'EUX'"),
        ("date,currency,rate\n2024-03-01,EUR,1\n01.03.2024,EUR,1\n", "line 3"),
        ("date,currency,rate\n2024-03-01,EUR,0\n", "line 2"),
        ("date,currency,rate\n2024-03-01,EUR,NaN\n", "line 2"),
        ("date,currency,rate\n2024-03-01,EUR\n", "line 2"),
        ("date,currency,rate\n2024-03-01,EUR,1\n2024-03-01,EUR,2\n", "line 3: EUR has another rate"),
    ],
)
def test_a_wrong_table_is_refused_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(RatesError, match=says):
        read_rates(written(tmp_path, text), "USD")


def test_a_missing_table_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(RatesError, match="EBBTIDE_RATES"):
        read_rates(tmp_path / "none.csv", "USD")
