"""Customers as a likelihood of purchases sums over them: those with equal histories together, with their number."""

from typing import NamedTuple

import numpy as np

from scoring.compiled import compiled
from scoring.errors import DegenerateError
from scoring.history import Histories
from scoring.layout import Family, Floats
from scoring.process import bg_nbd, mbg_cnbd, pareto_nbd
from scoring.terms import Model

_PARETO = int(Family.PARETO)
_BG = int(Family.BG)
_LEAST_CUSTOMERS = 10  # fewer say nothing of how customers differ, which four parameters describe


class Sample(NamedTuple):
    """Distinct histories, shape (m,)."""

    x: Floats
    t_x: Floats
    t: Floats
    log_gaps: Floats  # the mean over the customers of one entry: the likelihood is linear in it
    customers: Floats  # how many have this history


def refuse_degenerate(histories: Histories) -> None:
    """Raises DegenerateError, with the reason, where no process can be fitted."""
    x, t_x, t, _ = histories[:4]
    n = len(x)
    if n == 0:
        raise DegenerateError("no customer has an order that counts: nothing to be fitted to")
    if n < _LEAST_CUSTOMERS:
        raise DegenerateError(f"only {n} customers have an order that counts; at least {_LEAST_CUSTOMERS} are needed")
    sound = np.isfinite(x) & np.isfinite(t_x) & np.isfinite(t) & (x >= 0.0) & (t_x >= 0.0) & (t >= t_x)
    if not sound.all():
        raise DegenerateError(f"{n - int(sound.sum())} histories are none: times are finite and 0 <= t_x <= t")
    if not t.any():
        raise DegenerateError("every customer is seen at the instant of the first order: no time has passed")
    if not x.any():
        raise DegenerateError("no customer has bought on a second day: the rate of purchases is unknown")


def sample_of(histories: Histories) -> Sample:
    """Equal histories collapsed into one entry."""
    x, t_x, t, gaps = histories[:4]
    n = len(x)
    order = np.lexsort((t, t_x, x))
    x, t_x, t = x[order], t_x[order], t[order]
    first = np.ones(n, np.bool_)
    first[1:] = (np.diff(x) != 0.0) | (np.diff(t_x) != 0.0) | (np.diff(t) != 0.0)
    starts = np.flatnonzero(first)
    customers = np.diff(np.append(starts, n)).astype(np.float64)
    mean_gaps = np.add.reduceat(gaps[order], starts) / customers
    return Sample(x[first], t_x[first], t[first], mean_gaps, customers)


def drawn(histories: Histories, customers: int) -> Histories:
    """So many customers drawn by a fixed seed, without their orders; all where there are no more."""
    n = len(histories.x)
    if n <= customers:
        return histories
    chosen = np.sort(np.random.default_rng(2021).choice(n, customers, replace=False))
    x, t_x, t, log_gaps = (column[chosen] for column in histories[:4])
    return histories._replace(x=x, t_x=t_x, t=t, log_gaps=log_gaps)


@compiled
def log_likelihood(model: Model, sample: Sample) -> float:
    """Of all customers' purchases, the model's family deciding the process."""
    total = 0.0
    for i in range(len(sample.x)):
        x, t_x, t = sample.x[i], sample.t_x[i], sample.t[i]
        if model.family == _PARETO:
            of_one = pareto_nbd.log_likelihood(model, x, t_x, t)
        elif model.family == _BG:
            of_one = bg_nbd.log_likelihood(model, x, t_x, t)
        else:
            of_one = mbg_cnbd.log_likelihood(model, x, t_x, t, sample.log_gaps[i])
        total += sample.customers[i] * of_one
    return total
