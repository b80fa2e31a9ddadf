"""Where a customer stands at an instant: value, tier, drift, and the instant at which silence next moves any of them."""

from scoring.changes import explain
from scoring.compiled import compiled
from scoring.deadline import falls_below_at
from scoring.drift import Told, follow_drift
from scoring.layout import NEVER_US, Cause, Record, Records, Tier
from scoring.look import look
from scoring.terms import Terms
from scoring.tiers import tier_of
from scoring.value import p_alive_of, value_of

_NONE = int(Tier.NONE)
_LOSS = int(Tier.LOSS)
_SILENCE = int(Cause.SILENCE)
_MODEL = int(Cause.MODEL)
_SECOND_US = 1_000_000


@compiled
def next_fall_us(h: Record, at_us: int, terms: Terms, scratch: Records) -> int:
    """When silence next lowers the tier: below `leave` and past the minimum stay. NEVER_US where it does not."""
    if h.tier <= _LOSS:
        return NEVER_US
    level = terms.rules.leave[h.tier]
    may_fall_us = h.since_us + terms.rules.min_stay_us
    if h.value < level:
        return int(max(at_us, may_fall_us))
    from_us = max(at_us, may_fall_us)
    return int(falls_below_at(terms.model, scratch[1], h.first_us, level, from_us))


@compiled
def stand(h: Record, rows: Records, at_us: int, event: int, terms: Terms, scratch: Records, told: Told) -> None:
    """Score the ledger at `at_us` and let tier and drift follow.

    A rise is immediate; a fall waits for the minimum stay, and then comes by its deadline. `event` is an index or a Cause.
    `scratch` is three INPUTS: of the last look, filled by the caller; of this one; and one to compute with.
    """
    after = scratch[1]
    look(h, rows, at_us, terms.model, after)
    from_tier, from_value, from_p = h.tier, h.value, h.p_alive
    h.value = value_of(terms.model, after)
    h.p_alive = p_alive_of(terms.model, after)
    h.clock_us = max(h.clock_us, at_us)
    h.terms = terms.number
    h.peak = h.value if event == _MODEL else max(h.peak, h.value)
    to_tier = from_tier
    if from_tier != _NONE or h.orders > 0:
        to_tier = tier_of(terms.rules, from_tier, h.value)
    fell = to_tier < from_tier and at_us >= h.since_us + terms.rules.min_stay_us
    moved = to_tier > from_tier or fell
    if moved:
        h.sequence += 1
        h.tier = to_tier
        h.since_us = at_us
    if fell:
        h.warned_us = 0
    fall_us = next_fall_us(h, at_us, terms, scratch)
    if moved:
        change = told.changes[told.counts[0]]
        told.counts[0] += 1
        change.event, change.terms, change.at_us = event, terms.number, at_us
        change.from_tier, change.from_value, change.from_p = from_tier, from_value, from_p
        explain(change, h, fall_us, scratch, terms.model, terms.rules)
    alert_us = follow_drift(h, at_us, event, fall_us, terms, scratch, told)
    h.due_us = min(fall_us, alert_us)


@compiled
def _let_silence_act(h: Record, rows: Records, until_us: int, terms: Terms, scratch: Records, told: Told) -> None:
    while h.due_us <= until_us:
        at_us = h.due_us
        look(h, rows, h.clock_us, terms.model, scratch[0])
        stand(h, rows, at_us, _SILENCE, terms, scratch, told)
        if h.due_us <= at_us:  # rounding at the boundary must not hold the stream up: look again a second later
            h.due_us = at_us + _SECOND_US


@compiled
def let_silence_act(
    h: Record, rows: Records, until_us: int, old: Terms, new: Terms, scratch: Records, told: Told
) -> None:
    """Fire every deadline up to and including `until_us`, each at its own instant and under the terms in force then.

    A customer who meets new terms is looked at once at the instant from which they are in force, whoever comes when.
    """
    if h.terms < new.number and h.tier != _NONE:
        _let_silence_act(h, rows, min(until_us, new.from_us - 1), old, scratch, told)
        if until_us < new.from_us:
            return
        look(h, rows, h.clock_us, new.model, scratch[0])
        stand(h, rows, max(h.clock_us, new.from_us), new.cause, new, scratch, told)
    _let_silence_act(h, rows, until_us, terms_at(h, until_us, old, new), scratch, told)


@compiled
def terms_at(h: Record, at_us: int, old: Terms, new: Terms) -> Terms:
    """The terms under which a customer is looked at: once under new ones, for good."""
    return new if h.terms >= new.number or at_us >= new.from_us else old
