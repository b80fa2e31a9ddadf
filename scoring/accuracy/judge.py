"""One forecast or rule of thumb held against a holdout: the same figures for all of them, side by side."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scoring.accuracy.calibration import Group, brier, calibration, expected_calibration_error
from scoring.accuracy.forecast import Forecast
from scoring.accuracy.ranking import auc, mean_absolute_error, root_mean_squared_error, spearman, top_share
from scoring.layout import Floats
from scoring.outcomes import Outcomes

NAN = float("nan")
Bools = npt.NDArray[np.bool_]


class Measures(NamedTuple):
    """NaN where there is nothing to measure: a rule of thumb ranks, and tells neither counts nor chances."""

    spearman_orders: float  # rank correlation with the purchase days of the holdout
    auc: float  # who buys at all in the holdout
    top_orders: float  # share of all purchase days brought by the 20% placed highest
    spearman_profit: float
    top_profit: float  # share of all gross profit
    mae: float = NAN  # of purchase days
    rmse: float = NAN
    brier: float = NAN  # of the chance to buy within the days asked about
    ece: float = NAN  # mean calibration error of that chance, in ten groups
    total: float = NAN  # purchase days foretold / purchase days that came


def of_score(score: Floats, outcomes: Outcomes) -> Measures:
    """A rule of thumb, higher for whom more is expected of; shape (n,)."""
    return _ranked(score, score, outcomes)


def of_forecast(told: Forecast, outcomes: Outcomes, bought: Bools) -> Measures:
    """A model; `bought`: who bought within the days that told.chance is about, shape (n,)."""
    groups = calibration(told.chance, bought) if np.isfinite(told.chance).all() else []
    return _ranked(told.orders, told.profit, outcomes)._replace(
        mae=mean_absolute_error(told.orders, outcomes.days),
        rmse=root_mean_squared_error(told.orders, outcomes.days),
        brier=brier(told.chance, bought) if groups else NAN,
        ece=expected_calibration_error(groups) if groups else NAN,
        total=float(told.orders.sum() / outcomes.days.sum()) if outcomes.days.any() else NAN,
    )


def worst(groups: list[Group]) -> float:
    """The largest error of any group."""
    return max(group.error for group in groups)


def _ranked(orders: Floats, profit: Floats, outcomes: Outcomes) -> Measures:
    return Measures(
        spearman_orders=spearman(orders, outcomes.days),
        auc=auc(orders, outcomes.days > 0.0),
        top_orders=top_share(orders, outcomes.days),
        spearman_profit=spearman(profit, outcomes.profit),
        top_profit=top_share(profit, outcomes.profit),
    )
