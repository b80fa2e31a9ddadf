"""`terms.versioned` on `commands`: a version of model and boundaries, one copy in every partition, as JSON has it.

Amounts are floats in minor units of `currency`, as the model has them: they are parameters, not money that somebody pays.
"""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct, field

from streams.events.types import Identity, Time

FamilyName = Literal["mbg-gg", "bg-gg", "pareto-gg", "synlead"]
WorthTier = Literal["loss", "low", "middle", "high"]
Way = Literal["roll", "hold", "frozen"]
Period = Literal["month", "quarter", "year"]
Positive = Annotated[float, Meta(gt=0)]
NotNegative = Annotated[float, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
Shift = Annotated[float, Meta(ge=-20, le=20)]
Scale = Annotated[float, Meta(gt=0, le=5, description="above 0: more silence is never told more")]
Days = Annotated[float, Meta(ge=0, le=36_500)]
Seven: TypeAlias = tuple[float, float, float, float, float, float, float]
Edges: TypeAlias = tuple[float, float, float, float, float, float, float, float | None]


class SynleadTold(Struct, kw_only=True, forbid_unknown_fields=True):
    """Parameters of the 2008 forecast by periods."""

    a: Positive
    b: Positive
    most: Positive
    edges: Annotated[
        Edges,
        Meta(description="Of seven amount bins, ascending; null at the end: no upper edge"),
    ]
    next_amount: Seven
    stays: Seven
    slope: float
    way: Way
    period: Period


class CorrectionTold(Struct, kw_only=True, forbid_unknown_fields=True):
    """What earlier forecasts were worth: g(corrected) = shift + scale * g(told) + frequency * ln(purchase days)."""

    orders_shift: Annotated[Shift, Meta(description="of orders g is the logarithm")]
    orders_scale: Scale
    orders_frequency: Shift
    chance_shift: Annotated[Shift, Meta(description="of chances to buy g is the log odds")]
    chance_scale: Scale
    chance_frequency: Shift


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
    correction: Annotated[CorrectionTold | None, Meta(description="Learned by looking back; without: none")] = None


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
