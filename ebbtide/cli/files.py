"""FILE arguments of replay and send, and how they are read."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from ebbtide.cli.console import progress, say
from ebbtide.errors import EbbtideError, WrongUsage
from ebbtide.settings import Settings, load_settings

if TYPE_CHECKING:
    from ebbtide.fitting.reading import Everyone
    from streams.config import Scoring
    from streams.events.facts import DecodeRules
    from streams.history.reading import History
    from streams.history.sources.source import Record, Source

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help=".jsonl, .csv or .parquet; .gz too.")]
OptionalFiles = Annotated[
    list[Path] | None, typer.Argument(metavar="FILE...", help=".jsonl, .csv or .parquet; .gz too.")
]
From = Annotated[str | None, typer.Option("--from", metavar="ADAPTER", help="Files of another shape: cdnow, uci.")]
Maps = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="FIELD=COLUMN", help="Which column holds an event's field; may be repeated."),
]


def open_sources(files: Sequence[Path], adapter: str | None, maps: Sequence[str] | None) -> list["Source"]:
    """The sources, looked at but not yet read."""
    from streams.errors import SourceError
    from streams.history.sources.choose import open_source, parse_mapping

    try:
        mapping = parse_mapping(maps or ())
        return [open_source(path, adapter, mapping) for path in files]
    except SourceError as error:
        raise WrongUsage(str(error)) from None


def settings_for(sources: Sequence["Source"]) -> Settings:
    """The settings; where they name no currency, the one that the files fix is reported in."""
    settings = load_settings()
    currencies = {source.currency for source in sources}
    if "currency" in settings.model_fields_set or len(currencies) != 1 or None in currencies:
        return settings
    return load_settings(currency=currencies.pop())


def all_records(sources: Sequence["Source"]) -> Iterator["Record"]:
    """The files' events, one file after another."""
    for source in sources:
        yield from source.records()


def read_sorted(sources: Sequence["Source"], rules: "DecodeRules") -> "History":
    """All events in the order of time, with a bar while reading."""
    from streams.collector import spare_the_collector
    from streams.history.reading import read_history

    spare_the_collector()  # millions of records stay, and have no cycles
    with metered("reading") as meter:
        history = read_history(all_records(sources), rules, lambda read: meter(read, share_of(sources)))
    if not history.records:
        raise EbbtideError("There are no events in the files. Were all rows left out? A header alone is no event.")
    tell_skipped(sources)
    return history


def read_everyone(settings: Settings, sources: Sequence["Source"]) -> "tuple[Everyone, Scoring]":
    """Every customer's ledger of all files, with a bar while reading; what was left out and refused is told."""
    from ebbtide.fitting.reading import read_log, run_log
    from ebbtide.wiring import decode_rules, scoring_of

    with metered("reading") as meter:
        log = read_log(all_records(sources), decode_rules(settings), lambda n: meter(n, share_of(sources)))
    tell_skipped(sources)
    for reason, count in log.refused.items():
        say(f"refused ({reason}): {count:,} events")
    scoring = scoring_of(settings)
    return run_log(log, scoring.first.terms, scoring.limits), scoring


def share_of(sources: Sequence["Source"]) -> float:
    """How far reading is, 0 to 1, each file counting the same."""
    return sum(source.share() for source in sources) / len(sources)


@contextmanager
def metered(what: str) -> Iterator[Callable[[int, float], None]]:
    """A bar with rate and time left; tell it how many events are done, and what share of all that is."""
    with progress("events") as bar:
        task = bar.add_task(what, total=None, rate="")

        def show(done: int, share: float) -> None:
            elapsed_s = bar.tasks[task].elapsed or 0.0
            rate = f"{done / elapsed_s:,.0f}" if elapsed_s else ""
            bar.update(task, completed=done, total=round(done / share) if share > 0 else None, rate=rate)

        yield show


@contextmanager
def written(out: Path) -> Iterator[BinaryIO]:
    """A file that takes its name only once it is complete."""
    if out.is_dir():
        raise WrongUsage(f"{out} is a folder: name a file in it.")
    part = out.with_name(out.name + ".part")
    try:
        file = part.open("wb")
    except OSError as error:
        raise WrongUsage(f"{out} cannot be written: {error.strerror}") from None
    try:
        with file:
            yield file
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)


def check_outputs(outs: Iterable[Path], inputs: Iterable[Path] = ()) -> None:
    """Refuse an output that would write over an input, or over another output."""
    taken = {path.resolve(): "is read from" for path in inputs}
    for out in outs:
        if out.resolve() in taken:
            raise WrongUsage(f"{out} {taken[out.resolve()]}: name another file to write to.")
        taken[out.resolve()] = "is named twice"


def tell_skipped(sources: Sequence["Source"]) -> None:
    """What was left out on purpose."""
    for source in sources:
        for reason, count in source.skipped.items():
            say(f"left out: {count:,} rows ({reason})")


def skipped(sources: Sequence["Source"]) -> dict[str, int]:
    """The same, summed up over the files."""
    reasons = {reason for source in sources for reason in source.skipped}
    return {reason: sum(source.skipped[reason] for source in sources) for reason in sorted(reasons)}
