"""Gauss' 2F1(a, b; c; z) for 0 <= z < 1, with the 1 and the factor b taken out: (2F1 - 1) / b, exact at b = 0 as well.

The power series in z where it is short; near z = 1 the two series in 1 - z (Abramowitz and Stegun 15.3.6).
"""

import math

from scoring.compiled import compiled

_PRECISION = 1e-16
_MOST_TERMS = 2_000_000  # only z within 1e-5 of 1 comes near it
_NEAR_ONE = 0.8  # from here on the series in 1 - z is the shorter way
_LARGEST_EXCESS = 16.0  # of c - a - b: beyond it the series in z is short for every z, and the other loses digits
_CLEAR = 0.01  # distance from the poles of the series in 1 - z; nearer, it would lose more than two digits
_SHORT = 0.6  # up to here the power series of one_2f1 needs few terms
_LARGEST_ARGUMENT = 1.0  # of a (b + 1) (1 - z): beyond it the series in 1 - z alternates between large terms,
_LEAST_FACTOR = 0.25  # as it does for a small b + 1, which is a factor of its first term only


@compiled
def reduced_2f1(a: float, b: float, c: float, z: float) -> float:
    """(2F1(a, b; c; z) - 1) / b for 0 <= z < 1, b > -1, c > 0; about 13 digits where a > 0."""
    excess = c - a - b
    if z > _NEAR_ONE and 0.0 < a < c and a * max(b + 1.0, _LEAST_FACTOR) * (1.0 - z) < _LARGEST_ARGUMENT:
        # A pole at b = 0 and at every whole excess: the parts are infinite there, and only their sum is not.
        clear = min(abs(b), abs(excess - math.floor(excess + 0.5)))
        if clear > _CLEAR and 0.0 < excess < _LARGEST_EXCESS:
            return _in_one_minus_z(a, b, c, z, excess)
    return _in_z(a, b, c, z)


@compiled
def _in_z(a: float, b: float, c: float, z: float) -> float:
    """The sum over k >= 1 of (a)_k (b+1)_(k-1) z^k / ((c)_k k!)."""
    term = a / c * z
    total = term
    enough = _PRECISION * (1.0 - z)  # the terms left shrink by z each, so they sum to at most term / (1 - z)
    k = 1.0
    while abs(term) > enough * abs(total) and k < _MOST_TERMS:
        term *= (a + k) * (b + k) / ((c + k) * (k + 1.0)) * z
        total += term
        k += 1.0
    return total


@compiled
def _in_one_minus_z(a: float, b: float, c: float, z: float, excess: float) -> float:
    """The same by series in w = 1 - z: G1 2F1(a, b; 1 - excess; w) + w^excess G2 2F1(c - a, c - b; 1 + excess; w)."""
    w = 1.0 - z
    # Gamma(c) Gamma(excess) / (Gamma(c-a) Gamma(c-b)), less 1: b is a factor of the difference
    log_c = math.lgamma(c)
    log_first = log_c + math.lgamma(excess) - math.lgamma(c - a) - math.lgamma(c - b)
    first = math.expm1(log_first) / b + math.exp(log_first) * _in_z(a, b, 1.0 - excess, w)
    # Gamma(-excess) = -pi / (sin(pi excess) Gamma(1 + excess)) and Gamma(b) = Gamma(1 + b) / b
    log_second = log_c - math.lgamma(1.0 + excess) - math.lgamma(a) - math.lgamma(1.0 + b) + excess * math.log(w)
    second = -math.pi / math.sin(math.pi * excess) * math.exp(log_second)
    return first + second * _plain_2f1(c - a, c - b, 1.0 + excess, w)


@compiled
def _plain_2f1(a: float, b: float, c: float, z: float) -> float:
    term = 1.0
    total = 1.0
    k = 0.0
    while abs(term) > _PRECISION * total and k < _MOST_TERMS:
        term *= (a + k) * (b + k) / ((c + k) * (k + 1.0)) * z
        total += term
        k += 1.0
    return total


@compiled
def one_2f1(b: float, c: float, z: float) -> float:
    """2F1(1, b; c; z) for 0 <= z < 1 and 0 < b <= c: the power series, and near 1 Gauss' continued fraction."""
    if z <= _SHORT:
        term, total, k = 1.0, 1.0, 0.0
        while term > _PRECISION * total:
            term *= (b + k) / (c + k) * z
            total += term
            k += 1.0
        return total
    return _as_fraction(b, c, z)


@compiled
def _as_fraction(b: float, c: float, z: float) -> float:
    """1/(1 - g1 z/(1 - g2 z/(1 - ...))) (Abramowitz and Stegun 15.2, Jones and Thron 6.1), by the sums of its convergents:
    their differences are all positive, because every partial numerator lies in (0, 1)."""
    scale, difference, total = 1.0, 1.0, 1.0
    enough = _PRECISION * math.sqrt(1.0 - z)  # the differences shrink by about 1 - 4 sqrt(1 - z) each
    k = 0.0
    while difference > enough * total and k < _MOST_TERMS:
        half = math.floor(0.5 * k)
        g = (b + half) * (c - 1.0 + half) if k % 2.0 == 0.0 else (half + 1.0) * (c - b + half)
        scale = 1.0 / (1.0 - g * z / ((c + k - 1.0) * (c + k)) * scale)
        difference *= scale - 1.0
        total += difference
        k += 1.0
    return total
