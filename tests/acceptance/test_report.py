"""`replay --report` and `rfm` as their users run them."""

import json
from pathlib import Path
from typing import Any

from tests.support.commands import ROOT, answer, ebbtide
from tests.support.pages import Page, is_quiet

SAMPLE = ROOT / "ebbtide" / "data" / "cdnow_sample.csv.gz"
HOSTILE = "\"><script>alert('gone')</script>"
TITLES = [
    "Summary",
    "Tiers over time",
    "The few that bring most",
    "Values",
    "Drifting now",
    "Did the chances come true",
    "Recency, frequency, monetary",
    "Cohorts",
    "Loss-making",
    "Model and boundaries in force",
]


def order(who: str, n: int, at: str, amount: str) -> dict[str, Any]:
    told = {"id": f"{who}{n}", "type": "order.placed", "customer_id": who, "order_id": f"{who}{n}"}
    return told | {"occurred_at": at, "amount": amount}


def test_a_report_is_one_quiet_page_with_every_section(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    summary = json.loads(answer(tmp_path, "replay", SAMPLE, "--from", "cdnow", "--report", folder, "--json"))
    assert [file.name for file in folder.iterdir()] == ["index.html"]
    text = (folder / "index.html").read_text("utf-8")
    assert is_quiet(text)
    page = Page(text)
    assert page.titles == TITLES
    words = "".join(page.text)
    assert (
        "2,357 customers, 2,357 of them with an order that counts; 6,919 orders from 1997-01-01 to 1998-06-30" in words
    )
    assert f"{summary['tier_changes']:,}" in page.text


def test_a_hostile_customer_id_is_shown_as_text(tmp_path: Path) -> None:
    events = [order(HOSTILE, n, f"2024-0{n}-01T00:00:00Z", "10.00") for n in range(1, 4)]
    back = [
        {
            "id": f"r{n}",
            "type": "order.refunded",
            "customer_id": HOSTILE,
            "refund_id": f"r{n}",
            "order_id": f"{HOSTILE}{n}",
            "amount": "9.90",
            "occurred_at": "2024-03-02T00:00:00Z",
        }
        for n in range(1, 4)
    ]
    path = tmp_path / "shop.jsonl"
    path.write_text("".join(json.dumps(event) + "\n" for event in events + back))
    answer(tmp_path, "replay", path, "--report", tmp_path / "report")
    text = (tmp_path / "report" / "index.html").read_text("utf-8")
    assert HOSTILE in Page(text).text  # in the list of those near a loss
    assert is_quiet(text)


def test_rfm_of_a_history_is_told_in_cells_and_segments(tmp_path: Path) -> None:
    told = json.loads(answer(tmp_path, "rfm", SAMPLE, "--from", "cdnow", "--json"))
    assert (told["customers"], told["as_of"], told["currency"]) == (2357, "1998-06-30T00:00:00Z", "USD")
    assert told["boundaries"]["orders"] == [1, 1, 2, 4]  # NumPy's inverted_cdf of the orders a customer
    assert sum(cell["customers"] for cell in told["cells"]) == sum(s["customers"] for s in told["segments"]) == 2357
    assert told["segments"][0]["segment"] == "champions"
    recent = json.loads(answer(tmp_path, "rfm", SAMPLE, "--from", "cdnow", "--window", "90", "--json"))
    assert (recent["window_days"], recent["customers"]) == (90.0, 299)  # pandas: customers with an order in that time
    shown = answer(tmp_path, "rfm", SAMPLE, "--from", "cdnow")
    assert "cannot lose them" in shown


def test_segments_that_do_not_cover_every_cell_are_refused_before_any_work(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[best]\nrecency = [2, 5]\n")
    done = ebbtide(tmp_path, "rfm", SAMPLE, "--from", "cdnow", EBBTIDE_SEGMENTS=str(path))
    assert done.returncode == 2
    assert f"{path}, line 1: after this, 25 of the 125 cells have no segment; the first is 1-1-1" in done.stderr
