"""The anchors: what others measured on the same work, and what our families foretell of it."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from benchmarks.accuracy.shops import Shop
from ebbtide.fitting.holdout import PROCESSES
from scoring.accuracy.forecast import forecast
from scoring.accuracy.judge import Measures, of_forecast, of_score
from scoring.accuracy.thumbs import THUMBS
from scoring.fitting.fit import fit
from scoring.fitting.looking_back import fit_corrected
from scoring.layout import DAY_US, Family
from scoring.terms import NO_CORRECTION, Model
from streams.events.terms_records import FAMILIES

DEFAULT = "mbg-gg (default)"
PLAIN = "mbg-gg, plain"
TIED = ", one-time buyers tied"


class Line(NamedTuple):
    """Spearman, AUC, top-20% share of orders, MAE; NaN where nobody told."""

    spearman: float
    auc: float
    top: float
    mae: float


class Work(NamedTuple):
    """What was measured by others, by name, and on which days."""

    day: str
    days: int
    measured: Mapping[str, Line]


NAN = float("nan")
CDNOW = Work(
    "1997-09-30",
    180,
    {
        "BG/NBD (lifetimes)": Line(0.417, 0.763, 0.630, 0.602),
        "MBG/NBD (lifetimes)": Line(0.419, 0.765, 0.631, 0.586),
        "Pareto/NBD (lifetimes)": Line(0.425, 0.768, 0.632, 0.585),
        "boosted trees, an earlier window": Line(0.470, 0.762, 0.634, 0.674),
        "frequency alone, as measured": Line(0.459, 0.754, 0.621, NAN),
        "recency alone, as measured": Line(0.409, 0.759, 0.617, NAN),
    },
)
UCI = Work(
    "2011-06-30",
    150,
    {
        "BG, MBG, Pareto (lifetimes)": Line(0.527, 0.728, 0.513, 1.238),
        "MBG/CNBD-2": Line(0.522, 0.726, 0.509, 1.228),
        "boosted trees, an earlier window": Line(0.529, 0.737, 0.517, 1.355),
        "frequency alone, as measured": Line(0.541, 0.719, 0.514, NAN),
        "recency alone, as measured": Line(0.402, 0.680, 0.405, NAN),
    },
)


class Held(NamedTuple):
    """Our figures on the work."""

    customers: int
    model: Model  # the default family
    measures: Mapping[str, Measures]


def hold(shop: Shop, work: Work) -> Held:
    """All customers; purchase days; fitted to the date, then so many days ahead."""
    everyone = shop.everyone
    cut_us = shop.at(work.day)
    end_us = cut_us + work.days * DAY_US
    histories = everyone.histories(cut_us)
    outcomes = everyone.outcomes(histories, cut_us, end_us)
    bought = outcomes.days > 0.0
    measures: dict[str, Measures] = {}
    default = fit_corrected(
        everyone.ledgers, cut_us, Family.MBG, work.days, count_free_orders=everyone.count_free_orders
    ).model
    told = forecast(default, histories, work.days)
    plain = forecast(default._replace(correction=NO_CORRECTION), histories, work.days)
    for name, forecasted in ((DEFAULT, told), (PLAIN, plain)):
        measures[name] = of_forecast(forecasted, outcomes, bought)
        once = histories.x == 0.0
        tied = np.where(once, forecasted.orders[once].mean() if once.any() else 0.0, forecasted.orders)
        measures[name + TIED] = of_forecast(forecasted._replace(orders=tied), outcomes, bought)
    for family in PROCESSES:
        if family != Family.MBG:
            other = forecast(fit(histories, family).model, histories, work.days)
            measures[FAMILIES[family]] = of_forecast(other, outcomes, bought)
    measures["purchase days so far"] = of_score(histories.x, outcomes)
    measures |= {name: of_score(thumb(histories), outcomes) for name, thumb in THUMBS.items()}
    return Held(len(histories.x), default, measures)


def line_of(measures: Measures) -> Line:
    """The anchors' columns."""
    return Line(measures.spearman_orders, measures.auc, measures.top_orders, measures.mae)


def verdicts(work: Work, line: Line) -> dict[str, list[str]]:
    """By measure, the anchors that this line does not reach (to the printed three decimals)."""
    missed: dict[str, list[str]] = {name: [] for name in Line._fields}
    for who, anchor in work.measured.items():
        for name in Line._fields:
            theirs, ours = getattr(anchor, name), round(getattr(line, name), 3)
            if np.isfinite(theirs) and (ours > theirs if name == "mae" else ours < theirs):
                missed[name].append(who)
    return missed
