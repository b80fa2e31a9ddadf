"""A customer as a line of a file: the ledger's facts, and what they are worth at an instant. Pure."""

from typing import Any

import numpy as np

from scoring.by_address import model_by_address, terms_by_address
from scoring.curve import Curve
from scoring.layout import INPUTS, NEVER_US, Level, Record, Records
from scoring.levels import level_of
from scoring.look import gross_profit, look
from scoring.outlook import Outlook
from scoring.terms import Model, Terms
from scoring.value import expected_orders_of, p_alive_of, tail_of, value_of
from streams.config import Version
from streams.events.alerts import level_text
from streams.events.currency import decimals_of
from streams.events.messages import keeps
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
    model = model_by_address(version.terms.model)
    inputs = _inputs(header, rows, at_us, model)
    return ledger_line(customer_id, header, currency) | {
        "as_of": time_text(at_us),
        "tier": tier_text(int(header["tier"])),
        "value": money_text(round(value_of(model, inputs)), decimals_of(currency)),
        "p_alive": float(p_alive_of(model, inputs)),
        "expected_orders": float(expected_orders_of(model, inputs)),
        "next_check_at": deadline_text(int(header["due_us"])),
        "model": version.model,
        "drift": level_text(_level(header, inputs, terms_by_address(version.terms))),
    }


def standing_line(header: Record, rows: Records, version: Version, as_of_us: int, currency: str) -> Line:
    """Why the value is what it is: what the model is told, and since when the tier holds."""
    inputs = _inputs(header, rows, _from_last_order(header, as_of_us), model_by_address(version.terms.model))
    return {
        "since": time_text(int(header["since_us"])) if header["tier"] else None,
        "frequency": int(inputs.x),
        "silent_days": float(inputs.t - inputs.t_x),
        "age_days": float(inputs.t),
        "profit_per_order": money_text(round(inputs.profit), decimals_of(currency)),
        "interactions": int(header["interactions"]),
        "tier_changes": int(header["sequence"]),
    }


def risk_line(told: Outlook, currency: str) -> Line:
    """How far the customer has drifted, and when silence reaches the next level."""
    return {
        "level": level_text(told.level),
        "silence_chance": told.silence_chance,
        "usual_gap_days": told.usual_gap_days or None,
        "value_at_risk": money_text(round(told.at_risk), decimals_of(currency)),
        "next_level": level_text(min(told.level + 1, Level.LOST)) if told.next_level_us != NEVER_US else None,
        "next_level_at": deadline_text(told.next_level_us),
    }


def keeping_line(told: Outlook, currency: str) -> Line:
    """When silence lowers the tier, and the one order that keeps it."""
    [keep] = keeps(np.array([told.keep_amount]), np.array([told.falls_us]), decimals_of(currency))
    return {
        "tier_falls_at": deadline_text(told.falls_us),
        "keep": {"amount": keep.amount, "by": keep.by} if keep else None,
    }


def curve_line(curve: Curve, currency: str) -> Line:
    """The value curve."""
    decimals = decimals_of(currency)
    points = zip(curve.at_us.tolist(), curve.values.tolist(), strict=True)
    return {
        "points": [{"at": time_text(at_us), "value": money_text(round(value), decimals)} for at_us, value in points],
        "peak": {"at": time_text(curve.peak_us), "value": money_text(round(curve.peak), decimals)},
        "falling_since": None if curve.falling_since_us is None else time_text(curve.falling_since_us),
        "below_peak": money_text(round(curve.below_peak), decimals),
    }


def _level(header: Record, inputs: Record, terms: Terms) -> int:
    """The level of drift that holds at a look; NONE where no order counts."""
    if inputs.orders <= 0.0:
        return int(Level.NONE)
    model = terms.model
    p_alive, tail, value = p_alive_of(model, inputs), tail_of(model, inputs), value_of(model, inputs)
    return int(level_of(terms.drift, p_alive, tail, value, header["peak"]))


def _from_last_order(header: Record, as_of_us: int) -> int:
    """Nothing is known backwards: the facts are today's."""
    return max(as_of_us, int(header["last_us"])) if header["orders"] else as_of_us


def _inputs(header: Record, rows: Records, at_us: int, model: Model) -> Record:
    inputs = np.zeros(1, INPUTS)[0]
    look(header, rows, at_us, model, inputs)
    return inputs
