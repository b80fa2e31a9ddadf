"""Orders within a horizon of customers who leave by chance after any purchase: what MBG and BG share.

Purchases come at a rate mu ~ Gamma(shape, rate); after each the customer leaves with a chance p ~ Beta(a, b). Expected
purchases within h days of a living customer are E[(1 - e^(-mu p h)) / p] = E[(1 - (1 + p h / rate)^-shape) / p].
"""

import math

from scoring.compiled import compiled
from scoring.hypergeometric import reduced_2f1

_NOTHING = 40.0  # e^-40: what is left out of a sum of about 1
_LEAST_TOTAL = 0.05  # of a + b - 1, the third parameter of 2F1, which has a pole at 0
_LARGEST_LOG = 300.0  # of w^(1-a), which the series takes the place of: far from where a double ends


@compiled
def orders_until_gone(shape: float, rate: float, a: float, b: float, first: float, horizon_days: float) -> float:
    """Expected purchases of a living customer within the horizon; `first` is a + b - 1 - shape, without its rounding.

    Fader, Hardie and Lee (2005), eq. 10: (a+b-1)/(a-1) * (1 - (rate/(rate+h))^shape * 2F1(shape, b; a+b-1; z)) with
    z = h/(rate+h). Euler's transformation turns power times 2F1 into w^(a-1) * 2F1(first, a-1; a+b-1; z), w = 1-z, which
    no number of purchases overflows; and with (a-1) taken out it holds at a = 1. Where that series would alternate
    between growing terms, the expectation itself is integrated.
    """
    z = horizon_days / (rate + horizon_days)
    total = a + b - 1.0
    growth = -first * z * max(1.0, 0.5 * a)
    log_w = math.log1p(-z)
    spread = a - 1.0
    if total < _LEAST_TOTAL or growth > max(total, 2.0) or -spread * log_w > _LARGEST_LOG:
        return _by_quadrature(shape, rate, a, b, horizon_days)
    rest = math.exp(spread * log_w) * reduced_2f1(first, spread, total, z)
    leading = -math.expm1(spread * log_w) / spread if spread != 0.0 else -log_w
    return total * (leading - rest)


@compiled
def _by_quadrature(shape: float, rate: float, a: float, b: float, horizon_days: float) -> float:
    """The trapezoid rule over y = log(p / (1 - p)), from the highest p that counts to the lowest.

    The integrand is analytic for |Im y| < pi/2 and falls off exponentially, so the error falls as e^(-pi^2 / step). Far out
    it is exactly exponential in y; what lies there is a geometric series.
    """
    step = 0.25 / math.sqrt(1.0 + 0.25 * a)
    pace = horizon_days / rate
    # chances p with -b log(1 - p) above this have a weight below e^-_NOTHING: the tail of a gamma density of shape a
    most = _NOTHING + a + math.sqrt(2.0 * _NOTHING * a)
    highest = min(_NOTHING, math.log(math.expm1(most / b))) if b > 1.0 else _NOTHING
    lowest = -_NOTHING - math.log1p(shape * pace + b + pace)
    peak = a * math.log(a / (a + b)) + b * math.log(b / (a + b))
    odds, shrink = math.exp(highest), math.exp(-step)
    weights, orders = 0.0, 0.0
    y = highest
    if b <= 1.0:  # p is 1 to the last bit here: weight e^(-b y) from here up
        weights = math.exp(-b * (y + step) - peak) / -math.expm1(-b * step)
        orders = -math.expm1(-shape * math.log1p(pace)) * weights
    weight, here = 0.0, 0.0
    while y > lowest:
        log_stays = -math.log1p(odds)  # log(1 - p)
        log_p = y + log_stays
        p = odds / (1.0 + odds)
        weight = math.exp(a * log_p + b * log_stays - peak)
        here = -math.expm1(-shape * math.log1p(p * pace)) / p
        weights += weight
        orders += weight * here
        y -= step
        odds *= shrink
    beyond = weight / math.expm1(a * step)  # p is proportional to e^y from here down
    return (orders + here * beyond) / (weights + beyond)
