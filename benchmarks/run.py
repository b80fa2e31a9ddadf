"""What the measures of one run share: the servers, the sizes, the log, and what was found before."""

import sys
from dataclasses import dataclass, field
from time import perf_counter
from typing import NamedTuple

from benchmarks.plan import Plan
from benchmarks.report import Finding
from benchmarks.shop import Shop, Told
from benchmarks.site import Site, produce

STARTED = perf_counter()


def say(what: str) -> None:
    """Progress, on stderr."""
    print(f"{perf_counter() - STARTED:6.1f} s  {what}", file=sys.stderr, flush=True)


class Log(NamedTuple):
    """The log that most measures are about: a history, and a backlog behind it, both on the broker."""

    shop: Shop  # to draw what comes after it
    history: Told
    backlog: Told

    @property
    def events(self) -> int:
        """In all."""
        return len(self.history.number) + len(self.backlog.number)


class Largest(NamedTuple):
    """The largest state that `customers` measured on; its log is applied."""

    site: Site
    shop: Shop  # to draw what comes after the log
    events: int  # in the log


@dataclass
class Run:
    """One run. `found` has the findings so far, by the measure's name."""

    site: Site
    plan: Plan
    found: dict[str, Finding] = field(default_factory=dict)
    largest: Largest | None = None
    told: Log | None = None

    async def log(self) -> Log:
        """Draw and produce it, once."""
        if self.told is None:
            shop = Shop(self.plan.customers, self.plan.days_between)
            self.told = Log(shop, shop.draw(self.plan.history), shop.draw(self.plan.backlog))
            say(f"a log of {self.told.events:,} events onto the broker")
            await produce(self.site, self.told.history)
            await produce(self.site, self.told.backlog)
        return self.told

    def figure(self, measure: str, name: str) -> float:
        """A number that an earlier measure found."""
        return float(self.found[measure].figures[name])
