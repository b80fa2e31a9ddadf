"""python -m tests.simulation --seed 7 --trace | --seeds 1 10000 --processes 4."""

import argparse
import sys

import ebbtide  # noqa: F401 - settles where compiled kernels are kept, before anything imports scoring


def main() -> int:
    """0 where every run came out as it should; 1 where one did not."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--seed", type=int, help="run one")
    which.add_argument("--seeds", type=int, nargs=2, metavar=("FIRST", "LAST"), help="run many")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--trace", action="store_true", help="show what happened, not only what is wrong")
    parser.add_argument("--whole", action="store_true", help="do not make a failure small")
    wanted = parser.parse_args()
    return _one(wanted.seed, wanted.trace, wanted.whole) if wanted.seed is not None else _many(wanted)


def _one(seed: int, trace: bool, whole: bool) -> int:
    from tests.simulation.plan import plan_of
    from tests.simulation.shrink import shrunk, told
    from tests.simulation.trace import LINES
    from tests.simulation.world import run

    outcome = run(plan_of(seed))
    if outcome.problems and not whole:
        outcome = shrunk(outcome)
    sys.stdout.write(told(outcome, LINES if trace else 40 if outcome.problems else 0) + "\n")
    return 1 if outcome.problems else 0


def _many(wanted: argparse.Namespace) -> int:
    from rich.console import Console
    from rich.progress import Progress

    from tests.simulation.running import Ran, run_seeds
    from tests.simulation.table import table_of

    first, last = wanted.seeds
    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task("seeds", total=last - first + 1)

        def heard(ran: Ran) -> None:
            progress.advance(bar)
            if ran.problems:
                progress.console.print(f"seed {ran.seed}: {ran.problems[0]}", style="red")

        result = run_seeds(first, last, wanted.processes, heard)
    Console().print(table_of(result))
    for text in result.failures.values():
        sys.stdout.write(text + "\n")
    return 1 if result.failures else 0


if __name__ == "__main__":
    sys.exit(main())
