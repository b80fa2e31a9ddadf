"""What came of many runs, as a table."""

from rich.table import Table

from tests.simulation.running import Result


def table_of(result: Result) -> Table:
    """Seeds, faults by kind, events, failures."""
    table = Table(title=f"{result.seeds:,} seeds, {result.virtual_s / 3600:.1f} simulated hours")
    table.add_column("what")
    table.add_column("how many", justify="right")
    for kind, count in sorted(result.faults.items()):
        table.add_row(kind, f"{count:,}")
    table.add_section()
    table.add_row("faults that struck", f"{result.faults.total():,}")
    table.add_row("faults planned", f"{result.planned:,}")
    table.add_row("events", f"{result.events:,}")
    table.add_row("failures", f"{len(result.failures):,}", style="red" if result.failures else "green")
    return table
