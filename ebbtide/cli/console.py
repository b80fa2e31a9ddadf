"""What every command shares on the terminal: machine output on stdout, everything else on stderr."""

import json
import logging
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

NAMED = 20  # customers who are left out
WIDE = 160  # columns of a table that goes into a file or a pipe
LIBRARIES = ("aiokafka", "asyncio", "faust", "mode")

stderr = Console(stderr=True, highlight=False)
stdout = Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)


def print_json(answer: Mapping[str, Any]) -> None:
    """One JSON object on stdout, one line."""
    print(json.dumps(answer, ensure_ascii=False))


def say(text: str) -> None:
    """A line for the person, on stderr; markup is shown as it is."""
    stderr.print(text, markup=False, soft_wrap=True)


def fail(text: str, exit_code: int) -> int:
    """Say what went wrong in one line and give the exit code back."""
    print("ebbtide: " + " ".join(text.split()), file=sys.stderr)
    return exit_code


def end_without(damaged: Sequence[str]) -> None:
    """Where customers were passed over, name them, and end with exit code 1: the answer lacks them."""
    for text in damaged[:NAMED]:
        say(f"left out: {text}")
    if damaged:
        say(f"{len(damaged):,} customers are left out because their stored ledgers are damaged: see docs/operations.md")
        raise typer.Exit(1)


def progress(unit: str) -> Progress:
    """A bar with count, rate and time left; silent where stderr is no terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]} " + unit + "/s"),
        TimeRemainingColumn(),
        console=stderr,
        disable=not stderr.is_terminal,
    )


def quiet_libraries() -> None:
    """Client libraries log what our one-line errors already say."""
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def start_logging() -> None:
    """A service's log, on stderr: for people on a terminal, else as JSON lines; of the libraries only what is wrong."""
    from streams.logs import JsonLines

    handler = logging.StreamHandler(sys.stderr)
    people = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(people if sys.stderr.isatty() else JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
