"""Versions as records and back: what a `terms.versioned` must be beyond its types, and how one is written."""

from itertools import pairwise
from math import inf, isfinite
from typing import Any, get_args

import msgspec

from scoring.layout import DAY_US, Family, Level, Tier
from scoring.sound import is_sound
from scoring.terms import NO_CORRECTION, NO_SYNLEAD, Correction, Drift, Model, Rules, Synlead
from streams.events import terms
from streams.events.facts import DecodeRules
from streams.events.instants import instant_us
from streams.events.refusals import Reason, RefusedError, shown
from streams.events.terms import TermsVersioned
from streams.events.text import time_text
from streams.versions import Versioned

TYPE = "terms.versioned"
FAMILIES: tuple[terms.FamilyName, ...] = get_args(terms.FamilyName)  # by Family
_WORTH: tuple[terms.WorthTier, ...] = get_args(terms.WorthTier)  # by Tier - 1
_WAYS: tuple[terms.Way, ...] = get_args(terms.Way)
_PERIODS: tuple[terms.Period, ...] = get_args(terms.Period)
_TIERS = {"low": Tier.LOW, "middle": Tier.MIDDLE, "high": Tier.HIGH}
_LEVELS = {"watch": Level.WATCH, "drifting": Level.DRIFTING, "lost": Level.LOST}
_PARAMETERS = ("r", "alpha", "a", "b", "p", "q", "v", "horizon_days", "discount")
_decode = msgspec.json.Decoder(TermsVersioned).decode
_encode = msgspec.json.Encoder().encode


def read_terms(value: bytes, rules: DecodeRules, wall_us: int | None) -> Versioned:
    """A bare record as the worker takes it. Raises RefusedError, or msgspec's errors where the JSON does not fit."""
    told = _decode(value)
    if not 0 < len(told.id) <= 128:
        raise RefusedError(Reason.IDENTITY, f"{shown(told.id)}: an id has 1 to 128 characters")
    if (told.cause == "model") != (told.model is not None):
        raise _refused("cause model comes with a model, cause boundary without")
    model = _model(told.model) if told.model else None
    tiers, drift = _rules(told.boundaries), _drift(told.drift)
    made_us = instant_us(told.occurred_at, rules.naive_zone, wall_us)
    from_us = instant_us(told.from_, rules.naive_zone, None)
    if told.currency != rules.currency:
        raise RefusedError(Reason.CURRENCY, f"computed in {shown(told.currency)}, and {rules.currency} is reported")
    name = told.model.name if told.model else None
    return Versioned(told.id, made_us, from_us, told.boundaries.name, tiers, drift, name, model)


def write_terms(told: Versioned, currency: str, computed_from: terms.ComputedFrom | None = None) -> bytes:
    """A version as a bare record. Raises RefusedError or msgspec.ValidationError where no worker would take it."""
    record: dict[str, Any] = {
        "type": TYPE,
        "id": told.id,
        "occurred_at": time_text(told.made_us),
        "from": time_text(told.from_us),
        "cause": "boundary" if told.parameters is None else "model",
        "currency": currency,
        "boundaries": _boundaries_told(told.boundaries, told.rules),
        "drift": _drift_told(told.drift),
        "computed_from": computed_from,
    }
    if told.parameters is not None:
        record["model"] = _model_told(told.model or told.id, told.parameters)
    value = _encode(msgspec.convert(record, TermsVersioned))
    read_terms(value, DecodeRules(currency), None)
    return value


def _rules(told: terms.BoundariesTold) -> Rules:
    low, middle, high = told.low, told.middle, told.high
    for name, tier in (("low", low), ("middle", middle), ("high", high)):
        if tier.leave > tier.enter:
            raise _refused(f"leave of {name} is above its enter")
    for below, above in ((low, middle), (middle, high)):
        if above.enter < below.enter or above.leave < below.leave:
            raise _refused("a tier lies below the one beneath it")
    return Rules(
        (-inf, -inf, low.enter, middle.enter, high.enter),
        (-inf, -inf, low.leave, middle.leave, high.leave),
        round(told.min_stay_days * DAY_US),
    )


