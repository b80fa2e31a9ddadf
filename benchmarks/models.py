"""`python -m benchmarks.models`: customers a second on one core, P(alive) and full value of each family, beside lifetimes.

The rows are the packaged CDNOW sample, 78 weeks in, repeated; each family has the parameters that fit it. Best of three.
"""

import argparse
import json
import warnings
from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from ebbtide.kernel_cache import use_kernel_cache

WANTED = {"p_alive": 1_000_000, "value": 200_000}  # customers a second


def rates(customers: int) -> dict[str, dict[str, dict[str, float]]]:
    """Customers a second by family, verb and library."""
    use_kernel_cache()  # before what it holds is imported
    from scoring.defaults import DEFAULT_MODEL
    from scoring.fitting.fit import fit
    from scoring.layout import Family
    from scoring.models import verbs
    from tests.support.models import lifetimes_bg, lifetimes_mbg, lifetimes_pareto

    histories = _cdnow()
    of_ours = {
        "MBG/NBD": fit(histories, Family.MBG, k=1).model,
        "MBG/CNBD-2": fit(histories, Family.MBG, k=2).model,
        "MBG/CNBD-6": fit(histories, Family.MBG, k=6).model,
        "MBG/NBD, discounted": fit(histories, Family.MBG, k=1, discount=0.1).model,
        "BG/NBD": fit(histories, Family.BG).model,
        "Pareto/NBD": fit(histories, Family.PARETO).model,
    }
    of_lifetimes = {"MBG/NBD": lifetimes_mbg, "BG/NBD": lifetimes_bg, "Pareto/NBD": lifetimes_pareto}
    columns = [np.resize(column, customers) for column in (histories.x, histories.t_x, histories.t, histories.orders)]
    columns.append(np.resize(np.maximum(histories.profit, 1.0), customers))
    people = verbs.looks(*columns)
    profit = _lifetimes_profit(DEFAULT_MODEL)
    found: dict[str, dict[str, dict[str, float]]] = {}
    for name, model in of_ours.items():
        ours = {
            "p_alive": _rate(partial(verbs.p_alive, model, people), customers),
            "value": _rate(partial(verbs.expected_profit, model, people), customers),
        }
        found[name] = {verb: {"ebbtide": rate} for verb, rate in ours.items()}
        if name in of_lifetimes:
            for verb, rate in _lifetimes_rates(of_lifetimes[name](model), profit, columns).items():
                found[name][verb]["lifetimes"] = rate
    return found


def _cdnow() -> Any:
    from importlib.resources import as_file, files

    import pandas as pd

    from ebbtide.demo import SAMPLE
    from scoring.history import histories_of_table

    with as_file(files("ebbtide") / "data" / SAMPLE) as path:
        orders = pd.read_csv(path, parse_dates=["date"])
    customer = pd.factorize(orders.sample_customer_id)[0].astype(np.int64)
    at_us = orders.date.to_numpy("datetime64[us]").astype(np.int64)
    cents = orders.dollars.to_numpy(np.float64) * 100.0
    return histories_of_table(customer, at_us, cents, int(at_us.max()), whole_days=True)


def _lifetimes_profit(model: Any) -> Any:
    from tests.support.models import lifetimes_fitter

    return lifetimes_fitter("GammaGammaFitter", p=model.p, q=model.q, v=model.v)


def _lifetimes_rates(fitter: Any, profit: Any, columns: list[Any]) -> dict[str, float]:
    """On a tenth of the rows."""
    x, t_x, t, orders, mean = (column[: len(column) // 10] for column in columns)

    def value() -> object:
        expected = fitter.conditional_expected_number_of_purchases_up_to_time(365.0, x, t_x, t)
        return expected * profit.conditional_expected_average_profit(orders, mean)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            "p_alive": _rate(lambda: fitter.conditional_probability_alive(x, t_x, t), len(x)),
            "value": _rate(value, len(x)),
        }


def _rate(work: Callable[[], object], customers: int) -> float:
    work()  # compiled
    seconds = []
    for _ in range(3):
        started = perf_counter()
        work()
        seconds.append(perf_counter() - started)
    return customers / min(seconds)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.models", description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    options = parser.parse_args()
    found = rates(options.customers)
    if options.json:
        print(json.dumps(found))
        return
    table = Table(title="customers a second, one core, CDNOW rows", title_justify="left")
    for heading in ("model", "P(alive)", "lifetimes", "full value", "lifetimes"):
        table.add_column(heading, justify="left" if heading == "model" else "right")
    for name, verbs in found.items():
        cells = (verbs[verb].get(library) for verb in WANTED for library in ("ebbtide", "lifetimes"))
        table.add_row(name, *("-" if cell is None else f"{cell:,.0f}" for cell in cells))
    Console().print(table)


if __name__ == "__main__":
    main()
