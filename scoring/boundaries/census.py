"""What everybody is worth at one instant: stored ledgers to values to a histogram."""

from collections.abc import Sequence

import numpy as np

from scoring.boundaries.histogram import EMPTY, Histogram
from scoring.by_address import model_by_address
from scoring.compiled import compiled
from scoring.layout import INPUTS, Floats, Ints, Records
from scoring.ledgers import Ledgers, open_ledgers
from scoring.look import look
from scoring.terms import Model
from scoring.value import value_of

AT_ONCE = 4_096  # ledgers opened together: what a census holds in memory does not grow with the number of customers


def census_of(blobs: Sequence[bytes], at_us: int, model: Model) -> Histogram:
    """The values at `at_us` of those whose first order that counts lies before it. Raises LedgerCorruptError.

    Facts are the ledger's: what came after `at_us` is not taken back, and a customer who bought later is valued as of
    the last order. A replay takes its census before anything later is told; live, minutes pass.
    """
    histogram = EMPTY
    for start in range(0, len(blobs), AT_ONCE):
        part = blobs[start : start + AT_ONCE]
        ledgers = open_ledgers(part, np.zeros(len(part), np.int64))
        bought = (ledgers.headers["orders"] > 0) & (ledgers.headers["first_us"] <= at_us)
        histogram = histogram.add(values_of(ledgers, at_us, model)[bought])
    return histogram


def values_of(ledgers: Ledgers, at_us: int, model: Model) -> Floats:
    """Each customer's value at `at_us`, or at the last order where that is later; shape (n,), minor units."""
    values = np.empty(len(ledgers.headers))
    _values(ledgers.headers, ledgers.rows, ledgers.starts, at_us, model_by_address(model), np.zeros(1, INPUTS), values)
    return values


@compiled
def _values(
    headers: Records, rows: Records, starts: Ints, at_us: int, model: Model, scratch: Records, out: Floats
) -> None:
    inputs = scratch[0]
    for c in range(len(headers)):
        h = headers[c]
        look(h, rows[starts[c] : starts[c + 1]], max(at_us, h.last_us), model, inputs)
        out[c] = value_of(model, inputs)
