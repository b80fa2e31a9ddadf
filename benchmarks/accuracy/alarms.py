"""Drift alarms held against what came: calibrated, in time, and not in vain; beside rules of thumb at equal alarm counts."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.accuracy.shops import Shop
from benchmarks.accuracy.silences import Silences, silences_of, worth_telling
from scoring.accuracy.calibration import Group, calibration
from scoring.accuracy.thumbs import THUMBS
from scoring.boundaries.drawing import boundaries
from scoring.boundaries.histogram import EMPTY
from scoring.everybody import chances_to_buy
from scoring.fitting.looking_back import fit_corrected
from scoring.layout import DAY_US, EVENT, NEVER_US, Alert, Cause, Family, Floats, Ints, Kind, Level, Records, Tier
from scoring.ledgers import Ran, open_ledgers, run
from scoring.models import verbs
from scoring.terms import NO_CORRECTION, Drift, Limits, Model, Rules, Terms

Bools = npt.NDArray[np.bool_]
ASKED_DAYS = 180.0
LEAST = 200  # customers in a group
GROUPS = 10
NEVER_DAYS = 36_500.0
ALARMED = {Level.NONE: "everybody", Level.WATCH: "watch or above", Level.DRIFTING: "drifting or above"}
NEAR = 0.05  # counts that differ by less are equal


class Judged(NamedTuple):
    """A model, boundaries and drift rules as they were to be had at a date."""

    cut_us: int
    model: Model
    rules: Rules
    drift: Drift


class Standing(NamedTuple):
    """Customers alarmed at the date, and what was told and came of them."""

    day: str
    level: str
    customers: int
    plain: list[Group]
    corrected: list[Group]


class AtDate(NamedTuple):
    """So many customers alarmed, and the share of them who did not order for 180 days, by who named them."""

    day: str
    level: str
    alarmed: int
    candidates: int
    precision: dict[str, float]


class Told(NamedTuple):
    """Alarms of one kind in the held-out time."""

    by: str
    alarms: int
    precision: float  # no order within 180 days
    soon: float  # ordered within 30 days: in vain
    falls: float  # share of the falls of a tier by silence that were told before
    lead_days: float  # median from the alarm to the fall
    gone: float = float("nan")  # simulated: who had truly left
    delay_days: float = float("nan")  # simulated: median from leaving to the alarm, of those


def judge(shop: Shop, day: str) -> Judged:
    """Model and share boundaries from what was known at the end of the day."""
    cut_us = shop.at(day)
    histories = shop.everyone.histories(cut_us)
    free = shop.everyone.count_free_orders
    model = fit_corrected(shop.everyone.ledgers, cut_us, Family.MBG, count_free_orders=free).model
    looks = verbs.looks(histories.x, histories.t_x, histories.t, histories.orders, histories.profit)
    rules = boundaries(EMPTY.add(verbs.expected_profit(model, looks)), shop.tiers.policy)
    return Judged(cut_us, model, rules, shop.tiers.drift)


def kernel(shop: Shop, judged: Judged, until_us: int) -> tuple[Records, Ran]:
    """Headers after the log and its silence up to an instant, under these terms all the way; and what was told."""
    customers = len(shop.log.ids)
    ticks = np.zeros(customers, EVENT)
    ticks["kind"], ticks["customer"] = Kind.TICK, np.arange(customers)
    ticks["at_us"] = ticks["now_us"] = until_us
    events = np.concatenate([shop.log.events[shop.log.events["at_us"] <= until_us], ticks])
    ledgers = open_ledgers([None] * customers, np.bincount(events["customer"], minlength=customers))
    terms = Terms(1, 0, int(Cause.BOUNDARY), judged.model, judged.rules, judged.drift)
    limits = Limits(3650 * DAY_US, shop.everyone.count_free_orders)
    return ledgers.headers, run(ledgers, events, terms, terms, limits)


def standing(shop: Shop, day: str, judged: Judged) -> tuple[list[Standing], list[AtDate]]:
    """Who stands alarmed at the date, in groups by the chance told, and beside as many named by rules of thumb."""
    headers, _ = kernel(shop, judged, judged.cut_us)
    histories = shop.everyone.histories(judged.cut_us)
    outcomes = shop.everyone.outcomes(histories, judged.cut_us, judged.cut_us + int(ASKED_DAYS * DAY_US))
    came = outcomes.next_us < NEVER_US
    chances = chances_to_buy(judged.model._replace(correction=NO_CORRECTION), histories, ASKED_DAYS)
    better = chances_to_buy(judged.model, histories, ASKED_DAYS)
    worth = _worth(judged, histories.x, histories.t_x, histories.orders, histories.profit)
    scores = {"chance to buy": chances, "chance to buy, corrected": better}
    scores |= {thumb: rule(histories) for thumb, rule in THUMBS.items()}
    groups, at_date = [], []
    for least, name in ALARMED.items():
        alarmed = headers["level"][histories.customer] >= least
        count = int(alarmed.sum())
        told = [calibration(chance[alarmed], came[alarmed], GROUPS, LEAST) for chance in (chances, better)]
        groups.append(Standing(day, name, count, *told))
        if least != Level.NONE:
            candidates = worth | alarmed
            precision = {"alarms as raised": _stayed_away(came[alarmed])}
            for who, score in scores.items():
                lowest = np.argsort(score[candidates], kind="stable")[:count]
                precision[who] = _stayed_away(came[candidates][lowest])
            at_date.append(AtDate(day, name, count, int(candidates.sum()), precision))
    return groups, at_date


def _stayed_away(came: Bools) -> float:
    return float(1.0 - came.mean()) if len(came) else float("nan")


def _worth(judged: Judged, x: Floats, t_x: Floats, orders: Floats, profit: Floats) -> Bools:
    """Who was in the middle tier or above right after the last order."""
    worth: Bools = (
        verbs.expected_profit(judged.model, verbs.looks(x, t_x, t_x, orders, profit)) >= judged.rules.leave[Tier.MIDDLE]
    )
    return worth


def over_time(shop: Shop, judged: Judged, until_us: int, gone_us: Ints | None = None) -> list[Told]:
    """Alarms from the date to `until_us`, one a silence at most, of customers who stood in the middle tier or above.

    `gone_us`, shape (customers,): when each truly left, NEVER_US who did not.
    """
    silences = silences_of(shop)
    worth = worth_telling(silences, judged.model, judged.rules, Tier.MIDDLE)
    _, ran = kernel(shop, judged, until_us)
    falls_us = _falls(silences, ran.changes, worth)
    told = []
    for name, least in (("watch or above", Level.WATCH), ("drifting or above", Level.DRIFTING), ("lost", Level.LOST)):
        raised = ran.alerts[(ran.alerts["alert"] == Alert.RAISED) & (ran.alerts["level"] >= least)]
        at_us = _first(silences, raised, worth)
        alarms = _in(at_us, judged.cut_us, until_us)
        told.append(_told(f"alarm: {name}", silences, alarms, falls_us, judged.cut_us, until_us, gone_us))
        for by, unit in (
            ("no order for N days", np.ones(len(worth))),
            ("silence of N usual gaps", silences.usual_gaps()),
        ):
            n = _equal(silences, unit, worth, judged.cut_us, until_us, alarms)
            same = _in(_after(silences, unit, worth, n), judged.cut_us, until_us)
            told.append(_told(f"{by}, N = {n:.1f}", silences, same, falls_us, judged.cut_us, until_us, gone_us))
    warned = ran.alerts[ran.alerts["alert"] == Alert.WARNED]
    alarms = _in(_first(silences, warned, worth), judged.cut_us, until_us)
    told.append(_told("warning before a fall", silences, alarms, falls_us, judged.cut_us, until_us, gone_us))
    return told


def _first(silences: Silences, records: Records, worth: Bools) -> Ints:
    """The first of these records in each silence, shape (silences,); NEVER_US where there is none."""
    at_us = np.full(len(worth), NEVER_US)
    silence = silences.of(records["customer"], records["at_us"])
    known = silence >= 0
    np.minimum.at(at_us, silence[known], records["at_us"][known])
    return np.where(worth, at_us, NEVER_US)


def _falls(silences: Silences, changes: Records, worth: Bools) -> Ints:
    by_silence = (changes["event"] == Cause.SILENCE) & (changes["from_tier"] >= Tier.MIDDLE)
    return _first(silences, changes[by_silence & (changes["to_tier"] < changes["from_tier"])], worth)


def _after(silences: Silences, unit: Floats, worth: Bools, n: float) -> Ints:
    """When each silence reaches n of its units; NEVER_US where it ends before."""
    at_us = silences.start_us + (np.minimum(unit * n, NEVER_DAYS) * DAY_US).astype(np.int64)
    return np.where(worth & (at_us < silences.next_us), at_us, NEVER_US)


def _in(at_us: Ints, after_us: int, until_us: int) -> Ints:
    return np.where((at_us > after_us) & (at_us <= until_us), at_us, NEVER_US)


def _equal(silences: Silences, unit: Floats, worth: Bools, after_us: int, until_us: int, alarms: Ints) -> float:
    """The N of a rule of thumb that gives as many alarms; where several do, the one that waits about as long as the alarms."""
    waited = np.median((alarms - silences.start_us)[alarms < NEVER_US]) if (alarms < NEVER_US).any() else 0.0
    best, least = 0.0, (np.inf, np.inf)
    count = int((alarms < NEVER_US).sum())
    for n in np.geomspace(0.5, 1_000.0, 400).tolist():
        at_us = _in(_after(silences, unit, worth, n), after_us, until_us)
        told = at_us < NEVER_US
        if told.any():
            off = max(abs(int(told.sum()) - count) / max(count, 1), NEAR)
            apart = abs(float(np.median((at_us - silences.start_us)[told])) - float(waited))
            if (off, apart) < least:
                best, least = n, (off, apart)
    return best


def _told(
    by: str, silences: Silences, at_us: Ints, falls_us: Ints, after_us: int, until_us: int, gone_us: Ints | None
) -> Told:
    alarmed = np.flatnonzero(at_us < NEVER_US)
    when = at_us[alarmed]
    if not len(alarmed):
        return Told(by, 0, *[float("nan")] * 4)
    falls = np.flatnonzero((falls_us > after_us) & (falls_us <= until_us))
    before = falls[at_us[falls] < falls_us[falls]]
    lead = (falls_us[before] - at_us[before]) / DAY_US
    told = Told(
        by,
        len(alarmed),
        float(1.0 - silences.back_within(alarmed, when, ASKED_DAYS).mean()),
        float(silences.back_within(alarmed, when, 30.0).mean()),
        len(before) / len(falls) if len(falls) else float("nan"),
        float(np.median(lead)) if len(lead) else float("nan"),
    )
    if gone_us is None:
        return told
    left = gone_us[silences.customer[alarmed]]
    gone = left <= when
    delay = float(np.median((when - left)[gone]) / DAY_US) if gone.any() else float("nan")
    return told._replace(gone=float(gone.mean()), delay_days=delay)
