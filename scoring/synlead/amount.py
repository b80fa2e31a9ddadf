"""Mean amount of a period: gamma of shape p at a rate that is gamma-distributed (shape q, rate k) over customers.

Source document, "amount model"; gamma-gamma of Fader, Hardie and Lee (2005) with one draw a period.
F is the beta prime distribution of m / k. All functions take amounts of any shape, in the unit of k.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy.special import betainc, betaln

from scoring.layout import Floats


class Amounts(NamedTuple):
    """Parameters of the amount model."""

    p: float  # shape of a period's draw
    q: float  # shape over customers
    k: float  # rate over customers: a scale of amounts


def density(amounts: Amounts, m: Floats) -> Floats:
    """f(m) = G(p+q) / (G(p) G(q)) k^q m^(p-1) / (k+m)^(p+q), for m > 0."""
    p, q, k = amounts
    share = np.log(m) - np.log(k + m)  # of the two logs of large numbers that p, q may be
    return np.asarray(np.exp(p * share - q * np.log1p(m / k) - np.log(m) - betaln(p, q)))


def below(amounts: Amounts, m: Floats) -> Floats:
    """F(m) = I_(m/(m+k))(p, q): the chance of a mean amount below m."""
    return np.asarray(betainc(amounts.p, amounts.q, m / (m + amounts.k)))


def mode(amounts: Amounts) -> float:
    """Where the density peaks: k (p-1) / (q+1), 0 where p <= 1."""
    return amounts.k * (amounts.p - 1.0) / (amounts.q + 1.0) if amounts.p > 1.0 else 0.0


def mean(amounts: Amounts) -> float:
    """E[m] = k p / (q-1); infinite where q <= 1."""
    return amounts.k * amounts.p / (amounts.q - 1.0) if amounts.q > 1.0 else math.inf


def after_one(amounts: Amounts, seen: Floats, m: Floats) -> Floats:
    """G(m | seen): the chance that the next period's mean amount lies below m, after one period with `seen`.

    The posterior is again gamma-gamma, with q + p and k + seen.
    """
    return np.asarray(betainc(amounts.p, amounts.p + amounts.q, m / (m + amounts.k + seen)))
