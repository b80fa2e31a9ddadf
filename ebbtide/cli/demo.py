"""`ebbtide demo`: everything on this machine, and real orders streaming through."""

import asyncio
import logging
import signal
import sys
from typing import Annotated, Any

import typer

from ebbtide.cli.console import print_json, quiet_libraries, say, stderr, stdout
from ebbtide.cli.stats import summary_table
from ebbtide.settings import Settings, load_settings

DAYS_PER_S = 25.0  # the sample's 546 days in 22 s


def demo(
    once: Annotated[bool, typer.Option("--once", help="End when the data is through.")] = False,
    json: Annotated[bool, typer.Option("--json", help="No table; the summary as one JSON object on stdout.")] = False,
    speed: Annotated[
        float | None,
        typer.Option(metavar="DAYS", min=0, help="Days a second, 0 for as fast as it goes; 25, with --json 0."),
    ] = None,
) -> None:
    """Stream 6,919 real orders (CDNOW, 1997 and 1998) through a broker, Redis and a worker of its own; watch tiers move.

    Needs nothing else and leaves nothing behind; Ctrl-C or SIGTERM ends it.

    Example: ebbtide demo --speed 50
    """
    from ebbtide.demo import with_its_tiers
    from ebbtide.embedded import start_broker, start_redis
    from ebbtide.warm import warm_kernel

    # as Ctrl-C, which whoever is in charge then (Python, or the event loop) ends in order
    signal.signal(signal.SIGTERM, lambda _number, _frame: signal.raise_signal(signal.SIGINT))
    quiet_libraries()
    logging.getLogger("streams").setLevel(logging.CRITICAL)  # an interrupted worker's last words would tear the table
    say("Starting a broker, Redis and a worker on this machine.")
    days_per_s = (0.0 if json else DAYS_PER_S) if speed is None else speed
    try:
        warm_kernel()
        with start_broker() as broker, start_redis() as redis:
            # the sample's own currency and time, whatever this machine is otherwise set to
            given = load_settings(
                kafka=broker.address,
                redis_url=redis.url,
                namespace="demo",
                topic_prefix="",
                clock="stream",
                currency="USD",
                rates=None,
            )
            settings = with_its_tiers(given)
            summary = asyncio.run(_streamed(settings, days_per_s or None, live=stderr.is_terminal and not json))
            if json:
                print_json(summary)
            else:
                stdout.print(summary_table(summary))
            if not once and sys.stdin.isatty() and stderr.is_terminal:
                _stay(settings)
    except KeyboardInterrupt:
        say("Ended; nothing is left behind.")


async def _streamed(settings: Settings, days_per_s: float | None, *, live: bool) -> dict[str, Any]:
    from rich.live import Live

    from ebbtide.cli.demo_board import LiveBoard, QuietBoard
    from ebbtide.demo import stream_sample

    if not live:
        return await stream_sample(settings, days_per_s, QuietBoard())
    board = LiveBoard()
    with Live(board, console=stderr, refresh_per_second=8):
        return await stream_sample(settings, days_per_s, board)


def _stay(settings: Settings) -> None:
    """Keep everything up for a look around."""
    from ebbtide.service import run_service
    from ebbtide.wiring import embedded_config

    say("Everything stays up until Ctrl-C. To look around, in another terminal:")
    say(f"  export EBBTIDE_KAFKA={settings.kafka} EBBTIDE_REDIS_URL={settings.need_redis()} EBBTIDE_NAMESPACE=demo")
    say("  export EBBTIDE_CLOCK=stream; ebbtide customer 00004; ebbtide stats")
    run_service(settings, embedded_config(settings))
