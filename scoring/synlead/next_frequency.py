"""From one period's purchases to the next one's: the Markov step of the frequency model. Value-model 2.5 and 2.6."""

import math

from scoring.compiled import compiled
from scoring.synlead.frequency import chance, growth


@compiled
def mean_frequency(a: float, b: float, least: float, most: float) -> float:
    """E(f1): mean purchases of a period among those with least..most."""
    total, weight = 0.0, 0.0
    p = chance(least, a, b)
    x = least
    while x <= most:
        total += x * p
        weight += p
        p *= growth(x, a, b)
        x += 1.0
    return total / weight if weight > 0.0 else most


@compiled
def next_frequency(a: float, b: float, frequency: float, most: float) -> float:
    """f2, whole purchases: E(f1) rounded half up; f1 above `most` is taken for `most`. Our choice: the document leaves it open."""
    least = min(max(frequency, 1.0), most)
    return float(math.floor(mean_frequency(a, b, least, most) + 0.5))


@compiled
def usual_frequency(a: float, b: float, most: float) -> float:
    """The lowest frequency of the origin set A = {ceil(b/a), ..., most}. Our choice: the document leaves it open."""
    return min(max(float(math.ceil(b / a)), 1.0), most)


@compiled
def frequency_probability(a: float, b: float, least: float, empty: float, most: float) -> float:
    """p_f: P(least <= f2 <= most | f1 in A in the last purchase period, then `empty` periods without a purchase).

    Value-model 2.6, as a mixture: each f1 weighs what f1 purchases and then silence are likely, its posterior is
    Gamma(b + f1, a + 1 + empty). f2 stops at `most` and is not renormalised. From one f1 to the next everything changes by
    a plain factor, so that logarithms are taken once.
    """
    rate = a + 1.0 + empty
    f1 = usual_frequency(a, b, most)
    p = chance(least, rate, b + f1)  # of f2 = least
    w = 1.0  # of this f1: proportional to G(b+f1) / f1! / rate^f1
    total, weight = 0.0, 0.0
    while f1 <= most:
        total += w * _up_to(p, rate, b + f1, least, most)
        weight += w
        p *= (b + f1 + least) / (b + f1) * rate / (rate + 1.0)
        w *= (b + f1) / ((f1 + 1.0) * rate)
        f1 += 1.0
    return total / weight


@compiled
def _up_to(p: float, a: float, b: float, least: float, most: float) -> float:
    """P(least <= x <= most) in one period, where P(least) = p."""
    total = 0.0
    x = least
    while x <= most:
        total += p
        p *= growth(x, a, b)
        x += 1.0
    return total
