"""Which tier a value belongs to, given the tier held now: a rise at `enter`, a fall below `leave`."""

import numpy as np

from scoring.compiled import compiled
from scoring.layout import Floats, Ints, Tier
from scoring.terms import Rules

_NONE = int(Tier.NONE)
_LOSS = int(Tier.LOSS)
_HIGH = int(Tier.HIGH)


@compiled
def tier_of(rules: Rules, tier: int, value: float) -> int:
    """The tier that `value` (minor units) means for a customer who holds `tier`; the minimum stay is the caller's business."""
    best = _HIGH
    while best > _LOSS and value < rules.enter[best]:
        best -= 1
    if tier == _NONE or best > tier:
        return best
    while tier > _LOSS and value < rules.leave[tier]:
        tier -= 1
    return tier


@compiled
def tiers_of(rules: Rules, values: Floats) -> Ints:
    """The tiers of customers who hold none yet, shape (n,)."""
    tiers = np.empty(len(values), np.int64)
    for i in range(len(values)):
        tiers[i] = tier_of(rules, _NONE, values[i])
    return tiers
