"""Hypothesis strategies for logs of bare events: few ids, so that they meet; few days, so that they share one."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

START = datetime(2024, 1, 1, tzinfo=UTC)
Event = dict[str, Any]


def _cents(n: int) -> str:
    return f"{n // 100}.{n % 100:02d}"


def time_of(microseconds: int) -> str:
    """This long after START, in RFC 3339."""
    return (START + timedelta(microseconds=microseconds)).isoformat()


customers = st.sampled_from(["ada", "bo", "çelik"])
order_ids = st.sampled_from(["o1", "o2", "o3", "o4"])
refund_ids = st.sampled_from(["r1", "r2", "r3"])
money = st.one_of(st.sampled_from(["0.01", "10.00", "45.90", "99999.99"]), st.integers(1, 10**12).map(_cents))
days = st.integers(0, 40).map(lambda day: time_of(day * 86_400_000_000 + 36_000_000_000))
instants = st.integers(0, 600 * 86_400_000_000).map(time_of)
times = st.one_of(days, instants)


def _event(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Event]:
    required = {"type": st.just(kind), "customer_id": customers, "occurred_at": times, "id": st.sampled_from("abcdef")}
    optional = {name: value for name, value in fields.items() if name in ("cost", "revision", "discount")}
    return st.fixed_dictionaries(
        {**required, **{n: v for n, v in fields.items() if n not in optional}}, optional=optional
    )


placed = _event(
    "order.placed",
    order_id=order_ids,
    amount=st.one_of(money, st.just("0.00")),
    cost=money,
    discount=money,
    revision=st.integers(0, 2),
)
refunded = _event("order.refunded", refund_id=refund_ids, order_id=order_ids, amount=money, cost=money)
credited = _event("order.refunded", refund_id=refund_ids, amount=money)
cancelled = _event("order.cancelled", order_id=order_ids)
contacted = _event("interaction.contact", channel=st.just("mail"), direction=st.just("out"), cost=money)
visited = _event("interaction.visit")
corrected = st.one_of(
    *(
        _event("customer.corrected", period=st.sampled_from(["2024-02", "2024-03", "2025-08"]), **words)
        for words in (
            {"margin": st.sampled_from(["0.9", "-0.5", "0.25"])},
            {"expense": money},
            {"margin": st.just("0.1"), "expense": money},
        )
    )
)
owes = _event("interaction.arrears", amount=money)
complained = _event("interaction.complaint", complaint_id=st.sampled_from(["c1", "c2"]))

events = st.one_of(
    placed, placed, placed, refunded, credited, cancelled, contacted, visited, complained, owes, corrected
)
logs = st.lists(events, max_size=60)
