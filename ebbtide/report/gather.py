"""Everything that a replay's report says of its customers, from one pass over the replay's own store."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ebbtide.everyone import Part, everyone
from ebbtide.report.tape import Drifting, Tape, Weeks
from ebbtide.rfm import Population, Told, tell
from ebbtide.segments_file import Segments
from scoring.errors import DegenerateError
from scoring.everybody import chances_to_buy, p_alives
from scoring.fitting.purchases import fit_purchases
from scoring.fitting.sample import drawn
from scoring.history import Histories, histories_of, joined
from scoring.layout import DAY_US, Family, Floats, Ints, Records
from scoring.outcomes import outcomes_of
from scoring.reasons import sums_of
from scoring.rfm.periods import ByPeriod, Period, by_period
from scoring.rfm.sums import Rfm, window
from scoring.terms import NO_CORRECTION, Model
from state.store import Store
from streams.config import Scoring, Version

HOLDOUT_DAYS = 90
SHORTEST_DAYS = 60  # of history, for a holdout of a third of it
ENOUGH = 10_000  # customers drawn for a fit: the report's plot gets no truer by more


class Holdout(NamedTuple):
    """What was said as of the cut, and what came; one entry a customer known at the cut, shape (m,)."""

    cut_us: int
    days: float
    chances: Floats  # to buy at least once in those days
    fitted: Floats  # the same by a model fitted at the cut to this history alone; empty where that cannot be
    stages: int  # of that model's gaps (k)
    happened: Floats  # 1 where they did, else 0


class Gathered(NamedTuple):
    """The replay's end as arrays, one entry a customer, shape (n,)."""

    at_us: int
    first_us: int  # the first order of all
    currency: str
    version: Version  # in force at the end
    ids: list[bytes]
    headers: Records
    value: Floats  # expected profit, minor units
    p_alive: Floats
    sums: Ints  # shape (n, 6): scoring.reasons.Sums
    population: Population
    told: Told  # RFM
    segments: Segments
    months: ByPeriod
    holdout: Holdout | None  # None: the history is too short, or the model says nothing of chances
    weeks: Weeks
    drifting: Mapping[str, Drifting]
    totals: Mapping[str, Any]  # the summary of `ebbtide replay --json`
    labels: Mapping[str, str]  # what a person reads, by tier


class _Draft(NamedTuple):
    """What one part of the customers adds."""

    part: Part
    rfm: Rfm
    p_alive: Floats
    sums: Ints
    months: ByPeriod
    known: Histories
    happened: Floats


async def gather(
    store: Store,
    scoring: Scoring,
    version: Version,
    end_us: int,
    tape: Tape,
    segments: Segments,
    totals: Mapping[str, Any],
    labels: Mapping[str, str],
) -> Gathered:
    """One pass to know how long the history is, one to draw everything."""
    model = version.terms.model
    first_us = end_us
    async for part in everyone(store, model, end_us, []):
        bought = part.ledgers.headers["orders"] > 0
        first_us = min(first_us, int(part.ledgers.headers["first_us"][bought].min(initial=end_us)))
    days = _holdout_days(first_us, end_us) if model.family != Family.SYNLEAD else 0.0
    drafts = [_draft(part, scoring, version, end_us, days) async for part in everyone(store, model, end_us, [])]
    ids = [customer_id for draft in drafts for customer_id in draft.part.ids]
    value = _joined([draft.part.values for draft in drafts])
    population = Population(ids, _joined_rfm(drafts), value)
    return Gathered(
        at_us=end_us,
        first_us=first_us,
        currency=scoring.currency,
        version=version,
        ids=ids,
        headers=np.concatenate([draft.part.ledgers.headers for draft in drafts]),
        value=value,
        p_alive=_joined([draft.p_alive for draft in drafts]),
        sums=np.concatenate([draft.sums for draft in drafts]),
        population=population,
        told=tell(population, segments),
        segments=segments,
        months=_joined_months(drafts),
        holdout=_holdout(drafts, model, end_us, days) if days else None,
        weeks=tape.weeks(end_us),
        drifting=tape.drifting,
        totals=totals,
        labels=labels,
    )


def _draft(part: Part, scoring: Scoring, version: Version, end_us: int, days: float) -> _Draft:
    model, free = version.terms.model, scoring.limits.count_free_orders
    cut_us = end_us - round(days * DAY_US)
    known = histories_of(part.ledgers, cut_us, free)
    came = outcomes_of(part.ledgers, known.customer, cut_us, end_us, free)
    return _Draft(
        part,
        window(part.ledgers, end_us, None, free),
        p_alives(part.ledgers, end_us, model),
        sums_of(part.ledgers),
        by_period(part.ledgers, end_us, Period.MONTH, free),
        known,
        (came.days > 0).astype(np.float64),
    )


def _holdout(drafts: list[_Draft], model: Model, end_us: int, days: float) -> Holdout | None:
    known, happened = joined([draft.known for draft in drafts]), _joined([draft.happened for draft in drafts])
    if not len(happened):
        return None
    fitted, stages = np.empty(0), 0
    try:
        own = fit_purchases(drawn(known, ENOUGH), Family.MBG)
        plain = model._replace(family=int(Family.MBG), correction=NO_CORRECTION)
        purchases = plain._replace(k=own.k, r=own.r, alpha=own.alpha, a=own.a, b=own.b)
        fitted, stages = chances_to_buy(purchases, known, days), int(own.k)
    except DegenerateError:  # few customers, or all alike: the section says so
        pass
    return Holdout(end_us - round(days * DAY_US), days, chances_to_buy(model, known, days), fitted, stages, happened)


def _holdout_days(first_us: int, end_us: int) -> float:
    """The last 90 days of a history of half a year or more, the last third of a shorter one; 0: it is too short."""
    days = (end_us - first_us) / DAY_US
    if days < SHORTEST_DAYS:
        return 0.0
    return float(min(HOLDOUT_DAYS, days // 3)) if days < 2 * HOLDOUT_DAYS else float(HOLDOUT_DAYS)


def _joined(parts: list[Floats]) -> Floats:
    return np.concatenate([np.empty(0), *parts])


def _joined_rfm(drafts: list[_Draft]) -> Rfm:
    return Rfm(
        np.concatenate([draft.rfm.recency_days for draft in drafts]),
        np.concatenate([draft.rfm.orders for draft in drafts]),
        np.concatenate([draft.rfm.monetary for draft in drafts]),
    )


def _joined_months(drafts: list[_Draft]) -> ByPeriod:
    before = np.cumsum([0, *(len(draft.part.ids) for draft in drafts)])
    moved = [
        draft.months._replace(customer=draft.months.customer + start)
        for draft, start in zip(drafts, before[:-1].tolist(), strict=True)
    ]
    customer, period, orders, last_us, monetary = (np.concatenate(column) for column in zip(*moved, strict=True))
    return ByPeriod(customer, period, orders, last_us, monetary)
