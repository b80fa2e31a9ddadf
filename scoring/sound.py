"""Whether a model can be judged by: parameters of which nothing comes but numbers, whatever the customer."""

from math import isfinite

import numpy as np

from scoring.by_address import model_by_address
from scoring.layout import Family
from scoring.models import verbs
from scoring.models.verbs import looks
from scoring.terms import Model

LEAST, MOST = 1e-9, 1e8  # of r, alpha, a, b, p, v: fits end within; far beyond, series do not end in a lifetime
_CUSTOMERS = (  # x, t_x, t: from the first order of this second to ten years of silence and thousands of orders
    (0.0, 0.0, 0.0),
    (0.0, 0.0, 400.0),
    (0.0, 0.0, 3_650.0),
    (3.0, 80.0, 80.0),
    (3.0, 80.0, 400.0),
    (400.0, 3_650.0, 3_650.0),
    (4_000.0, 3_650.0, 7_300.0),
)


def is_sound(model: Model) -> bool:
    """Whether its parameters lie in bounds and P(alive) in [0, 1], orders and value are numbers for all sorts of customers."""
    if model.family == Family.SYNLEAD:
        return True  # a table, checked as one where it is read
    if not all(LEAST <= number <= MOST for number in (model.r, model.alpha, model.a, model.b, model.p)):
        return False
    if not (model.q > 1.0 and isfinite(model.p * model.v / (model.q - 1.0))):
        return False
    x, t_x, t = zip(*_CUSTOMERS, strict=True)
    orders_so_far = np.array(x) + 1.0
    people = looks(np.array(x), np.array(t_x), np.array(t), orders_so_far, np.full(len(x), 1_000.0))
    told = model_by_address(model)
    p_alive = verbs.p_alive(told, people)
    orders, value = verbs.expected_orders(told, people), verbs.expected_profit(told, people)
    return bool(((p_alive >= 0.0) & (p_alive <= 1.0) & (orders >= 0.0) & (orders < MOST) & np.isfinite(value)).all())
