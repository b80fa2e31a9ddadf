"""One customer on the terminal: what is said is what the ledger says, also of a time to come."""

from typing import Any

import pytest
from rich.console import Console

from ebbtide.cli.customer import line_of
from ebbtide.cli.customer_view import BLOCKS, customer_view, sparkline
from scoring.layout import DAY_US
from scoring.ledgers import open_one, peek
from streams.config import Version
from streams.events.instants import instant_us
from streams.events.lines import score_line
from streams.events.text import time_text
from streams.versions import only
from tests.support import logs
from tests.support.builders import order
from tests.support.fold import microseconds
from tests.support.kernel import TERMS, tell
from tests.support.pipelines import SCORING

START_US = microseconds(logs.time_of(0))
VERSIONS = only(Version(TERMS))
LABELS = {"high": "VIP", "middle": "middle", "low": "low", "loss": "loss"}
LOG = [order("o1", "60.00", day=0), order("o2", "80.00", day=30), order("o3", "70.00", day=55)]
BLOB = tell(LOG).blobs["ada"]


def said(as_of_us: int, blob: bytes = BLOB) -> dict[str, Any]:
    return line_of(b"ada", blob, as_of_us, VERSIONS, SCORING, LABELS)


def _text(line: dict[str, Any]) -> str:
    console = Console(width=160)
    with console.capture() as capture:
        console.print(customer_view(line), markup=False)
    return capture.get()


def test_it_says_the_score_line_and_more() -> None:
    at_us = START_US + 60 * DAY_US
    line = said(at_us)
    score = score_line(b"ada", *open_one(BLOB), VERSIONS.new, at_us, "USD")
    assert {name: line[name] for name in score} == score
    assert (line["label"], line["risk"]["level"], line["drift"]) == ("VIP", None, None)
    assert line["risk"]["usual_gap_days"] == pytest.approx(27.5)


def test_what_comes_next_comes() -> None:
    """The level and the fall that are named are there at their second, and not the second before."""
    line = said(START_US + 60 * DAY_US)
    level_us = instant_us(line["risk"]["next_level_at"], None, None)
    assert (said(level_us - 1_000_000)["drift"], said(level_us)["drift"]) == (None, line["risk"]["next_level"])
    assert said(level_us)["risk"]["level"] == line["risk"]["next_level"]
    falls_us = instant_us(line["tier_falls_at"], None, None)
    assert (said(falls_us - 1_000_000)["tier"], said(falls_us)["tier"]) == ("high", "middle")
    assert said(falls_us)["since"] == line["tier_falls_at"]


def test_the_last_point_of_the_curve_is_the_value() -> None:
    line = said(START_US + 400 * DAY_US)
    assert line["curve"]["points"][-1] == {"at": line["as_of"], "value": line["value"]}
    assert line["curve"]["peak"]["at"] == time_text(START_US + 55 * DAY_US)
    assert line["curve"]["falling_since"] == line["curve"]["peak"]["at"]


def test_a_person_reads_tier_label_drift_what_next_and_the_curve() -> None:
    text = _text(said(START_US + 60 * DAY_US))
    assert "high (VIP) since 2024-" in text
    assert "any order before then keeps it" in text
    assert "chance of so long a silence, usual gap 27.5 days; watch at 2024-" in text
    assert any(block in text for block in BLOCKS)


def test_a_customer_without_an_order_is_shown_too() -> None:
    visit = {"type": "interaction.visit", "id": "v1", "customer_id": "ada", "occurred_at": logs.time_of(0)}
    line = said(START_US, tell([visit]).blobs["ada"])
    assert (line["tier"], line["curve"], line["tier_falls_at"], line["risk"]["next_level"]) == (None, None, None, None)
    assert "none yet" in _text(line)


def test_asking_changes_nothing_that_is_stored() -> None:
    before = bytes(BLOB)
    said(START_US + 4000 * DAY_US)
    assert before == BLOB
    assert peek(BLOB).clock_us == START_US + 55 * DAY_US


def test_a_sparkline_has_its_lowest_and_its_highest_block_where_the_values_are() -> None:
    assert sparkline([(0.0, 0.0), (10.0, 7.0)], 8) == "▁▂▃▄▅▆▇█"
    assert sparkline([(0.0, 5.0)], 4) == "▁▁▁▁"
    peak = sparkline([(0.0, 1.0), (4.9, 1.0), (5.0, 100.0), (5.1, 1.0), (10.0, 1.0)], 10)
    assert peak == "▁▁▁▁▁█▁▁▁▁"
