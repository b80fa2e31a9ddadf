"""What a model says of many customers at an instant: the kernel's own scalar functions, over arrays."""

import numpy as np

from scoring.by_address import model_by_address
from scoring.chance import chance_to_buy
from scoring.compiled import compiled
from scoring.history import Histories
from scoring.layout import INPUTS, Floats, Ints, Records
from scoring.ledgers import Ledgers
from scoring.look import look
from scoring.terms import Model
from scoring.value import p_alive_of


def p_alives(ledgers: Ledgers, at_us: int, model: Model) -> Floats:
    """P(alive) of each customer at an instant, or at the last order where that is later; shape (n,)."""
    out = np.empty(len(ledgers.headers))
    _p_alives(ledgers.headers, ledgers.rows, ledgers.starts, at_us, model_by_address(model), np.zeros(1, INPUTS), out)
    return out


def chances_to_buy(model: Model, histories: Histories, days: float) -> Floats:
    """Chance of at least one purchase in the next `days`, shape (n,), for the families with a process (not Synlead)."""
    out = np.empty(len(histories.x))
    _chances(model_by_address(model), histories.x, histories.t_x, histories.t, days, out)
    return out


@compiled
def _p_alives(
    headers: Records, rows: Records, starts: Ints, at_us: int, model: Model, scratch: Records, out: Floats
) -> None:
    for c in range(len(headers)):
        h = headers[c]
        look(h, rows[starts[c] : starts[c + 1]], max(at_us, h.last_us), model, scratch[0])
        out[c] = p_alive_of(model, scratch[0])


@compiled
def _chances(model: Model, x: Floats, t_x: Floats, t: Floats, days: float, out: Floats) -> None:
    for i in range(len(out)):
        out[i] = chance_to_buy(model, x[i], t_x[i], t[i], days)
