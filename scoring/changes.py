"""Why a tier changed, and what keeps it: every change explains itself."""

from scoring.compiled import compiled
from scoring.keeping import amount_that_keeps
from scoring.layout import NEVER_US, Cause, Record, Records
from scoring.look import copy_inputs, margin_of
from scoring.shares import shares
from scoring.terms import Model, Rules

_MODEL = int(Cause.MODEL)


@compiled
def keeps(h: Record, level: float, by_us: int, model: Model, scratch: Records) -> float:
    """The amount of one order at by_us, minor units, with which the customer then is worth `level`.

    0: any order will do, or none is asked for (NEVER_US). Infinite: none will. `scratch` as in standing.stand.
    """
    if by_us == NEVER_US:
        return 0.0
    # not gross_profit: what was given back beyond all purchases is taken from the next one
    profit = float(h.held - h.credits - h.cost - h.marketing)
    return amount_that_keeps(model, scratch[1], scratch[2], h.first_us, h.last_us, profit, margin_of(h), level, by_us)


@compiled
def explain(change: Record, h: Record, fall_us: int, scratch: Records, model: Model, rules: Rules) -> None:
    """Complete a change from the ledger after it: scratch[0] and [1] are what the model saw at the last look and at this one.

    After a rise, keep_* says which one order keeps the new tier beyond `fall_us`; after a fall, which one order at that
    instant would have kept the old one. An amount of 0: any order; NEVER_US: nothing threatens the tier.
    """
    change.customer, change.sequence = h.customer, h.sequence
    change.to_tier, change.to_value, change.to_p = h.tier, h.value, h.p_alive
    copy_inputs(change.before, scratch[0])
    copy_inputs(change.after, scratch[1])
    parts = shares(model, scratch[0], scratch[1], scratch[2])
    change.shares[0], change.shares[1], change.shares[2], change.shares[3] = parts
    # both looks are judged by the model in force now: what is left is what a new one made of the very same customer
    moved = change.to_value - change.from_value
    change.shares[4] = moved - (parts[0] + parts[1] + parts[2] + parts[3]) if change.event == _MODEL else 0.0
    fell = change.to_tier < change.from_tier
    change.keep_by_us = change.at_us if fell else fall_us
    kept = change.from_tier if fell else change.to_tier
    change.keep_amount = keeps(h, rules.leave[kept], change.keep_by_us, model, scratch)
