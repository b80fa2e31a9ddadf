"""Every compiled loop over many customers, run once over a few."""

import numpy as np

from scoring.boundaries.census import values_of
from scoring.everybody import chances_to_buy, p_alives
from scoring.fitting.fit import fit
from scoring.history import histories_of, histories_of_table
from scoring.layout import DAY_US, Family
from scoring.ledgers import open_ledgers
from scoring.outcomes import outcomes_of
from scoring.reasons import sums_of
from scoring.rfm.periods import Period, by_period
from scoring.rfm.sums import window
from streams.config import Scoring
from streams.warm import warm_up


def run_each(scoring: Scoring) -> None:
    """What `rfm`, `fit`, `tiers`, `losing` and reports call."""
    model = scoring.first.terms.model
    ledgers = open_ledgers([warm_up(scoring)], np.zeros(1, np.int64))
    at_us = int(ledgers.headers["clock_us"][0]) + DAY_US
    values_of(ledgers, at_us, model)
    p_alives(ledgers, at_us, model)
    sums_of(ledgers)
    window(ledgers, at_us, 30.0, True)
    by_period(ledgers, at_us, Period.MONTH, True)
    known = histories_of(ledgers, at_us)
    outcomes_of(ledgers, known.customer, at_us - DAY_US, at_us)
    chances_to_buy(model, known, 30.0)
    chance = np.random.default_rng(1)
    who = np.repeat(np.arange(40), chance.integers(1, 8, 40))
    when = (chance.uniform(0, 300, len(who)) * DAY_US).astype(np.int64)
    few = histories_of_table(who, when, chance.lognormal(8, 1, len(who)), 365 * DAY_US)
    for family in (Family.MBG, Family.BG, Family.PARETO):
        fit(few, family)
