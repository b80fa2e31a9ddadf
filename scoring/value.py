"""What a customer is worth: expected gross profit over the model's horizon, minor units. Every family through one door.

`inputs` is one INPUTS record, a look at the customer at inputs.t.
"""

from scoring.compiled import compiled
from scoring.gamma_gamma import expected_profit
from scoring.layout import Model, Record
from scoring.mbg_nbd import expected_orders_if_alive, p_alive


@compiled
def p_alive_of(model: Model, inputs: Record) -> float:
    """Probability that the customer still buys; 0 where no order counts."""
    return p_alive(model, inputs.x, inputs.t_x, inputs.t) if inputs.orders > 0.0 else 0.0


@compiled
def tail_of(model: Model, inputs: Record) -> float:
    """Chance that a customer with this history who still buys is silent for at least as long; 1 where no order counts."""
    if inputs.orders <= 0.0:
        return 1.0
    return float(((model.alpha + inputs.t_x) / (model.alpha + inputs.t)) ** (model.r + inputs.x))


@compiled
def expected_orders_of(model: Model, inputs: Record) -> float:
    """Expected purchases within the horizon. It only falls while the customer is silent (t grows)."""
    if inputs.orders <= 0.0:
        return 0.0
    return p_alive_of(model, inputs) * expected_orders_if_alive(model, inputs.x, inputs.t)


@compiled
def value_of(model: Model, inputs: Record) -> float:
    """Expected orders times expected profit of one; 0 for a customer without an order that counts."""
    if inputs.orders <= 0.0:
        return 0.0
    return expected_orders_of(model, inputs) * expected_profit(model, inputs.orders, inputs.profit)
