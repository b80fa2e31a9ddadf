"""Models and customers to draw from, and lifetimes as the second opinion."""

import importlib.util
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from scoring.layout import INPUTS, Family, Floats, Record
from scoring.terms import NO_CORRECTION, NO_SYNLEAD, Correction, Model


class Customer(NamedTuple):
    """What the model is told; times in days, profit in minor units an order. The fields of layout.INPUTS."""

    x: float
    t_x: float
    t: float
    orders: float
    profit: float


def look_at(customer: Customer) -> Record:
    """One INPUTS record."""
    inputs = np.zeros(1, INPUTS)[0]
    inputs.x, inputs.t_x, inputs.t, inputs.orders, inputs.profit = customer
    return inputs


_SHIFTS, _SCALES, _FREQUENCIES = st.floats(-1.0, 1.0), st.floats(0.3, 1.5), st.floats(-0.5, 0.5)
corrections = st.one_of(
    st.just(NO_CORRECTION),
    st.builds(Correction, _SHIFTS, _SCALES, _FREQUENCIES, _SHIFTS, _SCALES, _FREQUENCIES),
)


def _models(
    family: Family, k: st.SearchStrategy[float], discount: st.SearchStrategy[float]
) -> st.SearchStrategy[Model]:
    return st.builds(
        Model,
        family=st.just(int(family)),
        k=k,
        r=st.floats(0.05, 5.0),
        alpha=st.floats(0.5, 200.0),
        a=st.one_of(st.just(1.0), st.floats(0.05, 5.0)),
        b=st.floats(0.05, 20.0) if family is not Family.PARETO else st.floats(0.5, 500.0),
        p=st.floats(0.5, 20.0),
        q=st.floats(1.1, 20.0),
        v=st.floats(10.0, 1e5),
        horizon_days=st.floats(1.0, 3650.0),
        discount=discount,
        synlead=st.just(NO_SYNLEAD),
        correction=corrections,
    )


_DISCOUNTS = st.one_of(st.just(0.0), st.floats(0.01, 0.5))
models = _models(Family.MBG, st.just(1.0), st.just(0.0))
rhythm_models = _models(Family.MBG, st.integers(2, 6).map(float), _DISCOUNTS)
bg_models = _models(Family.BG, st.just(1.0), _DISCOUNTS)
pareto_models = _models(Family.PARETO, st.just(1.0), _DISCOUNTS)
any_models = st.one_of(models, rhythm_models, bg_models, pareto_models)


@st.composite
def customers(draw: st.DrawFn, profits: st.SearchStrategy[float] | None = None) -> Customer:
    """From the first order of this second to 20,000 purchase days, and up to ten years of silence."""
    x = float(draw(st.one_of(st.integers(0, 30), st.integers(0, 20_000))))
    t_x = draw(st.floats(0.0, 5_000.0)) if x > 0.0 else 0.0
    silence = draw(st.one_of(st.just(0.0), st.floats(0.0, 3_650.0)))
    orders = x + draw(st.integers(1, 5))
    profit = draw(st.floats(0.0, 1e7) if profits is None else profits)
    return Customer(x, t_x, t_x + silence, orders, profit)


def lifetimes_fitter(name: str, **parameters: float) -> Any:
    """A fitter of lifetimes, as if it had been fitted to these parameters."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it sets a pandas option that is deprecated
        fitter = getattr(importlib.import_module("lifetimes"), name)()
        fitter.params_ = importlib.import_module("pandas").Series(parameters)
    return fitter


def lifetimes_mbg(model: Model) -> Any:
    """lifetimes' ModifiedBetaGeoFitter."""
    return lifetimes_fitter("ModifiedBetaGeoFitter", r=model.r, alpha=model.alpha, a=model.a, b=model.b)


def lifetimes_bg(model: Model) -> Any:
    """lifetimes' BetaGeoFitter."""
    return lifetimes_fitter("BetaGeoFitter", r=model.r, alpha=model.alpha, a=model.a, b=model.b)


def lifetimes_pareto(model: Model) -> Any:
    """lifetimes' ParetoNBDFitter."""
    return lifetimes_fitter("ParetoNBDFitter", r=model.r, alpha=model.alpha, s=model.a, beta=model.b)


def cdnow_weeks() -> tuple[Floats, Floats, Floats]:
    """x, t_x, t in weeks of the 2,357 customers of CDNOW's 1/10 sample after 39 weeks, as lifetimes carries them."""
    package = importlib.util.find_spec("lifetimes")
    assert package is not None
    assert package.origin is not None
    table = np.genfromtxt(
        Path(package.origin).parent / "datasets" / "cdnow_customers_summary.csv", delimiter=",", skip_header=1
    )
    return table[:, 1], table[:, 2], table[:, 3]
