"""How purchases come and end: MBG/CNBD-k, BG/NBD or Pareto/NBD fitted to histories by maximum likelihood."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from scoring.errors import DegenerateError
from scoring.fitting.optimum import Function, Optimum, climb, settle
from scoring.fitting.sample import Sample, drawn, log_likelihood, refuse_degenerate, sample_of
from scoring.history import Histories
from scoring.layout import Family, Floats
from scoring.terms import Model

MOST_STAGES = 6
_FEW = 5_000  # customers that the climbs from several starts run on,
_MANY = 30_000  # and those on which the best of them ends and the k's are compared; the last steps are made on all
_BOX = 8.0  # logs of shapes, and of alpha and beta over the mean days watched, stay within +- this: a factor of 3,000
_STAYING = 1e-3  # a mean chance to leave below: no sign of leaving
_RUN_AWAY = 100.0  # an r beyond: customers of one pace
Box = tuple[Floats, Floats]


class Purchases(NamedTuple):
    """Natural parameters (of Pareto/NBD a is s, b is beta), their standard errors, and what was found on the way."""

    k: float
    r: float
    alpha: float
    a: float
    b: float
    errors: dict[str, float]  # by name; NaN where there is none
    log_likelihood: float
    customers: int
    notes: tuple[str, ...]


def fit_purchases(
    histories: Histories, family: Family, k: int | None = None, progress: Callable[[str], None] | None = None
) -> Purchases:
    """The likeliest parameters; of MBG the likeliest k from 1 to 6 unless it is given. Raises DegenerateError."""
    if k is not None and (not 1 <= k <= MOST_STAGES or (k > 1 and family != Family.MBG)):
        raise ValueError(f"k is 1 to {MOST_STAGES} for MBG/CNBD-k and 1 for the other families, not {k}")
    say = progress or _silent
    refuse_degenerate(histories)
    sample = sample_of(histories)
    box = _box(family, sample)
    stages, logs = _search(histories, family, k, box, say)
    say(f"the last steps, on all {len(histories.x):,} customers")
    found = settle(_function(sample, family, stages), logs, *box, float(len(histories.x)))
    return _told(found, family, stages, len(histories.x))


def _search(
    histories: Histories, family: Family, k: int | None, box: Box, say: Callable[[str], None]
) -> tuple[int, Floats]:
    """The best k and where its climb on a part of the customers ended."""
    few, many = (sample_of(drawn(histories, size)) for size in (_FEW, _MANY))
    tried = range(1, MOST_STAGES + 1) if k is None and family == Family.MBG else [k or 1]
    best_k, best_logs, best = 0, np.zeros(4), -math.inf
    for stages in tried:
        # Cold starts for each k: the top of k - 1 may lie at the box, from where a climb does not come back.
        ended = climb(_function(few, family, stages), _starts(few, family, stages), *box, float(few.customers.sum()))
        function, size = _function(many, family, stages), float(many.customers.sum())
        if len(many.x) > len(few.x):
            ended = climb(function, [ended], *box, size)
        reached = function(ended)
        say(f"k = {stages}: log-likelihood {reached / size:.4f} a customer, of {size:,.0f}")
        if reached > best:
            best_k, best_logs, best = stages, ended, reached
    return best_k, best_logs


def model_of(family: Family, k: int, logs: Floats) -> Model:
    """The process alone: of what an order brings it says nothing."""
    r, alpha, a, b = np.exp(logs).tolist()
    return Model(int(family), float(k), r, alpha, a, b, p=1.0, q=2.0, v=1.0, horizon_days=365.0, discount=0.0)


def _function(sample: Sample, family: Family, k: int) -> Function:
    return lambda logs: float(log_likelihood(model_of(family, k, logs), sample))


def _box(family: Family, sample: Sample) -> Box:
    days = math.log(float(np.average(sample.t, weights=sample.customers)))
    centre = np.array([0.0, days, 0.0, days if family == Family.PARETO else 0.0])
    return centre - _BOX, centre + _BOX


def _starts(sample: Sample, family: Family, k: int) -> list[Floats]:
    """Few and many differences between customers, at the pace that was seen; who leaves soon and who leaves late."""
    watched = float(np.average(sample.t, weights=sample.customers))
    bought = max(float(np.average(sample.x, weights=sample.customers)), 1.0 / float(sample.customers.sum()))
    pace = bought / watched  # purchases a day
    natural = [(0.5, 0.5, 1.5), (3.0, 1.0, 3.0), (1.0, 0.5, 10.0)]
    lifetime = watched if family == Family.PARETO else 1.0
    return [np.log([r, r / (pace * k), a, b * lifetime]) for r, a, b in natural]


def _told(found: Optimum, family: Family, k: int, customers: int) -> Purchases:
    r, alpha, a, b = np.exp(found.logs).tolist()
    values = np.exp(found.logs)
    errors = dict(zip(("r", "alpha", "a", "b"), (values * found.errors).tolist(), strict=True))
    if not math.isfinite(found.log_likelihood):
        raise DegenerateError(
            "the likelihood of these histories is not finite: their times are beyond what a model knows"
        )
    notes = []
    if found.at_bound:
        notes.append("at_bound: a parameter ran away, and at most its ratio to another is known")
    elif not np.isfinite(found.errors).all():
        notes.append("flat: the likelihood has no clear top, so there are no standard errors")
    if a / (a + b) < _STAYING:
        notes.append("no_leaving: nobody is seen to leave, so P(alive) says nothing yet; watch for longer")
    if r > _RUN_AWAY:
        notes.append(
            "poisson_like: customers do not differ in pace by more than chance; r and alpha are known as r / alpha"
        )
    if family == Family.MBG and k == MOST_STAGES:
        notes.append(f"most_stages: k = {k} is the most that is tried; gaps may be more regular still")
    return Purchases(float(k), r, alpha, a, b, errors, found.log_likelihood, customers, tuple(notes))


def _silent(_: str) -> None:
    """Say nothing."""
