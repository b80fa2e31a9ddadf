"""Calibration: of those told a chance of p, did a share of p do it."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scoring.layout import Floats

Bools = npt.NDArray[np.bool_]


class Group(NamedTuple):
    """Customers with about the same predicted chance."""

    customers: int
    predicted: float  # mean chance
    observed: float  # share of whom it happened to

    @property
    def error(self) -> float:
        """How far the chance was off."""
        return abs(self.predicted - self.observed)


def calibration(chances: Floats, happened: Bools, groups: int = 10, least: int = 1) -> list[Group]:
    """Groups of equal size by predicted chance, lowest first; never fewer than `least` customers in one.

    `chances` and `happened` have shape (n,). Equal chances stay in one group, so that no group depends on the order of rows.
    """
    n = len(chances)
    if n == 0:
        return []
    order = np.argsort(chances, kind="stable")
    ranked = chances[order]
    wanted = np.linspace(0, n, max(1, min(groups, n // max(least, 1))) + 1)[1:-1]
    # the end of a run of equal chances is the first place where one may cut
    cuts = np.unique(np.searchsorted(ranked, ranked[wanted.astype(np.int64)], side="left"))
    kept: list[int] = [0]
    for cut in cuts.tolist():
        if cut - kept[-1] >= least and n - cut >= least:
            kept.append(cut)
    came = happened[order].astype(np.float64)
    return [
        Group(end - start, float(ranked[start:end].mean()), float(came[start:end].mean()))
        for start, end in zip(kept, [*kept[1:], n], strict=True)
    ]


def brier(chances: Floats, happened: Bools) -> float:
    """Mean squared error of the chances (Brier 1950): 0 is certain and right, 0.25 a coin."""
    return float(np.mean((chances - happened) ** 2))


def expected_calibration_error(groups: list[Group]) -> float:
    """ECE: mean error of the groups, weighted by their customers."""
    customers = sum(group.customers for group in groups)
    return sum(group.error * group.customers for group in groups) / customers
