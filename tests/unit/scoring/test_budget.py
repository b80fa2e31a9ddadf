"""The budget of drift alerts: never more than so many a day, and nearly those of the highest value at risk."""

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.budget import Budget, Candidate, admits, day_of, elapsed_share
from scoring.layout import DAY_US
from tests.support.budget import plainly

candidates = st.builds(
    Candidate,
    st.integers(0, 40).map(str),
    st.integers(0, 3 * DAY_US - 1),
    st.integers(0, 50).map(float),
)
asked = st.lists(candidates, max_size=120, unique_by=lambda candidate: candidate.alert_id)


@given(asked, st.integers(1, 8), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_it_is_the_rule_applied_one_by_one_and_a_question_again_gets_the_same_yes(
    alerts: list[Candidate], limit: int, chance: random.Random
) -> None:
    again = [alert for alert in alerts for _ in range(chance.choice((1, 1, 3)))]
    budget = Budget(limit)
    assert [budget.grant(alert) for alert in again] == plainly(again, limit)


@given(asked, st.integers(1, 8))
@settings(deadline=None)
def test_never_more_than_so_many_a_day(alerts: list[Candidate], limit: int) -> None:
    budget = Budget(limit)
    told = Counter(day_of(alert.at_us) for alert in alerts if budget.grant(alert))
    assert max(told.values(), default=0) <= limit


def test_a_day_after_one_that_asked_for_less_than_its_budget_grants_whatever_comes_first() -> None:
    budget = Budget(2)
    assert [budget.grant(Candidate(str(n), DAY_US, 1.0)) for n in range(3)] == [True, True, False]


def test_below_yesterdays_best_an_alert_waits_until_too_little_of_the_day_is_left_for_the_budget() -> None:
    assert not admits(granted=1, limit=6, at_risk=9.0, floor=10.0, elapsed=0.5)
    assert admits(granted=1, limit=6, at_risk=9.0, floor=10.0, elapsed=0.51)
    assert admits(granted=1, limit=4, at_risk=10.0, floor=10.0, elapsed=0.0)
    assert not admits(granted=4, limit=4, at_risk=99.0, floor=10.0, elapsed=0.99)


def test_what_was_forgotten_is_what_nobody_looks_at_any_more() -> None:
    alerts = year(seed=3, a_day=20, days=20)
    whole, short = Budget(5), Budget(5)
    told = []
    for alert in alerts:
        short.forget(day_of(alert.at_us) - 1)
        told.append(short.grant(alert))
    assert told == [whole.grant(alert) for alert in alerts]


def year(seed: int, a_day: float, days: int = 365) -> list[Candidate]:
    """Alerts at any time of the day, their values at risk spread as those of real customers: widely, a few of them large."""
    chance = random.Random(seed)
    at = sorted(chance.randrange(days * DAY_US) for _ in range(round(a_day * days)))
    return [Candidate(str(n), at_us, round(chance.lognormvariate(9.0, 1.2))) for n, at_us in enumerate(at)]


def captured(alerts: list[Candidate], limit: int) -> tuple[float, float]:
    """Of the value at risk that the best `limit` a day have together, the share of those that were told; and the same of
    whoever comes first."""
    budget = Budget(limit)
    told, first, best = 0.0, 0.0, 0.0
    days: dict[int, list[float]] = {}
    for alert in alerts:
        days.setdefault(day_of(alert.at_us), []).append(alert.at_risk)
        told += alert.at_risk * budget.grant(alert)
    for risks in days.values():
        first += sum(risks[:limit])
        best += sum(sorted(risks)[-limit:])
    return told / best, first / best


@pytest.mark.parametrize(("limit", "a_day", "least"), [(10, 100, 0.85), (50, 500, 0.9), (20, 40, 0.9)])
def test_over_a_year_the_kept_alerts_are_those_of_the_highest_value_at_risk(
    limit: int, a_day: int, least: float
) -> None:
    told, first = captured(year(seed=20, a_day=a_day), limit)
    assert told > least
    assert told > first + 0.2


def test_a_budget_of_one_is_not_spent_on_the_first_alert_of_the_day() -> None:
    told, first = captured(year(seed=20, a_day=20), 1)
    assert told > 0.5 > first


def test_a_day_is_utc_and_begins_with_nothing_elapsed() -> None:
    assert (day_of(DAY_US - 1), day_of(DAY_US)) == (0, 1)
    assert (elapsed_share(DAY_US), elapsed_share(DAY_US + DAY_US // 4)) == (0.0, 0.25)
