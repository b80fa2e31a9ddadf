"""Where a customer stands at an instant: the model's inputs, value, tier, and the instant silence next moves it."""

from scoring.changes import explain, gross_profit
from scoring.compiled import compiled
from scoring.deadline import falls_below_at
from scoring.layout import DAY_US, NEVER_US, Model, Record, Records, Rules, Tier
from scoring.mbg_nbd import p_alive
from scoring.tiers import tier_of
from scoring.value import value

_NONE = int(Tier.NONE)
_LOSS = int(Tier.LOSS)
_SECOND_US = 1_000_000
SILENCE = -1  # the `event` of a change that no event caused


@compiled
def look(h: Record, at_us: int, inputs: Record) -> None:
    """What the model is told about a customer at an instant: INPUTS, times in days."""
    orders = h.orders
    if orders == 0:
        inputs.x, inputs.t_x, inputs.t, inputs.orders, inputs.profit = 0.0, 0.0, 0.0, 0.0, 0.0
        return
    inputs.x = h.purchase_days - 1.0
    inputs.t_x = (h.last_us - h.first_us) / DAY_US
    inputs.t = (at_us - h.first_us) / DAY_US
    inputs.orders = float(orders)
    inputs.profit = gross_profit(h) / orders


@compiled
def value_of(model: Model, inputs: Record) -> float:
    """Expected gross profit over the horizon, minor units."""
    return value(model, inputs.x, inputs.t_x, inputs.t, inputs.orders, inputs.profit)


@compiled
def p_alive_of(model: Model, inputs: Record) -> float:
    """Probability that the customer still buys; 0 where no order counts."""
    return p_alive(model, inputs.x, inputs.t_x, inputs.t) if inputs.orders > 0.0 else 0.0


@compiled
def next_due_us(h: Record, inputs: Record, at_us: int, model: Model, rules: Rules) -> int:
    """When silence next lowers the tier: below `leave` and past the minimum stay. NEVER_US where it does not."""
    if h.tier <= _LOSS:
        return NEVER_US
    level = rules.leave[h.tier]
    may_fall_us = h.since_us + rules.min_stay_us
    if h.value < level:
        return int(may_fall_us)
    from_us = max(at_us, may_fall_us)
    return int(falls_below_at(model, inputs.x, inputs.t_x, h.first_us, inputs.orders, inputs.profit, level, from_us))


@compiled
def stand(
    h: Record, at_us: int, event: int, model: Model, rules: Rules, scratch: Records, changes: Records, n: int
) -> int:
    """Score the ledger at `at_us` and let the tier follow. Returns the number of changes written so far.

    A rise is immediate; a fall waits for the minimum stay, and then comes by its deadline. `scratch` is two INPUTS: of the
    last look, filled by the caller, and of this one.
    """
    after = scratch[1]
    look(h, at_us, after)
    from_tier, from_value, from_p = h.tier, h.value, h.p_alive
    h.value = value_of(model, after)
    h.p_alive = p_alive_of(model, after)
    h.clock_us = max(h.clock_us, at_us)
    to_tier = from_tier
    if from_tier != _NONE or h.orders > 0:
        to_tier = tier_of(rules, from_tier, h.value)
    moved = to_tier > from_tier or (to_tier < from_tier and at_us >= h.since_us + rules.min_stay_us)
    if moved:
        h.sequence += 1
        h.tier = to_tier
        h.since_us = at_us
    h.due_us = next_due_us(h, after, at_us, model, rules)
    if moved:
        change = changes[n]
        change.customer = h.customer
        change.event = event
        change.at_us = at_us
        change.from_tier, change.from_value, change.from_p = from_tier, from_value, from_p
        explain(change, h, scratch, model, rules)
        n += 1
    return n


@compiled
def let_silence_act(
    h: Record, until_us: int, model: Model, rules: Rules, scratch: Records, changes: Records, n: int
) -> int:
    """Fire every deadline up to and including `until_us`, each at its own instant. Returns the number of changes so far."""
    while h.due_us <= until_us:
        at_us = h.due_us
        look(h, h.clock_us, scratch[0])
        n = stand(h, at_us, SILENCE, model, rules, scratch, changes, n)
        if h.due_us <= at_us:  # rounding at the boundary must not hold the stream up: look again a second later
            h.due_us = at_us + _SECOND_US
    return n
