"""`python -m tests.soak`: every scenario in a process of its own, one after another; what was found goes into one table.

Results are kept as each scenario ends. Started again on the same commit, it goes on with what is missing.
"""

import argparse
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime

from rich.console import Console

from tests.soak.results import FILE, Result, Tree, append, had, read, tree
from tests.soak.scenario import Found, Scenario
from tests.soak.scenarios import SCENARIOS
from tests.soak.table import as_table
from tests.support.kafka_broker import has_kafka

SHORTER = 0.4  # of the time a scenario has at full length
ENDS_WITHIN_S = 10.0  # after SIGTERM: servers stop, folders go


def main() -> int:
    """0 where everything is clean."""
    given = arguments()
    say = Console(stderr=True)
    of, wanted = tree(), [one for one in SCENARIOS if not given.only or one.name in given.only]
    if not has_kafka():
        say.print("soak: no java and mvn here, so the embedded broker stands in for Apache Kafka", style="yellow")
    if of.dirty:
        say.print("soak: files differ from the commit: these results will not be gone on from", style="yellow")
    known = {} if given.again else had(read(), of, given.short)
    results = []
    for number, scenario in enumerate(wanted, 1):
        if scenario.name not in known:
            say.print(f"soak {number}/{len(wanted)} {scenario.name}: {scenario.doubt}?")
            known[scenario.name] = outcome(scenario, of, given)
            append(known[scenario.name])
            say.print(f"  {verdict(known[scenario.name])}")
        results.append(known[scenario.name])
    if given.json:
        print(json.dumps([asdict(result) for result in results], default=str))
    else:
        Console().print(as_table(title(of, given.short, results), results))
    return 0 if all(result.clean for result in results) else 1


def arguments() -> argparse.Namespace:
    """As in the docstring of this package's command line."""
    asked = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    asked.add_argument("--only", nargs="+", metavar="NAME", choices=[one.name for one in SCENARIOS])
    scale = asked.add_mutually_exclusive_group()
    scale.add_argument("--full", action="store_true", help="the default: some three quarters of an hour on 4 cores")
    scale.add_argument("--short", action="store_true", help="a few minutes")
    asked.add_argument("--again", action="store_true", help="forget what is known of this commit")
    asked.add_argument("--seed", type=int, help="of every scenario; drawn where not given")
    asked.add_argument("--seeds", type=int, help="how many the simulator tries")
    asked.add_argument("--json", action="store_true", help="a list of results on stdout")
    return asked.parse_args()


def outcome(scenario: Scenario, of: Tree, given: argparse.Namespace) -> Result:
    """Run one scenario in a process group of its own, of which nothing is left afterwards."""
    seed = secrets.randbits(32) if given.seed is None else given.seed
    at, began = datetime.now(UTC).isoformat(timespec="seconds"), time.monotonic()

    def result(found: Found | None, on: str = "", error: str = "") -> Result:
        seconds = round(time.monotonic() - began, 1)
        return Result(scenario.name, given.short, seed, on, of.commit, of.dirty, at, seconds, found, error)

    if scenario.needs_kafka and not has_kafka():
        return result(None, error="needs Apache Kafka (java and mvn)")
    command = [sys.executable, "-m", "tests.soak.alone", scenario.name, "--seed", str(seed)]
    command += ["--short"] if given.short else []
    command += ["--seeds", str(given.seeds)] if given.seeds else []
    limit_s = scenario.limit_s * (SHORTER if given.short else 1)
    FILE.parent.mkdir(exist_ok=True)
    with (FILE.parent / f"{scenario.name}.log").open("w+") as log:
        alone = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True)
        try:
            said, _ = alone.communicate(timeout=limit_s)
        except subprocess.TimeoutExpired:
            return result(None, error=f"not within {limit_s:.0f} s")
        finally:
            _end(alone)
        if alone.returncode:
            log.seek(0)
            return result(None, error=last_line(log.read()))
    answer = json.loads(said.splitlines()[-1])
    return result(Found(**answer["found"]), answer["on"])


def _end(alone: "subprocess.Popen[str]") -> None:
    """The scenario in order where it still runs, then whatever it started; servers end with it by themselves."""
    if alone.poll() is None:
        alone.terminate()
        with suppress(subprocess.TimeoutExpired):
            alone.communicate(timeout=ENDS_WITHIN_S)
    with suppress(ProcessLookupError):
        os.killpg(alone.pid, signal.SIGKILL)
    alone.wait()


def verdict(result: Result) -> str:
    """One line."""
    if result.found is None:
        return f"[red]{result.error}[/red]"
    word = "[green]clean[/green]" if result.clean else f"[red]not clean[/red]: {result.found}"
    return f"{word} after {result.seconds:.0f} s: {result.found.faults}, {result.found.events:,} events"


def title(of: Tree, short: bool, results: Sequence[Result]) -> str:
    """What was soaked, on what."""
    on = ", ".join(sorted({result.on for result in results if result.on}))
    return f"soak of {of.commit}{' with changes' if of.dirty else ''}{', short' if short else ''}, on {on}"


def last_line(log: str) -> str:
    """What broke."""
    return next((line for line in reversed(log.splitlines()) if line.strip()), "ended without a word")


if __name__ == "__main__":
    sys.exit(main())
