"""From what everybody is worth to the next boundaries: when a census is due, how one is taken, what comes of it."""

from collections.abc import Sequence

from scoring.boundaries.census import census_of
from scoring.boundaries.drawing import boundaries
from scoring.boundaries.histogram import EMPTY, Histogram
from scoring.boundaries.policy import Policy, Rule, has_moved
from scoring.errors import LedgerCorruptError
from scoring.layout import DAY_US, Tier
from scoring.terms import Model, Terms
from streams.config import Scoring
from streams.events.terms import ComputedFrom
from streams.events.text import time_text
from streams.versions import Versioned, Versions

FEWEST = 100  # customers with orders, before boundaries are drawn from them for the first time
SOON_US = 60_000_000
AHEAD_US = 3_600_000_000  # from a census until its boundaries are in force: by then every partition has them


def drawing(scoring: Scoring) -> Policy | None:
    """The policy where boundaries come from censuses; None where they are fixed."""
    return scoring.policy if scoring.policy and scoring.policy.rule is not Rule.THRESHOLDS else None


def latest_us(at_us: int, policy: Policy, held: Versions, first_every_us: int) -> int:
    """The last census up to an instant: every so many days since 1970 (UTC), but until there is a version more often."""
    period_us = policy.census_us if held.drawn else first_every_us
    return at_us // period_us * period_us


def following_us(at_us: int, policy: Policy, held: Versions) -> int:
    """The first one after an instant, where the first ones are taken at midnight."""
    period_us = policy.census_us if held.drawn else DAY_US
    return (at_us // period_us + 1) * period_us


def counted(blobs: Sequence[bytes], at_us: int, model: Model) -> Histogram:
    """What these customers are worth; damaged ledgers are left out, and told of where an event meets them."""
    if not blobs:
        return EMPTY
    try:
        return census_of(blobs, at_us, model)
    except LedgerCorruptError:
        return EMPTY.merge(*(_one(blob, at_us, model) for blob in blobs))


def _one(blob: bytes, at_us: int, model: Model) -> Histogram:
    try:
        return census_of([blob], at_us, model)
    except LedgerCorruptError:
        return EMPTY


def drawn(histogram: Histogram, at_us: int, held: Versions, scoring: Scoring) -> Versioned | None:
    """The version that a census at `at_us` gives; None where there are too few customers or no boundary has moved."""
    policy = drawing(scoring)
    if policy is None or (not held.drawn and histogram.customers < FEWEST):
        return None
    rules = boundaries(histogram, policy)
    drift = scoring.first.terms.drift
    terms = held.new.terms
    if held.drawn and drift == terms.drift and not has_moved(terms.rules, rules, policy):
        return None
    at = time_text(at_us)
    name = f"{policy.rule}-{at.removesuffix('T00:00:00Z')}"
    return Versioned(f"boundaries:{at}", at_us, at_us + AHEAD_US, name, rules, drift)


def settled(held: Versions, now_us: int, scoring: Scoring) -> Versioned | None:
    """The version that fixed boundaries need where other ones are in force: tiers.toml was changed."""
    first, terms = scoring.first, held.new.terms
    fixed = scoring.policy is not None and drawing(scoring) is None
    if not fixed or not held.drawn or (_bounds(first.terms), first.terms.drift) == (_bounds(terms), terms.drift):
        return None
    made_us = now_us // SOON_US * SOON_US
    if made_us <= held.rules_made[0]:  # nobody would take it
        return None
    name = f"tiers:{first.boundaries}:{time_text(made_us)}"
    return Versioned(name, made_us, made_us + 2 * SOON_US, first.boundaries, first.terms.rules, first.terms.drift)


def _bounds(terms: Terms) -> tuple[object, ...]:
    """What a record says of rules: nothing of what lies below LOW, where there are no bounds."""
    enter, leave, min_stay_us = terms.rules
    return enter[Tier.LOW :], leave[Tier.LOW :], min_stay_us


def computed_from(histogram: Histogram, at_us: int, policy: Policy) -> ComputedFrom:
    """What is told beside it."""
    share = policy.high if policy.rule is Rule.SHARE else None
    return ComputedFrom(census_at=time_text(at_us), customers=histogram.customers, share=share)
