"""What took of a customer's profit: sums drawn from the rows, and the reason that they give."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scoring.layout import Result
from scoring.ledgers import open_ledgers
from scoring.reasons import Reason, Sums, reasons, sums_of
from tests.support import logs
from tests.support.builders import cancel, order, refund
from tests.support.kernel import facts, tell


def sums(*events: dict[str, Any]) -> Sums:
    """Ada's."""
    ledgers = open_ledgers([tell(events).blobs["ada"]], np.zeros(1, np.int64))
    return Sums(*sums_of(ledgers)[0].tolist())


def credit(amount: str, *, day: int) -> dict[str, Any]:
    event = refund("c1", "none", amount, day=day)
    del event["order_id"]
    return event


def owes(amount: str, *, day: int) -> dict[str, Any]:
    return cancel("", day=day) | {"type": "interaction.arrears", "amount": amount, "id": f"owes-{day}-{amount}"}


@given(logs.logs, st.sampled_from(["ada", "bo"]))
def test_what_is_kept_is_what_the_facts_say(events: list[dict[str, Any]], customer: str) -> None:
    told = tell(events)
    if customer in told.blobs:
        ledgers = open_ledgers([told.blobs[customer]], np.zeros(1, np.int64))
        found, said = Sums(*sums_of(ledgers)[0].tolist()), facts(told.blobs[customer])
        assert (found.kept, found.cost, found.marketing) == (said["monetary"], said["cost"], said["marketing_cost"])
        assert min(found) >= 0


def test_refunds_cancellations_and_credits_are_returned() -> None:
    found = sums(
        order("o1", "100.00", day=0),
        refund("r1", "o1", "30.00", day=1),
        order("o2", "50.00", day=2),
        cancel("o2", day=3),
        order("o3", "20.00", day=4),
        credit("5.00", day=5),
    )
    assert (found.ordered, found.returned, found.kept) == (170_00, 85_00, 85_00)


def test_credits_beyond_what_is_left_return_no_more_than_that() -> None:
    found = sums(order("o1", "10.00", day=0), credit("25.00", day=1))
    assert (found.ordered, found.returned, found.kept) == (10_00, 10_00, 0)


def test_a_discount_counts_where_something_of_the_order_is_left() -> None:
    less = {"discount": "7.50"}
    kept, given_away = order("o1", "10.00", day=0) | less, order("o2", "0.00", day=1) | less
    gone, cancelled = order("o3", "10.00", day=2) | less, order("o4", "10.00", day=3) | less
    found = sums(kept, given_away, gone, refund("r1", "o3", "10.00", day=4), cancelled, cancel("o4", day=5))
    assert found.discounts == 15_00


def test_of_two_discounts_told_of_one_order_the_lesser_holds_whichever_comes_first() -> None:
    told = [order("o1", "10.00", day=0) | {"discount": discount} for discount in ("2.00", "3.00")]
    for events in (told, told[::-1]):
        assert sums(*events).discounts == 2_00
        assert tell(events).results == [Result.APPLIED, Result.CONFLICT]


def test_of_what_a_customer_owes_the_newest_word_holds_whenever_it_comes() -> None:
    words = [owes("80.00", day=1), owes("0.00", day=9), owes("30.00", day=5)]
    assert sums(order("o1", "10.00", day=0), *words[::2]).arrears == 30_00
    assert sums(order("o1", "10.00", day=0), *words).arrears == 0
    assert sums(*words[::-1]).arrears == 0


def test_the_reason_is_what_took_most_beyond_the_shops_average() -> None:
    usual = 0.6  # goods cost 60 of 100
    dear = Sums(ordered=100_00, returned=0, cost=95_00, marketing=3_00, discounts=0, arrears=0)
    assert reasons(dear, usual) == {Reason.COST: 35_00.0, Reason.MARKETING: 3_00.0}
    returner = Sums(ordered=100_00, returned=90_00, cost=6_00, marketing=5_00, discounts=0, arrears=0)
    assert reasons(returner, usual) == {Reason.RETURNS: 36_00.0, Reason.MARKETING: 5_00.0}
    spoilt = Sums(ordered=50_00, returned=0, cost=60_00, marketing=0, discounts=50_00, arrears=0)
    assert next(iter(reasons(spoilt, usual))) is Reason.DISCOUNTS
    debtor = Sums(ordered=100_00, returned=0, cost=60_00, marketing=1_00, discounts=2_00, arrears=100_00)
    assert list(reasons(debtor, usual)) == [Reason.ARREARS, Reason.DISCOUNTS, Reason.MARKETING]
