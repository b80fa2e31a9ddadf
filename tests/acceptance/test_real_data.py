"""Real shops, replayed by the command, against pandas over the same files: equal to the cent."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.support.commands import answer

DATA = Path(__file__).parents[2].parent / "shared" / "data"


def real(name: str) -> Path:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{path} is not there: real data lies beside the repository, not in it")
    return path


def replayed(out: Path, *arguments: str | Path) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The summary, and the ledger line of every customer."""
    said = answer(out.parent, "replay", *arguments, "--ledger", out, "--json")
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    return json.loads(said), {line["customer_id"]: line for line in lines}


def money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def test_cdnow_replayed_is_what_pandas_groups(tmp_path: Path) -> None:
    path = real("cdnow_master.csv.gz")
    summary, ledger = replayed(tmp_path / "ledger.jsonl", path, "--from", "cdnow")

    rows = pd.read_csv(path, dtype=str)
    rows["cents"] = rows["dollars"].str.replace(".", "", regex=False).astype(int)
    grouped: Any = rows.groupby("customer_id").agg(
        orders=("date", "size"),
        days=("date", "nunique"),
        first=("date", "min"),
        last=("date", "max"),
        sum=("cents", "sum"),
    )
    # 255 rows repeat others exactly and are orders all the same; 80 cost nothing and count
    assert summary["consumed"] == summary["applied"] == len(rows) == 69_659
    assert rows["dollars"].str.fullmatch(r"\d+\.\d\d").all()
    expected = {
        str(customer): (row.orders, row.days, f"{row.first}T00:00:00Z", f"{row.last}T00:00:00Z", money(row.sum))
        for customer, row in zip(grouped.index, grouped.itertuples(), strict=True)
    }
    names = ("orders", "purchase_days", "first_at", "last_at", "monetary")
    assert {customer: tuple(line[name] for name in names) for customer, line in ledger.items()} == expected


@pytest.mark.parametrize("name", ["uci_invoices.parquet", "uci_online_retail.parquet"])
def test_uci_replayed_is_what_pandas_groups(tmp_path: Path, name: str) -> None:
    path = real(name)
    summary, ledger = replayed(tmp_path / "ledger.jsonl", path, "--from", "uci")

    rows = pd.read_parquet(real("uci_online_retail.parquet"))
    rows = rows[rows["customer_id"].notna()]
    mills = (rows["unit_price"] * 1000).round().astype("int64") * rows["quantity"]  # four prices have three decimals
    invoices = (
        rows.assign(mills=mills)
        .groupby("invoice_no")
        .agg(customer=("customer_id", "first"), at=("invoice_date", "min"), mills=("mills", "sum"))
    )
    invoices["cents"] = (invoices["mills"] / 10).round().astype("int64")
    invoices["at"] = invoices["at"].dt.tz_localize("Europe/London").dt.tz_convert("UTC")
    invoices["day"] = invoices["at"].dt.date
    credit = invoices.index.str.startswith("C")
    orders: Any = (
        invoices[~credit]
        .groupby("customer")
        .agg(
            orders=("at", "size"),
            days=("day", "nunique"),
            first=("at", "min"),
            last=("at", "max"),
            sum=("cents", "sum"),
        )
    )
    credits_: Any = -invoices[credit].groupby("customer")["cents"].sum()

    assert summary["consumed"] == summary["applied"] == len(invoices) == 22_190
    assert ledger.keys() == {str(customer) for customer in invoices["customer"]}
    for customer, line in ledger.items():
        returned = int(credits_.get(int(customer), 0))
        if int(customer) not in orders.index:
            assert (line["orders"], line["monetary"], line["first_at"]) == (0, "0.00", None)
            continue
        row = orders.loc[int(customer)]
        assert line == line | {
            "orders": row["orders"],
            "purchase_days": row["days"],
            "first_at": row["first"].strftime("%Y-%m-%dT%H:%M:%SZ"),
            "last_at": row["last"].strftime("%Y-%m-%dT%H:%M:%SZ"),
            "monetary": money(max(0, int(row["sum"]) - returned)),
            "currency": "GBP",
        }
    assert summary["skipped"]["without customer"] == (3_710 if name == "uci_invoices.parquet" else 135_080)
