"""The benchmarks' own log and arithmetic; how fast anything is, no test asks."""

import numpy as np

from benchmarks.measures.kernel import BATCHES, kernel_us
from benchmarks.shop import Shop, kernel_events, values
from scoring.layout import Kind
from streams.events.columns import columns
from streams.events.decode import decode
from streams.events.facts import DecodeRules, Fact


def test_the_same_seed_gives_the_same_bytes() -> None:
    one, other = Shop(50, 10.0), Shop(50, 10.0)
    assert [values(one.draw(300)), values(one.draw(300))] == [values(other.draw(300)), values(other.draw(300))]


def test_the_kernel_is_told_what_the_worker_would_decode() -> None:
    told = Shop(50, 10.0).draw(2_000)
    facts = [decode("orders", value, [], DecodeRules(), None) for value in values(told)]
    decoded = columns([fact for fact in facts if isinstance(fact, Fact)])
    direct = kernel_events(told)
    assert set(told.kind.tolist()) == {Kind.PLACED, Kind.REFUND, Kind.CANCELLED}
    for field in ("group", "sub", "at_us", "amount", "cost", "kind", "marks"):
        np.testing.assert_array_equal(decoded[field], direct[field], field)


def test_the_kernel_is_timed_at_every_size_of_batch() -> None:
    shop = Shop(50, 10.0)
    timed = kernel_us(shop.draw(500), shop.draw(12_000), seconds=0.02)
    assert set(timed) == set(BATCHES)
    assert all(us > 0 for us in timed.values())
