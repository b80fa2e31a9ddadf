"""Why a tier changed, and what keeps it: every change explains itself."""

from scoring.compiled import compiled
from scoring.deadline import amount_that_keeps
from scoring.layout import NEVER_US, Model, Record, Records, Rules
from scoring.shares import shares


@compiled
def gross_profit(h: Record) -> int:
    """Purchases - product cost - marketing cost so far, minor units."""
    return max(0, int(h.held - h.credits)) - int(h.cost + h.marketing)


@compiled
def margin_of(h: Record) -> float:
    """The share of what the customer pays that is left after product cost; 1 where nothing was bought."""
    monetary = max(0, h.held - h.credits)
    return 1.0 - h.cost / monetary if monetary > 0 else 1.0


@compiled
def _copy(target: Record, source: Record) -> None:
    target.x, target.t_x, target.t = source.x, source.t_x, source.t
    target.orders, target.profit = source.orders, source.profit


@compiled
def explain(change: Record, h: Record, inputs: Records, model: Model, rules: Rules) -> None:
    """Complete a change from the ledger after it: `inputs` is what the model saw at the last look and at this one.

    After a rise, keep_* says which one order keeps the new tier beyond its deadline; after a fall, which one order at that
    instant would have kept the old one. An amount of 0: any order; NEVER_US: nothing threatens the tier.
    """
    change.sequence = h.sequence
    change.to_tier, change.to_value, change.to_p = h.tier, h.value, h.p_alive
    _copy(change.before, inputs[0])
    _copy(change.after, inputs[1])
    parts = shares(model, inputs[0], inputs[1])
    change.shares[0], change.shares[1], change.shares[2], change.shares[3] = parts
    fell = change.to_tier < change.from_tier
    level = rules.leave[change.from_tier if fell else change.to_tier]
    change.keep_by_us = change.at_us if fell else h.due_us
    change.keep_amount = 0.0
    if change.keep_by_us != NEVER_US:
        change.keep_amount = amount_that_keeps(
            model,
            inputs[1].x,
            h.first_us,
            h.last_us,
            inputs[1].orders,
            float(gross_profit(h)),
            margin_of(h),
            level,
            change.keep_by_us,
        )
