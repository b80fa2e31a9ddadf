"""What the processes share: from the odds of being gone to P(alive), and a silence at a gamma-distributed rate."""

import math

from scoring.compiled import compiled


@compiled
def chance_alive(log_odds_gone: float) -> float:
    """P(alive), in [0, 1], of the logarithm of P(gone) / P(alive); no size of it overflows."""
    if log_odds_gone > 0.0:
        gone = math.exp(-log_odds_gone)
        return gone / (1.0 + gone)
    return 1.0 / (1.0 + math.exp(log_odds_gone))


@compiled
def log_silence(shape: float, alpha: float, t_x: float, t: float) -> float:
    """Of the chance that nothing comes from t_x to t at a rate ~ Gamma(shape, alpha + t_x)."""
    return -shape * math.log1p((t - t_x) / (alpha + t_x))
