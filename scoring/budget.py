"""At most so many drift alerts a UTC day: which of them are told, decided one by one as they come, never taken back.

The alerts with the highest value at risk should be told, and nobody knows yet what the rest of the day brings. So an alert
is granted where it would have been among yesterday's best; any other only where too much of the budget is left for what is
left of the day: at noon a quarter of it should be spent, at the end all. At most `limit` a day either way. Idempotent:
asked again about a granted alert, the answer is yes again.
"""

from math import inf
from typing import NamedTuple

from scoring.layout import DAY_US


class Candidate(NamedTuple):
    """An alert that asks to be told."""

    alert_id: str
    at_us: int
    at_risk: float  # value at risk, minor units


class _Day:
    """What a day granted, and the highest values at risk that asked, at most as many as it may grant."""

    def __init__(self) -> None:
        self.granted: set[str] = set()
        self.asked: set[str] = set()
        self.highest: list[float] = []  # the lowest of them first


def day_of(at_us: int) -> int:
    """The UTC day, counted from 1970."""
    return at_us // DAY_US


def elapsed_share(at_us: int) -> float:
    """How much of its UTC day has passed, 0 to 1."""
    return at_us % DAY_US / DAY_US


def admits(granted: int, limit: int, at_risk: float, floor: float, elapsed: float) -> bool:
    """Whether an alert is told on a day that has granted so many: the rule itself.

    `floor`: the limit-th highest value at risk that asked yesterday, -inf where fewer did. `elapsed`: share of the day.
    Squared, and rounded to the nearest alert: spent evenly, it would go to the first alerts after midnight, whatever they are.
    """
    return granted < limit and (at_risk >= floor or granted + 0.5 < limit * elapsed * elapsed)


class Budget:
    """The rule over the days of one stream of alerts."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._days: dict[int, _Day] = {}

    def grant(self, candidate: Candidate) -> bool:
        """Whether to tell it."""
        day = self._days.setdefault(day_of(candidate.at_us), _Day())
        self._note(day, candidate)
        if candidate.alert_id in day.granted:
            return True
        floor = self._floor(day_of(candidate.at_us) - 1)
        granted = admits(len(day.granted), self._limit, candidate.at_risk, floor, elapsed_share(candidate.at_us))
        if granted:
            day.granted.add(candidate.alert_id)
        return granted

    def forget(self, before_day: int) -> None:
        """Let go of the days before: of a stream in the order of time, only yesterday is looked at."""
        self._days = {number: day for number, day in self._days.items() if number >= before_day}

    def _note(self, day: _Day, candidate: Candidate) -> None:
        if candidate.alert_id in day.asked:
            return
        day.asked.add(candidate.alert_id)
        if len(day.highest) < self._limit or candidate.at_risk > day.highest[0]:
            day.highest.append(candidate.at_risk)
            day.highest.sort()
            del day.highest[: -self._limit]

    def _floor(self, number: int) -> float:
        day = self._days.get(number)
        return day.highest[0] if day and len(day.highest) >= self._limit else -inf
