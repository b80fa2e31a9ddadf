"""Ranking: were those placed highest the ones who did most. Ties count half, so that no figure depends on the order of rows."""

import numpy as np
import numpy.typing as npt
from scipy import stats

from scoring.layout import Floats


def spearman(scores: Floats, outcomes: Floats) -> float:
    """Rank correlation, ties by their mean rank; nan where either is constant."""
    if np.ptp(scores) == 0.0 or np.ptp(outcomes) == 0.0:
        return float("nan")
    return float(stats.spearmanr(scores, outcomes).statistic)


def auc(scores: Floats, happened: npt.NDArray[np.bool_]) -> float:
    """Chance that one to whom it happened was placed above one to whom it did not (Mann-Whitney U); nan with nobody to compare."""
    yes = int(np.count_nonzero(happened))
    no = len(happened) - yes
    if not yes or not no:
        return float("nan")
    ranks = stats.rankdata(scores)
    return float((ranks[happened].sum() - yes * (yes + 1) / 2) / (yes * no))


def top_share(scores: Floats, outcomes: Floats, part: float = 0.2) -> float:
    """Share of all outcomes that the highest `part` of customers by score bring; equal scores share the last places."""
    places = part * len(scores)
    total = float(outcomes.sum())
    if total == 0.0:
        return float("nan")
    values, first, counts = np.unique(-scores, return_index=True, return_counts=True)
    sums = np.bincount(np.searchsorted(values, -scores), outcomes, len(first))
    before = np.cumsum(counts) - counts
    taken = np.clip((places - before) / counts, 0.0, 1.0)
    return float((sums * taken).sum() / total)


def mean_absolute_error(predicted: Floats, outcomes: Floats) -> float:
    """MAE."""
    return float(np.mean(np.abs(predicted - outcomes)))


def root_mean_squared_error(predicted: Floats, outcomes: Floats) -> float:
    """RMSE."""
    return float(np.sqrt(np.mean((predicted - outcomes) ** 2)))
