"""The whole 2008 model from a history by periods: frequency, amounts, their bins, and the margin's trend."""

from typing import NamedTuple

import numpy as np

from scoring.errors import DegenerateError
from scoring.synlead.fit_amount import Amount, fit_amount
from scoring.synlead.fit_frequency import Frequency, fit_frequency
from scoring.synlead.history import History, margins_of
from scoring.synlead.model import MOST_FREQUENCY, Params, edges_of
from scoring.synlead.slope import margin_slope

_USUAL_MOST = 0.99  # so many periods have no more orders than fmax
_TREND = 4  # periods whose margins give the trend of a model that scores ledgers: three empty ones, as the document has


class Fit(NamedTuple):
    """Parameters, and how sure they are."""

    params: Params
    frequency: Frequency
    amount: Amount
    periods: int  # complete ones with data


def fit(history: History, last: int, *, truncated: bool = False, means_only: bool = False) -> Fit:
    """Fit to what lies in the complete periods up to `last`. Raises DegenerateError with the reason.

    A log of orders knows nobody who never bought, and everybody is in it because of a first order. So purchases are counted
    in the periods after each customer's first: what comes then was not chosen. `truncated`: in all periods from the first
    on, with the zero-truncated likelihood; it is taken, too, where nobody is seen after the first period.
    """
    bought = (history.orders > 0) & (history.period <= last)
    if not bought.any():
        raise DegenerateError("no complete period with an order: the forecast has nothing to be fitted to")
    customers, begins, index = np.unique(history.customer[bought], return_index=True, return_inverse=True)
    orders, period = history.orders[bought], history.period[bought]
    counts = np.bincount(index, orders, minlength=len(customers)).astype(float)
    later, observed = counts - orders[begins].astype(float), (last - period[begins]).astype(float)
    if truncated or not later.any():
        frequency = fit_frequency(counts, observed + 1.0, truncated=True)
    else:
        frequency = fit_frequency(later[observed > 0.0], observed[observed > 0.0])
    means = history.amount[bought] / orders
    amount = fit_amount(index, means, means_only=means_only)
    params = Params(
        frequency.a,
        frequency.b,
        *amount.amounts,
        most=float(min(MOST_FREQUENCY, max(1.0, np.ceil(np.quantile(orders, _USUAL_MOST))))),
        edges=edges_of(means),
        most_amount=float(means.max()),
        slope=margin_slope(margins_of(history, last, _TREND)),
    )
    return Fit(params, frequency, amount, int(last - period.min() + 1))
