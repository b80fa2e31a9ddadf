"""Values of records by hand: an order that is good in every field, and whatever a test wants to be different about it."""

import json
from typing import Any

from streams.events.decode import DecodeRules, Fact, Refusal, Told, decode

RULES = DecodeRules(currency="USD")
ABSENT = object()
ORDER: dict[str, Any] = {
    "id": "e1",
    "type": "order.placed",
    "customer_id": "ada",
    "occurred_at": "2024-03-05T10:11:12Z",
    "order_id": "o1",
    "amount": "45.90",
}
ORDER_US = 1_709_633_472_000_000  # its instant
COMMON = {name: ORDER[name] for name in ("id", "customer_id", "occurred_at")}

# Of every type, one with nothing but what it must have.
LEAST: dict[str, dict[str, Any]] = {
    "order.placed": {"order_id": "o1", "amount": "45.90"},
    "order.refunded": {"refund_id": "r1", "amount": "5.00"},
    "order.cancelled": {"order_id": "o1"},
    "interaction.visit": {},
    "interaction.inquiry": {},
    "interaction.referral": {},
    "interaction.suggestion": {"worth": "high"},
    "interaction.complaint": {"complaint_id": "c1"},
    "interaction.complaint_resolved": {"complaint_id": "c1"},
    "interaction.rating": {"score": 5, "about": "service"},
    "interaction.contact": {"channel": "mail", "direction": "out"},
    "interaction.opportunity": {"opportunity_id": "p1", "amount": "10", "probability": 0.5, "state": "open"},
    "interaction.service": {"staff_id": "s1", "attitude": 90, "solved": 80.5, "professional": 100},
    "interaction.declared_spend": {"category": "food", "amount": "300", "per": "month"},
    "interaction.arrears": {"amount": 12.5},
    "customer.profile": {"attributes": {"occupation": "baker", "income": 3, "risk": 0.5, "vip": True}},
    "customer.consent": {"channel": "mail", "granted": False},
    "customer.blacklisted": {"blacklisted": True, "reason": "fraud"},
    "customer.merged": {"other_id": "bob"},
    "customer.unmerged": {"other_id": "bob"},
    "customer.erased": {},
    "customer.corrected": {"period": "2024-03", "margin": "0.30"},
}


def order(**changed: Any) -> bytes:
    """The good order with some fields different, or left out where they are ABSENT."""
    return packed({**ORDER, **changed})


def event(type_: str, **changed: Any) -> bytes:
    """The least event of a type with some fields different."""
    return packed({**COMMON, "type": type_, **LEAST[type_], **changed})


def packed(fields: dict[str, Any]) -> bytes:
    return json.dumps({name: value for name, value in fields.items() if value is not ABSENT}).encode()


def told(
    value: bytes | None,
    headers: dict[str, str] | None = None,
    rules: DecodeRules = RULES,
    wall_us: int | None = None,
) -> Told:
    return decode("orders", value, [(name, text.encode()) for name, text in (headers or {}).items()], rules, wall_us)


def fact(value: bytes, headers: dict[str, str] | None = None, rules: DecodeRules = RULES) -> Fact:
    made = told(value, headers, rules)
    assert isinstance(made, Fact), made
    return made


def reason(
    value: bytes | None,
    headers: dict[str, str] | None = None,
    rules: DecodeRules = RULES,
    wall_us: int | None = None,
) -> str:
    made = told(value, headers, rules, wall_us)
    assert isinstance(made, Refusal), made
    return str(made.reason)
