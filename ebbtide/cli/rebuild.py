"""`ebbtide rebuild`: the state anew from the log, and what was wrong with it."""

import asyncio
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from ebbtide.cli.console import print_json, quiet_libraries, say, stdout
from ebbtide.cli.files import From, Maps, OptionalFiles, all_records, metered, open_sources
from ebbtide.settings import load_settings

if TYPE_CHECKING:
    from ebbtide.rebuilding import Rebuilt
    from streams.rebuild.comparing import Difference

SHOWN = 20  # customers who differ, the first by id
BUCKETS = 256


def rebuild(
    files: OptionalFiles = None,
    bucket: Annotated[
        list[int] | None,
        typer.Option("--bucket", min=0, max=BUCKETS - 1, help="Only this bucket; may be repeated."),
    ] = None,
    customer: Annotated[
        list[str] | None, typer.Option("--customer", metavar="ID", help="Only this customer's bucket; may be repeated.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what differs and change nothing.")] = False,
    adapter: From = None,
    maps: Maps = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout, with every bucket.")] = False,
) -> None:
    """Make the state anew from the input topics, beside the live one, and switch; workers may go on meanwhile.

    Mends damaged and missing ledgers. FILE: events from before the log, where Kafka has deleted them. Nobody is told again
    what was told; where a tier comes out another, a muted tier.changed says so.

    Example: ebbtide rebuild --customer 00042 --dry-run
    """
    from ebbtide.rebuilding import rebuilt
    from ebbtide.warm import warm_kernel
    from scoring.hashing import bucket_of

    named = [_id_of(each) for each in customer or ()]
    quiet_libraries()
    settings = load_settings()
    settings.need_kafka()  # both before the kernel, which takes its time
    settings.need_redis()
    sources = open_sources(files, adapter, maps) if files else None
    chosen = sorted({*(bucket or ()), *map(bucket_of, named)}) or range(BUCKETS)
    warm_kernel()
    started = time.perf_counter()
    with metered("rebuilding") as meter:
        records = all_records(sources) if sources else None
        done = asyncio.run(rebuilt(settings, chosen, records, dry_run, meter))
    elapsed_s = round(time.perf_counter() - started, 3)
    if json:
        print_json(_told(done, settings.currency, dry_run) | {"elapsed_s": elapsed_s})
        return
    if done.nothing:
        say(f"nothing was ever computed of {len(done.nothing)} buckets: a worker begins them where the log begins")
    stdout.print(_summary(done, dry_run, elapsed_s))
    if first := _first(done):
        stdout.print(_customers(first, settings.currency))


def _id_of(customer: str) -> bytes:
    """As the log has it; typer gives bytes that are no UTF-8 as surrogates."""
    try:
        encoded = customer.encode()
    except UnicodeEncodeError:
        raise typer.BadParameter("an id is UTF-8", param_hint="--customer") from None
    if not encoded:
        raise typer.BadParameter("an id has at least one character", param_hint="--customer")
    return encoded


def _first(done: "Rebuilt") -> "list[tuple[int, Difference]]":
    every = [(settled.bucket, one) for settled in done.buckets for one in settled.first]
    return sorted(every, key=lambda pair: pair[1].customer_id)[:SHOWN]


def _told(done: "Rebuilt", currency: str, dry_run: bool) -> dict[str, Any]:
    from streams.rebuild.comparing import DIFFERENCES

    return {
        "dry_run": dry_run,
        "switched": 0 if dry_run else len(done.buckets),
        "nothing_computed": list(done.nothing),
        "records": done.records,
        "customers": sum(settled.customers for settled in done.buckets),
        "differ": {what: done.differences[what] for what in DIFFERENCES},
        "buckets": {
            settled.bucket: {"customers": settled.customers}
            | {what: settled.counts.get(what, 0) for what in DIFFERENCES}
            | {"consumed_before": settled.consumed[0], "consumed": settled.consumed[1]}
            for settled in done.buckets
        },
        "first": [
            {
                "customer_id": _readable(one.customer_id),
                "bucket": bucket,
                "differs": list(one.what),
                "before": _line(one.customer_id, one.before, currency),
                "after": _line(one.customer_id, one.after, currency),
            }
            for bucket, one in _first(done)
        ],
    }


def _line(customer_id: bytes, header: Any, currency: str) -> dict[str, Any] | None:
    from streams.events.lines import ledger_line
    from streams.events.text import tier_text

    if header is None:
        return None
    customer_id = _readable(customer_id).encode()
    return ledger_line(customer_id, header, currency) | {"tier": tier_text(int(header["tier"]))}


def _readable(customer_id: bytes) -> str:
    """Of somebody extra, any bytes may lie in Redis."""
    return customer_id.decode(errors="backslashreplace")


def _summary(done: "Rebuilt", dry_run: bool, elapsed_s: float) -> Table:
    table = Table(box=None, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_row("buckets looked at" if dry_run else "buckets switched", f"{len(done.buckets):,}")
    table.add_row("customers", f"{sum(settled.customers for settled in done.buckets):,}")
    for what, text in (
        ("facts", "facts differ"),
        ("tier", "tier differs"),
        ("damaged", "were damaged"),
        ("missing", "were missing"),
        ("extra", "not in the log; kept"),
    ):
        table.add_row(f"  {text}", f"{done.differences[what]:,}")
    table.add_row("records read", f"{done.records:,}")
    table.add_row("seconds", f"{elapsed_s:,.1f}")
    return table


def _customers(first: "list[tuple[int, Difference]]", currency: str) -> Table:
    table = Table("customer", "bucket", "differs", "orders", "monetary", "tier", box=None)
    for bucket, one in first:
        lines = [_line(one.customer_id, header, currency) or {} for header in (one.before, one.after)]
        moved = [f"{_text(lines[0], name)} -> {_text(lines[1], name)}" for name in ("orders", "monetary", "tier")]
        who = _readable(one.customer_id)
        table.add_row(who, str(bucket), ", ".join(one.what), *moved)
    return table


def _text(line: dict[str, Any], name: str) -> str:
    return str(line.get(name) or "none") if line else "?"
