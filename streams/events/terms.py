"""`terms.versioned` on `commands`: a version of model and boundaries, one copy in every partition. Both ways: read, and told.

Amounts are floats in minor units of `currency`, as the model has them: they are parameters, not money that somebody pays.
"""

from collections.abc import Sequence
from math import inf, isfinite
from typing import Annotated, Literal, get_args

import msgspec
from msgspec import Meta, Struct, field

from scoring.layout import DAY_US, NO_SYNLEAD, Drift, Family, Level, Model, Rules, Synlead, Tier
from streams.events.facts import DecodeRules
from streams.events.instants import instant_us
from streams.events.refusals import Reason, RefusedError, shown
from streams.events.text import time_text
from streams.events.types import Identity, Time
from streams.versions import Versioned

FamilyName = Literal["mbg-gg", "bg-gg", "pareto-gg", "synlead"]
WorthTier = Literal["loss", "low", "middle", "high"]
Positive = Annotated[float, Meta(gt=0)]
NotNegative = Annotated[float, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
Days = Annotated[float, Meta(ge=0, le=36_500)]
Seven = tuple[float, float, float, float, float, float, float]
FAMILIES: dict[FamilyName, Family] = dict(zip(get_args(FamilyName), Family, strict=True))
_WORTH: dict[WorthTier, Tier] = dict(zip(get_args(WorthTier), list(Tier)[1:], strict=True))
_FAMILY_NAMES: dict[int, FamilyName] = {int(family): name for name, family in FAMILIES.items()}
_WORTH_NAMES: dict[int, WorthTier] = {int(tier): name for name, tier in _WORTH.items()}


class SynleadTold(Struct, kw_only=True, forbid_unknown_fields=True):
    """Parameters of the 2008 forecast by periods."""

    a: Positive
    b: Positive
    most: Positive
    edges: Annotated[
        tuple[float, float, float, float, float, float, float, float | None],
        Meta(description="Of seven amount bins, ascending; null at the end: no upper edge"),
    ]
    next_amount: Seven
    stays: Seven
    slope: float
    way: Literal["roll", "hold", "frozen"]
    period: Literal["month", "quarter", "year"]


class ModelTold(Struct, kw_only=True, forbid_unknown_fields=True):
    """A value model."""

    name: Annotated[str, Meta(min_length=1, max_length=128, description="As changes and alerts name it")]
    family: FamilyName
    k: Annotated[int, Meta(ge=1, le=6, description="Stages of a gap between purchases")] = 1
    r: NotNegative
    alpha: NotNegative
    a: NotNegative
    b: NotNegative
    p: NotNegative
    q: NotNegative
    v: NotNegative
    horizon_days: Annotated[float, Meta(gt=0, le=36_500)]
    discount: Annotated[float, Meta(ge=0, le=10, description="Continuous rate a year")]
    synlead: SynleadTold | None = None


class BoundaryTold(Struct, kw_only=True, forbid_unknown_fields=True):
    """Where a tier is entered and left."""

    enter: float
    leave: float


class BoundariesTold(Struct, kw_only=True, forbid_unknown_fields=True):
    """Tier boundaries on value."""

    name: Annotated[str, Meta(min_length=1, max_length=128, description="As changes and alerts name them")]
    low: BoundaryTold
    middle: BoundaryTold
    high: BoundaryTold
    min_stay_days: Days


class LevelTold(Struct, kw_only=True, forbid_unknown_fields=True):
    """When a level of drift holds."""

    p_alive: Annotated[Share, Meta(description="below this probability that the customer still buys, or ...")]
    silence_chance: Annotated[Share, Meta(description="... below this chance of so long a silence")]


class DriftTold(Struct, kw_only=True, forbid_unknown_fields=True):
    """When a silence is told, and of whom."""

    watch: LevelTold
    drifting: LevelTold
    lost: LevelTold
    turn: Annotated[Share, Meta(description="watch below this share of the customer's highest value; 0: never")]
    warn_days: Days
    worth_tier: WorthTier
    worth_at_risk: Annotated[NotNegative | None, Meta(description="null: by tier only")]


class ComputedFrom(Struct, kw_only=True, forbid_unknown_fields=True):
    """What a version was computed from: for whoever asks, not for the worker."""

    census_at: str
    customers: Annotated[int, Meta(ge=0)]
    share: Annotated[float | None, Meta(description="of expected profit that the high tier brings")] = None


class TermsVersioned(Struct, tag_field="type", tag="terms.versioned", kw_only=True):
    """New tier boundaries, or a new value model with its boundaries, in force from an instant of event time on."""

    id: Identity
    occurred_at: Annotated[Time, Meta(description="When it was made: of two versions the one made later holds")]
    from_: Annotated[Time, Meta(description="Each customer is judged by it from this event time on")] = field(
        name="from"
    )
    cause: Literal["boundary", "model"]
    currency: Annotated[str, Meta(description="The reporting currency it was computed in")]
    model: Annotated[ModelTold | None, Meta(description="Only with cause model; the one in force stays without")] = None
    boundaries: BoundariesTold
    drift: DriftTold
    computed_from: ComputedFrom | None = None


_decode = msgspec.json.Decoder(TermsVersioned).decode
_encode = msgspec.json.Encoder().encode


def read_terms(value: bytes, rules: DecodeRules, wall_us: int | None) -> Versioned:
    """A bare record as the worker takes it. Raises RefusedError, or msgspec's errors where the JSON does not fit."""
    told = _decode(value)
    if not 0 < len(told.id) <= 128:
        raise RefusedError(Reason.IDENTITY, f"{shown(told.id)}: an id has 1 to 128 characters")
    model = _model(told.model) if told.model else None
    if (told.cause == "model") != (model is not None):
        raise _refused(f"cause {told.cause} and a model do not go together" if model else "cause model needs a model")
    tiers, drift = _rules(told.boundaries), _drift(told.drift)
    made_us = instant_us(told.occurred_at, rules.naive_zone, wall_us)
    from_us = instant_us(told.from_, rules.naive_zone, None)
    if told.currency != rules.currency:
        raise RefusedError(Reason.CURRENCY, f"computed in {shown(told.currency)}, and {rules.currency} is reported")
    name = told.model.name if told.model else None
    return Versioned(told.id, made_us, from_us, told.boundaries.name, tiers, drift, name, model)


def write_terms(told: Versioned, currency: str, computed_from: ComputedFrom | None = None) -> bytes:
    """The same as a bare record."""
    model = None
    if told.parameters is not None:
        model = _model_told(told.model or told.id, told.parameters)
    rules, drift = told.rules, told.drift
    low, middle, high = (
        BoundaryTold(enter=float(rules.enter[tier]), leave=float(rules.leave[tier]))
        for tier in range(Tier.LOW, Tier.HIGH + 1)
    )
    watch, drifting, lost = (
        LevelTold(p_alive=float(drift.p_alive[level]), silence_chance=float(drift.tail[level]))
        for level in range(Level.WATCH, Level.LOST + 1)
    )
    at_risk = float(drift.worth_at_risk)
    return _encode(
        TermsVersioned(
            id=told.id,
            occurred_at=time_text(told.made_us),
            from_=time_text(told.from_us),
            cause="boundary" if model is None else "model",
            currency=currency,
            model=model,
            boundaries=BoundariesTold(
                name=told.boundaries, low=low, middle=middle, high=high, min_stay_days=rules.min_stay_us / DAY_US
            ),
            drift=DriftTold(
                watch=watch,
                drifting=drifting,
                lost=lost,
                turn=float(drift.turn),
                warn_days=drift.warn_us / DAY_US,
                worth_tier=_WORTH_NAMES[int(drift.worth_tier)],
                worth_at_risk=at_risk if isfinite(at_risk) else None,
            ),
            computed_from=computed_from,
        )
    )


def _rules(told: BoundariesTold) -> Rules:
    tiers = {"low": told.low, "middle": told.middle, "high": told.high}
    before: BoundaryTold | None = None
    for name, tier in tiers.items():
        if tier.leave > tier.enter:
            raise _refused(f"leave of {name} is above its enter")
        if before and (tier.enter < before.enter or tier.leave < before.leave):
            raise _refused(f"{name} lies below the tier beneath it")
        before = tier
    enter = (-inf, -inf, *(float(tier.enter) for tier in tiers.values()))
    leave = (-inf, -inf, *(float(tier.leave) for tier in tiers.values()))
    return Rules(_five(enter), _five(leave), round(told.min_stay_days * DAY_US))


def _five(bounds: Sequence[float]) -> tuple[float, float, float, float, float]:
    a, b, c, d, e = bounds
    return a, b, c, d, e


def _drift(told: DriftTold) -> Drift:
    levels = (told.watch, told.drifting, told.lost)
    for lower, higher in zip(levels, levels[1:], strict=False):
        if higher.p_alive > lower.p_alive or higher.silence_chance > lower.silence_chance:
            raise _refused("a higher level of drift holds before a lower one")
    (p_watch, p_drifting, p_lost), (t_watch, t_drifting, t_lost) = (
        tuple(float(level.p_alive) for level in levels),
        tuple(float(level.silence_chance) for level in levels),
    )
    at_risk = inf if told.worth_at_risk is None else float(told.worth_at_risk)
    return Drift(
        (0.0, p_watch, p_drifting, p_lost),
        (0.0, t_watch, t_drifting, t_lost),
        float(told.turn),
        round(told.warn_days * DAY_US),
        int(_WORTH[told.worth_tier]),
        at_risk,
    )


def _model(told: ModelTold) -> Model:
    synlead = NO_SYNLEAD
    if told.family == "synlead":
        if told.synlead is None:
            raise _refused("family synlead needs its parameters")
        synlead = _synlead(told.synlead)
    elif told.synlead is not None or min(told.r, told.alpha, told.a, told.b, told.p, told.q, told.v) <= 0:
        raise _refused(f"r, alpha, a, b, p, q and v of {told.family} are above 0, and it has no parameters of synlead")
    if told.k != 1 and told.family != "mbg-gg":
        raise _refused(f"k is 1 for {told.family}")
    parameters = (told.r, told.alpha, told.a, told.b, told.p, told.q, told.v, told.horizon_days, told.discount)
    return Model(int(FAMILIES[told.family]), float(told.k), *map(float, parameters), synlead=synlead)


def _model_told(name: str, model: Model) -> ModelTold:
    synlead = None
    if model.family == Family.SYNLEAD:
        s = model.synlead
        *edges, last = (float(edge) for edge in s.edges)
        synlead = SynleadTold(
            a=float(s.a),
            b=float(s.b),
            most=float(s.most),
            edges=msgspec.convert((*edges, last if isfinite(last) else None), _EDGES),
            next_amount=msgspec.convert([float(x) for x in s.next_amount], Seven),
            stays=msgspec.convert([float(x) for x in s.stays], Seven),
            slope=float(s.slope),
            way=_WAYS[int(s.way)],
            period=_PERIODS[int(s.period)],
        )
    return ModelTold(
        name=name,
        family=_FAMILY_NAMES[int(model.family)],
        k=int(model.k),
        r=float(model.r),
        alpha=float(model.alpha),
        a=float(model.a),
        b=float(model.b),
        p=float(model.p),
        q=float(model.q),
        v=float(model.v),
        horizon_days=float(model.horizon_days),
        discount=float(model.discount),
        synlead=synlead,
    )
