"""A Model of the 2008 family: its tables by amount bin are computed once, here."""

from typing import NamedTuple

import numpy as np

from scoring.layout import Family, Floats
from scoring.synlead.ahead import Way
from scoring.synlead.amount import Amounts
from scoring.synlead.next_amount import next_amount, stays
from scoring.synlead.period_names import DAYS, Period
from scoring.terms import Model, Synlead

BINS = 7
AHEAD = 3  # periods
# ends of the bins as shares of all periods: finer at the top, where customers differ most
SHARES = (0.0, 0.1, 0.3, 0.5, 0.7, 0.85, 0.95, 1.0)
MOST_FREQUENCY = 12.0  # told apart; the work of a step grows with its square


class Params(NamedTuple):
    """Everything that is fitted or chosen for a forecast; amounts in the unit of k."""

    a: float  # gamma rate of the purchases of a period
    b: float  # gamma shape
    p: float
    q: float
    k: float
    most: float  # fmax: the highest frequency told apart
    edges: tuple[float, float, float, float, float, float, float, float]  # of the amount bins [lo, hi)
    most_amount: float  # mmax: the largest mean amount of a period there is
    slope: float = 0.0  # of the enterprise's margin, per period


def edges_of(means: Floats) -> tuple[float, float, float, float, float, float, float, float]:
    """Edges of seven amount bins from periods' mean amounts (above 0), shape (n,): quantiles at SHARES.

    Where too many are alike for that, bins of equal ratio from the least to the largest.
    """
    edges = np.quantile(means, SHARES)
    if np.any(np.diff(edges) <= 0.0):
        edges = np.geomspace(means.min(), max(means.max(), means.min() * 1.01), BINS + 1)
    edges[-1] = np.nextafter(edges[-1], np.inf)  # bins are [lo, hi), and the largest belongs to the last one
    return _eight(edges)


def synlead_model(params: Params, way: Way = Way.ROLL, period: Period = Period.MONTH) -> Model:
    """The model whose value is the sum of three periods ahead. Amounts in minor units where it is to score ledgers."""
    edges = np.array(params.edges, float)
    amounts = Amounts(params.p, params.q, params.k)
    synlead = Synlead(
        a=float(params.a),
        b=float(params.b),
        most=float(params.most),
        edges=_eight(edges),
        next_amount=_by_bin(next_amount(amounts, edges[:-1], params.most_amount)),
        stays=_by_bin(stays(amounts, edges, params.most_amount)),
        slope=float(params.slope),
        way=int(way),
        period=int(period),
    )
    return Model(
        family=int(Family.SYNLEAD),
        k=1.0,
        r=float(params.b),
        alpha=float(params.a),
        a=1.0,
        b=1.0,
        p=float(params.p),
        q=float(params.q),
        v=float(params.k),
        horizon_days=AHEAD * DAYS[period],
        discount=0.0,
        synlead=synlead,
    )


def _eight(edges: Floats) -> tuple[float, float, float, float, float, float, float, float]:
    one, two, three, four, five, six, seven, eight = edges.tolist()
    return one, two, three, four, five, six, seven, eight


def _by_bin(of_bins: Floats) -> tuple[float, float, float, float, float, float, float]:
    one, two, three, four, five, six, seven = of_bins.tolist()
    return one, two, three, four, five, six, seven
