"""`python -m tests.soak.page`: the newest full results as the table of docs/guarantees.md, so that it says what was found."""

import sys
from collections.abc import Sequence

from tests.soak.results import Asked, Result, Tree, broke, had, read
from tests.soak.scenario import Found, Scenario
from tests.soak.scenarios import SCENARIOS

HEADER = """\
| scenario | faults | events | differs from the fold | lost | one id, two contents | counters reconcile | beside |
|---|---|---|---|---|---|---|---|"""


def page(results: Sequence[Result], scenarios: Sequence[Scenario]) -> str:
    """The table of one commit on the same servers: what is of another is not mixed in. Raises ValueError where some is missing."""
    alone = {one.name for one in scenarios if one.alone}
    full = [one for one in results if not (one.short or one.dirty or one.found is None or one.scenario in alone)]
    if not full:
        raise ValueError("no full results of a commit here; make soak finds them")
    commit, on = full[-1].commit, full[-1].on
    of = Tree(commit, dirty=False)
    known = had(results, of, scenarios, Asked(short=False, seed=None, seeds=None, servers=on))
    if missing := [one.name for one in scenarios if one.name not in known]:
        raise ValueError(f"nothing found out of {', '.join(missing)} at {commit} on {on}; make soak goes on with them")
    breaks = broke(results, of)
    rows = [row(one.name, known[one.name].found, breaks.get(one.name, ())) for one in scenarios]
    return "\n".join([f"{commit}, on {on}, up to {max(one.at for one in known.values())[:10]}\n", HEADER, *rows])


def row(scenario: str, found: Found | None, breaks: Sequence[str]) -> str:
    """One line of the table. `breaks`: why further attempts did not come to their end; who reads the table is told."""
    assert found, "what broke is not known"
    counts = [f"{count:,}" for count in (found.events, found.divergences, found.lost, found.doubled)]
    beside = [found.note, f"{len(breaks)} more broke: {breaks[-1]}" if breaks else ""]
    cells = [scenario, found.faults, *counts, "yes" if found.reconcile else "NO", "; ".join(filter(None, beside))]
    return f"| {' | '.join(map(as_cell, cells))} |"


def as_cell(text: str) -> str:
    """What neither ends the cell nor the line."""
    return " ".join(text.split()).replace("|", "\\|")


def main() -> None:
    """Print it, or what is missing."""
    try:
        print(page(read(), SCENARIOS))
    except ValueError as error:
        sys.exit(f"soak: {error}")


if __name__ == "__main__":
    main()
