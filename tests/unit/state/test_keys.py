"""Where a bucket lies."""

import pytest
from redis.crc import key_slot

from state.errors import StateError
from state.keys import keys_of


def test_the_keys_of_a_bucket_carry_namespace_and_bucket_readably() -> None:
    assert keys_of("ebbtide")[17][:5] == (
        b"ebbtide:{17}:head",
        b"ebbtide:{17}:states",
        b"ebbtide:{17}:due",
        b"ebbtide:{17}:outbox",
        b"ebbtide:{17}:census",
    )


def test_all_keys_of_a_bucket_lie_in_the_slot_that_commands_are_routed_by() -> None:
    for keys in keys_of("any:name"):
        assert {key_slot(key) for key in keys[:5]} == {keys.slot}


def test_buckets_spread_over_a_cluster_of_three() -> None:
    owners = [keys.slot * 3 // 16_384 for keys in keys_of("n")]
    assert min(owners.count(node) for node in range(3)) > 60


@pytest.mark.parametrize("namespace", ["", "a{b", "a}b"])
def test_a_namespace_that_would_break_the_hash_tag_is_refused(namespace: str) -> None:
    with pytest.raises(StateError, match="EBBTIDE_NAMESPACE"):
        keys_of(namespace)
