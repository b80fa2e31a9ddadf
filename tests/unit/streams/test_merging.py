"""Topics of a partition come as one line by the broker's time, each in its own order, and a version alone."""

from hypothesis import given
from hypothesis import strategies as st

from streams.config import COMMANDS, INPUTS, INTERACTIONS, ORDERS
from streams.rebuild.merging import Merge
from tests.support.pipelines import Line


def line(offset: int, at_s: float, key: bytes | None = b"k") -> Line:
    return Line(b"", key, offset, timestamp=round(at_s * 1000))


def taken(merge: Merge, most: int = 100) -> list[list[tuple[str, int]]]:
    found = []
    while batch := merge.take(most):
        found.append([(topic, record.offset) for topic, records in batch for record in records])
    return found


def test_within_a_second_orders_come_first_and_commands_last() -> None:
    merge = Merge(INPUTS)
    merge.put(COMMANDS, [line(0, 5.0), line(1, 7.0)])
    merge.put(INTERACTIONS, [line(0, 4.0), line(1, 5.2)])
    merge.put(ORDERS, [line(0, 5.9), line(1, 6.0)])
    for topic in INPUTS:
        merge.end(topic)
    assert taken(merge) == [
        [
            (INTERACTIONS, 0),
            (ORDERS, 0),
            (INTERACTIONS, 1),
            (COMMANDS, 0),
            (ORDERS, 1),
            (COMMANDS, 1),
        ]
    ]
    assert not merge.left


def test_nothing_is_taken_before_it_is_known_to_be_next() -> None:
    merge = Merge((ORDERS, COMMANDS))
    merge.put(COMMANDS, [line(0, 5.0)])
    assert taken(merge) == []
    assert merge.wanting == [ORDERS]
    merge.put(ORDERS, [line(0, 1.0)])
    assert taken(merge) == [[(ORDERS, 0)]]  # another one from before the command may come
    merge.end(ORDERS)
    assert taken(merge) == [[(COMMANDS, 0)]]
    assert merge.left
    merge.end(COMMANDS)
    assert not merge.left


def test_a_version_comes_alone() -> None:
    merge = Merge((ORDERS, COMMANDS))
    merge.put(ORDERS, [line(0, 1.0), line(1, 3.0)])
    merge.put(COMMANDS, [line(0, 2.0, None), line(1, 2.0, None), line(2, 2.0)])
    merge.end(ORDERS)
    merge.end(COMMANDS)
    assert taken(merge) == [[(ORDERS, 0)], [(COMMANDS, 0)], [(COMMANDS, 1)], [(COMMANDS, 2), (ORDERS, 1)]]


times = st.lists(st.integers(0, 9), max_size=20)


@given(orders=times, interactions=times, most=st.integers(1, 7))
def test_every_record_comes_once_in_the_order_of_its_topic_by_times_that_never_go_back(
    orders: list[int], interactions: list[int], most: int
) -> None:
    merge = Merge((ORDERS, INTERACTIONS))
    latest: dict[tuple[str, int], int] = {}
    for topic, at in ((ORDERS, orders), (INTERACTIONS, interactions)):
        merge.put(topic, [line(offset, at_s) for offset, at_s in enumerate(at)])
        merge.end(topic)
        latest |= {(topic, offset): max(at[: offset + 1]) for offset in range(len(at))}
    batches = taken(merge, most)
    flat = [place for batch in batches for place in batch]
    assert all(len(batch) <= most for batch in batches)
    for topic in (ORDERS, INTERACTIONS):
        assert [offset for of, offset in flat if of == topic] == sorted(offset for of, offset in latest if of == topic)
    assert [latest[place] for place in flat] == sorted(latest.values())
