"""`ebbtide forecast` on files: history and three periods ahead, the same in every form, corrections heard."""

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import answer, ebbtide

SAMPLE = Path(__file__).parents[3] / "ebbtide" / "data" / "cdnow_sample.csv.gz"
CUSTOMERS = 40


def shop() -> list[dict[str, Any]]:
    """Two years of a shop: everybody in their own rhythm, half of the amount is product cost, some contacts cost."""
    log: list[dict[str, Any]] = []
    for c in range(CUSTOMERS):
        for n in range(0, 24, 1 + c % 5):
            at = f"{2024 + n // 12}-{n % 12 + 1:02}-{c % 28 + 1:02}T12:00:00Z"
            amount = 20 + 7 * c % 90 + 11 * n % 17
            log.append(
                {"type": "order.placed", "order_id": f"o{c}-{n}", "amount": f"{amount}.00"} | _by(c, at, f"p{n}")
            )
            log[-1]["cost"] = f"{amount / 2:.2f}"
    log.append({"type": "interaction.contact", "channel": "mail", "direction": "out", "cost": "3.00"})
    log[-1] |= _by(0, "2025-06-01T00:00:00Z", "m")
    for n, taken_back in enumerate(("order.cancelled", "order.refunded")):
        at, order = "2025-06-05T00:00:00Z", f"gone{n}"
        log.append({"type": "order.placed", "order_id": order, "amount": "500.00"} | _by(0, at, order))
        log.append({"type": taken_back, "order_id": order, "refund_id": "r", "amount": "500.00"} | _by(0, at, f"b{n}"))
    log.append({"type": "interaction.visit"} | _by(1, "2026-01-01T00:00:00Z", "end"))
    return log


def _by(customer: int, at: str, event: str) -> dict[str, str]:
    return {"id": f"{event}-{customer}", "customer_id": f"c{customer}", "occurred_at": at}


def told(folder: Path, log: list[dict[str, Any]], *arguments: str) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The model's line, and each customer's by id."""
    (folder / "log.jsonl").write_text("".join(json.dumps(event) + "\n" for event in log))
    lines = [json.loads(line) for line in answer(folder, "forecast", "log.jsonl", "--json", *arguments).splitlines()]
    return lines[0], {line["customer_id"]: line for line in lines[1:]}


@pytest.mark.parametrize(("period", "first"), [("month", "2026-01"), ("quarter", "2026-Q1"), ("year", "2026")])
def test_history_and_three_periods_by_month_quarter_and_year(tmp_path: Path, period: str, first: str) -> None:
    model, customers = told(tmp_path, shop(), "--period", period)
    assert (model["period"], model["customers"], len(customers)) == (period, CUSTOMERS, CUSTOMERS)
    assert all(model["parameters"][name] > 0 for name in "abpqk")
    everyday = customers["c0"]
    assert everyday["ahead"][0]["period"] == first
    assert len(everyday["history"]) == {"month": 24, "quarter": 8, "year": 2}[period]
    spent = sum(Decimal(line["expense"]) for line in everyday["history"])
    brought = sum(Decimal(line["value"]) for line in everyday["history"])
    orders = [event for event in shop() if event["customer_id"] == "c0" and "cost" in event and "order_id" in event]
    assert spent == 3
    assert brought == sum(Decimal(order["amount"]) - Decimal(order["cost"]) for order in orders) - 3


def test_a_forecast_is_the_sum_of_what_three_periods_leave(tmp_path: Path) -> None:
    _, customers = told(tmp_path, shop(), "--ahead", "hold")
    for line in customers.values():
        left = [Decimal(step["value"]) for step in line["ahead"]]
        assert abs(sum(left) - Decimal(line["forecast"])) <= Decimal("0.02")
        for step in line["ahead"]:
            kept = Decimal(step["amount"]) - Decimal(step["product_cost"]) - Decimal(step["expense"])
            assert abs(kept - Decimal(step["value"])) <= Decimal("0.02")


def test_a_correction_in_the_log_replaces_margin_and_expense_of_its_period_only(tmp_path: Path) -> None:
    said = {"type": "customer.corrected", "period": "2026-02", "margin": "0.9", "expense": "1.25"}
    _, before = told(tmp_path, shop())
    _, after = told(tmp_path, [*shop(), said | _by(0, "2025-12-31T00:00:00Z", "said")])
    first, second, third = after["c0"]["ahead"]
    assert (second["period"], second["margin"], second["expense"]) == ("2026-02", 0.9, "1.25")
    assert (first, third) == (before["c0"]["ahead"][0], before["c0"]["ahead"][2])
    assert after["c7"] == before["c7"]


def test_csv_and_json_tell_the_same(tmp_path: Path) -> None:
    _, customers = told(tmp_path, shop(), "--csv", "out.csv", "--top", "5")
    assert len(customers) == 5
    with (tmp_path / "out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["value"] for row in rows if row["what"] == "ahead"] == [
        step["value"] for line in customers.values() for step in line["ahead"]
    ]
    assert len(rows) == sum(len(line["history"]) + 3 for line in customers.values())


def test_the_packaged_sample_as_a_table(tmp_path: Path) -> None:
    shown = answer(tmp_path, "forecast", SAMPLE, "--from", "cdnow", "--period", "quarter", "--top", "3")
    assert "2,349 customers as of 1998-06-30" in shown
    assert "1998-Q2, so far" in shown


def test_who_fits_differently_gets_other_parameters(tmp_path: Path) -> None:
    arguments = ("forecast", SAMPLE, "--from", "cdnow", "--json", "--top", "1")
    usual = json.loads(answer(tmp_path, *arguments).splitlines()[0])
    other = json.loads(answer(tmp_path, *arguments, "--truncated", "--means").splitlines()[0])
    assert usual["notes"] == []
    assert other["notes"] == ["hardly anybody buys again: b went to 0"]
    assert other["parameters"]["p"] != usual["parameters"]["p"]


def test_a_log_without_a_complete_period_is_refused_in_one_line(tmp_path: Path) -> None:
    order = {"type": "order.placed", "order_id": "o", "amount": "1.00"} | _by(0, "2026-01-05T00:00:00Z", "p")
    (tmp_path / "log.jsonl").write_text(json.dumps(order) + "\n")
    done = ebbtide(tmp_path, "forecast", "log.jsonl")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
    assert "complete" in done.stderr
