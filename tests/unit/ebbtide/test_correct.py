"""`ebbtide correct`: what is sent is what a worker takes in; what it would refuse is told before anything is sent."""

import json
from pathlib import Path

import pytest

from ebbtide.correcting import Correction, event_of, read_corrections
from ebbtide.errors import WrongUsage
from scoring.layout import Kind
from scoring.synlead.correction_code import pack_correction
from scoring.synlead.period_names import Period
from streams.events.decode import decode
from streams.events.facts import DecodeRules, Fact
from tests.support.commands import ebbtide

RULES = DecodeRules("USD")
NOW = "2026-11-22T05:00:00Z"


def sent(told: Correction) -> Fact:
    record = event_of("it", told, NOW, RULES)
    fact = decode(record.topic, record.value, (), RULES, None)
    assert isinstance(fact, Fact)
    assert (record.topic, record.key) == ("commands", told.customer_id.encode())
    return fact


def test_a_margin_and_an_expense_arrive_as_they_were_said() -> None:
    fact = sent(Correction("çelik", "2027-Q1", "-0.25", "12.00"))
    assert fact.kind is Kind.CORRECTION
    assert (fact.amount, fact.cost) == pack_correction(57 * 4, Period.QUARTER, -250_000, 12_00)


def test_what_is_not_told_is_not_corrected() -> None:
    assert sent(Correction("ada", "2027", None, "0")).amount % (1 << 32) == 0
    assert sent(Correction("ada", "2027-12", "0")).cost == 0


def test_two_corrections_are_two_events() -> None:
    told = Correction("ada", "2027", "0.3")
    assert sent(told).id != sent(told).id


@pytest.mark.parametrize(
    "wrong",
    [
        Correction("ada", "2027-13", "0.3"),
        Correction("ada", "soon", "0.3"),
        Correction("ada", "2027", "30"),
        Correction("ada", "2027", "a third"),
        Correction("ada", "2027", "0.3", "12.005"),
        Correction("ada", "2027", "0.3", "-1"),
        Correction("ada", "2027"),
        Correction("", "2027", "0.3"),
        Correction("x" * 129, "2027", "0.3"),
        Correction("ada", "2027", "-1001"),
        Correction("ada", "2027", "NaN"),
    ],
)
def test_what_a_worker_would_refuse_is_not_sent(wrong: Correction) -> None:
    with pytest.raises(WrongUsage, match="it: "):
        event_of("it", wrong, NOW, RULES)


def test_a_batch_is_read_row_by_row(tmp_path: Path) -> None:
    path = tmp_path / "corrections.csv"
    path.write_text("\ufeffcustomer_id,period,margin,expense\nada,2027-01,0.3,\nbo, 2027-Q1 ,,12.00\n")
    assert [told for _, told in read_corrections(path)] == [
        Correction("ada", "2027-01", "0.3"),
        Correction("bo", "2027-Q1", None, "12.00"),
    ]


def test_a_batch_with_a_wrong_row_says_which_and_sends_nothing(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("customer_id,period,margin\nada,2027-01,0.3\nbo,2027-01,30\n")
    done = ebbtide(tmp_path, "correct", "--file", "c.csv", EBBTIDE_KAFKA="127.0.0.1:9")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "c.csv, line 3" in done.stderr


@pytest.mark.parametrize("text", ["", "name,period\nada,2027\n", "customer_id,period\nada,2027\n"])
def test_a_file_of_other_columns_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "c.csv").write_text(text)
    with pytest.raises(WrongUsage, match="columns"):
        list(read_corrections(tmp_path / "c.csv"))


@pytest.mark.parametrize(
    "arguments",
    [(), ("ada",), ("ada", "--period", "2027"), ("ada", "--file", "c.csv"), ("--file", "c.csv", "--margin", "0.3")],
)
def test_what_is_missing_or_too_much_is_wrong_usage(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = ebbtide(tmp_path, "correct", *arguments)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr


def test_an_event_names_no_currency_where_no_money_is_told() -> None:
    assert "currency" not in json.loads(event_of("it", Correction("ada", "2027", "0.3"), NOW, RULES).value)
