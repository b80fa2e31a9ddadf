"""A fitted model becomes a version: judged against the one in force, with boundaries of its own, told to every worker."""

from typing import NamedTuple

import numpy as np

from ebbtide.everyone import now_of
from ebbtide.fitting.holdout import Holdout
from ebbtide.fitting.reading import Everyone
from ebbtide.settings import Settings
from ebbtide.wiring import connect_store, scoring_of, topics_of
from scoring.accuracy.compare import Comparison, compare
from scoring.accuracy.forecast import forecast
from scoring.boundaries.census import values_of
from scoring.boundaries.drawing import boundaries
from scoring.boundaries.histogram import EMPTY, Histogram
from scoring.layout import Ints, Tier
from scoring.terms import Model, Rules
from scoring.tiers import tiers_of
from streams.broker.versioning import publish_version
from streams.config import Scoring, Version
from streams.events.terms import ComputedFrom
from streams.events.text import time_text
from streams.versions import Versioned

AHEAD_US = 60_000_000  # from publishing until it is in force: by then every partition has it
TIERS = (Tier.LOSS, Tier.LOW, Tier.MIDDLE, Tier.HIGH)


class InForce(NamedTuple):
    """What customers are judged by now, and when now is for the stream."""

    version: Version
    at_us: int


class Move(NamedTuple):
    """What taking the model would do, every customer taken as having no tier yet."""

    rules: Rules  # the new model's boundaries
    counts: Ints  # shape (4, 4): customers by tier (loss, low, middle, high) now and then
    census: Histogram  # of the values under the new model

    @property
    def changed(self) -> int:
        """Customers who would be in another tier."""
        return int(self.counts.sum() - np.trace(self.counts))

    @property
    def customers(self) -> int:
        """Customers with an order that counts."""
        return int(self.counts.sum())


async def in_force(settings: Settings) -> InForce:
    """Of the live state."""
    store = await connect_store(settings)
    try:
        now = await now_of(store, settings, scoring_of(settings))
    finally:
        await store.close()
    return InForce(now.version, now.at_us)


def against(holdout: Holdout, name: str, old: Model) -> Comparison:
    """The family fitted to before the cut, against the model in force, by the holdout's profit."""
    told = forecast(old, holdout.histories, holdout.days)
    return compare(told.profit, holdout.forecasts[name].profit, holdout.outcomes.profit)


def move(everyone: Everyone, at_us: int, old: Version, new: Model, scoring: Scoring) -> Move:
    """Score all under the version in force and under the new model with its own boundaries."""
    bought = everyone.ledgers.headers["orders"] > 0
    before = values_of(everyone.ledgers, at_us, old.terms.model)[bought]
    after = values_of(everyone.ledgers, at_us, new)[bought]
    census = EMPTY.add(after)
    rules = boundaries(census, scoring.policy) if scoring.policy else scoring.first.terms.rules
    counts = np.zeros((len(TIERS), len(TIERS)), np.int64)
    loss = int(Tier.LOSS)
    np.add.at(counts, (tiers_of(old.terms.rules, before) - loss, tiers_of(rules, after) - loss), 1)
    return Move(rules, counts, census)


def version_of(name: str, model: Model, rules: Rules, made_us: int, from_us: int, scoring: Scoring) -> Versioned:
    """The model and its boundaries as one version."""
    named = f"{name}-{time_text(made_us)}"
    return Versioned(f"model:{named}", made_us, from_us, named, rules, scoring.first.terms.drift, named, model)


async def publish(settings: Settings, version: Versioned, moved: Move, at_us: int) -> int:
    """To every partition of `commands`. Returns how many there are."""
    computed = ComputedFrom(census_at=time_text(at_us), customers=moved.census.customers)
    return await publish_version(
        settings.need_kafka(), topics_of(settings), settings.currency, version, computed_from=computed
    )
