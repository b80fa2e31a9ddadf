"""`ebbtide worker`: one worker; start as many as there are partitions to share."""

import typer

from ebbtide.cli.console import start_logging
from ebbtide.settings import load_settings


def worker() -> None:
    """Consume orders and interactions, keep the state, publish tier changes. Ends with SIGTERM or Ctrl-C.

    Example: EBBTIDE_KAFKA=localhost:9092 EBBTIDE_REDIS_URL=redis://localhost ebbtide worker
    """
    from ebbtide.service import run_service
    from ebbtide.wiring import streams_config

    start_logging()
    settings = load_settings()
    raise typer.Exit(run_service(settings, streams_config(settings)))
