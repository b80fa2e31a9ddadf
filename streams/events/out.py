"""What Ebbtide tells the world, one Struct a type. JSON Schema and AsyncAPI are generated from these (streams/events/schemas.py).

Money is a decimal string in major units of `currency`, a time RFC 3339 in UTC. Ids are deterministic: whatever is replayed or
delivered again has the same id, so consumers drop repeats by it.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

TierName = Literal["loss", "low", "middle", "high"]
Cause = Literal["order", "refund", "cancellation", "interaction", "silence", "boundary", "model", "merge", "correction"]
Input = Literal["frequency", "recency", "age", "profit", "model"]
LevelName = Literal["watch", "drifting", "lost"]

MoneyText = Annotated[
    str, Meta(description="Major units, as a decimal string", extra_json_schema={"pattern": r"^-?[0-9]+(\.[0-9]+)?$"})
]
TimeText = Annotated[str, Meta(description="RFC 3339, UTC", extra_json_schema={"format": "date-time"})]
Probability = Annotated[float, Meta(extra_json_schema={"minimum": 0, "maximum": 1})]


class Standing(Struct, frozen=True, gc=False):
    """Where a customer stood, or stands."""

    tier: Annotated[
        TierName | None,
        Meta(description="null before the first order that counts, and where a rebuild does not know what was told"),
    ]
    value: Annotated[MoneyText, Meta(description="Expected gross profit over the model's horizon")]
    p_alive: Annotated[Probability, Meta(description="Probability that the customer still buys")]


class Moved(Struct, frozen=True, gc=False):
    """An input of the value that moved, and what it did to the value."""

    input: Input
    before: Annotated[
        float,
        Meta(
            description="frequency: repeat purchase days; recency, age: days; profit: major units an order; "
            "model: what the old one and the new one made of the very same customer, major units"
        ),
    ]
    after: float
    share: Annotated[MoneyText, Meta(description="Its share of the change in value; the shares sum to the change")]


class Keep(Struct, frozen=True, gc=False):
    """One order that keeps the tier, or would have kept it."""

    amount: MoneyText
    by: TimeText


class TierChanged(Struct, tag_field="type", tag="tier.changed", kw_only=True, frozen=True, gc=False):
    """A customer's tier rose or fell; the first assignment counts as a change."""

    id: Annotated[
        str,
        Meta(
            description="customer_id:sequence, the same at every replay and re-delivery; of a rebuild's correction "
            "customer_id:corrected:number, beside that line"
        ),
    ]
    customer_id: str
    occurred_at: Annotated[
        TimeText, Meta(description="Event time: of the cause, or the instant at which silence moved the tier")
    ]
    emitted_at: Annotated[TimeText, Meta(description="The wall clock when the change was computed")]
    cause: Cause
    cause_id: Annotated[
        str | None, Meta(description="id of the event that caused it; null for silence, and for a rebuild's correction")
    ]
    from_: Standing = field(name="from")
    to: Standing
    currency: Annotated[str, Meta(description="ISO 4217: the reporting currency of every amount here")]
    why: list[Moved]
    model: Annotated[str, Meta(description="Version of the value model")]
    boundaries: Annotated[str, Meta(description="Version of the tier boundaries")]
    keep: Annotated[
        Keep | None, Meta(description="What would have kept, or will keep, the tier; null where nothing does")
    ]
    muted: Annotated[bool, Meta(description="true in a backfill and in a rebuild's correction: history, not news")]


class _Drift(Struct, tag_field="type", kw_only=True, frozen=True, gc=False):
    """What every message about a customer's drift says."""

    id: Annotated[str, Meta(description="customer_id:drift:sequence, the same at every replay and re-delivery")]
    customer_id: str
    occurred_at: Annotated[
        TimeText, Meta(description="Event time: of the cause, or the instant at which silence reached it")
    ]
    emitted_at: Annotated[TimeText, Meta(description="The wall clock when it was computed")]
    cause: Cause
    cause_id: Annotated[str | None, Meta(description="id of the event that caused it; null for silence")]
    level: Annotated[LevelName | None, Meta(description="The level of drift held from now on; null: none")]
    tier: Annotated[TierName | None, Meta(description="The tier held")]
    p_alive: Annotated[Probability, Meta(description="Probability that the customer still buys")]
    silence_chance: Annotated[
        Probability, Meta(description="Chance that this customer, still buying, would be silent for so long")
    ]
    silent_days: Annotated[float, Meta(description="Days since the last order that counts")]
    usual_gap_days: Annotated[
        float | None, Meta(description="Mean days between this customer's purchase days; null before the second")
    ]
    chance_to_buy: Annotated[
        Probability | None, Meta(description="Chance of an order within 180 days; null under the 2008 forecast")
    ]
    value: Annotated[MoneyText, Meta(description="Expected gross profit over the model's horizon")]
    value_at_risk: Annotated[
        MoneyText, Meta(description="What the value would be were they certainly alive, less value")
    ]
    currency: Annotated[str, Meta(description="ISO 4217: the reporting currency of every amount here")]
    model: Annotated[str, Meta(description="Version of the value model")]
    boundaries: Annotated[str, Meta(description="Version of the tier boundaries")]
    muted: Annotated[bool, Meta(description="true in a backfill: history, not news")]


class DriftWarned(_Drift, tag="drift.warned", kw_only=True, frozen=True, gc=False):
    """A worthwhile customer's tier will fall by silence: told before, at most once a fall."""

    falls_at: Annotated[TimeText, Meta(description="When the tier falls if nothing happens")]
    keep: Annotated[Keep | None, Meta(description="The one order that keeps the tier; null where none does")]


class DriftRaised(_Drift, tag="drift.raised", kw_only=True, frozen=True, gc=False):
    """A worthwhile customer drifted to a level: watch, drifting or lost."""


class DriftCleared(_Drift, tag="drift.cleared", kw_only=True, frozen=True, gc=False):
    """A customer came back: to a lower level, or to none; or a fall that was warned of will not come."""


DriftAlert = DriftWarned | DriftRaised | DriftCleared
