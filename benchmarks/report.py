"""What a run found, as one table for a person and one JSON object for a program. Targets are shown; nothing is asserted."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from rich.table import Table

Figures = dict[str, Any]  # names as in the tuples of the measures; numbers, texts, and what JSON makes of those


class Target(NamedTuple):
    """What a figure should be, and whether it was."""

    says: str
    met: bool


class Line(NamedTuple):
    """One line of the table."""

    measure: str
    value: str
    of: str = ""
    target: Target | None = None


class Finding(NamedTuple):
    """What one measure found."""

    lines: list[Line]
    figures: Figures


def at_least(found: float, wanted: float, unit: str = "") -> Target:
    """A figure that should be large."""
    return Target(f"≥ {wanted:,g}{unit}", found >= wanted)


def at_most(found: float, wanted: float, unit: str = "") -> Target:
    """A figure that should be small."""
    return Target(f"≤ {wanted:,g}{unit}", found <= wanted)


def as_table(title: str, sections: Mapping[str, Finding]) -> Table:
    """One section a measure, by its heading."""
    table = Table(title=title, title_justify="left")
    table.add_column("measure")
    table.add_column("value", justify="right")
    table.add_column("target", justify="right")
    table.add_column("of")
    for heading, finding in sections.items():
        table.add_section()
        table.add_row(f"[bold]{heading}[/bold]")
        for line in finding.lines:
            table.add_row(f"  {line.measure}", line.value, _cell(line.target), line.of)
    return table


def _cell(target: Target | None) -> str:
    if target is None:
        return ""
    return f"{target.says} [green]met[/green]" if target.met else f"{target.says} [red]missed[/red]"
