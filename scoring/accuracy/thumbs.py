"""Rules of thumb that shops go by, as scores: the higher, the more is expected of a customer. What a model has to beat."""

from collections.abc import Callable, Mapping

import numpy as np
from scipy import stats

from scoring.history import Histories
from scoring.layout import Floats

_YEAR_DAYS = 365.0


def frequency(histories: Histories) -> Floats:
    """Orders so far."""
    return histories.orders


def recency(histories: Histories) -> Floats:
    """ "No order for N days": the longer the silence, the lower."""
    return histories.t_x - histories.t


def spend(histories: Histories) -> Floats:
    """Gross profit a year since the first order; of less than a year, all of it. Stands for last year's spend."""
    return histories.profit * histories.orders / np.maximum(histories.t / _YEAR_DAYS, 1.0)


def quintiles(scores: Floats) -> Floats:
    """1 (lowest fifth) to 5 (highest); equal scores share a fifth."""
    ranks: Floats = stats.rankdata(scores, method="average")
    return np.ceil(ranks / len(scores) * 5.0)


def rfm(histories: Histories) -> Floats:
    """Sum of the three quintiles."""
    return quintiles(recency(histories)) + quintiles(frequency(histories)) + quintiles(spend(histories))


def usual_gap(histories: Histories) -> Floats:
    """Silence in usual gaps (mean gap x k): the more of them, the lower. Of one-time buyers the mean gap of the others counts."""
    silence = histories.t - histories.t_x
    again = histories.x > 0
    gaps = np.divide(histories.t_x, histories.x, out=np.zeros_like(silence), where=again)
    usual = float(gaps[again].mean()) if again.any() else 1.0
    return -silence / np.where(again, np.maximum(gaps, 1.0), usual)


THUMBS: Mapping[str, Callable[[Histories], Floats]] = {
    "frequency": frequency,
    "recency (no order for N days)": recency,
    "spend a year": spend,
    "RFM quintiles": rfm,
    "silence in usual gaps": usual_gap,
}
