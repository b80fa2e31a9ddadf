"""Event -> fact: what the ledger takes in of an event, or the reason why it cannot.

Checks come in the order of Reason: kinds of values, identities, times, currency, money. The first one wrong is told.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from decimal import Decimal
from operator import attrgetter
from types import NoneType
from typing import Any, NamedTuple, get_args

import msgspec

from scoring.layout import ARREARS, COST_NAMED, Kind
from scoring.synlead.correction_code import MARGIN_SCALE, MOST_MARGIN, pack_correction
from scoring.synlead.period_names import named_period
from streams.events import types as events
from streams.events.currency import Rates, Ratio, converted, decimals_of
from streams.events.instants import instant_us
from streams.events.money import half_even, minor_units
from streams.events.refusals import Reason, RefusedError, shown

_AMOUNT = frozenset({str, int, Decimal})  # not bool, which is an int of another class
_OPTIONAL_AMOUNT = _AMOUNT | {NoneType}
_PLACED = Kind.PLACED
_MARGIN = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?", re.ASCII)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


class Fact(NamedTuple):
    """One event as the ledger sees it, before hashing."""

    customer_id: bytes
    type: str
    kind: Kind
    marks: int
    group: bytes  # tagged identity: what belongs together in the ledger
    sub: bytes | int  # a revision, or the tagged identity of a refund, or 0
    at_us: int
    amount: int  # minor units of the reporting currency, as is cost
    cost: int
    id: str  # the sender's, for whoever asks what caused a change
    discount: int = 0  # minor units, too


class Scale(NamedTuple):
    """How to read an event's money: the decimals of its currency, and its rate unless it is the reporting currency."""

    decimals: int
    ratio: Ratio | None = None

    def minor(self, value: Any, least: int = 0) -> int:
        """An amount in minor units of the reporting currency."""
        minor = minor_units(value, self.decimals, least)
        return minor if self.ratio is None else converted(minor, self.ratio)


@dataclass(frozen=True)
class DecodeRules:
    """What the settings say about events."""

    currency: str = "USD"
    naive_zone: tzinfo | None = None
    default_margin: Decimal = Decimal(1)  # of an order that names no cost
    rates: Rates = field(default_factory=Rates)
    max_event_bytes: int = 1_048_576
    own: Scale = field(init=False)
    cost_share: Ratio = field(init=False)  # 1 - default_margin

    def __post_init__(self) -> None:
        object.__setattr__(self, "own", Scale(decimals_of(self.currency)))
        object.__setattr__(self, "cost_share", (1 - self.default_margin).as_integer_ratio())

    def scale(self, code: str | None, at_us: int) -> Scale:
        """For money of this currency at this instant."""
        if code is None or code == self.currency:
            return self.own
        return Scale(decimals_of(code), self.rates.ratio(code, at_us))


def fact_of(event: events.Event, rules: DecodeRules, wall_us: int | None) -> Fact:
    """The fact an event tells, or RefusedError."""
    return _READERS[event.__class__](event, rules, wall_us)


def _placed(event: events.OrderPlaced, rules: DecodeRules, wall_us: int | None) -> Fact:
    """Written out for speed: most events are orders."""
    amount, cost = event.amount, event.cost
    if amount.__class__ not in _AMOUNT or cost.__class__ not in _OPTIONAL_AMOUNT:
        raise _not_money("amount or cost")
    extras = _extras(event) if event.discount is not None or event.lines else ()
    _check_identities((event.id, event.customer_id, event.order_id))
    at_us = instant_us(event.occurred_at, rules.naive_zone, wall_us)
    scale = rules.scale(event.currency, at_us)
    minor = scale.minor(amount)
    marks = 0
    if cost is not None:
        marks, cost = COST_NAMED, scale.minor(cost)
    else:
        cost = half_even(minor * rules.cost_share[0], rules.cost_share[1])
    others = [scale.minor(value) for value in extras]
    discount = others[0] if event.discount is not None else 0
    customer_id, group = event.customer_id.encode(), f"o{event.order_id}".encode()
    row = (customer_id, "order.placed", _PLACED, marks, group, event.revision, at_us, minor, cost, event.id, discount)
    return tuple.__new__(Fact, row)  # half the time of Fact(...)


def _extras(event: events.OrderPlaced) -> list[Any]:
    """The discount, where there is one, and the amounts of lines: those the ledger does not keep, but they must be amounts."""
    lines = [value for line in event.lines or () for value in (line.amount, line.cost)]
    extras = [value for value in (event.discount, *lines) if value is not None]
    if not _AMOUNT.issuperset(map(type, extras)):
        raise _not_money("discount or an amount in lines")
    return extras


class _Amount(NamedTuple):
    field: str
    classes: frozenset[type]
    least: int  # minor units


class _Plan(NamedTuple):
    """What is looked at in a type of event, read off its Struct."""

    type: str
    prefix: str  # of the identity of an interaction
    identities: Callable[[events.Event], Iterable[str | None]]
    amounts: tuple[_Amount, ...]


def _plan(event: type[events.Event]) -> _Plan:
    name = str(event.__struct_config__.tag)
    fields = msgspec.structs.fields(event)
    identities = [f.name for f in fields if events.Identity in (f.type, *get_args(f.type))]
    amounts = [
        _Amount(f.name, _AMOUNT if f.required else _OPTIONAL_AMOUNT, int(f.type == events.PositiveMoney))
        for f in fields
        if f.type in (events.Money, events.PositiveMoney, events.OptionalMoney)
    ]
    return _Plan(name, f"i{name}\0", attrgetter(*identities), tuple(amounts))


_PLANS = {event: _plan(event) for event in events.EVENTS}


