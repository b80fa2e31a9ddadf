"""What draws the tier boundaries, and when they move: the few that bring most, a part of the customers, or fixed amounts."""

from enum import StrEnum
from typing import NamedTuple

from scoring.layout import DAY_US, Tier
from scoring.terms import Rules

_KEPT = range(Tier.LOW, Tier.HIGH + 1)


class Rule(StrEnum):
    """What draws the boundaries."""

    SHARE = "share"  # high: the fewest customers that bring this share of all expected profit; middle: the next
    PERCENTILES = "percentiles"  # high: the customers above this percentile of value; middle: the next
    THRESHOLDS = "thresholds"  # fixed amounts


class Policy(NamedTuple):
    """How boundaries are drawn, and when they move."""

    rule: Rule
    start: Rules  # in force before the first census, for good under THRESHOLDS; its LOW and minimum stay always hold
    high: float = 0.80  # SHARE: cumulative share of profit, 0 to 1; PERCENTILES: percentile, 0 to 100
    middle: float = 0.95
    hysteresis: float = 0.2  # `enter` lies half of this above the boundary, `leave` half below
    move_at_least: float = 0.05  # a boundary that would move by less stays where it is
    census_us: int = 7 * DAY_US  # from one census to the next


def has_moved(old: Rules, new: Rules, policy: Policy) -> bool:
    """Whether the new boundaries differ by so much that they are to be taken."""
    if old.min_stay_us != new.min_stay_us:
        return True
    return any(
        abs(after[tier] - before[tier]) > policy.move_at_least * abs(before[tier])
        for before, after in ((old.enter, new.enter), (old.leave, new.leave))
        for tier in _KEPT
    )
