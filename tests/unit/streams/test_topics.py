"""What topics must be like, as a decision over partition counts."""

import pytest

from streams.broker.topics import ALL, objections
from streams.config import Topics

GOOD = dict.fromkeys(ALL, 8)


def test_equal_powers_of_two_are_good() -> None:
    assert objections(GOOD, Topics()) == []
    assert objections(GOOD | {"tier-changes": 3, "dead-letters": 1}, Topics()) == []


@pytest.mark.parametrize("count", [3, 12, 512])
def test_inputs_need_a_power_of_two_up_to_256(count: int) -> None:
    found = objections(GOOD | dict.fromkeys(("orders", "interactions", "commands"), count), Topics("shop."))
    assert len(found) == 3
    assert found[0].startswith(f"Topic shop.orders has {count} partitions")


def test_inputs_need_equally_many_partitions() -> None:
    (found,) = objections(GOOD | {"interactions": 4}, Topics())
    assert "orders 8, interactions 4, commands 8" in found


def test_a_missing_topic_is_named_with_its_prefix() -> None:
    (found,) = objections({name: 8 for name in ALL if name != "dead-letters"}, Topics("shop."))
    assert "shop.dead-letters is missing" in found
