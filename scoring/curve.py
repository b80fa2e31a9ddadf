"""The value curve of one customer: from what acquiring cost, through the peak, to the fall. Computed from the ledger's rows.

Nothing of it is stored: what a customer was worth at an instant follows from the facts known of up to then and a model.
"""

from typing import NamedTuple

import numpy as np

from scoring.by_address import model_by_address
from scoring.compiled import compiled
from scoring.layout import DAY_US, HEADER, INPUTS, ROW, Floats, Ints, Kind, Record, Records
from scoring.ledger import apply
from scoring.look import look
from scoring.terms import Limits, Model
from scoring.value import value_of

MOST_POINTS = 48
MONTH_US = 30 * DAY_US


class Curve(NamedTuple):
    """Points of the curve in the order of time, at most MOST_POINTS, and what all of it says. Values in minor units."""

    at_us: Ints
    values: Floats
    peak_us: int
    peak: float
    falling_since_us: int | None  # since when the value has only fallen; None where the last move was up
    below_peak: float  # how far the last value lies below the peak


def value_curve(header: Record, rows: Records, until_us: int, model: Model, limits: Limits) -> Curve | None:
    """The curve of a ledger up to `until_us`; None where nothing had happened by then.

    There is a point where something happened that moves the value, and one a month in silence. As long as no order counts,
    the value is what the customer has cost so far, below zero. What was folded away is there from its last order on.
    """
    known = rows[: int(header["rows"])]
    known = known[(known["at_us"] <= until_us) & (known["kind"] != Kind.INTERACTION)]
    known = known[np.argsort(known["at_us"], kind="stable")]
    start = np.zeros(1, HEADER)[0]
    if header["folded_rows"]:
        _fill_folded(header, rows, limits, start)
    when_us = np.maximum(known["at_us"], start["folded_last_us"])  # what was folded away cannot be told apart in time
    if start["orders"] == 0 and not len(known):
        return None
    from_us = int(start["folded_last_us"]) if start["orders"] else int(when_us[0])
    room = 2 * len(known) + (until_us - from_us) // MONTH_US + 3
    at_us, values = np.empty(room, np.int64), np.empty(room)
    kept = np.empty(len(known) + 1, ROW)
    inputs = np.zeros(1, INPUTS)[0]
    count = _trace(
        start, kept, known, when_us, from_us, until_us, model_by_address(model), limits, inputs, at_us, values
    )
    return _summed_up(at_us[:count], values[:count])


def _fill_folded(header: Record, rows: Records, limits: Limits, folded: Record) -> None:
    """The header as it would be without its rows: what is left of the facts when those of the rows are taken away."""
    of_rows = np.zeros(1, HEADER)[0]
    _apply_all(of_rows, np.empty(int(header["rows"]) + 1, ROW), rows[: int(header["rows"])], limits)
    for name in ("purchase_days", "held", "credits", "cost", "marketing", "interactions"):
        folded[name] = header[name] - of_rows[name]
    folded["orders"] = header["folded_orders"]
    folded["first_us"], folded["last_us"] = header["folded_first_us"], header["folded_last_us"]
    for name in ("folded_rows", "folded_orders", "folded_first_us", "folded_last_us"):
        folded[name] = header[name]


@compiled
def _apply_all(h: Record, kept: Records, rows: Records, limits: Limits) -> None:
    for i in range(len(rows)):
        apply(h, kept, rows[i], limits)


@compiled
def _trace(
    h: Record,
    kept: Records,
    rows: Records,
    when_us: Ints,
    from_us: int,
    until_us: int,
    model: Model,
    limits: Limits,
    inputs: Record,
    at_us: Ints,
    values: Floats,
) -> int:
    """Fill in the points and return how many there are; `rows` are in the order of time, `kept` has room for them all."""
    count, i, now_us = 0, 0, from_us
    while True:
        while i < len(rows) and when_us[i] <= now_us:
            apply(h, kept, rows[i], limits)
            i += 1
        next_us = when_us[i] if i < len(rows) else until_us
        count = _follow_silence(h, kept, now_us, next_us, model, inputs, count, at_us, values)
        if i == len(rows):
            break
        now_us = next_us
    if at_us[count - 1] < until_us:
        count = _point(h, kept, until_us, model, inputs, count, at_us, values)
    return count


@compiled
def _follow_silence(
    h: Record,
    kept: Records,
    from_us: int,
    until_us: int,
    model: Model,
    inputs: Record,
    count: int,
    at_us: Ints,
    values: Floats,
) -> int:
    """A point where the facts moved, and one a month until they may move again."""
    now_us = from_us
    while now_us == from_us or (now_us < until_us and h.orders > 0):
        count = _point(h, kept, now_us, model, inputs, count, at_us, values)
        now_us += MONTH_US
    return count


@compiled
def _point(
    h: Record, kept: Records, now_us: int, model: Model, inputs: Record, count: int, at_us: Ints, values: Floats
) -> int:
    look(h, kept, now_us, model, inputs)
    at_us[count] = now_us
    values[count] = value_of(model, inputs) if h.orders > 0 else -float(h.marketing)
    return count + 1


def _summed_up(at_us: Ints, values: Floats) -> Curve:
    top = int(np.argmax(values))
    falls = np.diff(values) < 0.0
    rises = np.flatnonzero(np.diff(values) > 0.0)
    turn = int(rises[-1]) + 1 if len(rises) else 0  # after the last rise
    falling_since_us = int(at_us[turn]) if falls[turn:].any() else None
    points = thin(at_us, values, top)
    return Curve(
        at_us[points],
        values[points],
        int(at_us[top]),
        float(values[top]),
        falling_since_us,
        float(values[top] - values[-1]),
    )


def thin(at_us: Ints, values: Floats, top: int) -> Ints:
    """Indices of the points to keep: the first, the peak and the last, then always the one that the line through those kept
    misses by most, until none is missed or there are MOST_POINTS."""
    kept = np.unique([0, top, len(values) - 1])
    while len(kept) < min(MOST_POINTS, len(values)):
        missed = np.abs(values - np.interp(at_us, at_us[kept], values[kept]))
        worst = int(np.argmax(missed))
        if missed[worst] == 0.0:
            break
        kept = np.insert(kept, np.searchsorted(kept, worst), worst)
    return kept
