"""What a good event tells the ledger."""

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from scoring.layout import ARREARS, COST_NAMED, Kind
from streams.events.decode import DecodeRules, Fact
from streams.events.types import TYPES
from tests.support.values import LEAST, ORDER_US, event, fact, order


def test_an_order() -> None:
    assert fact(order(cost="20.00", revision=3)) == Fact(
        customer_id=b"ada",
        type="order.placed",
        kind=Kind.PLACED,
        marks=COST_NAMED,
        group=b"oo1",
        sub=3,
        at_us=ORDER_US,
        amount=4590,
        cost=2000,
        id="e1",
    )


def test_an_order_with_everything_that_is_optional() -> None:
    lines = [{"sku": "s", "category": "c", "quantity": 2, "amount": "40.00", "cost": 1.5}, {}, {"quantity": 0.5}]
    extras = {"discount": "1.00", "channel": "web", "place": "Ulm", "promotion": "p", "lines": lines, "currency": "USD"}

    assert fact(order(**extras)) == fact(order())._replace(discount=100)
    assert fact(order(lines=lines)) == fact(order())


def test_null_is_as_good_as_absent_where_a_field_is_optional() -> None:
    extras = dict.fromkeys(["cost", "discount", "channel", "place", "promotion", "lines", "currency"])

    assert fact(order(**extras)) == fact(order())


def test_unknown_fields_are_ignored() -> None:
    assert fact(order(note={"a": [1, None, "é"]}, tags=[])) == fact(order())


def test_a_number_and_a_text_are_the_same_amount() -> None:
    assert fact(order(amount=45.9)) == fact(order(amount="45.90")) == fact(order(amount="45.9"))
    assert fact(order(amount=1e2)).amount == 10_000
    assert fact(order(amount=0)).amount == 0


def test_an_order_that_names_no_cost_is_marked_and_costs_what_the_default_margin_leaves() -> None:
    margin = DecodeRules(default_margin=Decimal("0.35"))

    assert fact(order(amount="0.30"), rules=margin)[3:9:5] == (0, 20)  # 19.5 cents to the even cent
    assert fact(order(amount="0.10"), rules=margin).cost == 6  # 6.5
    assert fact(order()).cost == 0


def test_a_cost_of_nothing_is_a_cost_that_was_named() -> None:
    assert fact(order(cost="0")).marks == COST_NAMED


def test_a_refund_belongs_to_its_order() -> None:
    made = fact(event("order.refunded", order_id="o1", cost="2.00"))

    assert made[2:10] == (Kind.REFUND, COST_NAMED, b"oo1", b"rr1", ORDER_US, 500, 200, "e1")


def test_a_refund_without_an_order_is_a_credit() -> None:
    made = fact(event("order.refunded"))

    assert made[2:10] == (Kind.CREDIT, 0, b"rr1", b"rr1", ORDER_US, 500, 0, "e1")


def test_a_cancellation_belongs_to_its_order() -> None:
    assert fact(event("order.cancelled"))[2:10] == (Kind.CANCELLED, 0, b"oo1", 0, ORDER_US, 0, 0, "e1")


def test_what_a_contact_cost() -> None:
    made = fact(event("interaction.contact", cost="0.35", campaign="spring"))

    assert made[2:10] == (Kind.CONTACT, COST_NAMED, b"iinteraction.contact\x00e1", 0, ORDER_US, 0, 35, "e1")


def test_what_a_customer_owes() -> None:
    made = fact(event("interaction.arrears", amount="12.50"))

    assert made[2:10] == (Kind.INTERACTION, ARREARS, b"iinteraction.arrears\x00e1", 0, ORDER_US, 1250, 0, "e1")


WITH_MORE = {"interaction.contact", "interaction.arrears", "customer.corrected"}


@pytest.mark.parametrize("type_", [t for t in LEAST if not t.startswith("order.") and t not in WITH_MORE])
def test_every_other_type_is_an_interaction_known_by_its_type_and_id(type_: str) -> None:
    identity = "c1" if "complaint" in type_ else "e1"

    made = fact(event(type_))

    assert made.type == type_
    assert made[2:10] == (Kind.INTERACTION, 0, f"i{type_}\0{identity}".encode(), 0, ORDER_US, 0, 0, "e1")


def test_there_is_a_sample_of_every_type() -> None:
    assert set(LEAST) == set(TYPES)


def test_a_naive_time_is_read_where_the_rules_name_a_zone() -> None:
    berlin = DecodeRules(naive_zone=ZoneInfo("Europe/Berlin"))

    assert fact(order(occurred_at="2024-03-05T11:11:12"), rules=berlin).at_us == ORDER_US
