"""`ebbtide up`: broker, Redis and worker on this machine, to develop against."""

from typing import Annotated

import typer

from ebbtide.cli.console import say, start_logging
from ebbtide.settings import load_settings

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
    with start_broker(kafka_port) as broker, start_redis(redis_port) as redis:
        print(f"export EBBTIDE_KAFKA={broker.address}")
        print(f"export EBBTIDE_REDIS_URL={redis.url}", flush=True)
        say(
            "The worker is starting. In another terminal: paste the two lines, then ebbtide send FILE. Ctrl-C ends all."
        )
        settings = load_settings(kafka=broker.address, redis_url=redis.url)
        raise typer.Exit(run_service(settings, embedded_config(settings)))
