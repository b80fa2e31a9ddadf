"""Levels of drift: by P(alive), by how unusual this silence is for this customer, by the turn of the value curve."""

from scoring.compiled import compiled
from scoring.layout import Level
from scoring.terms import Drift

_NONE = int(Level.NONE)
_WATCH = int(Level.WATCH)
_LOST = int(Level.LOST)
USUAL = 0.5  # half of all gaps are longer: a low P(alive) alone, as right after a first order, is no silence yet


@compiled
def has_drifted(p_alive: float, tail: float, p_level: float, tail_level: float) -> bool:
    """Whether a level holds: P(alive) is below p_level after more than a usual silence, or so long a silence has a chance
    below tail_level. Both only fall in silence."""
    return (p_alive < p_level and tail < USUAL) or tail < tail_level


@compiled
def level_of(drift: Drift, p_alive: float, tail: float, value: float, peak: float) -> int:
    """The highest level that holds. Who was never worth anything has no value that could turn."""
    level = _LOST
    while level > _NONE and not has_drifted(p_alive, tail, drift.p_alive[level], drift.tail[level]):
        level -= 1
    if level == _NONE and peak > 0.0 and value < drift.turn * peak:
        return _WATCH
    return level


@compiled
def value_at_risk(value: float, p_alive: float, orders_scale: float) -> float:
    """What the customer would be worth were they certainly alive, less what they are worth. 0 for who brings a loss.

    Value goes with the power `orders_scale` of P(alive): the model's correction has it, 1 where there is none.
    """
    part = p_alive if orders_scale == 1.0 else p_alive**orders_scale
    return value / part - value if part > 0.0 and value > 0.0 else 0.0
