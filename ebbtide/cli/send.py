"""`ebbtide send FILE...`: a file's events into Kafka."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from ebbtide.cli.console import print_json, quiet_libraries, say
from ebbtide.cli.files import Files, From, Maps, all_records, metered, open_sources, read_sorted, share_of, tell_skipped
from ebbtide.errors import WrongUsage
from ebbtide.settings import Settings, load_settings

if TYPE_CHECKING:
    from streams.history.send import Due
    from streams.history.sources.source import Source


def send(
    files: Files,
    adapter: From = None,
    maps: Maps = None,
    rate: Annotated[float | None, typer.Option(metavar="N", min=0.001, help="So many events a second.")] = None,
    speed: Annotated[
        float | None, typer.Option(metavar="X", min=0.001, help="In the order of time, X times as fast as it was.")
    ] = None,
    repeat_days: Annotated[
        bool,
        typer.Option(
            "--repeat-days",
            help="When through, go on with the same days again, shifted behind the last and under new ids; up to now.",
        ),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="What was sent as one JSON object on stdout.")] = False,
) -> None:
    """Send a file's events to the topics orders and interactions. Lines that are no events are sent too, as they are.

    Example: ebbtide send orders.jsonl --rate 1000
    """
    quiet_libraries()
    if rate is not None and speed is not None:
        raise WrongUsage("--rate and --speed are two paces: choose one.")
    settings = load_settings()
    kafka = settings.need_kafka()
    sources = open_sources(files, adapter, maps)
    dues = _paced(settings, sources, rate, speed, repeat_days)
    sent, elapsed_s = asyncio.run(_sent(settings, kafka, sources, dues))
    if json:
        print_json({"sent": sent, "elapsed_s": round(elapsed_s, 3), "events_per_s": round(sent / elapsed_s, 1)})
    else:
        say(f"{sent:,} events sent in {elapsed_s:.1f} s")


async def _sent(
    settings: Settings, kafka: str, sources: Sequence["Source"], dues: Iterator["Due"]
) -> tuple[int, float]:
    """How many, and the seconds it took."""
    from ebbtide.wiring import topics_of
    from streams.history.send import open_sender

    async with open_sender(kafka, topics_of(settings)) as sender:
        started = time.perf_counter()
        with metered("sending") as meter:
            sent = await sender.run(dues, lambda done: meter(done, share_of(sources)))
        elapsed_s = time.perf_counter() - started
    tell_skipped(sources)
    return sent, elapsed_s


def _paced(
    settings: Settings, sources: Sequence["Source"], rate: float | None, speed: float | None, repeat_days: bool
) -> Iterator["Due"]:
    """The events, and when each is to be sent. Time matters to --speed and --repeat-days only: then all is read first."""
    from ebbtide.wiring import decode_rules
    from streams.clock import wall_us
    from streams.history.again import rounds
    from streams.history.send import at_once, at_rate, at_speed

    if speed is None and not repeat_days:
        records = all_records(sources)
    else:
        history = read_sorted(sources, decode_rules(settings))
        timed = (
            rounds(history, wall_us()) if repeat_days else zip(history.at_us.tolist(), history.as_read(), strict=True)
        )
        if speed is not None:
            return at_speed(timed, speed)
        records = (record for _, record in timed)
    return at_once(records) if rate is None else at_rate(records, rate)