def _checked(event: Any, rules: DecodeRules, wall_us: int | None) -> tuple[_Plan, int, list[int | None]]:
    """The plan of its type, its instant, and its amounts in minor units."""
    plan = _PLANS[event.__class__]
    amounts = [getattr(event, amount.field) for amount in plan.amounts]
    for amount, value in zip(plan.amounts, amounts, strict=True):
        if value.__class__ not in amount.classes:
            raise _not_money(amount.field)
    _check_identities(plan.identities(event))
    at_us = instant_us(event.occurred_at, rules.naive_zone, wall_us)
    if not amounts:
        return plan, at_us, []
    scale = rules.scale(event.currency, at_us)
    pairs = zip(plan.amounts, amounts, strict=True)
    return plan, at_us, [None if value is None else scale.minor(value, amount.least) for amount, value in pairs]


def _cancelled(event: events.OrderCancelled, rules: DecodeRules, wall_us: int | None) -> Fact:
    plan, at_us, _ = _checked(event, rules, wall_us)
    group = f"o{event.order_id}".encode()
    return Fact(event.customer_id.encode(), plan.type, Kind.CANCELLED, 0, group, 0, at_us, 0, 0, event.id)


def _refunded(event: events.OrderRefunded, rules: DecodeRules, wall_us: int | None) -> Fact:
    plan, at_us, (amount, cost) = _checked(event, rules, wall_us)
    sub = f"r{event.refund_id}".encode()
    kind, group = (Kind.CREDIT, sub) if event.order_id is None else (Kind.REFUND, f"o{event.order_id}".encode())
    marks = 0 if cost is None else COST_NAMED
    customer_id = event.customer_id.encode()
    return Fact(customer_id, plan.type, kind, marks, group, sub, at_us, amount or 0, cost or 0, event.id)


def _contact(event: events.Contact, rules: DecodeRules, wall_us: int | None) -> Fact:
    plan, at_us, (cost,) = _checked(event, rules, wall_us)
    group = (plan.prefix + event.id).encode()
    marks = 0 if cost is None else COST_NAMED
    return Fact(event.customer_id.encode(), plan.type, Kind.CONTACT, marks, group, 0, at_us, 0, cost or 0, event.id)


def _complaint(event: events.Complaint | events.ComplaintResolved, rules: DecodeRules, wall_us: int | None) -> Fact:
    plan, at_us, _ = _checked(event, rules, wall_us)
    group = (plan.prefix + event.complaint_id).encode()
    return Fact(event.customer_id.encode(), plan.type, Kind.INTERACTION, 0, group, 0, at_us, 0, 0, event.id)


def _arrears(event: events.Arrears, rules: DecodeRules, wall_us: int | None) -> Fact:
    plan, at_us, (amount,) = _checked(event, rules, wall_us)
    group = (plan.prefix + event.id).encode()
    customer_id = event.customer_id.encode()
    return Fact(customer_id, plan.type, Kind.INTERACTION, ARREARS, group, 0, at_us, amount or 0, 0, event.id)


def _corrected(event: events.Corrected, rules: DecodeRules, wall_us: int | None) -> Fact:
    if event.margin is None and event.expense is None:
        raise RefusedError(Reason.SCHEMA, "a correction needs margin or expense")
    period = named_period(event.period)
    if period is None:
        raise RefusedError(Reason.SCHEMA, f"{shown(event.period)} is no period; one is 2026-12, 2026-Q4 or 2026")
    margin = None if event.margin is None else _margin_millionths(event.margin)
    plan, at_us, (expense,) = _checked(event, rules, wall_us)
    group = (plan.prefix + event.id).encode()
    amount, cost = pack_correction(*period, margin, expense)
    return Fact(event.customer_id.encode(), plan.type, Kind.CORRECTION, 0, group, 0, at_us, amount, cost, event.id)


def _margin_millionths(value: object) -> int:
    """A share as the ledger keeps it: to six decimals, halves to the even one."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise _not_money("margin")
    if isinstance(value, str) and not _MARGIN.fullmatch(value):
        raise _not_money("margin")
    margin = Decimal(value)
    if not margin.is_finite() or abs(margin) > MOST_MARGIN:
        raise RefusedError(Reason.SCHEMA, f"margin {shown(str(value))}: a share is meant, 0.3 is 30%")
    return int((margin * MARGIN_SCALE).to_integral_value())


def _interaction(event: events.Event, rules: DecodeRules, wall_us: int | None) -> Fact:
    plan, at_us, _ = _checked(event, rules, wall_us)
    group = (plan.prefix + event.id).encode()
    return Fact(event.customer_id.encode(), plan.type, Kind.INTERACTION, 0, group, 0, at_us, 0, 0, event.id)


def _check_identities(identities: Iterable[str | None]) -> None:
    for text in identities:
        if text is None or (0 < len(text) <= 128 and text.isprintable()):
            continue
        # Not printable are also blanks such as U+00A0, which are allowed.
        if not 0 < len(text) <= 128 or _CONTROL.search(text):
            raise RefusedError(Reason.IDENTITY, f"{shown(text)}: an id has 1 to 128 characters, no control characters")


def _not_money(name: str) -> RefusedError:
    return RefusedError(Reason.SCHEMA, f"{name} must be a decimal string or a number")


_READERS: Mapping[type[events.Event], Callable[[Any, DecodeRules, int | None], Fact]] = {
    **dict.fromkeys(events.EVENTS, _interaction),
    events.OrderPlaced: _placed,
    events.OrderCancelled: _cancelled,
    events.OrderRefunded: _refunded,
    events.Contact: _contact,
    events.Complaint: _complaint,
    events.ComplaintResolved: _complaint,
    events.Arrears: _arrears,
    events.Corrected: _corrected,
}
