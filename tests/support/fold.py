"""A plain fold over raw events: what the facts are by contract, worked out without the kernel.

Nothing here is shared with scoring/ or streams/: dicts, ints and Decimals over the JSON of bare events, slow and easy
to check by eye. The set of all identities is kept, and the facts are computed from it at the end.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, NamedTuple

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FACTS = (
    "orders",
    "purchase_days",
    "first_at",
    "last_at",
    "monetary",
    "cost",
    "marketing_cost",
    "gross_profit",
)


class Content(NamedTuple):
    """What a telling of an identity says; of two tellings the least holds, so that arrival order does not matter."""

    at: int
    amount: int
    cost: int
    cost_named: bool
    kind: int  # 2: refund of an order, 3: credit; else the same for all tellings of one identity
    order: Any  # the order meant, as `order_rank` ranks it
    discount: int = 0


@dataclass
class Folded:
    """The facts of every customer, and what became of the events."""

    customers: dict[str, dict[str, int | None]] = field(default_factory=dict)
    applied: int = 0
    duplicate: int = 0
    conflict: int = 0


Identity = tuple[Any, ...]
Book = dict[Identity, tuple[Content, dict[str, Any]]]  # identity -> what holds, and the event that said it


def fold(
    events: Iterable[Mapping[str, Any]],
    *,
    count_free_orders: bool = True,
    default_margin: Decimal = Decimal(1),
    currency: str = "USD",
    digits: int = 2,
    order_rank: Callable[[str], Any] = str,
) -> Folded:
    """Fold valid bare events. `order_rank` ranks order ids where a refund is told of two orders (kernel: hashes)."""
    folded = Folded()
    books: dict[str, Book] = defaultdict(dict)
    for event in events:
        if event.get("currency", currency) != currency:
            raise ValueError(f"the fold knows only {currency}, not {event['currency']}")
        book = books[event["customer_id"]]
        identity = identity_of(event)
        content = content_of(event, default_margin, digits, order_rank)
        if identity not in book:
            folded.applied += 1
            book[identity] = content, dict(event)
            continue
        folded.duplicate += 1
        holds = book[identity][0]
        folded.conflict += content != holds
        if content < holds:
            book[identity] = content, dict(event)
    folded.customers = {customer: facts_of(book, count_free_orders) for customer, book in books.items()}
    return folded


def identity_of(event: Mapping[str, Any]) -> Identity:
    """What makes two events the same: the identity column of the contract's table."""
    match event["type"]:
        case "order.placed":
            return "placed", event["order_id"], event.get("revision", 0)
        case "order.cancelled":
            return "cancelled", event["order_id"]
        case "order.refunded":
            return "refund", event["refund_id"]
        case "interaction.complaint" | "interaction.complaint_resolved" as told:
            return told, event["complaint_id"]
        case other:
            return other, event["id"]


def content_of(
    event: Mapping[str, Any], default_margin: Decimal, digits: int, order_rank: Callable[[str], Any]
) -> Content:
    """What the event says about its identity, as far as the facts depend on it."""
    told = event["type"]
    at = microseconds(event["occurred_at"])
    if told == "order.placed":
        amount = minor(event["amount"], digits)
        discount = minor(event.get("discount") or 0, digits)
        if event.get("cost") is None:
            share = (amount * (1 - default_margin)).quantize(Decimal(1), ROUND_HALF_EVEN)
            return Content(at, amount, int(share), False, 0, "", discount)
        return Content(at, amount, minor(event["cost"], digits), True, 0, "", discount)
    if told == "order.refunded":
        named = event.get("cost") is not None
        cost = minor(event["cost"], digits) if named else 0
        order = event.get("order_id")
        kind, rank = (3, "") if order is None else (2, order_rank(order))
        return Content(at, minor(event["amount"], digits), cost, named, kind, rank)
    if told == "interaction.contact" and event.get("cost") is not None:
        return Content(at, 0, minor(event["cost"], digits), True, 0, "")
    if told == "interaction.arrears":
        return Content(at, minor(event["amount"], digits), 0, False, 0, "")
    if told == "customer.corrected":
        return Content(at, *correction(event, digits), False, 0, "")
    return Content(at, 0, 0, False, 0, "")


def correction(event: Mapping[str, Any], digits: int) -> tuple[int, int]:
    """Two numbers that compare as period, margin (of six decimals at most) and expense do."""
    year, _, within = event["period"].partition("-")
    years = int(year) - 1970
    if not within:
        period = years * 4 + 2
    elif within.startswith("Q"):
        period = (years * 4 + int(within[1:]) - 1) * 4 + 1
    else:
        period = (years * 12 + int(within) - 1) * 4
    margin = event.get("margin")
    expense = event.get("expense")
    told = 0 if margin is None else int(Decimal(str(margin)).scaleb(6)) + 10**9 + 1
    return period * 2**32 + told, 0 if expense is None else minor(expense, digits) + 1


def facts_of(book: Book, count_free_orders: bool) -> dict[str, int | None]:
    """A customer's facts from the set of identities, whatever order they came in."""
    placed: dict[str, tuple[int, Content]] = {}
    cancelled: set[str] = set()
    refunds: dict[str, list[Content]] = defaultdict(list)
    credit = marketing = 0
    for identity, (content, event) in book.items():
        match identity[0]:
            case "placed":
                order, revision = identity[1], identity[2]
                if order not in placed or revision > placed[order][0]:
                    placed[order] = revision, content
            case "cancelled":
                cancelled.add(identity[1])
            case "refund" if event.get("order_id") is not None:
                refunds[event["order_id"]].append(content)
            case "refund":
                credit += content.amount
            case "interaction.contact":
                marketing += content.cost
    held_sum = cost_sum = 0
    times: list[int] = []
    for order, (_, content) in placed.items():
        if order in cancelled:
            continue
        held, cost = order_holds(content, refunds[order])
        held_sum += held
        cost_sum += cost
        if held > 0 or (content.amount == 0 and count_free_orders):
            times.append(content.at)
    monetary = max(0, held_sum - credit)
    return {
        "orders": len(times),
        "purchase_days": len({time // 86_400_000_000 for time in times}),
        "first_at": min(times, default=None),
        "last_at": max(times, default=None),
        "monetary": monetary,
        "cost": cost_sum,
        "marketing_cost": marketing,
        "gross_profit": monetary - cost_sum - marketing,
    }


def order_holds(order: Content, refunds: list[Content]) -> tuple[int, int]:
    """What is left of an order's amount and of its cost after its refunds."""
    held = order.amount - min(order.amount, sum(refund.amount for refund in refunds))
    returned = sum(refund.cost for refund in refunds if refund.cost_named)
    silent = min(order.amount, sum(refund.amount for refund in refunds if not refund.cost_named))
    if silent:
        returned += order.cost * silent // order.amount
    return held, max(0, order.cost - returned)


def minor(money: str | int | float | Decimal, digits: int) -> int:
    """Major units, as JSON has them, in whole minor units."""
    scaled = Decimal(str(money)).scaleb(digits)
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{money} has more than {digits} decimals")
    return int(scaled)


def microseconds(time: str) -> int:
    """An RFC 3339 time with a zone in whole microseconds since 1970."""
    parsed = datetime.fromisoformat(time)
    if parsed.tzinfo is None:
        raise ValueError(f"{time} has no zone")
    return (parsed - EPOCH) // timedelta(microseconds=1)
