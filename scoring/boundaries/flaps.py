"""How often a tier change was for nothing: undone within 30 days."""

from typing import NamedTuple

import numpy as np

from scoring.compiled import compiled
from scoring.layout import DAY_US, Ints, Tier

WITHIN_US = 30 * DAY_US
_NONE = int(Tier.NONE)


class Flaps(NamedTuple):
    """Changes between two tiers, and how many of them were undone. The first tier of a customer is no such change."""

    changes: int
    undone: int
    rises: int  # of the undone: rises taken back. The others are falls after which the customer came back

    @property
    def rate(self) -> float:
        """Undone of all, 0 to 1; 0 where nothing changed."""
        return self.undone / self.changes if self.changes else 0.0


def flaps(customer: Ints, at_us: Ints, from_tier: Ints, to_tier: Ints, within_us: int = WITHIN_US) -> Flaps:
    """Count over tier changes, each shape (n,): any number for a customer, instants, tiers as in Tier.

    A change is undone when within `within_us` the customer stands again in the tier it left, or beyond it. Changes of a
    customer are taken in the order of time; at one instant, as they come.
    """
    order = np.lexsort((at_us, customer))
    return Flaps(*_count(customer[order], at_us[order], from_tier[order], to_tier[order], within_us))


@compiled
def _count(customer: Ints, at_us: Ints, from_tier: Ints, to_tier: Ints, within_us: int) -> tuple[int, int, int]:
    changes, undone, rises = 0, 0, 0
    for i in range(len(customer)):
        if from_tier[i] == _NONE:
            continue
        changes += 1
        rose = to_tier[i] > from_tier[i]
        later = i + 1
        while later < len(customer) and customer[later] == customer[i] and at_us[later] - at_us[i] <= within_us:
            back = to_tier[later] <= from_tier[i] if rose else to_tier[later] >= from_tier[i]
            if back:
                undone += 1
                rises += int(rose)
                break
            later += 1
    return changes, undone, rises
