"""The `ebbtide` command: `run` is its entry point.

A command's file imports the machinery inside its function: so `ebbtide --help` need not load Numba, SciPy and Faust.
"""

import os
import sys

import typer

from ebbtide.cli.console import fail, say
from ebbtide.cli.correct import correct
from ebbtide.cli.customer import customer
from ebbtide.cli.dead import dead
from ebbtide.cli.demo import demo
from ebbtide.cli.doctor import doctor
from ebbtide.cli.export import export
from ebbtide.cli.fit import fit
from ebbtide.cli.forecast import forecast
from ebbtide.cli.losing import losing
from ebbtide.cli.partitions import partitions
from ebbtide.cli.rebuild import rebuild
from ebbtide.cli.replay import replay
from ebbtide.cli.rfm import rfm
from ebbtide.cli.send import send
from ebbtide.cli.stats import stats
from ebbtide.cli.tiers import tiers
from ebbtide.cli.top import top
from ebbtide.cli.up import up
from ebbtide.cli.worker import worker
from ebbtide.errors import EbbtideError
from ebbtide.settings import unknown_keys
from scoring.errors import ScoringError
from state.errors import StateError
from streams.errors import StreamsError

app = typer.Typer(
    name="ebbtide",
    help="Watches every customer's value rise and ebb, and says so the moment it matters. First: ebbtide demo",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
)
for command in (
    demo,
    up,
    replay,
    send,
    worker,
    customer,
    export,
    stats,
    doctor,
    rebuild,
    partitions,
    rfm,
    tiers,
    top,
    losing,
    fit,
    forecast,
    correct,
):
    app.command()(command)
app.add_typer(dead)


def run() -> None:
    """Run the command line; the exit code is 0 done, 1 the work failed, 2 wrong usage."""
    sys.exit(_run(sys.argv[1:] or ["--help"]))


def _run(arguments: list[str]) -> int:
    _warn_of_unknown_keys()
    try:
        return int(app(arguments, prog_name="ebbtide", standalone_mode=False) or 0)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)  # a usage error's; Typer has no public name for those
        where = context.command_path if context else "ebbtide"
        text = error.format_message().replace("Value error, ", "").rstrip(".")  # Pydantic's words
        return fail(f"{text}. See: {where} --help", error.exit_code)
    except EbbtideError as error:
        return fail(str(error), error.exit_code)
    except (StreamsError, StateError, ScoringError) as error:
        return fail(str(error), 1)
    except (typer.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:  # the reader of our output left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _warn_of_unknown_keys() -> None:
    """A misspelt setting would do nothing, and nobody would know."""
    found = [f"{key} (is it {meant}?)" if meant else key for key, meant in unknown_keys().items()]
    if found:
        say(f"ebbtide: warning: these settings mean nothing: {', '.join(found)}")
