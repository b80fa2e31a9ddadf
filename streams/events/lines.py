"""A customer as a line of a file: the ledger's facts, and what they are worth at an instant. Pure."""

from typing import Any

import numpy as np

from scoring.layout import INPUTS, Model, Record, Records
from scoring.look import gross_profit, look
from scoring.value import expected_orders_of, p_alive_of, value_of
from streams.config import Version
from streams.events.currency import decimals_of
from streams.events.text import deadline_text, money_text, tier_text, time_text

Line = dict[str, Any]


def ledger_line(customer_id: bytes, header: Record, currency: str) -> Line:
    """The facts."""
    decimals = decimals_of(currency)
    orders = int(header["orders"])
    profit = int(gross_profit(header))
    cost, marketing = int(header["cost"]), int(header["marketing"])
    return {
        "customer_id": customer_id.decode(),
        "orders": orders,
        "purchase_days": int(header["purchase_days"]),
        "first_at": time_text(int(header["first_us"])) if orders else None,
        "last_at": time_text(int(header["last_us"])) if orders else None,
        "monetary": money_text(profit + cost + marketing, decimals),
        "cost": money_text(cost, decimals),
        "marketing_cost": money_text(marketing, decimals),
        "gross_profit": money_text(profit, decimals),
        "currency": currency,
    }


def score_line(
    customer_id: bytes, header: Record, rows: Records, version: Version, as_of_us: int, currency: str
) -> Line:
    """The facts, and value, P(alive) and expected orders from `as_of_us` on; tier and next check as they stand in the ledger."""
    at_us = _from_last_order(header, as_of_us)
    model = version.terms.model
    inputs = _inputs(header, rows, at_us, model)
    return ledger_line(customer_id, header, currency) | {
        "as_of": time_text(at_us),
        "tier": tier_text(int(header["tier"])),
        "value": money_text(round(value_of(model, inputs)), decimals_of(currency)),
        "p_alive": float(p_alive_of(model, inputs)),
        "expected_orders": float(expected_orders_of(model, inputs)),
        "next_check_at": deadline_text(int(header["due_us"])),
        "model": version.model,
        "drift": None,  # the drift issue fills it
    }


def standing_line(header: Record, rows: Records, version: Version, as_of_us: int, currency: str) -> Line:
    """Why the value is what it is: what the model is told, and since when the tier holds."""
    inputs = _inputs(header, rows, _from_last_order(header, as_of_us), version.terms.model)
    return {
        "since": time_text(int(header["since_us"])) if header["tier"] else None,
        "frequency": int(inputs.x),
        "silent_days": float(inputs.t - inputs.t_x),
        "age_days": float(inputs.t),
        "profit_per_order": money_text(round(inputs.profit), decimals_of(currency)),
        "interactions": int(header["interactions"]),
        "tier_changes": int(header["sequence"]),
    }


def _from_last_order(header: Record, as_of_us: int) -> int:
    """Nothing is known backwards: the facts are today's."""
    return max(as_of_us, int(header["last_us"])) if header["orders"] else as_of_us


def _inputs(header: Record, rows: Records, at_us: int, model: Model) -> Record:
    inputs = np.zeros(1, INPUTS)[0]
    look(header, rows, at_us, model, inputs)
    return inputs
