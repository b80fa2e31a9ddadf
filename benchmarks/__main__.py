"""`python -m benchmarks`: everything in one run, one table. --json for programs, --quick for a look that says little."""

import argparse
import asyncio
import json
import os
import platform
import sys
from datetime import UTC, datetime

from rich.console import Console

from benchmarks.measures.all import ALL
from benchmarks.plan import FULL, QUICK, USUAL
from benchmarks.report import Finding, Line, as_table
from benchmarks.run import Run, say
from benchmarks.site import open_site
from ebbtide.warm import warm_kernel

WIDTH = 160  # of the table where it goes to a file
LIMIT_S = 600.0  # for one measure; ten times that with --full


async def measured(run: Run, names: list[str], limit_s: float) -> bool:
    """Run these measures, and before each what it needs; whether all of them came to an end. What fails is a line of its own."""
    well = True
    for name in in_order(names):
        say(ALL[name].heading)
        try:
            async with asyncio.timeout(limit_s):
                run.found[name] = await ALL[name].measure(run)
        except Exception as error:  # a run of twelve minutes is not lost for one figure
            well = False
            run.found[name] = Finding([Line("failed", "-", str(error) or repr(error))], {"failed": repr(error)})
    return well


def in_order(names: list[str]) -> list[str]:
    """These and what they need, in the order of a run."""
    wanted = set(names).union(*(ALL[name].needs for name in names))
    return [name for name in ALL if name in wanted]


def machine() -> dict[str, object]:
    """Where and when; `load_before` is the load average of a minute: who else was at work."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "processor": _processor(),
        "python": platform.python_version(),
        "load_before": os.getloadavg()[0],
    }


def _processor() -> str:
    with open("/proc/cpuinfo") as lines:  # noqa: PTH123
        return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def options() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    sizes = parser.add_mutually_exclusive_group()
    sizes.add_argument("--quick", action="store_true", help="small and short: whether it runs, not how fast")
    sizes.add_argument(
        "--full", action="store_true", help="one more size of state, twice the events for several workers; half an hour"
    )
    parser.add_argument("--only", nargs="+", choices=list(ALL), metavar="NAME", help=f"of {', '.join(ALL)}")
    parser.add_argument("--without-rivals", action="store_true", help="they need Java, Maven and a download")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout, the table on stderr")
    return parser.parse_args()


def main() -> int:
    """Run, and print."""
    asked = options()
    plan = QUICK if asked.quick else FULL if asked.full else USUAL
    names = asked.only or [name for name in ALL if name != "rivals" or not (asked.without_rivals or asked.quick)]
    where = machine()
    say(f"the kernel, compiled or loaded: {warm_kernel():.1f} s")
    with open_site() as site, asyncio.Runner() as runner:
        run = Run(site, plan)
        well = runner.run(measured(run, names, 10 * LIMIT_S if asked.full else LIMIT_S))
    say("done")
    title = f"Ebbtide on {site.broker} and the embedded Valkey, {where['cores']} cores, {where['at']}"
    table = as_table(title, {ALL[name].heading: finding for name, finding in run.found.items()})
    out = sys.stderr if asked.json else sys.stdout
    Console(file=out, width=None if out.isatty() else WIDTH).print(table)
    if asked.json:
        figures = {name: finding.figures for name, finding in run.found.items()}
        print(json.dumps({"broker": site.broker, "machine": where, "measures": figures}))
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
