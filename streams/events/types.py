"""Every event that comes in, one Struct a type: the single source of decoding, JSON Schema and AsyncAPI.

Types and ranges stand here and are refused as `schema`. What Identity, Time, Currency and Money hold is looked at afterwards
(facts.py), because each has a reason of its own; their bounds are written here for the schema only.
"""

from typing import Annotated, Any, Literal, TypeAlias, get_args

from msgspec import Meta, Struct

from scoring.synlead import period_names
from scoring.synlead.correction_code import MOST_MARGIN
from streams.events import instants

Identity = Annotated[
    str,
    Meta(
        description="1 to 128 characters, no control characters",
        extra_json_schema={"minLength": 1, "maxLength": 128, "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]+$"},
    ),
]
Time = Annotated[
    str,
    Meta(
        description="RFC 3339 with a zone, from 1970 on; naive only where EBBTIDE_NAIVE_TIMEZONE names the zone",
        extra_json_schema={"pattern": instants.PATTERN},
    ),
]
Currency = Annotated[
    str | None, Meta(description="ISO 4217; EBBTIDE_CURRENCY where absent", extra_json_schema={"pattern": "^[A-Z]{3}$"})
]
_AMOUNTS = [{"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"}, {"type": "number", "minimum": 0}]
# Any: a text as it came, an int, or a Decimal of the literal (money.exact); facts.py refuses what is neither.
Money = Annotated[
    Any,
    Meta(
        description="Major units of the currency, as a decimal string or a number, with no more decimals than it has",
        extra_json_schema={"anyOf": _AMOUNTS},
    ),
]
PositiveMoney = Annotated[
    Any,
    Meta(
        description="As other amounts, above 0",
        extra_json_schema={"anyOf": [_AMOUNTS[0], {"type": "number", "exclusiveMinimum": 0}]},
    ),
]
OptionalMoney = Annotated[
    Any,
    Meta(description="As other amounts, or absent", extra_json_schema={"anyOf": [*_AMOUNTS, {"type": "null"}]}),
]
PeriodName = Annotated[
    str, Meta(description="2026-12, 2026-Q4 or 2026, from 1970 on", extra_json_schema={"pattern": period_names.PATTERN})
]
Margin = Annotated[
    Any,
    Meta(
        description="Share of the amount left after product cost, 0.3 is 30%; a decimal string or a number, or absent",
        extra_json_schema={
            "anyOf": [
                {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"},
                {"type": "number", "minimum": -MOST_MARGIN, "maximum": MOST_MARGIN},
                {"type": "null"},
            ]
        },
    ),
]
Grade = Annotated[float, Meta(ge=0, le=100)]
Probability = Annotated[float, Meta(ge=0, le=1)]
OneToFive = Annotated[int, Meta(ge=1, le=5)]


class Event(Struct, tag_field="type", kw_only=True, gc=False):
    """What all events have. Fields beyond those named are allowed and ignored; an optional field may be null."""

    id: Identity
    customer_id: Identity
    occurred_at: Time


class Line(Struct, kw_only=True, gc=False):
    """One line of an order."""

    sku: str | None = None
    category: str | None = None
    quantity: Annotated[float, Meta(ge=0)] | None = None
    amount: OptionalMoney = None
    cost: OptionalMoney = None


class OrderPlaced(Event, tag="order.placed"):
    """An order, or a later revision of it. Identity: order_id + revision; the highest revision holds."""

    order_id: Identity
    amount: Money
    currency: Currency = None
    cost: OptionalMoney = None
    discount: OptionalMoney = None
    channel: str | None = None
    place: str | None = None
    promotion: str | None = None
    lines: list[Line] | None = None
    revision: Annotated[int, Meta(ge=0, le=2**53)] = 0


class OrderRefunded(Event, tag="order.refunded"):
    """Money given back: of an order, or without order_id a credit. Identity: refund_id. cost: what came back with the goods."""

    refund_id: Identity
    amount: PositiveMoney
    order_id: Identity | None = None
    currency: Currency = None
    cost: OptionalMoney = None


class OrderCancelled(Event, tag="order.cancelled"):
    """An order that counts no longer. Identity: order_id."""

    order_id: Identity


class Visit(Event, tag="interaction.visit"):
    """The customer looked in."""

    channel: str | None = None
    category: str | None = None
    sku: str | None = None


class Inquiry(Event, tag="interaction.inquiry"):
    """The customer asked."""

    channel: str | None = None
    category: str | None = None
    sku: str | None = None


class Referral(Event, tag="interaction.referral"):
    """The customer brought somebody."""

    channel: str | None = None
    category: str | None = None
    sku: str | None = None


class Suggestion(Event, tag="interaction.suggestion"):
    """The customer suggested something."""

    worth: Literal["high", "general"]


class Complaint(Event, tag="interaction.complaint"):
    """The customer complained. Identity: complaint_id + type."""

    complaint_id: Identity
    severity: OneToFive | None = None


class ComplaintResolved(Event, tag="interaction.complaint_resolved"):
    """A complaint was settled. Identity: complaint_id + type."""

    complaint_id: Identity
    severity: OneToFive | None = None


class Rating(Event, tag="interaction.rating"):
    """The customer rated something."""

    score: OneToFive
    about: Literal["product", "service", "delivery", "company"]
    order_id: Identity | None = None


class Contact(Event, tag="interaction.contact"):
    """A contact with the customer; what it cost is marketing cost."""

    channel: str
    direction: Literal["in", "out"]
    currency: Currency = None
    cost: OptionalMoney = None
    campaign: str | None = None


class Opportunity(Event, tag="interaction.opportunity"):
    """A sale in sight; of one opportunity the newest occurred_at holds."""

    opportunity_id: Identity
    amount: Money
    probability: Probability
    state: Literal["open", "won", "lost"]
    currency: Currency = None


class Service(Event, tag="interaction.service"):
    """How a member of staff served the customer."""

    staff_id: Identity
    attitude: Grade
    solved: Grade
    professional: Grade
    on_time: bool | None = None
    present: bool | None = None


class DeclaredSpend(Event, tag="interaction.declared_spend"):
    """What the customer spends on a category everywhere."""

    category: str
    amount: Money
    per: Literal["month", "year"]
    currency: Currency = None


class Arrears(Event, tag="interaction.arrears"):
    """What the customer owes now; the newest occurred_at holds."""

    amount: Money
    currency: Currency = None


class Profile(Event, tag="customer.profile"):
    """What is known about the customer."""

    attributes: dict[str, str | int | float | bool]


class Consent(Event, tag="customer.consent"):
    """Whether a channel may be used."""

    channel: str
    granted: bool


class Blacklisted(Event, tag="customer.blacklisted"):
    """Put on the blacklist, or taken off."""

    blacklisted: bool
    reason: str


class Merged(Event, tag="customer.merged"):
    """From now on other_id means customer_id."""

    other_id: Identity


class Unmerged(Event, tag="customer.unmerged"):
    """other_id and customer_id stand apart again."""

    other_id: Identity


class Erased(Event, tag="customer.erased"):
    """Forget the customer."""


class Corrected(Event, tag="customer.corrected"):
    """A person's correction of the forecast: of margin or expense of a period; of each the newest occurred_at holds."""

    period: PeriodName
    currency: Currency = None
    margin: Margin = None
    expense: OptionalMoney = None


AnyEvent: TypeAlias = (
    OrderPlaced
    | OrderRefunded
    | OrderCancelled
    | Visit
    | Inquiry
    | Referral
    | Suggestion
    | Complaint
    | ComplaintResolved
    | Rating
    | Contact
    | Opportunity
    | Service
    | DeclaredSpend
    | Arrears
    | Profile
    | Consent
    | Blacklisted
    | Merged
    | Unmerged
    | Erased
    | Corrected
)
EVENTS: tuple[type[Event], ...] = get_args(AnyEvent)
TYPES: dict[str, type[Event]] = {str(event.__struct_config__.tag): event for event in EVENTS}
