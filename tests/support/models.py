"""Models and customers to draw from, and lifetimes as the second opinion."""

import importlib
import warnings
from typing import Any, NamedTuple

from hypothesis import strategies as st

from scoring.layout import NO_SYNLEAD, Model


class Customer(NamedTuple):
    """What the model is told; times in days, profit in minor units an order. The fields of layout.INPUTS."""

    x: float
    t_x: float
    t: float
    orders: float
    profit: float


models = st.builds(
    Model,
    family=st.just(0),
    k=st.just(1.0),
    r=st.floats(0.05, 5.0),
    alpha=st.floats(0.5, 200.0),
    a=st.one_of(st.just(1.0), st.floats(0.05, 5.0)),
    b=st.floats(0.05, 20.0),
    p=st.floats(0.5, 20.0),
    q=st.floats(1.1, 20.0),
    v=st.floats(10.0, 1e5),
    horizon_days=st.floats(1.0, 3650.0),
    discount=st.just(0.0),
    synlead=st.just(NO_SYNLEAD),
)


@st.composite
def customers(draw: st.DrawFn, profits: st.SearchStrategy[float] | None = None) -> Customer:
    """From the first order of this second to 20,000 purchase days, and up to ten years of silence."""
    x = float(draw(st.one_of(st.integers(0, 30), st.integers(0, 20_000))))
    t_x = draw(st.floats(0.0, 5_000.0)) if x > 0.0 else 0.0
    silence = draw(st.one_of(st.just(0.0), st.floats(0.0, 3_650.0)))
    orders = x + draw(st.integers(1, 5))
    profit = draw(st.floats(0.0, 1e7) if profits is None else profits)
    return Customer(x, t_x, t_x + silence, orders, profit)


def lifetimes_mbg(model: Model) -> Any:
    """lifetimes' ModifiedBetaGeoFitter, as if it had been fitted to these parameters."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it sets a pandas option that is deprecated
        fitter = importlib.import_module("lifetimes").ModifiedBetaGeoFitter()
        fitter.params_ = importlib.import_module("pandas").Series(
            {"r": model.r, "alpha": model.alpha, "a": model.a, "b": model.b}
        )
    return fitter
