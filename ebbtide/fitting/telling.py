"""What a fit found, as one JSON object: the answer of `ebbtide fit --json`, from which tables and page are drawn too."""

from collections.abc import Mapping
from math import isfinite
from typing import Any, NamedTuple

from ebbtide.fitting.holdout import Chances, Holdout
from ebbtide.fitting.saving import Move
from scoring.accuracy.calibration import Group
from scoring.accuracy.compare import Comparison
from scoring.fitting.fit import Fitted
from scoring.layout import Family
from scoring.terms import NO_CORRECTION, Model
from streams.events.terms_records import FAMILIES
from streams.events.text import time_text

PARAMETERS: Mapping[Family, tuple[str, ...]] = {
    Family.MBG: ("k", "r", "alpha", "a", "b", "p", "q", "v"),
    Family.BG: ("r", "alpha", "a", "b", "p", "q", "v"),
    Family.PARETO: ("r", "alpha", "a", "b", "p", "q", "v"),
}
SHOWN = {Family.PARETO: {"a": "s", "b": "beta"}}  # as the literature names them


class Found(NamedTuple):
    """Everything one run found."""

    as_of_us: int
    currency: str
    whole: Fitted  # to everything up to as_of
    holdout: Holdout | None
    comparison: Comparison | None = None  # with the model in force, on the holdout
    move: Move | None = None


def told(found: Found) -> dict[str, Any]:
    """The answer; money parameters are in minor units, NaN is null."""
    answer: dict[str, Any] = {
        "as_of": time_text(found.as_of_us),
        "currency": found.currency,
        "customers": found.whole.customers,
        "model": _fitted(found.whole),
        "holdout": _holdout(found.holdout) if found.holdout else None,
    }
    if found.comparison:
        answer["against_in_force"] = {
            "in_force": found.comparison.old,
            "refit": found.comparison.new,
            "standard_error": found.comparison.standard_error,
            "worse": found.comparison.is_worse,
        }
    if found.move:
        answer["tiers"] = {
            "customers": found.move.customers,
            "change": found.move.changed,
            "from_to": found.move.counts.tolist(),
            "enter": {name: found.move.rules.enter[at] for name, at in (("low", 2), ("middle", 3), ("high", 4))},
        }
    return answer


def parameters(model: Model) -> dict[str, float]:
    """By the names of the literature."""
    family = Family(model.family)
    shown = SHOWN.get(family, {})
    return {shown.get(name, name): float(getattr(model, name)) for name in PARAMETERS[family]}


def errors(fitted: Fitted) -> dict[str, float]:
    """Standard errors by the same names."""
    shown = SHOWN.get(Family(fitted.model.family), {})
    return {shown.get(name, name): error for name, error in fitted.errors.items()}


def _fitted(fitted: Fitted) -> dict[str, Any]:
    model = fitted.model
    return {
        "family": FAMILIES[model.family],
        "parameters": parameters(model),
        "standard_errors": {name: _number(error) for name, error in errors(fitted).items()},
        "log_likelihood": fitted.log_likelihood,
        "log_likelihood_profit": fitted.log_likelihood_profit,
        "horizon_days": model.horizon_days,
        "discount": model.discount,
        "correction": model.correction._asdict() if model.correction != NO_CORRECTION else None,
        "notes": list(fitted.notes),
    }


def _holdout(holdout: Holdout) -> dict[str, Any]:
    return {
        "from": time_text(holdout.cut_us),
        "days": holdout.days,
        "buys_again_within_days": holdout.asked_days,
        "customers": len(holdout.histories.x),
        "bought": int((holdout.outcomes.days > 0.0).sum()),
        "models": {FAMILIES[family]: _fitted(fitted) for family, fitted in holdout.fitted.items()},
        "measures": {
            name: {key: _number(number) for key, number in one._asdict().items()}
            for name, one in holdout.measures.items()
        },
        "p_alive": _chances(holdout.alive),
        "buys_again": _chances(holdout.again),
        "buys_again_plain": _chances(holdout.again_plain),
    }


def _chances(chances: Chances) -> dict[str, Any]:
    return {"brier": chances.brier, "ece": chances.ece, "groups": [_group(group) for group in chances.groups]}


def _group(group: Group) -> dict[str, Any]:
    return {"customers": group.customers, "predicted": group.predicted, "observed": group.observed}


def _number(number: float) -> float | None:
    return number if isfinite(number) else None
