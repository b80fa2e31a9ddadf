"""BG/NBD x gamma-gamma: buyers who may leave after any repeat purchase. For comparison, and for published numbers.

Fader, Hardie and Lee (2005), twice; see scoring/process/bg_nbd.py and scoring/gamma_gamma.py. The verbs are those of
scoring/models/verbs.py.
"""

from scoring.fitting.fit import Fitted
from scoring.fitting.fit import fit as fit_family
from scoring.history import Histories
from scoring.layout import Family
from scoring.models.verbs import expected_orders, expected_profit, falls_below_at, p_alive

__all__ = ["expected_orders", "expected_profit", "falls_below_at", "fit", "p_alive"]


def fit(histories: Histories, horizon_days: float = 365.0, discount: float = 0.0) -> Fitted:
    """The likeliest such model of these customers."""
    return fit_family(histories, Family.BG, horizon_days, discount)
