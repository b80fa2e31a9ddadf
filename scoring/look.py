"""What a model is told about a customer at an instant: INPUTS, drawn from the ledger's facts."""

from scoring.compiled import compiled
from scoring.layout import DAY_US, Family, Record, Records
from scoring.synlead.corrections import copy_corrections
from scoring.synlead.observed import clear, observe
from scoring.terms import Model

_SYNLEAD = int(Family.SYNLEAD)


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
def look(h: Record, rows: Records, at_us: int, model: Model, inputs: Record) -> None:
    """Fill one INPUTS from a header and its rows."""
    clear(inputs)
    orders = h.orders
    if orders == 0:
        inputs.x, inputs.t_x, inputs.t, inputs.orders, inputs.profit = 0.0, 0.0, 0.0, 0.0, 0.0
        return
    inputs.x = h.purchase_days - 1.0
    inputs.t_x = (h.last_us - h.first_us) / DAY_US
    inputs.t = (at_us - h.first_us) / DAY_US
    inputs.orders = float(orders)
    inputs.profit = gross_profit(h) / orders
    if model.family == _SYNLEAD:
        observe(h, rows, at_us, model, inputs)


@compiled
def copy_inputs(target: Record, source: Record) -> None:
    """One look into another."""
    target.x, target.t_x, target.t = source.x, source.t_x, source.t
    target.orders, target.profit = source.orders, source.profit
    target.frequency, target.amount, target.margin = source.frequency, source.amount, source.margin
    target.empty, target.expense_rate, target.least_expense = source.empty, source.expense_rate, source.least_expense
    target.period, target.past_amount = source.period, source.past_amount
    copy_corrections(target, source)
