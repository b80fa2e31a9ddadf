"""Sections on how customers buy: RFM cells and segments, cohorts that come again, and whether the model's chances came true."""

import numpy as np

from ebbtide.report import plots
from ebbtide.report.gather import Gathered
from ebbtide.report.page import Section, Table
from ebbtide.report.words import day, money, share
from ebbtide.rfm import grid
from scoring.accuracy.calibration import brier, calibration, expected_calibration_error
from scoring.accuracy.ranking import auc
from scoring.layout import Ints
from scoring.rfm.cohorts import cohorts as cohorts_of
from scoring.rfm.periods import period_text

MOST_COHORTS = 18
GROUPS = 10
LEAST = 25  # customers in a group of the calibration


def rfm(seen: Gathered) -> Section:
    """Quintile cells as a heat map, and the segments."""
    customers = grid(seen.told, [group.customers for group in seen.told.by_cell])
    worth = grid(seen.told, [group.value for group in seen.told.by_cell])
    most = max(1.0, float(customers.max()))
    texts = [
        [f"{int(n):,}\n{money(v, seen.currency)}" if n else "" for n, v in zip(*pair, strict=True)]
        for pair in zip(customers, worth, strict=True)
    ]
    rows, columns = [f"{fifth}" for fifth in range(5, 0, -1)], [f"{fifth}" for fifth in range(1, 6)]
    picture = plots.heat(
        np.where(customers > 0, customers, np.nan) / most,
        texts,
        rows,
        columns,
        "frequency, 5 the most often",
        "recency, 5 the latest",
    )
    total = sum(group.customers for group in seen.told.by_segment)
    whole = sum(group.value for group in seen.told.by_segment)
    lines = [
        [
            group.name.replace("_", " "),
            f"{group.customers:,}",
            share(group.customers, total),
            money(group.value, seen.currency),
            share(group.value, whole),
            f"{group.recency_days:,.0f}" if group.customers else "",
            f"{group.orders:.1f}" if group.customers else "",
            money(group.monetary / group.customers, seen.currency) if group.customers else "",
        ]
        for group in seen.told.by_segment
    ]
    heads = ["segment", "customers", "share", "expected profit", "share", "days since", "orders", "brought, each"]
    cells = seen.told.cells
    notes = [
        f"Fifths end at {_ends(cells.recency_days)} days since the last order, {_ends(cells.orders)} orders, "
        f"{', '.join(money(float(end), seen.currency) for end in cells.monetary)} {seen.currency}. Equal values share a cell.",
    ]
    text = (
        "Customers by recency and frequency, each in fifths; in a cell how many there are, and their expected profit."
    )
    return Section("Recency, frequency, monetary", text, [picture], [Table(heads, lines)], notes)


def cohorts(seen: Gathered) -> Section:
    """Of those who first ordered in a period, who ordered in each period after it."""
    title = "Cohorts"
    told = cohorts_of(seen.months, MOST_COHORTS)
    some = told.sizes > 0
    if not some.any():
        return Section(title, "Nobody has ordered.")
    again = told.shares[:, 1:]  # the first column is all of them, and would leave no shade to the others
    most = float(np.nanmax(again)) if np.isfinite(again).any() else 1.0
    texts = [[f"{value:.0%}" if np.isfinite(value) else "" for value in row] for row in told.shares[some].tolist()]
    unit = told.period.name.lower()
    picture = plots.heat(
        np.minimum(told.shares[some] / max(most, 1e-9), 1.0),
        texts,
        [f"{period_text(told.start + i, told.period)} ({int(n):,})" for i, n in enumerate(told.sizes) if n],
        [f"+{i}" for i in range(len(told.sizes))],
        f"{unit}s after the first order",
        "first order in (customers)",
    )
    text = f"Of the customers who first ordered in a {unit}, the share that ordered in each {unit} after it."
    return Section(title, text, [picture], notes=[f"The last {unit} may not be over yet."])


def came_true(seen: Gathered) -> Section:
    """Of those told a chance to buy again, how many did."""
    title = "Did the chances come true"
    held = seen.holdout
    if held is None:
        return Section(
            title, "The history is too short for a holdout (60 days at least), or the model tells no chances."
        )
    text = (
        f"What was said on {day(held.cut_us)}, from nothing but what was known then, of the chance to buy within the next "
        f"{held.days:g} days, and what {len(held.chances):,} customers did: by the model in force, and by one fitted on that day "
        "to this history alone."
    )
    sayings = {"the model in force": held.chances}
    if len(held.fitted):
        sayings[f"fitted to this history (MBG/CNBD-{held.stages})"] = held.fitted
    happened = held.happened > 0
    pictures, tables, notes = [], [], []
    for name, chances in sayings.items():
        groups = calibration(chances, happened, GROUPS, LEAST)
        rows = [[f"{g.predicted:.1%}", f"{g.observed:.1%}", f"{g.error:.1%}", f"{g.customers:,}"] for g in groups]
        pictures.append(plots.calibration(chances, held.happened, len(groups), f"chance to buy again, {name}"))
        tables.append(Table([name, "observed", "off by", "customers"], rows))
        notes.append(
            f"{name[0].upper()}{name[1:]}: predicted {chances.mean():.1%}, observed {happened.mean():.1%}; "
            f"Brier score {brier(chances, happened):.4f}, expected calibration error {expected_calibration_error(groups):.4f}, "
            f"AUC {auc(chances, happened):.3f}."
        )
    if not len(held.fitted):
        notes.append("No model can be fitted to this history: there is too little in it, or all customers are alike.")
    return Section(title, text, pictures, tables, notes)


def _ends(ends: Ints) -> str:
    return ", ".join(f"{end:,}" for end in ends.tolist())
