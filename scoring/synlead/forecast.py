"""Three periods ahead of every customer: the forecast as the document reports it, with each customer's own margin trend."""

from typing import NamedTuple

import numpy as np

from scoring.by_address import model_by_address
from scoring.compiled import compiled
from scoring.layout import INPUTS, Floats, Ints, Records
from scoring.ledgers import Ledgers
from scoring.look import look
from scoring.synlead.ahead import Step, three_ahead
from scoring.synlead.history import History, margins_of
from scoring.synlead.model import AHEAD
from scoring.synlead.slope import margin_slope
from scoring.terms import Model

_MOST_TREND = 120  # periods; the trend over a longer silence is that of so many


class Forecast(NamedTuple):
    """Of n customers with an order that holds money."""

    customer: Ints  # index of the ledger
    looks: Records  # INPUTS: what the forecast was drawn from
    first: Ints  # index of the first forecast period: the one after the empty ones
    steps: Floats  # shape (n, 3, fields of Step): period by period

    def of(self, field: str) -> Floats:
        """One field of Step, shape (n, 3)."""
        return np.asarray(self.steps[:, :, Step._fields.index(field)])


def forecast(ledgers: Ledgers, history: History, model: Model, at_us: int, last: int) -> Forecast:
    """The forecast of each customer as of `at_us`; `last` is the last complete period.

    The margin's trend is the enterprise's from the customer's last period with an order to the last complete one.
    """
    slopes = np.array([margin_slope(margins_of(history, last, empty + 1)) for empty in range(_MOST_TREND)])
    looks = np.zeros(len(ledgers.headers), INPUTS)
    steps = np.zeros((len(looks), AHEAD, len(Step._fields)))
    _all_ahead(ledgers.headers, ledgers.rows, ledgers.starts, at_us, model_by_address(model), slopes, looks, steps)
    known = np.flatnonzero(looks["frequency"] > 0.0)
    looks = looks[known]
    first = (looks["period"] + looks["empty"] + 1.0).astype(np.int64)
    return Forecast(known, looks, first, steps[known])


@compiled
def _all_ahead(
    headers: Records,
    rows: Records,
    starts: Ints,
    at_us: int,
    model: Model,
    slopes: Floats,
    looks: Records,
    steps: Floats,
) -> None:
    for c in range(len(headers)):
        inputs = looks[c]
        look(headers[c], rows[starts[c] : starts[c + 1]], at_us, model, inputs)
        if inputs.frequency > 0.0:
            slope = slopes[min(int(inputs.empty), len(slopes) - 1)]
            one, two, three = three_ahead(model.synlead, inputs, inputs.empty, slope)
            for i in range(len(one)):
                steps[c, 0, i], steps[c, 1, i], steps[c, 2, i] = one[i], two[i], three[i]
