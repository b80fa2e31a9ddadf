"""A fit's findings as tables of text: on the terminal and on the page the same ones."""

from ebbtide.fitting.holdout import Chances, Holdout
from ebbtide.fitting.saving import TIERS, Move
from ebbtide.fitting.telling import errors, parameters
from ebbtide.report.page import Table
from scoring.fitting.fit import Fitted
from streams.events.text import tier_text

NOTHING = "-"


def fitted(one: Fitted) -> Table:
    """Parameters with standard errors; v in minor units."""
    error = errors(one)
    rows = [
        [name, f"{number:.6g}", _maybe(error.get(name, float("nan")), ".2g")]
        for name, number in parameters(one.model).items()
    ]
    rows.append(["log-likelihood of purchases", f"{one.log_likelihood:,.3f}", ""])
    rows.append(["log-likelihood of profits", f"{one.log_likelihood_profit:,.3f}", ""])
    return Table(["parameter", "value", "standard error"], rows)


def measures(holdout: Holdout) -> Table:
    """Models and rules of thumb side by side."""
    heads = [
        "forecast by",
        "Spearman orders",
        "AUC buys",
        "top 20% of orders",
        "Spearman profit",
        "top 20% of profit",
        "MAE orders",
        "RMSE orders",
        "Brier",
        "ECE",
        "foretold / came",
    ]
    rows = [
        [
            name,
            _maybe(m.spearman_orders),
            _maybe(m.auc),
            _maybe(m.top_orders, ".1%"),
            _maybe(m.spearman_profit),
            _maybe(m.top_profit, ".1%"),
            *(_maybe(number) for number in (m.mae, m.rmse, m.brier, m.ece)),
            _maybe(m.total, ".2f"),
        ]
        for name, m in holdout.measures.items()
    ]
    return Table(heads, rows)


def calibration(chances: Chances) -> Table:
    """Groups of customers by what was told."""
    rows = [
        [f"{group.customers:,}", f"{group.predicted:.3f}", f"{group.observed:.3f}", f"{group.error:.3f}"]
        for group in chances.groups
    ]
    return Table(["customers", "told", "came", "off by"], rows, numbers_from=0)


def moved(move: Move) -> Table:
    """Customers by tier under the version in force (rows) and under the new one (columns)."""
    names = [tier_text(tier) or NOTHING for tier in TIERS]
    rows = [[name, *(f"{n:,}" for n in line)] for name, line in zip(names, move.counts.tolist(), strict=True)]
    return Table(["now", *(f"then {name}" for name in names)], rows)


def _maybe(number: float, form: str = ".3f") -> str:
    return NOTHING if number != number else format(number, form)
