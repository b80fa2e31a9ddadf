"""A forecast as JSON lines and CSV rows: the model, and each customer's periods so far and ahead."""

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any

import numpy as np

from ebbtide.forecasting.making import Made
from scoring.layout import Ints
from scoring.synlead.ahead import Step, Way
from scoring.synlead.period_names import period_name
from streams.events.currency import decimals_of
from streams.events.text import money_text, time_text

HEADS = ("customer_id", "period", "what", "orders", "amount", "product_cost", "expense", "value")
_MONEY = ("mean_amount", "amount", "product_cost", "expense", "value")


def model_line(made: Made, currency: str) -> dict[str, Any]:
    """Parameters with standard errors (k in minor units), and what is to be known about them."""
    frequency, amount, params = made.fit.frequency, made.fit.amount, made.fit.params
    decimals = decimals_of(currency)
    return {
        "as_of": time_text(made.everyone.until_us),
        "period": made.period.name.lower(),
        "ahead": Way(made.model.synlead.way).name.lower(),
        "customers": len(made.forecast.customer),
        "currency": currency,
        "parameters": {name: getattr(params, name) for name in ("a", "b", "p", "q", "k")},
        "standard_errors": {
            name: error if isfinite(error) else None
            for name, error in zip(
                ("a", "b", "p", "q", "k"), (frequency.a_error, frequency.b_error, *amount.errors), strict=True
            )
        },
        "log_likelihood": {"frequency": frequency.log_likelihood, "amount": amount.log_likelihood},
        "periods": made.fit.periods,
        "most_frequent": params.most,
        "amount_edges": [money_text(round(edge), decimals) for edge in params.edges],
        "notes": notes(made),
    }


def notes(made: Made) -> list[str]:
    """What a reader of the parameters should know."""
    frequency, amount = made.fit.frequency, made.fit.amount
    told = []
    if frequency.poisson_like:
        told.append("purchases vary no more than chance has it: only b / a is known")
    elif frequency.at_bound:
        told.append("hardly anybody buys again: b went to 0")
    elif frequency.weak:
        told.append("a is above 20: little evidence that customers differ in how often they buy")
    if amount.at_bound:
        told.append("customers do not differ in their amounts: only k / q is known")
    elif not amount.mean_finite:
        told.append("q is at most 1: amounts have no finite mean, the largest one seen bounds them")
    return told


def ranked(made: Made, top: int | None) -> Ints:
    """Places in the forecast by the sum of the three values, the highest first."""
    order = np.argsort(-made.forecast.of("value").sum(axis=1), kind="stable")
    return order if top is None else order[:top]


def customer_lines(made: Made, places: Ints, currency: str) -> Iterator[dict[str, Any]]:
    """One object a customer: history by period, three periods ahead, and their sum."""
    decimals = decimals_of(currency)
    for place in places.tolist():
        customer = int(made.forecast.customer[place])
        ahead = [_ahead(made, place, step, decimals) for step in range(made.forecast.steps.shape[1])]
        yield {
            "customer_id": made.name(customer),
            "forecast": money_text(round(float(made.forecast.of("value")[place].sum())), decimals),
            "empty_periods": int(made.forecast.looks["empty"][place]),
            "history": [_past(made, at, decimals) for at in range(*_span(made, customer))],
            "ahead": ahead,
        }


def csv_rows(made: Made, places: Ints, currency: str) -> Iterator[Sequence[Any]]:
    """Under HEADS: what was, then what is ahead, customer by customer."""
    for line in customer_lines(made, places, currency):
        for what in ("history", "ahead"):
            for period in line[what]:
                orders = period["orders"]
                yield line["customer_id"], period["period"], what, orders, *(period[name] for name in HEADS[4:])


def _span(made: Made, customer: int) -> tuple[int, int]:
    lo, hi = np.searchsorted(made.history.customer, [customer, customer + 1])
    return int(lo), int(hi)


def _past(made: Made, at: int, decimals: int) -> dict[str, Any]:
    history = made.history
    money = {name: int(getattr(history, name)[at]) for name in ("amount", "product_cost", "expense", "value")}
    return {
        "period": period_name(int(history.period[at]), made.period),
        "orders": int(history.orders[at]),
        **{name: money_text(minor, decimals) for name, minor in money.items()},
    }


def _ahead(made: Made, place: int, step: int, decimals: int) -> dict[str, Any]:
    numbers = dict(zip(Step._fields, made.forecast.steps[place, step].tolist(), strict=True))
    money = {name: money_text(round(numbers[name]), decimals) for name in _MONEY}
    return {
        "period": period_name(int(made.forecast.first[place]) + step, made.period),
        "orders": int(numbers["frequency"]),
        "orders_probability": round(numbers["frequency_probability"], 6),
        "amount_probability": round(numbers["amount_probability"], 6),
        "margin": round(numbers["margin"], 6),
        **money,
    }
