"""How far the state is behind: the log's extents against every bucket's position."""

from scoring.layout import BUCKETS
from state.store import Head
from streams.broker.lag import Extent, lag

TWO_PARTITIONS = {"orders": [Extent(0, 10), Extent(4, 20)], "interactions": [Extent(0, 0), Extent(0, 0)]}


def heads(**offsets: int) -> dict[int, Head]:
    return {bucket: Head(1, offsets, 0, {}) for bucket in range(BUCKETS)}


def test_a_state_that_has_everything_is_not_behind() -> None:
    assert lag(TWO_PARTITIONS, heads(orders=20, interactions=0)) == 0


def test_without_a_state_everything_that_the_log_still_holds_is_to_do() -> None:
    assert lag(TWO_PARTITIONS, {}) == 10 + 16


def test_the_bucket_furthest_behind_counts() -> None:
    behind = heads(orders=20) | {5: Head(1, {"orders": 17}, 0, {})}  # bucket 5 lies in partition 1 of 2
    assert lag(TWO_PARTITIONS, behind) == 3


def test_a_position_before_what_the_log_still_holds_counts_from_there() -> None:
    assert lag({"orders": [Extent(4, 20)]}, heads(orders=1)) == 16


def test_a_log_that_was_cut_behind_the_position_is_no_negative_lag() -> None:
    assert lag({"orders": [Extent(0, 5)]}, heads(orders=9)) == 0
