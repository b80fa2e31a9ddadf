"""All results as one table."""

from collections.abc import Sequence

from rich.table import Table

from tests.soak.results import Result

COLUMNS = ("events", "divergences", "lost", "doubled")


def as_table(title: str, results: Sequence[Result]) -> Table:
    """A line a scenario."""
    table = Table(title=title, title_justify="left")
    table.add_column("scenario", no_wrap=True)
    table.add_column("faults")
    for name in COLUMNS:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("reconcile")
    table.add_column("s", justify="right")
    table.add_column("verdict")
    for result in results:
        table.add_row(*_cells(result))
    return table


def _cells(result: Result) -> tuple[str, ...]:
    found = result.found
    if found is None:
        middle = ("", *[""] * len(COLUMNS), "")
    else:
        counts = [f"{getattr(found, name):,}" for name in COLUMNS]
        middle = (found.faults, *counts, "yes" if found.reconcile else "NO")
    return (result.scenario, *middle, f"{result.seconds:.0f}", _verdict(result))


def _verdict(result: Result) -> str:
    said = "; ".join(filter(None, (result.found.note if result.found else "", result.error)))
    colour, word = (
        ("green", "clean") if result.clean else ("yellow", "left out") if result.left_out else ("red", "NOT CLEAN")
    )
    return f"[{colour}]{word}[/{colour}]" + (f" ({said})" if said else "")
