"""`python -m benchmarks.fitting`: seconds and memory of a fit, the choice of k and the profits included."""

import argparse
import json
import resource
import sys
from time import perf_counter, process_time

from ebbtide.kernel_cache import use_kernel_cache


def main() -> None:
    """Draw the customers, fit them, print what it took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fitting", description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--family", default="MBG", choices=["MBG", "BG", "PARETO"])
    options = parser.parse_args()
    use_kernel_cache()  # before what it holds is imported
    from scoring.fitting.fit import fit
    from scoring.layout import Family
    from scoring.terms import Model
    from tests.support.buyers import drawn_histories

    truth = Model(0, 2.0, 0.9, 24.0, 0.8, 2.5, 3.4, 4.8, 3700.0, 365.0, 0.0)
    fit(drawn_histories(truth, 2_000, 1), Family[options.family])  # compiled
    histories = drawn_histories(truth, options.customers, 2)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    started, cpu_started = perf_counter(), process_time()
    found = fit(histories, Family[options.family], progress=lambda said: print(said, file=sys.stderr))
    seconds, cpu_seconds = perf_counter() - started, process_time() - cpu_started
    parameters = {name: getattr(found.model, name) for name in ("k", *found.errors)}
    print(
        json.dumps(
            {
                "customers": options.customers,
                "orders": len(histories.order_profits),
                "seconds": round(seconds, 1),
                "cpu_seconds": round(cpu_seconds, 1),
                "mib_before": round(before),
                "mib_most": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
                "parameters": {name: float(f"{value:.5g}") for name, value in parameters.items()},
                "errors": {name: float(f"{value:.2g}") for name, value in found.errors.items()},
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
