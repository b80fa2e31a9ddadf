"""`ebbtide replay FILE...`: history through the same pipeline, in event time, into a state of its own."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, NamedTuple

import typer

from ebbtide.cli.console import print_json, say, stderr, stdout
from ebbtide.cli.files import (
    Files,
    From,
    Maps,
    check_outputs,
    open_sources,
    read_sorted,
    settings_for,
    skipped,
    written,
)
from ebbtide.cli.past import replayed
from ebbtide.cli.stats import summarize, summary_table

if TYPE_CHECKING:
    from ebbtide.cli.past import Past, Tell
    from ebbtide.report.tape import Tape
    from ebbtide.settings import Settings
    from state.store import Store
    from streams.config import Scoring
    from streams.history.reading import History
    from streams.history.replay import Change

Outs = dict[str, BinaryIO]


class Page(NamedTuple):
    """A report to be written: where, and of what."""

    folder: Path
    source: str  # names of the files


def replay(
    files: Files,
    adapter: From = None,
    maps: Maps = None,
    ledger: Annotated[Path | None, typer.Option(metavar="OUT.jsonl", help="Write every customer's facts.")] = None,
    scores: Annotated[Path | None, typer.Option(metavar="OUT.jsonl", help="The same with value and tier.")] = None,
    changes: Annotated[Path | None, typer.Option(metavar="OUT.jsonl", help="Write the tier changes by time.")] = None,
    alerts: Annotated[Path | None, typer.Option(metavar="OUT.jsonl", help="Write the drift alerts by time.")] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="DIR", file_okay=False, help="Write DIR/index.html: one page on all of it.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="End there (RFC 3339), silence included.")] = None,
    json: Annotated[bool, typer.Option("--json", help="The summary as one JSON object on stdout.")] = False,
) -> None:
    """Run history through the pipeline as if it happened now. Needs neither Kafka nor Redis, and touches no live state.

    Example: ebbtide replay orders.csv --map amount=total --changes changes.jsonl
    """
    from ebbtide.cli.time_option import time_us
    from ebbtide.warm import warm_kernel
    from ebbtide.wiring import decode_rules

    until_us = time_us(until, "--until")
    sources = open_sources(files, adapter, maps)
    settings = settings_for(sources)
    paths = {"ledger": ledger, "scores": scores, "changes": changes, "alerts": alerts}
    check_outputs((path for path in paths.values() if path is not None), files)
    with ExitStack() as stack:
        outs = {name: stack.enter_context(written(path)) for name, path in paths.items() if path is not None}
        warm_kernel()
        started = time.perf_counter()
        history = read_sorted(sources, decode_rules(settings))
        names = ", ".join(file.name for file in files)
        page = Page(report, names) if report else None
        summary = asyncio.run(_replayed(settings, history, until_us, outs, page, started))
    summary |= {"after_until": len(history.records) - summary["consumed"]}
    if json:
        print_json(summary | {"skipped": skipped(sources)})
    else:
        stdout.print(summary_table(summary))


async def _replayed(
    settings: "Settings", history: "History", until_us: int | None, outs: Outs, page: Page | None, started: float
) -> dict[str, Any]:
    from ebbtide.report.tape import Tape

    tape = Tape()

    def teller(out: str, boil_down: "Tell") -> "Tell":
        file = outs.get(out)

        def tell(told: Sequence["Change"]) -> None:
            if file:
                file.writelines(one.value + b"\n" for one in told)
            if page:
                boil_down(told)

        return tell

    tell_changes, tell_alerts = teller("changes", tape.changes), teller("alerts", tape.alerts)
    async with replayed(settings, history, until_us, tell_changes, tell_alerts) as past:
        elapsed_s = time.perf_counter() - started
        await _write_customers(settings, past.store, past.scoring, past.end_us, outs)
        heads, customers = await past.store.heads(), await past.store.customers()
        totals = withheld(summarize(heads.values(), customers), past.run.withheld)
        if page:
            await _write_page(settings, past, tape, totals, page)
    return totals | {"elapsed_s": round(elapsed_s, 3), "events_per_s": round(totals["consumed"] / elapsed_s, 1)}


async def _write_page(settings: "Settings", past: "Past", tape: "Tape", totals: Mapping[str, Any], page: Page) -> None:
    from ebbtide.report.replay import write_report
    from ebbtide.segments_file import read_segments
    from ebbtide.wiring import tiers_of

    segments, labels = read_segments(settings.segments), tiers_of(settings).labels
    with stderr.status("writing the report"):
        written_to = await write_report(page.folder, past, tape, segments, totals, labels, page.source)
    say(f"report: {written_to}")


def withheld(totals: dict[str, Any], types: Mapping[str, int]) -> dict[str, Any]:
    """The summary where the budget, which a replay asks only after the counting, kept alerts of these types back."""
    count = sum(types.values())
    kinds = {name.replace(".", "_"): totals[name.replace(".", "_")] - held for name, held in types.items()}
    return totals | kinds | {"drift_alerts": totals["drift_alerts"] - count, "drift_withheld": count}


async def _write_customers(settings: "Settings", store: "Store", scoring: "Scoring", end_us: int, outs: Outs) -> None:
    """The lines of --ledger and --scores, as of the end of the replay."""
    import msgspec

    from ebbtide.wiring import tiers_of
    from scoring.ledgers import open_one
    from streams.events.lines import ledger_line, score_line
    from streams.history.replay import customers
    from streams.versions import newest, versions_of

    if not {"ledger", "scores"} & outs.keys():
        return
    encode, labels = msgspec.json.Encoder().encode, tiers_of(settings).labels
    version = versions_of(newest((await store.heads()).values()), scoring.first).at(end_us)
    async for customer_id, blob in customers(store):
        header, rows = open_one(blob)
        if "ledger" in outs:
            outs["ledger"].write(encode(ledger_line(customer_id, header, scoring.currency)) + b"\n")
        if "scores" in outs:
            line = score_line(customer_id, header, rows, version, end_us, scoring.currency)
            line["label"] = labels.get(line["tier"])
            outs["scores"].write(encode(line) + b"\n")
