"""The budget of drift alerts, over every store there is: it grants what the pure rule grants."""

import random

from scoring.budget import Candidate
from scoring.layout import DAY_US
from state.store import Store
from tests.support.budget import plainly

DAY = 20_000 * DAY_US


def alerts(seed: int, count: int, days: int = 4) -> list[Candidate]:
    """Some days' alerts in about the order of time, as several partitions bring them; some ask again."""
    chance = random.Random(seed)
    made = [
        Candidate(f"çelik {n % (3 * count // 4)}:drift:1", DAY + n * days * DAY_US // count, chance.random() * 1e6)
        for n in range(count)
    ]
    made = [made[int(candidate.alert_id.split(":")[0].split()[1])] for candidate in made]
    return sorted(made, key=lambda candidate: candidate.at_us + chance.randrange(DAY_US // 6))


async def test_it_grants_what_the_rule_grants_however_the_alerts_are_cut_into_questions(store: Store) -> None:
    asked = alerts(seed=20, count=160)
    answers: list[bool] = []
    for first in range(0, len(asked), 7):
        answers += await store.grant(10, asked[first : first + 7])
    assert answers == plainly(asked, 10)
    assert 20 < sum(answers) < len(asked)


async def test_what_was_granted_is_granted_again_and_takes_nothing_from_the_others(store: Store) -> None:
    first, second, third = (Candidate(f"c{n}:drift:1", DAY + n, 5.0) for n in range(3))
    assert await store.grant(2, [first]) == [True]
    assert await store.grant(2, [first, first, second, third]) == [True, True, True, False]


async def test_nothing_asked_is_nothing_granted(store: Store) -> None:
    assert await store.grant(3, []) == []
