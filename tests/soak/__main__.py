"""`python -m tests.soak`: every scenario in a process of its own, one after another; what was found goes into one table.

Results are kept as each scenario ends, the simulator's every 500 seeds. Started again on the same commit, with the same
settings and servers, it goes on with what is missing or broke.
"""

import argparse
import json
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace

from rich.console import Console

from tests.soak import ranges
from tests.soak.results import Asked, Result, Tree, append, broke, had, read, tree
from tests.soak.running import Running
from tests.soak.scenario import Scenario
from tests.soak.scenarios import SCENARIOS
from tests.soak.servers import servers_here
from tests.soak.table import as_table
from tests.support.kafka_broker import has_kafka


def main() -> int:
    """0 where everything is clean."""
    given, say = arguments(), Console(stderr=True)
    of, wanted = tree(), [one for one in SCENARIOS if not given.only or one.name in given.only]
    if not has_kafka():
        say.print("soak: no java and mvn here, so the embedded broker stands in for Apache Kafka", style="yellow")
    if of.dirty:
        say.print("soak: files differ from the commit: these results will not be gone on from", style="yellow")
    if given.again and any(one.first_seed is not None for one in wanted):
        ranges.forget()
    asked = Asked(given.short, given.seed, given.seeds, servers_here())
    kept = [] if given.again else read()
    known, before = had(kept, of, wanted, asked), broke(kept, of)
    for result in outcomes([one for one in wanted if one.name not in known], of, asked, say):
        if result.found is not None and (errors := before.get(result.scenario)):
            result = replace(result, error=f"{len(errors)} before broke: {errors[-1]}")
        append(result)
        known[result.scenario] = result
        say.print(f"  {result.scenario}: {verdict(result)}")
    results = [known[one.name] for one in wanted]
    if given.json:
        print(json.dumps([result.as_json() for result in results]))
    else:
        Console(width=None if sys.stdout.isatty() else 160).print(as_table(title(of, given.short, results), results))
    return 0 if all(result.clean or result.left_out for result in results) else 1


def outcomes(wanted: Sequence[Scenario], of: Tree, asked: Asked, say: Console) -> Iterator[Result]:
    """Run the scenarios one after another; those that need nothing but the processor beside them, with what is left of it."""
    with ExitStack() as stack:

        def started(scenario: Scenario) -> Running:
            say.print(f"soak: {scenario.name}: {scenario.doubt}?")
            return stack.enter_context(Running(scenario, of, asked))

        beside = [started(one) for one in wanted if one.alone]
        for scenario in wanted:
            if not scenario.alone:
                yield started(scenario).result()
        for running in beside:
            yield running.result(lambda line: say.print(f"  {line}", markup=False))


def arguments() -> argparse.Namespace:
    """As in the docstring of this package's command line."""
    asked = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    asked.add_argument("--only", nargs="+", metavar="NAME", choices=[one.name for one in SCENARIOS])
    scale = asked.add_mutually_exclusive_group()
    scale.add_argument("--full", action="store_true", help="the default: about an hour on 4 cores")
    scale.add_argument("--short", action="store_true", help="a few minutes")
    asked.add_argument("--again", action="store_true", help="forget what is known of this commit")
    asked.add_argument(
        "--seed", type=int, help="of every scenario, the simulator's first; where not given, drawn, and 1"
    )
    asked.add_argument("--seeds", type=int, help="how many the simulator tries, from its first on")
    asked.add_argument("--json", action="store_true", help="a list of results on stdout")
    return asked.parse_args()


def verdict(result: Result) -> str:
    """One line."""
    if result.found is None:
        return f"[red]{result.error}[/red]"
    word = "[green]clean[/green]" if result.clean else f"[red]not clean[/red]: {result.found}"
    return f"{word} after {result.seconds:.0f} s: {result.found.faults}, {result.found.events:,} events"


def title(of: Tree, short: bool, results: Sequence[Result]) -> str:
    """What was soaked, on what."""
    on = ", ".join(sorted({result.on for result in results if result.on}))
    dirty = of.dirty or any(result.dirty for result in results)
    return f"soak of {of.commit}{' with changes' if dirty else ''}{', short' if short else ''}{on and f', on {on}'}"


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGHUP):  # scenarios have sessions of their own, and would go on
        signal.signal(number, lambda *_: sys.exit("soak: stopped"))
    sys.exit(main())
