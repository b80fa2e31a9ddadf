"""All rivals on a site's log, one after another."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.rivals.facts import Log, is_exact, is_plain_rfm, read_log
from benchmarks.rivals.following import Followed, follow
from benchmarks.rivals.installing import HEAP, JAVA, java_of_rivals, python_of_rivals
from benchmarks.rivals.rival import LeftOutError, Rival
from benchmarks.site import Site
from streams.config import ORDERS

PLAIN = "plain RFM: orders, money, last time"
EXACT = "exact: dedupe, refunds, cancellations, late events, facts, score, tier changes to a topic"


class Entry(NamedTuple):
    """A rival, and how to run it."""

    name: str
    work: str
    note: str  # how it is set up
    command: Callable[[Site, int, Path, Path], list[str]]  # events, a folder for its state, a file for what it knows
    is_right: Callable[[Log, Path], bool]


async def run_rivals(site: Site, history_events: int, total_events: int) -> list[Rival]:
    """What each makes of the events after the history; the log on `site` holds the history and them, and no more."""
    log = await read_log(site, site.topics.full(ORDERS))
    lies_there = sum(len(part) for part in log)
    if lies_there != total_events:
        raise ValueError(f"{lies_there} events on {ORDERS}, not {total_events}")
    return [await _run(entry, site, history_events, log) for entry in entries()]


def entries() -> Iterator[Entry]:
    """The field."""
    yield Entry("Quix Streams 3.28.1", PLAIN, "RocksDB, no changelog, at least once", _quix, is_plain_rfm)
    yield Entry("Bytewax 0.21.1", PLAIN, "one worker, state in memory, no recovery", _bytewax, is_plain_rfm)
    setup = f"exactly_once_v2, RocksDB, one thread, 1 MB of record cache, {' '.join(HEAP)}"
    yield Entry("Kafka Streams 4.2.0", EXACT, setup, _kafka_streams, is_exact)


async def _run(entry: Entry, site: Site, history: int, log: Log) -> Rival:
    total = sum(len(part) for part in log)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EBBTIDE_")}
    with tempfile.TemporaryDirectory() as folder:
        facts = Path(folder) / "facts"
        try:
            command = entry.command(site, total, Path(folder) / "state", facts)
            found: Followed = await follow(command, environment, site.broker_pid, history, total)
        except LeftOutError as error:
            return Rival(entry.name, entry.work, None, None, None, None, str(error))
        if found.events < total:
            late = f"{entry.note}; in time for {found.events:,} events of {total:,}"
            return Rival(entry.name, entry.work, *found[:3], None, late)
        return Rival(entry.name, entry.work, *found[:3], entry.is_right(log, facts), entry.note)


def _quix(site: Site, total: int, state: Path, facts: Path) -> list[str]:
    return [python_of_rivals(), "-m", "benchmarks.rivals.quix_rfm", *_log_of(site), str(total), str(state), str(facts)]


def _bytewax(site: Site, total: int, _: Path, facts: Path) -> list[str]:
    return [python_of_rivals(), "-m", "benchmarks.rivals.bytewax_rfm", *_log_of(site), str(total), str(facts)]


def _kafka_streams(site: Site, total: int, state: Path, facts: Path) -> list[str]:
    settings = JAVA / "streams.properties"
    return [*java_of_rivals(), "rival.Rival", *_log_of(site), str(total), str(state), str(facts), str(settings)]


def _log_of(site: Site) -> tuple[str, str]:
    return site.kafka, site.topics.full(ORDERS)
