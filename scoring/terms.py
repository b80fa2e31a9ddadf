"""What customers are judged by: value model, tier boundaries, drift levels, and the versions of all three.

All times are days or microseconds, all money is integer minor units of the reporting currency.
"""

from typing import NamedTuple


class Synlead(NamedTuple):
    """Parameters of the 2008 forecast, money in minor units. Eight edges bound seven amount bins [lo, hi)."""

    a: float  # gamma rate of the purchases of a period
    b: float  # gamma shape
    most: float  # the highest frequency of a period that is told apart (fmax)
    edges: tuple[float, float, float, float, float, float, float, float]
    next_amount: tuple[float, float, float, float, float, float, float]  # by bin: amount transition expectation
    stays: tuple[float, float, float, float, float, float, float]  # by bin: amount transition probability
    slope: float  # of the enterprise's margin, per period
    way: int  # three periods ahead: 0 roll, 1 hold, 2 frozen
    period: int  # 0 month, 1 quarter, 2 year


_NO_BINS = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
NO_SYNLEAD = Synlead(0.0, 0.0, 0.0, (0.0, *_NO_BINS), _NO_BINS, _NO_BINS, 0.0, 0, 0)


class Correction(NamedTuple):
    """What earlier forecasts were worth, learned by looking back: scoring/correcting.py has the formula. Of the whole horizon.

    Scales are above 0. It only bears on the families with a process.
    """

    orders_shift: float = 0.0
    orders_scale: float = 1.0
    orders_frequency: float = 0.0
    chance_shift: float = 0.0
    chance_scale: float = 1.0
    chance_frequency: float = 0.0


NO_CORRECTION = Correction()


class Model(NamedTuple):
    """A value model: how purchases come and end (family), what an order brings, and how far ahead. Days and minor units."""

    family: int
    k: float  # MBG: Erlang stages of a gap, 1 to 6; else 1
    r: float
    alpha: float
    a: float
    b: float
    p: float
    q: float
    v: float
    horizon_days: float
    discount: float  # continuous rate a year; 0: future profit counts in full
    synlead: Synlead = NO_SYNLEAD
    correction: Correction = NO_CORRECTION


class Rules(NamedTuple):
    """Tier boundaries on value, minor units, indexed by Tier; hysteresis: enter at `enter`, leave below `leave`."""

    enter: tuple[float, float, float, float, float]  # enter[LOSS] is -inf
    leave: tuple[float, float, float, float, float]  # leave[t] <= enter[t]
    min_stay_us: int  # in a tier before a fall


class Drift(NamedTuple):
    """When a silence is told, indexed by Level (the first of each is not used); for whom it is worth it."""

    p_alive: tuple[float, float, float, float]  # a level holds below this P(alive) ...
    tail: tuple[float, float, float, float]  # ... or below this chance of so long a silence
    turn: float  # WATCH holds below this share of the customer's highest value; 0: never
    warn_us: int  # so long before silence lowers a tier; 0: no warning
    worth_tier: int  # alerts for whom would be in this tier or above were they certainly alive ...
    worth_at_risk: float  # ... or for whom so much value is at risk, minor units


class Terms(NamedTuple):
    """What customers are judged by from an instant of event time on: one version of model and boundaries."""

    number: int  # 1, 2, ...: each version one more
    from_us: int  # in force from here on
    cause: int  # Cause.BOUNDARY or Cause.MODEL: what this version changed
    model: Model
    rules: Rules
    drift: Drift


class Limits(NamedTuple):
    """What a ledger counts and how far back it remembers."""

    fold_after_us: int
    count_free_orders: bool
