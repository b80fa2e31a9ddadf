"""Boundaries from the histogram, against sorting everybody."""

from math import inf

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scoring.boundaries.drawing import boundaries, least_that_bring, percentile
from scoring.boundaries.histogram import EMPTY, LEAST, MOST, Histogram
from scoring.boundaries.policy import Policy, Rule, has_moved
from scoring.errors import HistogramCorruptError
from scoring.layout import DAY_US, Floats, Tier
from scoring.terms import Rules

CUSTOMERS = 100_000
START = Rules((-inf, -inf, 0.0, 2_500.0, 10_000.0), (-inf, -inf, 0.0, 1_500.0, 7_000.0), 7 * DAY_US)
SHARE = Policy(Rule.SHARE, START)


def shop(seed: int, kind: str, spread: float) -> Floats:
    """Values of a shop in minor units: some customers bring a loss, many next to nothing, a few most."""
    draw = np.random.default_rng(seed)
    match kind:
        case "lognormal":
            values = draw.lognormal(7.0, spread, CUSTOMERS)
        case "pareto":
            values = 100.0 * (1.0 + draw.pareto(1.0 + spread, CUSTOMERS))
        case _:  # as in a census of CDNOW: prices repeat, and most customers are gone
            orders = draw.geometric(0.4, CUSTOMERS)
            values = (
                1_197.0 * orders * draw.choice([1.0, 0.5, 1e-3, 1e-9], CUSTOMERS) * (draw.random(CUSTOMERS) ** spread)
            )
            values = np.where(draw.random(CUSTOMERS) < 0.3, np.round(values, -2), values)
    values[: CUSTOMERS // 50] *= -0.3
    return values


def by_sorting(values: Floats, share: float) -> float:
    """The least value of the smallest set that brings the share of all that is worth anything."""
    ordered = np.sort(values[values > 0])[::-1]
    brought = np.cumsum(ordered)
    return float(ordered[np.searchsorted(brought, share * brought[-1] * (1 - 1e-8))])


def brings(values: Floats, boundary: float) -> float:
    return float(values[values >= boundary].sum() / values[values > 0].sum())


@given(
    seed=st.integers(0, 2**32 - 1),
    kind=st.sampled_from(["lognormal", "pareto", "like CDNOW"]),
    spread=st.floats(0.4, 3.0),
    share=st.sampled_from([0.5, 0.8, 0.95]),
)
@example(seed=1, kind="lognormal", spread=0.4, share=0.8)
def test_the_boundary_is_within_1_percent_and_the_share_within_a_tenth_of_a_point(
    seed: int, kind: str, spread: float, share: float
) -> None:
    values = shop(seed, kind, spread)
    found, exact = least_that_bring(EMPTY.add(values), share), by_sorting(values, share)
    assert found == pytest.approx(exact, rel=0.01)
    assert brings(values, found) == pytest.approx(brings(values, exact), abs=0.001)


@given(
    values=st.lists(st.floats(-1e15, 1e15), max_size=60),
    cuts=st.lists(st.integers(0, 60), max_size=5),
)
def test_merged_parts_are_the_whole_byte_for_byte_in_any_order(values: list[float], cuts: list[int]) -> None:
    whole = EMPTY.add(np.array(values))
    parts = [EMPTY.add(np.array(part)) for part in np.split(np.array(values), sorted(cuts))]
    packed = [Histogram.from_bytes(part.to_bytes()) for part in parts[::-1]]
    assert EMPTY.merge(*packed).to_bytes() == whole.to_bytes()
    assert whole.customers == len(values)


@given(st.lists(st.floats(-1e15, 1e15), min_size=1, max_size=60))
def test_a_bin_is_as_narrow_as_promised_and_keeps_the_sum(values: list[float]) -> None:
    for value in values:
        alone = EMPTY.add(np.array([value]))
        held = 0.0 if 0 <= value < LEAST else min(value, -LEAST) if value < 0 else value
        assert alone.edges[0] == pytest.approx(held, rel=0.00025)
        assert alone.sums[0] == pytest.approx(held, rel=4e-9)
    total = sum(abs(value) for value in values)
    assert EMPTY.add(np.array(values)).sums.sum() == pytest.approx(sum(values), abs=4e-9 * total + LEAST * len(values))


def test_what_is_beyond_the_bins_counts_at_their_end() -> None:
    values = EMPTY.add(np.array([inf, 1e300, -inf, 5e-324, -5e-324]))
    assert values.customers == 5
    assert values.sums.tolist() == pytest.approx([-MOST, -LEAST, 0.0, 2 * MOST])
    with pytest.raises(ValueError, match="no number"):
        EMPTY.add(np.array([1.0, np.nan]))


def test_a_shop_of_100_000_customers_is_small() -> None:
    whole = shop(7, "lognormal", 1.5)
    buckets = [len(EMPTY.add(part).to_bytes()) for part in np.array_split(whole, 256)]
    assert max(buckets) < 3_000
    assert len(EMPTY.add(whole).to_bytes()) < 200_000


@pytest.mark.parametrize(
    "damaged", ["cut", "longer", "of another version", "empty", "a version only", "bins that descend"]
)
def test_bytes_that_are_no_histogram_are_refused(damaged: str) -> None:
    good = EMPTY.add(np.array([3.0, 4.0])).to_bytes()
    packed = {
        "cut": good[:-1],
        "longer": good + b"\0",
        "of another version": b"\2" + good[1:],
        "empty": b"",
        "a version only": good[:1],
        "bins that descend": bytes([1, 2, 2, 1, 0, 1, 1, 0]),
    }[damaged]
    with pytest.raises(HistogramCorruptError):
        Histogram.from_bytes(packed)


def rules_of(values: list[float], policy: Policy = SHARE) -> Rules:
    return boundaries(EMPTY.add(np.array(values)), policy)


def test_hysteresis_lies_half_above_and_half_below_the_boundary() -> None:
    found = rules_of([8_192.0, 1_536.0, 512.0, -700.0, 0.0])  # edges of bins; 80%, 95%, 100% of 10,240
    assert found.enter == pytest.approx((-inf, -inf, 0.0, 1_536 * 1.1, 8_192 * 1.1))
    assert found.leave == pytest.approx((-inf, -inf, 0.0, 1_536 * 0.9, 8_192 * 0.9))
    assert found.min_stay_us == START.min_stay_us


def test_customers_of_equal_value_stay_together() -> None:
    values = [1_234.56] * 1_000
    found = least_that_bring(EMPTY.add(np.array(values)), 0.8)
    assert found <= 1_234.56 < found * 1.00025


def test_one_customer_is_both_the_fewest_that_bring_80_and_95_percent() -> None:
    found = rules_of([5_000.0])
    assert found.enter[Tier.HIGH] == found.enter[Tier.MIDDLE] == pytest.approx(5_500.0, rel=0.00025)


@pytest.mark.parametrize("values", [[], [0.0] * 50, [-5.0, -7_000.0], [0.0, -1.0]])
@pytest.mark.parametrize("rule", Rule)
def test_where_nobody_is_worth_anything_the_start_boundaries_hold(values: list[float], rule: Rule) -> None:
    assert rules_of(values, SHARE._replace(rule=rule)) == START


def test_fixed_thresholds_do_not_look_at_anybody() -> None:
    assert rules_of([1.0, 2.0, 3e9], SHARE._replace(rule=Rule.THRESHOLDS)) == START


def test_low_begins_where_the_file_says_and_nothing_lies_below_it() -> None:
    start = START._replace(enter=(-inf, -inf, 500.0, 2_500.0, 10_000.0), leave=(-inf, -inf, 400.0, 1_500.0, 7_000.0))
    found = rules_of([100.0, 0.2], SHARE._replace(start=start))
    assert found.enter == (-inf, -inf, 500.0, 500.0, 500.0)
    assert found.leave == (-inf, -inf, 400.0, 400.0, 400.0)


@given(st.integers(0, 2**32 - 1), st.sampled_from([10.0, 50.0, 70.0, 90.0, 99.0]))
def test_a_percentile_is_numpys_to_a_bin(seed: int, percent: float) -> None:
    values = shop(seed, "lognormal", 1.2)
    exact = float(np.percentile(values, percent, method="inverted_cdf"))
    assert percentile(EMPTY.add(values), percent) == pytest.approx(max(exact, LEAST), rel=0.001)


def test_the_highest_percentile_is_never_nothing() -> None:
    assert percentile(EMPTY.add(np.array([0.0] * 99 + [7.0])), 90.0) == LEAST
    assert percentile(EMPTY.add(np.array([1.0, 7.0])), 100.0) == pytest.approx(7.0, rel=0.001)


def test_boundaries_move_only_by_enough() -> None:
    held = rules_of([10_000.0, 100.0])
    assert not has_moved(held, held, SHARE)
    assert not has_moved(held, rules_of([10_490.0, 100.0]), SHARE)
    assert has_moved(held, rules_of([10_520.0, 100.0]), SHARE)
    assert has_moved(held, rules_of([9_400.0, 100.0]), SHARE)
    assert has_moved(held, held._replace(min_stay_us=0), SHARE)
    assert has_moved(START, START._replace(leave=(-inf, -inf, -1.0, 1_500.0, 7_000.0)), SHARE)
