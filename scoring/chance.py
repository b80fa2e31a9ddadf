"""Chance that a customer buys again within so many days: what an alert is held against once the days are over.

A silence that goes on is the same history seen later, so the chance of no purchase in `days` is the ratio of two likelihoods,
L(x, t_x, t + days) / L(x, t_x, t), for every process alike.
"""

import math

from scoring.compiled import compiled
from scoring.correcting import corrected_chance
from scoring.layout import Family
from scoring.process import bg_nbd, mbg_cnbd, pareto_nbd
from scoring.terms import Model

_MBG = int(Family.MBG)
_BG = int(Family.BG)


@compiled
def _log_likelihood(model: Model, x: float, t_x: float, t: float) -> float:
    if model.family == _MBG:
        return mbg_cnbd.log_likelihood(model, x, t_x, t, 0.0)  # the gaps are the same in both
    if model.family == _BG:
        return bg_nbd.log_likelihood(model, x, t_x, t)
    return pareto_nbd.log_likelihood(model, x, t_x, t)


@compiled
def chance_to_buy(model: Model, x: float, t_x: float, t: float, days: float) -> float:
    """P(at least one purchase in (t, t + days]), in [0, 1], for the families with a process (not Synlead).

    Corrected as the model says: learned over a window, and in log odds taken to hold of any number of days.
    """
    later, now = _log_likelihood(model, x, t_x, t + days), _log_likelihood(model, x, t_x, t)
    return corrected_chance(model, max(0.0, -math.expm1(min(0.0, later - now))), x)
