"""A fit's findings as one HTML page."""

from pathlib import Path

import numpy as np

from ebbtide.fitting import tables
from ebbtide.fitting.holdout import Chances, Holdout
from ebbtide.fitting.telling import Found
from ebbtide.report import plots
from ebbtide.report.page import Section, Table, write_page
from ebbtide.report.words import day
from streams.events.terms_records import FAMILIES


def write(path: Path, found: Found) -> None:
    """The page, self-contained."""
    name = FAMILIES[found.whole.model.family]
    notes = [*found.whole.notes, "v is in minor units of the reporting currency."]
    sections = [
        Section(
            "Model",
            f"{name}, fitted to {found.whole.customers:,} customers as of {day(found.as_of_us)}.",
            tables=[tables.fitted(found.whole)],
            notes=notes,
        )
    ]
    if found.holdout:
        sections += _held(found.holdout, name)
    if found.move:
        text = f"{found.move.changed:,} of {found.move.customers:,} customers would stand in another tier."
        sections.append(Section("Tiers", text, tables=[tables.moved(found.move)]))
    write_page(path, f"Fit of {name}", sections, f"as of {day(found.as_of_us)}")


def _held(holdout: Holdout, name: str) -> list[Section]:
    days = f"the {holdout.days:.0f} days after {day(holdout.cut_us)}"
    within = f"{holdout.asked_days:.0f} days"
    shares = {one: measure.top_profit for one, measure in holdout.measures.items() if np.isfinite(measure.top_profit)}
    return [
        Section(
            "Models and rules of thumb",
            f"Each was fitted to what went before and told of {days}; {len(holdout.histories.x):,} customers.",
            [plots.bars(shares, "share of the holdout's profit brought by the top 20%", share=True)],
            [tables.measures(holdout)],
            ["Orders are purchase days. A rule of thumb ranks; it tells neither counts nor chances."],
        ),
        _calibration(f"Buys again within {within}", holdout.again, f"As {name} tells it."),
        _calibration(
            f"Buys again within {within}, plain",
            holdout.again_plain,
            "The same chances without the correction that the days before the cut taught.",
        ),
        _calibration(
            "P(alive)",
            holdout.alive,
            f"Beside who bought in {days}. Who is alive need not have bought yet, so the share lies below.",
        ),
    ]


def _calibration(title: str, chances: Chances, text: str) -> Section:
    table: Table = tables.calibration(chances)
    picture = plots.calibration(chances.told, chances.happened.astype(np.float64))
    return Section(title, text, [picture], [table], [f"Brier {chances.brier:.4f}, ECE {chances.ece:.4f}."])
