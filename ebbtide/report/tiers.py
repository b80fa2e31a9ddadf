"""The page of `ebbtide tiers --html`."""

from pathlib import Path
from typing import Any

import numpy as np

from ebbtide.report import plots
from ebbtide.report.page import Section, Table, write_page
from ebbtide.tier_sums import Sums
from streams.events.currency import decimals_of


def write_tiers(path: Path, sums: Sums, report: dict[str, Any]) -> None:
    """The table, the Lorenz curve and the distribution of values, with the boundaries where they are known."""
    currency = report["currency"]
    # a bin is at most 0.025% wide, so its mean may stand for each of its customers
    values = np.repeat(sums.values.sums / np.maximum(sums.values.counts, 1), sums.values.counts)
    values = values / 10 ** decimals_of(currency)
    marks = {line["label"]: float(line["enter"]) for line in report["tiers"] if "enter" in line}
    heads = ("tier", "customers", "share", f"value {currency}", "share", f"profit so far {currency}", "share")
    rows = [
        (
            line["label"],
            f"{line['customers']:,}",
            f"{line['customers_share']:.1%}",
            line["value"],
            f"{line['value_share']:.1%}",
            line["gross_profit"],
            f"{line['gross_profit_share']:.1%}",
        )
        for line in report["tiers"]
    ]
    sections = [
        Section(
            "Tiers",
            "What the customers of each tier are expected to bring, and have brought.",
            tables=[Table(heads, rows)],
            notes=[
                "Shares of money are of what the tiers with a profit bring; a tier that brings a loss has a share below 0."
            ],
        ),
        Section("How few bring how much", "Expected profit, the most valuable customer first.", [plots.lorenz(values)]),
        Section("Distribution of value", "", [plots.distribution(values, marks, f"value {currency}")]),
    ]
    write_page(path, "Ebbtide: tiers", sections, f"as of {report['as_of']}")
