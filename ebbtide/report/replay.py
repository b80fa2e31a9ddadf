"""The report of a replay: DIR/index.html."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ebbtide.report import habits, people, worth
from ebbtide.report.gather import gather
from ebbtide.report.page import write_page
from ebbtide.report.words import day
from ebbtide.segments_file import Segments
from streams.versions import newest, versions_of

if TYPE_CHECKING:
    from ebbtide.cli.past import Past
    from ebbtide.report.tape import Tape

SECTIONS = (
    worth.summary,
    worth.tiers,
    worth.few,
    worth.values,
    people.drifting,
    habits.came_true,
    habits.rfm,
    habits.cohorts,
    people.losing,
    worth.terms,
)


async def write_report(
    folder: Path,
    past: "Past",
    tape: "Tape",
    segments: Segments,
    totals: Mapping[str, Any],
    labels: Mapping[str, str],
    source: str,
) -> Path:
    """Write DIR/index.html; `source` names the files. Returns its path."""
    heads = (await past.store.heads()).values()
    version = versions_of(newest(heads), past.scoring.first).at(past.end_us)
    seen = await gather(past.store, past.scoring, version, past.end_us, tape, segments, totals, labels)
    path = folder / "index.html"
    subtitle = f"{source}, as of {day(past.end_us)}"
    write_page(path, "What customers are worth", [section(seen) for section in SECTIONS], subtitle)
    return path
