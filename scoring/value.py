"""What a customer is worth: expected gross profit over the model's horizon, minor units."""

from scoring.compiled import compiled
from scoring.gamma_gamma import expected_profit
from scoring.layout import Model
from scoring.mbg_nbd import expected_orders_if_alive, p_alive


@compiled
def expected_orders(model: Model, x: float, t_x: float, t: float) -> float:
    """Expected purchases within the horizon. It only falls while the customer is silent (t grows)."""
    return p_alive(model, x, t_x, t) * expected_orders_if_alive(model, x, t)


@compiled
def value(model: Model, x: float, t_x: float, t: float, orders: float, mean_profit: float) -> float:
    """Expected orders times expected profit of one; 0 for a customer without an order that counts. Times in days."""
    if orders <= 0.0:
        return 0.0
    return expected_orders(model, x, t_x, t) * expected_profit(model, orders, mean_profit)
