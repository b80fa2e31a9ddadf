"""The oracle itself, on cases worked out by hand from contract.md."""

from decimal import Decimal
from typing import Any

import pytest

from tests.support.fold import fold


def event(told: str, name: str, day: int = 1, **more: Any) -> dict[str, Any]:
    return {"id": name, "type": told, "customer_id": "c", "occurred_at": f"2024-01-{day:02}T12:00:00Z", **more}


def placed(order: str, amount: str, day: int = 1, **more: Any) -> dict[str, Any]:
    return event("order.placed", f"e-{order}", day, order_id=order, amount=amount, **more)


def refunded(name: str, amount: str, order: str | None, **more: Any) -> dict[str, Any]:
    linked = {} if order is None else {"order_id": order}
    return event("order.refunded", f"e-{name}", 5, refund_id=name, amount=amount, **linked, **more)


def test_an_order_refunded_to_nothing_does_not_count_and_a_free_one_does() -> None:
    log = [refunded("r", "99.00", "o1"), placed("o1", "10.00"), placed("o2", "0.00", 3), placed("o3", "5.50", 3)]
    facts = fold(log).customers["c"]
    assert (facts["orders"], facts["purchase_days"], facts["monetary"]) == (2, 1, 550)
    assert fold(log, count_free_orders=False).customers["c"]["orders"] == 1


def test_a_refund_without_cost_brings_back_its_share_rounded_down() -> None:
    log = [placed("o1", "3.00", cost="1.00"), refunded("r1", "1.00", "o1")]
    facts = fold(log).customers["c"]
    assert (facts["monetary"], facts["cost"], facts["gross_profit"]) == (200, 67, 133)
    assert fold([*log, refunded("r2", "0.50", "o1", cost="0.10")]).customers["c"]["cost"] == 57


def test_credits_never_take_monetary_below_zero() -> None:
    facts = fold([placed("o1", "3.00"), refunded("r1", "5.00", None)]).customers["c"]
    assert (facts["orders"], facts["monetary"]) == (1, 0)


def test_the_highest_revision_holds_and_a_cancelled_order_counts_for_nothing() -> None:
    log = [placed("o1", "9.00", revision=2), placed("o1", "3.00", 2, revision=1), placed("o2", "4.00", 3)]
    assert fold(log).customers["c"]["monetary"] == 1300
    log.append(event("order.cancelled", "x", 4, order_id="o2"))
    assert fold(log).customers["c"]["monetary"] == 900


@pytest.mark.parametrize("turn", [1, -1])
def test_of_two_tellings_the_least_holds_whichever_came_first(turn: int) -> None:
    folded = fold([placed("o1", "9.00"), placed("o1", "8.00")][::turn])
    assert folded.customers["c"]["monetary"] == 800
    assert (folded.applied, folded.duplicate, folded.conflict) == (1, 1, 1)


def test_an_order_without_cost_costs_what_the_default_margin_leaves() -> None:
    log = [placed("o1", "10.00"), event("interaction.contact", "k", cost="0.40")]
    facts = fold(log, default_margin=Decimal("0.3")).customers["c"]
    assert (facts["cost"], facts["marketing_cost"], facts["gross_profit"]) == (700, 40, 260)
