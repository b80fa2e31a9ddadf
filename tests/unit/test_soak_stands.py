"""What the soak's judge compares customer by customer, and bucket by bucket: it must see one number that is wrong."""

from collections.abc import Mapping

import pytest

from scoring.layout import BUCKETS, NEVER_US
from state.keys import LAST_EXACT_US
from state.store import Head
from streams.ownership import PARTITIONS
from tests.soak import stands
from tests.soak.positions import not_at
from tests.soak.stands import Stand, apart, otherwise_told
from tests.soak.told import Told, as_told

HIGH, LOW, NOBODY, LASTING = b"high", b"low", b"nobody", b"lasting"
LEDGERS = {  # in the place of packed ones
    HIGH: {"tier": 4, "sequence": 2, "alerts": 1, "due_us": 70},
    LOW: {"tier": 2, "sequence": 2, "alerts": 1, "due_us": 70},
    NOBODY: {"tier": 0, "sequence": 0, "alerts": 0, "due_us": NEVER_US},
    LASTING: {"tier": 4, "sequence": 1, "alerts": 0, "due_us": LAST_EXACT_US},
}
ENDS = {("orders", 0): 7, ("orders", 1): 0, ("interactions", 0): 0, ("interactions", 1): 3}


@pytest.fixture(autouse=True)
def peeked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stands, "peek", LEDGERS.__getitem__)


def changes(*tiers: str) -> Told:
    """Of ann, from the first on."""
    said = enumerate(tiers, start=1)
    return as_told({"id": f"ann:{n}", "customer_id": "ann", "to": {"tier": tier}} for n, tier in said)


def alerts(count: int) -> Told:
    return as_told({"id": f"ann:drift:{n}", "customer_id": "ann"} for n in range(1, count + 1))


def amiss(ledger: bytes, told: Told, alerted: Told, *spoilt: str) -> int:
    return otherwise_told({"ann": Stand(ledger, 0), "bob": Stand(NOBODY, 0)}, told, alerted, spoilt)


def test_what_was_told_last_is_what_the_ledger_has() -> None:
    assert amiss(HIGH, changes("low", "high"), alerts(1)) == 0
    assert amiss(LOW, changes("low", "high"), alerts(1)) == 1
    assert amiss(HIGH, changes("low", "low", "high"), alerts(1)) == 1
    assert amiss(HIGH, changes("low", "high"), alerts(2)) == 1
    assert otherwise_told({}, changes("low"), alerts(0), ()) == 1


def test_of_a_spoilt_customer_numbers_may_be_left_out_but_no_tier() -> None:
    assert amiss(HIGH, changes("low", "low", "high"), alerts(0), "ann") == 0
    assert amiss(LOW, changes("low", "low", "high"), alerts(0), "ann") == 1


def test_a_ledger_that_is_another_or_missing_stands_apart_and_an_early_look_does_not() -> None:
    one = {"ann": Stand(HIGH, 5), "bob": Stand(NOBODY, 5)}
    assert apart(one, {"ann": Stand(HIGH, 3), "bob": Stand(NOBODY, 5)}, ()) == []
    assert apart(one, {"ann": Stand(LOW, 5), "cid": Stand(NOBODY, 5)}, ()) == ["ann", "bob", "cid"]
    assert apart(one, {"ann": Stand(LOW, 5)}, ["bob"]) == ["ann"]


def test_a_deadline_may_stand_in_the_index_too_early_never_too_late() -> None:
    assert [Stand(HIGH, at_us).oversleeps() for at_us in (60, 70, 71, NEVER_US)] == [False, False, True, True]


def test_a_deadline_so_late_that_it_is_not_indexed_is_not_missing_there() -> None:
    assert not Stand(LASTING, NEVER_US).oversleeps()


def heads(**offsets: int) -> dict[int, Head]:
    """Of every bucket, in two partitions, at the ends but for these of bucket 4."""
    here: dict[int, Mapping[str, int]] = {0: {"orders": 7}, 1: {"interactions": 3}}
    found = {b: Head(1, {**here[b % 2], PARTITIONS: 2}, 0, {}) for b in range(BUCKETS)}
    found[4] = Head(1, {**found[4].offsets, **offsets}, 0, {})
    return found


def test_a_position_that_is_not_at_the_end_is_seen_behind_it_or_short_of_it() -> None:
    assert not_at(heads(), ENDS) == 0
    assert not_at(heads(orders=6), ENDS) == not_at(heads(orders=8), ENDS) == not_at(heads(interactions=1), ENDS) == 1


def test_a_bucket_without_a_position_is_short_where_there_was_something_to_read() -> None:
    some = {bucket: head for bucket, head in heads().items() if bucket != 4}
    assert not_at(some, ENDS) == 1
    assert not_at({}, dict.fromkeys(ENDS, 0)) == 0


def test_a_bucket_that_was_raised_counts_where_it_reads_now() -> None:
    found = heads()
    found[4] = Head(2, {"orders@1": 900, "orders": 7, PARTITIONS: 2}, 0, {})
    assert not_at(found, ENDS) == 0