def _boundaries_told(name: str, rules: Rules) -> dict[str, Any]:
    bounds = {tier: {"enter": float(rules.enter[at]), "leave": float(rules.leave[at])} for tier, at in _TIERS.items()}
    return {"name": name, **bounds, "min_stay_days": rules.min_stay_us / DAY_US}


def _drift(told: terms.DriftTold) -> Drift:
    watch, drifting, lost = told.watch, told.drifting, told.lost
    for below, above in ((watch, drifting), (drifting, lost)):
        if above.p_alive > below.p_alive or above.silence_chance > below.silence_chance:
            raise _refused("a higher level of drift holds before a lower one")
    return Drift(
        p_alive=(0.0, watch.p_alive, drifting.p_alive, lost.p_alive),
        tail=(0.0, watch.silence_chance, drifting.silence_chance, lost.silence_chance),
        turn=told.turn,
        warn_us=round(told.warn_days * DAY_US),
        worth_tier=_WORTH.index(told.worth_tier) + 1,
        worth_at_risk=inf if told.worth_at_risk is None else told.worth_at_risk,
    )


def _drift_told(drift: Drift) -> dict[str, Any]:
    levels = {
        level: {"p_alive": float(drift.p_alive[at]), "silence_chance": float(drift.tail[at])}
        for level, at in _LEVELS.items()
    }
    at_risk = float(drift.worth_at_risk)
    return levels | {
        "turn": float(drift.turn),
        "warn_days": drift.warn_us / DAY_US,
        "worth_tier": _WORTH[max(0, int(drift.worth_tier) - 1)],
        "worth_at_risk": at_risk if isfinite(at_risk) else None,
    }


def _model(told: terms.ModelTold) -> Model:
    if (told.family == "synlead") != (told.synlead is not None):
        raise _refused("family synlead comes with parameters of synlead, and no other does")
    if told.synlead is None and min(told.r, told.alpha, told.a, told.b, told.p, told.q, told.v) <= 0:
        raise _refused(f"r, alpha, a, b, p, q and v of {told.family} are above 0")
    if told.k != 1 and told.family != "mbg-gg":
        raise _refused(f"k of {told.family} is 1")
    if told.synlead is not None and told.correction is not None:
        raise _refused("a forecast by periods takes no correction")
    parameters = {name: getattr(told, name) for name in _PARAMETERS}
    synlead = _synlead(told.synlead) if told.synlead else NO_SYNLEAD
    fields = msgspec.structs.asdict(told.correction) if told.correction else {}
    model = Model(
        family=FAMILIES.index(told.family),
        k=float(told.k),
        synlead=synlead,
        correction=Correction(**fields),
        **parameters,
    )
    # commands is kept for ever: a model that breaks the kernel would stop every worker at every start
    if not is_sound(model):
        raise _refused(f"these parameters of {told.family} give no numbers for some customers (q is above 1)")
    return model


def _model_told(name: str, model: Model) -> dict[str, Any]:
    told: dict[str, Any] = {at: float(getattr(model, at)) for at in _PARAMETERS}
    if model.family == Family.SYNLEAD:
        told["synlead"] = _synlead_told(model.synlead)
    if model.correction != NO_CORRECTION:
        told["correction"] = {at: float(number) for at, number in model.correction._asdict().items()}
    return told | {"name": name, "family": FAMILIES[model.family], "k": int(model.k)}


def _synlead(told: terms.SynleadTold) -> Synlead:
    whole = tuple(inf if edge is None else edge for edge in told.edges)
    if any(above <= below for below, above in pairwise(whole)):
        raise _refused("edges of synlead do not ascend")
    fields = msgspec.structs.asdict(told) | {"way": _WAYS.index(told.way), "period": _PERIODS.index(told.period)}
    return Synlead(**fields | {"edges": whole})


def _synlead_told(synlead: Synlead) -> dict[str, Any]:
    edges = [float(edge) if isfinite(edge) else None for edge in synlead.edges]
    told = synlead._asdict() | {"edges": edges, "way": _WAYS[synlead.way], "period": _PERIODS[synlead.period]}
    return {
        name: [float(x) for x in value] if name in ("next_amount", "stays") else value for name, value in told.items()
    }


def _refused(message: str) -> RefusedError:
    return RefusedError(Reason.SCHEMA, message)
