"""`ebbtide up`: broker, Redis and worker on this machine, to develop against."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from ebbtide.cli.console import say, start_logging
from ebbtide.errors import EbbtideError
from ebbtide.settings import load_settings

if TYPE_CHECKING:
    from ebbtide.embedded import Server

Port = Annotated[
    int | None, typer.Option(metavar="PORT", min=1, max=65535, help="Listen there; a free port without it.")
]


def up(kafka_port: Port = None, redis_port: Port = None) -> None:
    """Start an embedded broker, Redis and worker, and print the settings that reach them. Ctrl-C ends all.

    All of it lives in memory: what was sent is gone when it ends.

    Example: ebbtide up --kafka-port 9092
    """
    from ebbtide.embedded import start_broker, start_redis
    from ebbtide.service import run_service
    from ebbtide.wiring import embedded_config

    start_logging()
    with (
        _started(start_broker, kafka_port, "--kafka-port") as broker,
        _started(start_redis, redis_port, "--redis-port") as redis,
    ):
        print(f"export EBBTIDE_KAFKA={broker.address}")
        print(f"export EBBTIDE_REDIS_URL={redis.url}", flush=True)
        say(
            "The worker is starting. In another terminal: paste the two lines, then ebbtide send FILE. Ctrl-C ends all."
        )
        settings = load_settings(kafka=broker.address, redis_url=redis.url)
        raise typer.Exit(run_service(settings, embedded_config(settings)))


def _started(start: "Callable[[int | None], Server]", port: int | None, option: str) -> "Server":
    """Start it; an error names the option that gave the port."""
    try:
        return start(port)
    except EbbtideError as error:
        if port is None:
            raise
        raise EbbtideError(f"{option}: {error}") from None
