"""The soak's own arithmetic: what counts as lost, doubled or different."""

import json
from collections import Counter
from typing import Any

from streams.stages import Stage
from tests.soak.judge import Log, differing, home, is_home, missing, reconciles, was_home
from tests.soak.records import Lies, Message, message
from tests.soak.told import as_told
from tests.support.fold import fold
from tests.support.shop_log import Event


def order(number: int, customer: str = "ann") -> Event:
    return {
        "id": f"e{number}",
        "type": "order.placed",
        "customer_id": customer,
        "occurred_at": f"2026-01-0{number}T00:00:00Z",
        "order_id": f"o{number}",
        "amount": "9.99",
    }


def change(id_: str, tier: str = "gold", at: int = 0) -> dict[str, Any]:
    return {"id": id_, "to": {"tier": tier}, "emitted_at": at}


def log_of(*events: Event, refused: int = 0, versions: int = 0) -> Log:
    values = [json.dumps(event).encode() for event in events]
    reasons = Counter({"money": refused} if refused else {})
    return Log(values, reasons, Counter({(b"?", "money"): refused}), versions, 0)


def test_repeats_are_told_once_other_contents_and_holes_are_counted() -> None:
    told = as_told([change("a:b:1"), change("a:b:1", at=5), change("a:b:2"), change("a:b:2", "silver"), change("c:3")])
    assert (told.ids, told.doubled, told.holes, told.late) == (3, 1, 2, 0)


def test_a_number_told_after_a_larger_one_is_late_but_for_repeats() -> None:
    assert as_told(map(change, ["a:1", "a:2", "b:1", "a:1", "a:3"])).late == 0
    assert as_told(map(change, ["a:1", "a:3", "b:1", "a:2"])).late == 1


def test_a_rebuilds_correction_is_no_number_and_only_spoilt_customers_may_lack_some() -> None:
    messages = [change("a:1"), change("a:4"), change("a:corrected:99"), change("b:2")]
    assert as_told(messages).holes == 3
    assert as_told(messages, {"a"}).holes == 1
    drift = [change("a:drift:2"), change("b:drift:2")]
    assert as_told(drift, {"a"}).holes == 1


def test_a_customer_stands_where_the_last_change_says_that_is_no_repeat() -> None:
    told = [change("a:1"), change("a:corrected:99", "silver"), change("a:1", at=5), change("b:1", "bronze")]
    assert as_told([one | {"customer_id": one["id"][0]} for one in told]).stands == {"a": "silver", "b": "bronze"}


def test_an_event_counts_where_it_lay_before_partitions_were_added_up_to_where_it_was_read() -> None:
    before, after = home(b"ann", 4), home(b"ann", 8)
    past: list[list[Stage]] = [[] for _ in range(256)]
    past[home(b"ann", 256)] = [Stage(before, 4, {"orders": 7})]
    value = json.dumps(order(1)).encode()
    assert was_home(Lies("soak.orders", before, 6, value, {}), past, "soak.")
    assert not was_home(Lies("soak.orders", before, 7, value, {}), past, "soak.")
    assert not was_home(Lies("soak.orders", (before + 1) % 4, 6, value, {}), past, "soak.")
    assert is_home(Lies("soak.orders", after, 0, value, {}), 8)


def test_what_was_sent_and_is_consumed_nowhere_is_missing_as_often() -> None:
    refused = Message("orders", b"?", None, reason="money")
    sent = [message(order(1)), message(order(1)), message(order(2)), refused, refused]
    assert missing(sent, log_of(order(1), order(1), order(2), refused=2)) == 0
    assert missing(sent, log_of(order(1), order(2), refused=2)) == 1
    assert missing(sent, log_of(order(1), order(1), order(2), refused=1)) == 1


def test_a_customer_who_is_missing_too_much_or_other_than_the_fold_differs() -> None:
    folded = fold([order(1), order(2, "bob")])
    ledger = {
        **dict.fromkeys(("monetary", "gross_profit"), "9.99"),
        **dict.fromkeys(("cost", "marketing_cost"), "0.00"),
        **dict.fromkeys(("orders", "purchase_days"), 1),
    }
    ann, bob = (ledger | {"first_at": at, "last_at": at} for at in ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"))
    assert differing({"ann": ann, "bob": bob}, folded) == 0
    assert differing({"ann": ann}, folded) == 1
    assert differing({"ann": ann, "bob": ann}, folded) == 1
    assert differing({"ann": ann, "bob": bob, "cid": bob}, folded) == 1


def test_counters_reconcile_where_each_is_what_the_log_gives() -> None:
    log = log_of(order(1), order(1), refused=2, versions=3)
    folded = fold([order(1), order(1)])
    stats = {"consumed": 7, "applied": 2, "duplicate": 3, "conflict": 0, "dead": {"money": 2}}
    assert reconciles(stats, log, folded)
    for wrong in ({"consumed": 8}, {"applied": 3, "duplicate": 2, "conflict": 1}, {"dead": {"time": 2}}):
        assert not reconciles(stats | wrong, log, folded)
    assert not reconciles(stats | {"applied": 5, "duplicate": 0}, log, folded)


def test_a_customer_is_at_home_where_kafkas_own_partitioner_puts_the_id() -> None:
    hashes = {b"21": -973932308, b"foobar": -790332482}  # as in UtilsTest.testMurmur2 of Apache Kafka
    for partitions in (1, 4, 256):
        for customer, known in hashes.items():
            assert home(customer, partitions) == (known & 0x7FFFFFFF) % partitions
