"""How a customer stands at an instant of a silence, and what comes next if it goes on: what `ebbtide customer` shows."""

from typing import NamedTuple

import numpy as np

from scoring.by_address import terms_by_address
from scoring.changes import keeps
from scoring.drift import next_level_us
from scoring.layout import INPUTS, NEVER_US, Level, Record, Records
from scoring.levels import level_of, value_at_risk
from scoring.look import look
from scoring.standing import next_fall_us
from scoring.terms import Terms
from scoring.value import p_alive_of, tail_of, value_of


class Outlook(NamedTuple):
    """Money in minor units, times in microseconds; NEVER_US: it does not come."""

    level: int  # of drift, that holds now
    silence_chance: float  # of a silence this long from a customer who still buys
    silent_days: float
    usual_gap_days: float  # 0 before the second purchase day
    at_risk: float  # value if certainly alive - value
    next_level_us: int  # when silence reaches the level above
    falls_us: int  # when silence lowers the tier
    keep_amount: float  # of one order by then that keeps it; 0: any, infinite: none


def outlook(header: Record, rows: Records, at_us: int, terms: Terms) -> Outlook:
    """Of a ledger whose last look is not after `at_us`, and whom nothing befell since."""
    terms = terms_by_address(terms)
    h = header.copy()
    scratch = np.zeros(3, INPUTS)
    inputs = scratch[1]
    look(h, rows, at_us, terms.model, inputs)
    h.value, h.p_alive = value_of(terms.model, inputs), p_alive_of(terms.model, inputs)
    tail = float(tail_of(terms.model, inputs))
    h.level = Level.NONE
    next_us = falls_us = NEVER_US
    if h.orders > 0:
        h.level = level_of(terms.drift, h.p_alive, tail, h.value, h.peak)
        next_us = int(next_level_us(h, h.level, at_us, terms, scratch))
        falls_us = int(next_fall_us(h, at_us, terms, scratch))
    return Outlook(
        level=int(h.level),
        silence_chance=tail,
        silent_days=float(inputs.t - inputs.t_x),
        usual_gap_days=float(inputs.t_x / inputs.x) if inputs.x > 0.0 else 0.0,
        at_risk=float(value_at_risk(h.value, h.p_alive, terms.model.correction.orders_scale)),
        next_level_us=next_us,
        falls_us=falls_us,
        keep_amount=float(keeps(h, terms.rules.leave[h.tier], falls_us, terms.model, scratch)),
    )
