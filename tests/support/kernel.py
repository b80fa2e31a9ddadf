"""Bare events straight into the kernel: no JSON, no Kafka, no Redis."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from scoring.defaults import DEFAULT_DRIFT, DEFAULT_MODEL
from scoring.hashing import identities
from scoring.layout import ARREARS, COST_NAMED, DAY_US, EVENT, Cause, Kind, Record, Records
from scoring.ledgers import open_ledgers, pack_ledgers, peek, run
from scoring.terms import Drift, Limits, Model, Rules, Terms
from tests.support.fold import content_of

NO_MARGIN = Decimal(1)
INF = float("inf")
RULES = Rules(enter=(0.0, -INF, 0.0, 30_00.0, 100_00.0), leave=(0.0, -INF, 0.0, 27_00.0, 90_00.0), min_stay_us=0)
LIMITS = Limits(fold_after_us=3650 * DAY_US, count_free_orders=True)


def terms_of(
    model: Model = DEFAULT_MODEL,
    rules: Rules = RULES,
    drift: Drift = DEFAULT_DRIFT,
    *,
    number: int = 1,
    from_us: int = 0,
    cause: Cause = Cause.BOUNDARY,
) -> Terms:
    """One version of what customers are judged by."""
    return Terms(number, from_us, int(cause), model, rules, drift)


TERMS = terms_of()


_KINDS = {"interaction.contact": Kind.CONTACT, "customer.corrected": Kind.CORRECTION}


class Told(NamedTuple):
    """A stream's outcome: every stored ledger, a Result an event, the changes and the drift alerts by customer id."""

    blobs: dict[str, bytes]
    results: list[int]
    changes: list[tuple[str, bytes]]  # customer id, the CHANGE record's bytes without batch indices
    alerts: list[tuple[str, bytes]]  # the same of ALERT


def identity_hash(text: str) -> int:
    return int(identities([text.encode()])[0])


def _identity(event: Mapping[str, Any]) -> tuple[Kind, str, str | int]:
    told = event["type"]
    match told:
        case "order.placed":
            return Kind.PLACED, "o" + event["order_id"], event.get("revision", 0)
        case "order.cancelled":
            return Kind.CANCELLED, "o" + event["order_id"], 0
        case "order.refunded" if event.get("order_id") is not None:
            return Kind.REFUND, "o" + event["order_id"], "r" + event["refund_id"]
        case "order.refunded":
            return Kind.CREDIT, "r" + event["refund_id"], "r" + event["refund_id"]
        case _:
            kind = _KINDS.get(told, Kind.INTERACTION)
            return kind, f"i{told}\0{event.get('complaint_id', event['id'])}", 0


def write_event(row: Record, event: Mapping[str, Any], customer: int, now_us: int | None = None) -> None:
    """Fill one EVENT from a bare event."""
    kind, group, sub = _identity(event)
    content = content_of(event, NO_MARGIN, 2, str)
    row.kind, row.customer = kind, customer
    row.group = identity_hash(group)
    row.sub = sub if isinstance(sub, int) else identity_hash(sub)
    row.at_us, row.amount, row.cost = content.at, content.amount, content.cost
    row.marks = ARREARS if event["type"] == "interaction.arrears" else COST_NAMED if content.cost_named else 0
    row.discount = content.discount
    row.now_us = content.at if now_us is None else now_us


def tell(
    events: Sequence[Mapping[str, Any]],
    batch: int = 5000,
    terms: Terms = TERMS,
    limits: Limits = LIMITS,
    new: Terms | None = None,
) -> Told:
    """Run the events through stored ledgers in micro-batches of this size; `new` are terms that follow on `terms`."""
    blobs: dict[str, bytes] = {}
    results: list[int] = []
    changes: list[tuple[str, bytes]] = []
    alerts: list[tuple[str, bytes]] = []
    for at in range(0, len(events), batch):
        part = events[at : at + batch]
        customers = list(dict.fromkeys(event["customer_id"] for event in part))
        index = {customer: i for i, customer in enumerate(customers)}
        rows = np.zeros(len(part), EVENT)
        for row, event in zip(rows, part, strict=True):
            write_event(row, event, index[event["customer_id"]])
        extra = np.bincount(rows["customer"], minlength=len(customers)).astype(np.int64)
        ledgers = open_ledgers([blobs.get(customer) for customer in customers], extra)
        ran = run(ledgers, rows, terms, new or terms, limits)
        blobs.update(zip(customers, pack_ledgers(ledgers), strict=True))
        results += ran.results.tolist()
        changes += _plain(ran.changes, customers, at)
        alerts += _plain(ran.alerts, customers, at)
    return Told(blobs, results, changes, alerts)


def _plain(changes: Records, customers: Sequence[str], at: int) -> list[tuple[str, bytes]]:
    """Changes or alerts without what depends on the batch: the customer's index and the event's."""
    named = [customers[c] for c in changes["customer"]]
    changes = changes.copy()
    changes["customer"] = 0
    changes["event"] = np.where(changes["event"] < 0, changes["event"], changes["event"] + at)
    return [(name, change.tobytes()) for name, change in zip(named, changes, strict=True)]


def facts(blob: bytes) -> dict[str, int | None]:
    """A stored ledger's facts, named as the fold names them."""
    h = peek(blob)
    monetary = max(0, int(h.held - h.credits))
    return {
        "orders": int(h.orders),
        "purchase_days": int(h.purchase_days),
        "first_at": int(h.first_us) if h.orders else None,
        "last_at": int(h.last_us) if h.orders else None,
        "monetary": monetary,
        "cost": int(h.cost),
        "marketing_cost": int(h.marketing),
        "gross_profit": monetary - int(h.cost) - int(h.marketing),
    }
