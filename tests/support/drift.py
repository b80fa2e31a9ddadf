"""One customer whom everybody wants to hear of: silence acts on the stored ledger, and what was told of it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from scoring.defaults import DEFAULT_DRIFT
from scoring.layout import DAY_US, EVENT, INPUTS, Alert, Kind, Record, Records, Tier
from scoring.ledgers import Ran, open_ledgers, open_one, pack_ledgers, run
from scoring.look import look
from scoring.terms import Terms
from scoring.value import p_alive_of, tail_of, value_of
from tests.support import logs
from tests.support.builders import order
from tests.support.fold import microseconds
from tests.support.kernel import LIMITS, terms_of

SECOND_US = 1_000_000
YEAR_US = 365 * DAY_US
START_US = microseconds(logs.time_of(0))
EVERYONE = DEFAULT_DRIFT._replace(worth_tier=int(Tier.NONE))
TERMS = terms_of(drift=EVERYONE)


@st.composite
def buyers(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Orders of one customer in the order of time, days to months apart."""
    gaps = draw(st.lists(st.integers(1, 120), max_size=12))
    days = np.cumsum([0, *gaps]).tolist()
    return [order(f"o{i}", f"{draw(st.integers(1, 500))}.00", day=int(day)) for i, day in enumerate(days)]


def wait(blob: bytes, until_us: int, terms: Terms = TERMS) -> tuple[bytes, Ran]:
    """Let silence act on one stored ledger up to an instant."""
    tick = np.zeros(1, EVENT)
    tick["kind"], tick["now_us"] = Kind.TICK, until_us
    return through(blob, tick, terms)


def through(blob: bytes, events: Records, terms: Terms) -> tuple[bytes, Ran]:
    """Run events through one stored ledger."""
    ledgers = open_ledgers([blob], np.ones(1, np.int64))
    ran = run(ledgers, events, terms, terms, LIMITS)
    return pack_ledgers(ledgers)[0], ran


def seen(blob: bytes, at_us: int, terms: Terms = TERMS) -> tuple[float, float, float]:
    """P(alive), tail and value of a silent customer at an instant."""
    inputs = np.zeros(1, INPUTS)[0]
    look(*open_one(blob), at_us, terms.model, inputs)
    return p_alive_of(terms.model, inputs), tail_of(terms.model, inputs), value_of(terms.model, inputs)


def of_kind(alerts: Sequence[Record] | Records, kind: Alert) -> list[Record]:
    """The warnings, or the rises, or what was cleared."""
    return [alert for alert in alerts if alert.alert == kind]
