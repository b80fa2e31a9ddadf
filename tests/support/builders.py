"""Events by hand: `order("o1", "45.90", day=3)` is one of ada's, three days after logs.START."""

from typing import Any

from scoring.layout import DAY_US
from tests.support import logs


def order(order_id: str, amount: str, *, day: int, cost: str | None = None) -> dict[str, Any]:
    event = {"type": "order.placed", "order_id": order_id, "amount": amount}
    return _at(event | ({} if cost is None else {"cost": cost}), day)


def refund(refund_id: str, order_id: str, amount: str, *, day: int) -> dict[str, Any]:
    return _at({"type": "order.refunded", "refund_id": refund_id, "order_id": order_id, "amount": amount}, day)


def cancel(order_id: str, *, day: int) -> dict[str, Any]:
    return _at({"type": "order.cancelled", "order_id": order_id}, day)


def _at(event: dict[str, Any], day: int) -> dict[str, Any]:
    return event | {"id": "e", "customer_id": "ada", "occurred_at": logs.time_of(day * DAY_US)}
