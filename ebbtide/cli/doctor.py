"""`ebbtide doctor`: what is wrong, and what to do about it."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer
from rich.markup import escape

from ebbtide.cli.console import print_json, quiet_libraries, stdout
from ebbtide.cli.stats import Summary, reconciles, summarize
from ebbtide.errors import EbbtideError
from ebbtide.settings import Settings, load_settings, unknown_keys
from state.errors import StateError
from streams.errors import StreamsError

if TYPE_CHECKING:
    from state.store import Head

ERRORS = (EbbtideError, StateError, StreamsError)
LEDGER = "ledger"  # the reason of their dead letters
COLOURS = {"good": "green", "note": "yellow", "wrong": "red"}


class Finding(NamedTuple):
    """One thing looked at: good, note (works, but look), or wrong."""

    about: str
    state: str
    text: str


def doctor(json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False) -> None:
    """Look at settings, broker, topics, Redis and counters. Exit code 1 where something is wrong.

    Example: ebbtide doctor
    """
    quiet_libraries()
    findings = asyncio.run(_examine())
    wrong = any(finding.state == "wrong" for finding in findings)
    if json:
        print_json({"ok": not wrong, "findings": [finding._asdict() for finding in findings]})
    else:
        for finding in findings:
            colour = COLOURS[finding.state]
            stdout.print(f"[{colour}]{finding.state:<6}[/] {finding.about:<9} {escape(finding.text)}", soft_wrap=True)
    raise typer.Exit(1 if wrong else 0)


async def _examine() -> list[Finding]:
    try:
        settings = load_settings()
        _look_at_files(settings)
    except ERRORS as error:
        return [Finding("settings", "wrong", str(error))]
    findings = [Finding("settings", "good", f"namespace {settings.namespace}, currency {settings.currency}")]
    for key, meant in unknown_keys().items():
        question = f"is it {meant}?" if meant else "misspelt?"
        findings.append(Finding("settings", "note", f"{key} means nothing here: {question}"))
    heads, on_redis = await _redis(settings)
    return findings + on_redis + await _kafka(settings, heads)


def _look_at_files(settings: Settings) -> None:
    from ebbtide.wiring import decode_rules, scoring_of

    decode_rules(settings)
    scoring_of(settings)


async def _redis(settings: Settings) -> tuple["Mapping[int, Head]", list[Finding]]:
    from ebbtide.wiring import connect_store

    try:
        store = await connect_store(settings)
        try:
            heads, customers, warnings = await store.heads(), await store.customers(), await store.warnings()
            shadows = {dry: len(await store.shadow(dry).held()) for dry in (False, True)}
        finally:
            await store.close()
    except ERRORS as error:
        return {}, [Finding("redis", "wrong", str(error))]
    found = [Finding("redis", "good", f"{settings.redis_shown()} answers; {customers:,} customers")]
    found += [Finding("redis", "note", warning) for warning in warnings]
    for dry, buckets in shadows.items():
        if buckets:
            command = "ebbtide rebuild --dry-run" if dry else "ebbtide rebuild"
            text = (
                f"a shadow of {buckets} of the 256 buckets lies beside the state: {command} runs, or was killed; the next one "
                "drops it"
            )
            found.append(Finding("redis", "note", text))
    return heads, found + _counters(summarize(heads.values(), customers))


def _counters(summary: Summary) -> list[Finding]:
    if not reconciles(summary):
        text = (
            f"consumed {summary['consumed']:,} is not applied + duplicate + dead: the state was tampered with, or this is a "
            "bug. Replay into a new EBBTIDE_NAMESPACE and report it with ebbtide stats --json"
        )
        return [Finding("counters", "wrong", text)]
    found = [Finding("counters", "good", f"consumed {summary['consumed']:,} = applied + duplicate + dead")]
    if misrouted := summary["misrouted"]:
        text = (
            f"{misrouted:,} records had no key, another key, or lay in another partition (forwarded: "
            f"{summary['forwarded']:,}). Each was applied once, but later: produce with key = customer_id and the murmur2 "
            "partitioner (librdkafka: partitioner=murmur2_random)"
        )
        found.append(Finding("counters", "note", text))
    if met := summary["dead"].get(LEDGER):
        text = (
            f"{met:,} records met a damaged ledger of their customer: ebbtide dead list --reason {LEDGER} names them, and "
            "ebbtide rebuild makes them anew from the log"
        )
        found.append(Finding("ledgers", "wrong", text))
    if refused := sum(summary["dead"].values()):
        found.append(Finding("counters", "note", f"{refused:,} records were refused: ebbtide dead list"))
    return found


async def _kafka(settings: Settings, heads: "Mapping[int, Head]") -> list[Finding]:
    from ebbtide.wiring import topics_of
    from streams.broker.lag import extents, lag
    from streams.broker.retention import compacted, retention, short_lived
    from streams.broker.topics import objections, partition_counts

    topics = topics_of(settings)
    try:
        kafka = settings.need_kafka()
        counts = await partition_counts(kafka, topics)
        found = [Finding("kafka", "good", f"{kafka} answers")]
        if problems := objections(counts, topics):
            return found + [Finding("topics", "wrong", problem) for problem in problems]
        behind, kept = lag(await extents(kafka, topics), heads), await retention(kafka, topics)
    except ERRORS as error:
        return [Finding("kafka", "wrong", str(error))]
    found.append(Finding("topics", "good", f"the inputs have {counts['orders']} partitions each"))
    found += [Finding("topics", "wrong", text)] if (text := compacted(kept)) else []
    found += [Finding("topics", "note", text)] if (text := short_lived(kept)) else []
    if behind == 0:
        return [*found, Finding("lag", "good", "everything in the topics is in the state")]
    return [*found, Finding("lag", "note", f"{behind:,} records are not in the state yet: is a worker running?")]
