"""What a replay tells while it runs, boiled down for its report: tiers by week, and each customer's last word on drift."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from msgspec import json

from ebbtide.tiers_file import TIERS
from scoring.layout import DAY_US, Ints
from streams.events.out import DriftAlert, DriftCleared, DriftRaised, DriftWarned, TierChanged
from streams.history.replay import Change

WEEK_US = 7 * DAY_US
_change = json.Decoder(TierChanged).decode
_alert = json.Decoder(DriftAlert).decode


class Drifting(NamedTuple):
    """What was last told of a customer's drift."""

    since: str  # when the level held was reached, RFC 3339; empty: no level
    warned: DriftWarned | None  # of a fall that is yet to come


class Weeks(NamedTuple):
    """Customers in each tier at the end of each week."""

    end_us: Ints  # shape (w,)
    counts: Ints  # shape (w, 4): loss, low, middle, high
    silences: Ints  # shape (w,): tier changes by silence in the week
    changes: Ints  # shape (w,): all tier changes in the week


class Tape:
    """Takes changes and alerts in the order of time. Holds a few numbers a week and an entry a drifting customer."""

    def __init__(self) -> None:
        self._moves: dict[int, Ints] = {}  # week -> change of each tier's count, then silences and changes
        self.drifting: dict[str, Drifting] = {}

    def changes(self, told: Sequence[Change]) -> None:
        """Tier changes."""
        for one in told:
            change = _change(one.value)
            moves = self._moves.setdefault(one.at_us // WEEK_US, np.zeros(len(TIERS) + 2, np.int64))
            if change.from_.tier is not None:
                moves[TIERS.index(change.from_.tier)] -= 1
            if change.to.tier is not None:
                moves[TIERS.index(change.to.tier)] += 1
            moves[-2] += change.cause == "silence"
            moves[-1] += 1

    def alerts(self, told: Sequence[Change]) -> None:
        """Drift alerts."""
        for one in told:
            alert = _alert(one.value)
            before = self.drifting.get(alert.customer_id, Drifting("", None))
            if isinstance(alert, DriftWarned):
                self.drifting[alert.customer_id] = before._replace(warned=alert)
            elif isinstance(alert, DriftRaised):
                self.drifting[alert.customer_id] = before._replace(since=alert.occurred_at)
            elif isinstance(alert, DriftCleared) and alert.level is None:
                self.drifting.pop(alert.customer_id, None)
            else:
                self.drifting[alert.customer_id] = Drifting(alert.occurred_at, None)

    def weeks(self, until_us: int) -> Weeks:
        """Week by week, up to the end of the replay."""
        if not self._moves:
            nothing = np.empty(0, np.int64)
            return Weeks(nothing, np.empty((0, len(TIERS)), np.int64), nothing, nothing)
        first, last = min(self._moves), max(*self._moves, until_us // WEEK_US)
        table = np.zeros((last - first + 1, len(TIERS) + 2), np.int64)
        for week, moves in self._moves.items():
            table[week - first] = moves
        ends_us = np.minimum((np.arange(first, last + 1) + 1) * WEEK_US, until_us)
        return Weeks(ends_us, np.cumsum(table[:, : len(TIERS)], axis=0), table[:, -2], table[:, -1])
