"""Drift of one customer: the alerts that are due at a look, and when silence brings the next one."""

from typing import NamedTuple

from scoring.chance import chance_to_buy
from scoring.changes import keeps
from scoring.compiled import compiled
from scoring.deadline import drifts_at, falls_below_before
from scoring.layout import BUYS_WITHIN_DAYS, NEVER_US, Alert, Cause, Family, Ints, Level, Record, Records, Tier
from scoring.levels import level_of, value_at_risk
from scoring.terms import Terms
from scoring.tiers import tier_of
from scoring.value import tail_of

_NO_LEVEL = int(Level.NONE)
_LOST = int(Level.LOST)
_SILENCE = int(Cause.SILENCE)
_NO_TIER = int(Tier.NONE)
_WARNED = int(Alert.WARNED)
_RAISED = int(Alert.RAISED)
_CLEARED = int(Alert.CLEARED)
_SYNLEAD = int(Family.SYNLEAD)


class Told(NamedTuple):
    """What a run tells: CHANGE and ALERT records, and how many of each there are so far, shape (2,)."""

    changes: Records
    alerts: Records
    counts: Ints


@compiled
def is_worth_it(if_alive: float, at_risk: float, terms: Terms) -> bool:
    """Whether somebody should hear about a customer: by the tier of the value if certainly alive, or by the value at risk."""
    tier = tier_of(terms.rules, _NO_TIER, if_alive)
    return tier >= terms.drift.worth_tier or at_risk >= terms.drift.worth_at_risk


@compiled
def follow_drift(h: Record, at_us: int, event: int, fall_us: int, terms: Terms, scratch: Records, told: Told) -> int:
    """Tell what is due at a look (scratch[1]); returns when silence brings the next alert, NEVER_US if it does not.

    `fall_us` is when silence next lowers the tier.
    """
    tail = tail_of(terms.model, scratch[1])
    level = _NO_LEVEL
    if h.orders > 0:
        level = level_of(terms.drift, h.p_alive, tail, h.value, h.peak)
    at_risk = value_at_risk(h.value, h.p_alive, terms.model.correction.orders_scale)
    if_alive = h.value + at_risk
    worth = h.orders > 0 and is_worth_it(if_alive, at_risk, terms)
    averted = _follow_warning(h, at_us, event, fall_us, terms)
    if level > h.level and worth:
        h.level = level
        _tell(h, at_us, event, _RAISED, tail, at_risk, fall_us, terms, scratch, told)
    elif level < h.level or averted:
        h.level = min(level, h.level)
        _tell(h, at_us, event, _CLEARED, tail, at_risk, fall_us, terms, scratch, told)
    warn_us = NEVER_US if h.warned_us != 0 else _warn_at_us(h, fall_us, terms)
    if warn_us <= at_us:
        h.warned_us = fall_us
        _tell(h, at_us, event, _WARNED, tail, at_risk, fall_us, terms, scratch, told)
        warn_us = NEVER_US
    # each level that silence reaches is looked at anew: who is not worth it yet at one may be at the next, because of a
    # value if alive that only falls, all may come to be at risk
    soon = worth or (h.orders > 0 and is_worth_it(if_alive, if_alive, terms))
    return int(min(warn_us, next_level_us(h, level, at_us, terms, scratch) if soon else NEVER_US))


@compiled
def _follow_warning(h: Record, at_us: int, event: int, fall_us: int, terms: Terms) -> bool:
    """Whether the fall that was warned of is averted: put off so far that it will be time for a warning of its own.

    Boundaries that move every week put the falls of a whole silence off again and again. So new terms must put one off by as
    much again as a warning comes before it; by less, it is still the one that was warned of.
    """
    if h.warned_us == 0 or fall_us <= h.warned_us:
        return False
    spare_us = terms.drift.warn_us if event < _SILENCE else 0
    averted = _warn_at_us(h, fall_us, terms) - spare_us > at_us
    h.warned_us = 0 if averted else fall_us
    return averted


@compiled
def _warn_at_us(h: Record, fall_us: int, terms: Terms) -> int:
    """When to warn of a fall of the tier: warn_us before it, but never in the first half of the silence until then."""
    if fall_us == NEVER_US or terms.drift.warn_us == 0 or h.tier < terms.drift.worth_tier:
        return NEVER_US
    half_us = h.last_us + (fall_us - h.last_us) // 2
    return int(max(fall_us - terms.drift.warn_us, half_us))


@compiled
def next_level_us(h: Record, held: int, at_us: int, terms: Terms, scratch: Records) -> int:
    """When silence reaches the level above `held`, the one that holds at this look."""
    if held >= _LOST:
        return NEVER_US
    drift, level = terms.drift, held + 1
    due_us = drifts_at(terms.model, scratch[1], scratch[2], h.first_us, drift.p_alive[level], drift.tail[level], at_us)
    if held == _NO_LEVEL and drift.turn > 0.0:
        turn = drift.turn * h.peak
        due_us = min(due_us, falls_below_before(terms.model, scratch[1], h.first_us, turn, at_us, due_us))
    return int(due_us)


@compiled
def _tell(
    h: Record,
    at_us: int,
    event: int,
    kind: int,
    tail: float,
    at_risk: float,
    fall_us: int,
    terms: Terms,
    scratch: Records,
    told: Told,
) -> None:
    inputs = scratch[1]
    h.alerts += 1
    alert = told.alerts[told.counts[1]]
    told.counts[1] += 1
    alert.customer, alert.event, alert.terms, alert.at_us = h.customer, event, terms.number, at_us
    alert.sequence, alert.alert, alert.level, alert.tier = h.alerts, kind, h.level, h.tier
    alert.value, alert.p_alive, alert.tail = h.value, h.p_alive, tail
    alert.at_risk = at_risk
    alert.silent_days = inputs.t - inputs.t_x
    alert.usual_gap_days = inputs.t_x / inputs.x if inputs.x > 0.0 else 0.0
    alert.chance_to_buy = -1.0
    if terms.model.family != _SYNLEAD and h.orders > 0:
        alert.chance_to_buy = chance_to_buy(terms.model, inputs.x, inputs.t_x, inputs.t, BUYS_WITHIN_DAYS)
    alert.falls_us = fall_us
    alert.keep_amount = keeps(h, terms.rules.leave[h.tier], fall_us, terms.model, scratch)
