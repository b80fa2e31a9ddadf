"""When silence takes a customer of the 2008 forecast below a level: always at the start of a period, for only there the
forecast moves."""

from scoring.compiled import compiled
from scoring.layout import NEVER_US, Record
from scoring.levels import has_drifted
from scoring.look import copy_inputs
from scoring.synlead.kernel import MOST_EMPTY, empty_below, tail
from scoring.synlead.periods import period_start_us
from scoring.terms import Model


@compiled
def falls_below_at(model: Model, inputs: Record, level: float, from_us: int) -> int:
    """The first instant >= from_us at which value < level; NEVER_US if there is none."""
    empty = empty_below(model, inputs, level)
    return NEVER_US if empty > MOST_EMPTY else _since_us(model, inputs, empty, from_us)


@compiled
def drifts_at(model: Model, inputs: Record, scratch: Record, p_level: float, tail_level: float, from_us: int) -> int:
    """The first instant >= from_us at which levels.has_drifted; NEVER_US if there is none within MOST_EMPTY periods."""
    copy_inputs(scratch, inputs)
    low, high = -1.0, MOST_EMPTY + 1.0  # the tail only falls
    while high - low > 1.0:
        scratch.empty = low + (high - low) // 2.0
        if has_drifted(1.0, tail(model, scratch), p_level, tail_level):
            high = scratch.empty
        else:
            low = scratch.empty
    return NEVER_US if high > MOST_EMPTY else _since_us(model, inputs, high, from_us)


@compiled
def _since_us(model: Model, inputs: Record, empty: float, from_us: int) -> int:
    """When so many whole periods are empty: none are before the next period but one begins."""
    if empty <= 0.0:
        return from_us
    return int(max(from_us, period_start_us(int(inputs.period + 1.0 + empty), model.synlead.period)))
