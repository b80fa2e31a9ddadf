"""Changes that were for nothing."""

import numpy as np

from scoring.boundaries.flaps import Flaps, flaps
from scoring.layout import DAY_US, Tier

Change = tuple[int, float, Tier, Tier]  # customer, day, from, to


def counted(*changes: Change) -> Flaps:
    customer, day, before, after = zip(*changes, strict=True)
    at_us = (np.array(day) * DAY_US).astype(np.int64)
    return flaps(np.array(customer), at_us, np.array(before, np.int64), np.array(after, np.int64))


def test_a_change_taken_back_within_30_days_is_undone_and_on_the_31st_it_is_not() -> None:
    up, down = (1, 0.0, Tier.LOW, Tier.MIDDLE), (Tier.MIDDLE, Tier.LOW)
    assert counted(up, (1, 30.0, *down)) == (2, 1, 1)
    assert counted(up, (1, 30.1, *down)) == (2, 0, 0)


def test_somebody_elses_change_takes_nothing_back() -> None:
    assert counted((1, 0.0, Tier.LOW, Tier.MIDDLE), (2, 1.0, Tier.MIDDLE, Tier.LOW)) == (2, 0, 0)


def test_half_the_way_back_is_not_undone_and_further_than_back_is() -> None:
    rise = (1, 0.0, Tier.LOW, Tier.HIGH)
    assert counted(rise, (1, 9.0, Tier.HIGH, Tier.MIDDLE)) == (2, 0, 0)
    assert counted(rise, (1, 9.0, Tier.HIGH, Tier.MIDDLE), (1, 12.0, Tier.MIDDLE, Tier.LOW)) == (3, 1, 1)
    assert counted(
        (1, 0.0, Tier.HIGH, Tier.MIDDLE), (1, 9.0, Tier.MIDDLE, Tier.LOW), (1, 20.0, Tier.LOW, Tier.HIGH)
    ) == (3, 2, 0)


def test_the_order_in_which_changes_are_given_does_not_matter() -> None:
    there, back = (7, 3.0, Tier.HIGH, Tier.LOW), (7, 5.0, Tier.LOW, Tier.HIGH)
    assert counted(back, there) == counted(there, back) == (2, 1, 0)


def test_the_first_tier_is_no_change() -> None:
    assert counted((1, 0.0, Tier.NONE, Tier.MIDDLE), (1, 4.0, Tier.MIDDLE, Tier.LOW)) == (1, 0, 0)


def test_the_rate_of_nothing_is_0() -> None:
    assert counted((1, 0.0, Tier.NONE, Tier.MIDDLE)).rate == 0.0
    assert counted((1, 0.0, Tier.LOW, Tier.HIGH), (1, 1.0, Tier.HIGH, Tier.LOW)).rate == 0.5
