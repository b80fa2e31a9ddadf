"""Every silence of a history: from the last order of a purchase day to the next order, and what was known when it began."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.accuracy.shops import Shop
from scoring.layout import DAY_US, NEVER_US, Floats, Ints, Kind
from scoring.models import verbs
from scoring.terms import Model, Rules

_SECOND_US = 1_000_000
_ROOM_S = 10**11  # more seconds than any instant has


class Silences(NamedTuple):
    """Shape (n,) each, by customer and then time."""

    customer: Ints
    start_us: Ints
    next_us: Ints  # the order that ends it; NEVER_US where none came
    x: Floats
    t_x: Floats
    orders: Floats
    profit: Floats  # mean an order, minor units

    def of(self, customer: Ints, at_us: Ints) -> Ints:
        """The silence in which each of these instants of a customer lies, shape (m,); -1 before the first."""
        keys = self.customer * _ROOM_S + self.start_us // _SECOND_US
        found = np.searchsorted(keys, customer * _ROOM_S + at_us // _SECOND_US, side="right") - 1
        return np.where((found >= 0) & (self.customer[found] == customer), found, -1)

    def back_within(self, silence: Ints, at_us: Ints, days: float) -> npt.NDArray[np.bool_]:
        """Whether each silence ended within so many days after an instant in it."""
        ended: npt.NDArray[np.bool_] = self.next_us[silence] <= at_us + int(days * DAY_US)
        return ended

    def values(self, model: Model) -> Floats:
        """What the customer was worth as each silence began, minor units."""
        return verbs.expected_profit(model, verbs.looks(self.x, self.t_x, self.t_x, self.orders, self.profit))

    def usual_gaps(self) -> Floats:
        """Mean gap so far, days; of first silences the mean of all others'."""
        gaps = np.divide(self.t_x, self.x, out=np.zeros_like(self.x), where=self.x > 0)
        usual = float(gaps[self.x > 0].mean())
        return np.maximum(np.where(self.x > 0, gaps, usual), 1.0)


def silences_of(shop: Shop) -> Silences:
    """From the log's orders; what was refunded later is still an order here."""
    events = shop.log.events
    placed = (events["kind"] == Kind.PLACED) & (shop.everyone.count_free_orders | (events["amount"] > 0))
    customer, at_us = events["customer"][placed].astype(np.int64), events["at_us"][placed]
    profit = (events["amount"] - events["cost"])[placed].astype(np.float64)
    order = np.lexsort((at_us, customer))
    customer, at_us, profit = customer[order], at_us[order], profit[order]
    first = np.r_[True, customer[1:] != customer[:-1]]
    new_day = first | np.r_[True, at_us[1:] // DAY_US != at_us[:-1] // DAY_US]
    ends_day = np.r_[new_day[1:], True]
    place = np.arange(len(customer))
    begins = np.maximum.accumulate(np.where(first, place, 0))
    days, spent = np.cumsum(new_day), np.cumsum(profit)
    orders = (place - begins + 1).astype(np.float64)
    x = (days - days[begins]).astype(np.float64)
    profit_mean = (spent - spent[begins] + profit[begins]) / orders
    next_us = np.r_[np.where(first[1:], NEVER_US, at_us[1:]), NEVER_US]
    t_x = (at_us - at_us[begins]) / DAY_US
    return Silences(
        customer[ends_day],
        at_us[ends_day],
        next_us[ends_day],
        x[ends_day],
        t_x[ends_day],
        orders[ends_day],
        profit_mean[ends_day],
    )


def worth_telling(silences: Silences, model: Model, rules: Rules, tier: int) -> npt.NDArray[np.bool_]:
    """Of customers who stood in this tier or above when the silence began."""
    worth: npt.NDArray[np.bool_] = silences.values(model) >= rules.leave[tier]
    return worth
