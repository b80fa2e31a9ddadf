"""Facts become the kernel's columns, each field in its place."""

from hypothesis import given
from hypothesis import strategies as st

from scoring.hashing import identities
from scoring.layout import EVENT, Kind
from streams.events.columns import columns
from streams.events.decode import Fact
from tests.support.values import event, fact, order


def test_no_facts_are_no_rows() -> None:
    assert len(columns([])) == 0
    assert columns([]).dtype == EVENT


def test_revisions_stay_numbers_and_refunds_are_hashed() -> None:
    refund = event("order.refunded", order_id="o1")
    facts = [fact(order(revision=7)), fact(refund), fact(event("order.cancelled")), fact(event("order.refunded"))]

    made = columns(facts)

    order_hash, refund_hash = identities([b"oo1", b"rr1"])
    assert made["group"].tolist() == [order_hash, order_hash, order_hash, refund_hash]
    assert made["sub"].tolist() == [7, refund_hash, 0, refund_hash]
    assert made["kind"].tolist() == [Kind.PLACED, Kind.REFUND, Kind.CANCELLED, Kind.CREDIT]


FACTS = st.builds(
    Fact,
    st.binary(min_size=1, max_size=4),
    st.just("order.placed"),
    st.sampled_from(list(Kind)),
    st.integers(0, 1),
    st.binary(min_size=1, max_size=8),
    st.integers(0, 2**53) | st.binary(min_size=1, max_size=8),
    st.integers(0, 2**60),
    st.integers(0, 10**12),
    st.integers(0, 10**12),
    st.just("e"),
    st.integers(0, 10**12),
)


@given(st.lists(FACTS, max_size=20))
def test_all_at_once_is_the_same_as_one_by_one(facts: list[Fact]) -> None:
    at_once = columns(facts)

    for row, told in zip(at_once, facts, strict=True):
        sub = int(identities([told.sub])[0]) if isinstance(told.sub, bytes) else told.sub
        assert (int(row["group"]), int(row["sub"])) == (int(identities([told.group])[0]), sub)
        assert (row["at_us"], row["amount"], row["cost"]) == (told.at_us, told.amount, told.cost)
        assert row["discount"] == told.discount
        assert (row["kind"], row["marks"]) == (told.kind, told.marks)
        assert (row["customer"], row["now_us"], row["spare"]) == (0, 0, 0)
