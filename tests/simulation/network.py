"""How long things take, and what becomes of requests on their way; drawn from the run's seed."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Hashable
from enum import Enum
from typing import Any

from tests.simulation.loop import Loop, Process, apart

SHARE_OF_FATES = 0.3  # of requests, while a network is flaky


class Fate(Enum):
    """What becomes of a request."""

    DONE = "done"
    LOST = "lost"  # it never arrives
    UNANSWERED = "unanswered"  # done, and nobody hears of it
    LATE = "late"  # done long after its sender gave up
    TWICE = "twice"  # done, and done again later
    CUT = "cut"  # the connection breaks in the middle of it


class Network:
    """The way between processes and one server."""

    def __init__(self, loop: Loop, chance: random.Random, usual_s: float) -> None:
        """`usual_s`: what one way takes at most while nothing is wrong."""
        self.chance = chance
        self._usual_s = usual_s
        self.flaky = 0.0  # share of requests that meet another fate than being done
        self.slow_s = 0.0  # more, each way
        self.cut_off: set[str] = set()  # names of processes whose requests do not arrive
        self.met: Counter[Hashable] = Counter()  # how often somebody met what is wrong, by what it was or who did it
        self._loop = loop
        self._nobody = apart()

    def delay_s(self) -> float:
        """One way."""
        self.met["slow"] += self.slow_s > 0
        return self.chance.uniform(0.1, 1.0) * self._usual_s + self.slow_s * self.chance.uniform(0.5, 1.5)

    def fate(self, sender: Process) -> Fate:
        """Of one request."""
        if sender.dead or self.cuts_off(sender):
            return Fate.LOST
        if self.chance.random() < self.flaky:
            fate = self.chance.choice(list(Fate))
            self.met["flaky"] += fate is not Fate.DONE
            return fate
        return Fate.DONE

    def cuts_off(self, sender: Process) -> bool:
        """Whether nothing of it arrives."""
        cut = sender.name in self.cut_off
        self.met[f"{sender.name} cut off"] += cut
        return cut

    def later(self, after_s: float, act: Callable[..., object], *arguments: Any) -> None:
        """Something a server does, whatever became of whoever asked."""
        self._loop.call_later(after_s, act, *arguments, context=self._nobody)


def answered(answer: "asyncio.Future[Any]", told: Any) -> None:
    """An answer comes; nobody may wait for it any more."""
    if not answer.done():
        answer.set_result(told)
