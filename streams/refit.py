"""A model fitted anew to stored ledgers, and whether it may take the place of the one in force. Slow: never on the loop."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from scoring.accuracy.compare import predicts_better
from scoring.boundaries.census import values_of
from scoring.boundaries.drawing import boundaries
from scoring.boundaries.histogram import EMPTY
from scoring.errors import DegenerateError, LedgerCorruptError
from scoring.fitting.looking_back import fit_corrected
from scoring.history import histories_of
from scoring.layout import DAY_US, Family
from scoring.ledgers import Ledgers, open_ledgers
from scoring.outcomes import outcomes_of
from scoring.terms import NO_CORRECTION
from streams.census import SOON_US, drawing
from streams.config import Scoring
from streams.events.terms_records import FAMILIES
from streams.events.text import time_text
from streams.versions import Versioned, Versions

HOLDOUT_DAYS = 90


class Refit(NamedTuple):
    """What came of it."""

    version: Versioned | None  # None: the model in force stays
    why: str


def refit(blobs: Sequence[bytes], at_us: int, held: Versions, scoring: Scoring) -> Refit:
    """Fit the family in force to everything up to `at_us`; taken unless the same fit to all but the last HOLDOUT_DAYS
    foretold those worse than the model in force does. Boundaries are drawn anew under it."""
    old = held.new.terms.model
    family = Family(old.family)
    if family == Family.SYNLEAD:
        return Refit(None, "the 2008 forecast is fitted to periods: ebbtide fit --model synlead")
    ledgers, free = _readable(blobs), scoring.limits.count_free_orders
    cut_us = at_us - HOLDOUT_DAYS * DAY_US
    try:
        known = histories_of(ledgers, cut_us, free)
        before = fit_corrected(ledgers, cut_us, family, old.horizon_days, old.discount, free).model
        outcomes = outcomes_of(ledgers, known.customer, cut_us, at_us, free)
        if not predicts_better(old, before, known, outcomes, float(HOLDOUT_DAYS)):
            return Refit(None, f"fitted to {time_text(cut_us)}, it foretells the {HOLDOUT_DAYS} days after worse")
        new = fit_corrected(ledgers, at_us, family, old.horizon_days, old.discount, free)
    except DegenerateError as error:
        return Refit(None, str(error))
    bought = ledgers.headers["orders"] > 0
    policy = drawing(scoring)
    rules = held.new.terms.rules
    if policy:
        rules = boundaries(EMPTY.add(values_of(ledgers, at_us, new.model)[bought]), policy)
    name = f"{FAMILIES[family]}-{time_text(at_us)}"
    drift = scoring.first.terms.drift
    version = Versioned(f"model:{name}", at_us, at_us + SOON_US, name, rules, drift, name, new.model)
    how = "corrected by looking back" if new.model.correction != NO_CORRECTION else "uncorrected"
    return Refit(version, f"fitted to {new.customers:,} customers, {how}")


def _readable(blobs: Sequence[bytes]) -> Ledgers:
    try:
        return open_ledgers(blobs, np.zeros(len(blobs), np.int64))
    except LedgerCorruptError as error:
        return _readable([blob for i, blob in enumerate(blobs) if i not in error.indices])
