"""MBG/CNBD-k x gamma-gamma, the default: buyers with a rhythm who may leave after any purchase, the first included.

Reutterer, Platzer and Schröder (2021) and Fader, Hardie and Lee (2005); see scoring/process/mbg_cnbd.py and
scoring/gamma_gamma.py. All verbs take the model and customers of dtype INPUTS, shape (n,): see scoring/models/verbs.py.
"""

from scoring.fitting.fit import Fitted
from scoring.fitting.fit import fit as fit_family
from scoring.history import Histories
from scoring.layout import Family
from scoring.models.verbs import expected_orders, expected_profit, falls_below_at, p_alive

__all__ = ["expected_orders", "expected_profit", "falls_below_at", "fit", "p_alive"]


def fit(histories: Histories, horizon_days: float = 365.0, discount: float = 0.0, k: int | None = None) -> Fitted:
    """The likeliest such model of these customers. k: Erlang stages of a gap, chosen by likelihood unless given."""
    return fit_family(histories, Family.MBG, horizon_days, discount, k=k)
