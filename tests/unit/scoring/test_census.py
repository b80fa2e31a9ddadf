"""A census of stored ledgers: everybody's value at an instant, and the boundaries it draws."""

from typing import Any

import numpy as np
import pytest

from scoring.boundaries import census
from scoring.boundaries.census import census_of
from scoring.boundaries.histogram import EMPTY
from scoring.defaults import DEFAULT_MODEL
from scoring.errors import LedgerCorruptError
from scoring.layout import DAY_US, INPUTS
from scoring.ledgers import open_one
from scoring.look import look
from scoring.value import value_of
from tests.support import logs
from tests.support.builders import cancel, order
from tests.support.kernel import tell

START_US = int(logs.START.timestamp()) * 1_000_000


def stored(events: list[dict[str, Any]]) -> list[bytes]:
    return list(tell(events).blobs.values())


def buyers(n: int) -> list[bytes]:
    """Customer c bought c + 1 times, a day apart."""
    events = [
        order(f"o{c}-{day}", f"{7 + c}.50", day=day) | {"customer_id": f"c{c}"}
        for c in range(n)
        for day in range(c + 1)
    ]
    return stored(events)


def plain_values(blobs: list[bytes], at_us: int) -> list[float]:
    inputs = np.zeros(1, INPUTS)[0]
    values = []
    for blob in blobs:
        header, rows = open_one(blob)
        look(header, rows, at_us, DEFAULT_MODEL, inputs)
        values.append(value_of(DEFAULT_MODEL, inputs))
    return values


def test_a_census_holds_what_each_is_worth_at_its_instant(monkeypatch: pytest.MonkeyPatch) -> None:
    blobs = buyers(20)
    at_us = START_US + 90 * DAY_US
    whole = EMPTY.add(np.array(plain_values(blobs, at_us))).to_bytes()
    assert census_of(blobs, at_us, DEFAULT_MODEL).to_bytes() == whole
    monkeypatch.setattr(census, "AT_ONCE", 7)
    assert census_of(blobs, at_us, DEFAULT_MODEL).to_bytes() == whole


def test_who_has_no_order_that_counts_or_none_yet_is_left_out() -> None:
    taken_back = stored([order("o1", "10.00", day=0), cancel("o1", day=1)])
    later = stored([order("o1", "10.00", day=9)])
    assert census_of([*taken_back, *later], START_US + 5 * DAY_US, DEFAULT_MODEL).customers == 0
    assert census_of([], START_US, DEFAULT_MODEL).customers == 0


def test_who_bought_after_the_instant_is_valued_as_of_the_last_order() -> None:
    blobs = stored([order("o1", "10.00", day=0), order("o2", "10.00", day=30)])
    early = census_of(blobs, START_US + 5 * DAY_US, DEFAULT_MODEL)
    assert early.to_bytes() == EMPTY.add(np.array(plain_values(blobs, START_US + 30 * DAY_US))).to_bytes()


def test_a_damaged_ledger_is_refused() -> None:
    with pytest.raises(LedgerCorruptError):
        census_of([b"\7no ledger"], START_US, DEFAULT_MODEL)
