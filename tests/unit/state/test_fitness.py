"""Which servers may hold the memory."""

import pytest

from state.fitness import facts_of, objections, warnings

GOOD = b"# Server\r\nredis_version:7.0.15\r\nrole:master\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\n"


def test_a_good_server_meets_no_objection() -> None:
    assert objections(facts_of(GOOD)) == []
    assert warnings(facts_of(GOOD)) == []


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        (b"7.0.15", b"6.2.14", "Redis 7.0 or newer"),
        (b"master", b"slave", "replica"),
        (b"maxmemory:0\r\nmaxmemory_policy:noeviction", b"maxmemory:9\r\nmaxmemory_policy:allkeys-lfu", "noeviction"),
    ],
)
def test_what_would_lose_data_is_objected_to(was: bytes, now: bytes, told: str) -> None:
    assert told in " ".join(objections(facts_of(GOOD.replace(was, now))))


@pytest.mark.parametrize("version", [b"7.2.4", b"8.0.0", b"10.1", b"255.255.255"])
def test_every_later_version_is_welcome(version: bytes) -> None:
    assert objections(facts_of(GOOD.replace(b"7.0.15", version))) == []


def test_a_policy_that_spares_keys_that_never_expire_is_harmless() -> None:
    info = GOOD.replace(b"maxmemory:0", b"maxmemory:9").replace(b"noeviction", b"volatile-lru")
    assert objections(facts_of(info)) == []


def test_what_could_become_dangerous_is_warned_of() -> None:
    assert "allkeys-lru" in " ".join(warnings(facts_of(GOOD.replace(b"noeviction", b"allkeys-lru"))))
    assert "append-only" in " ".join(warnings(facts_of(GOOD.replace(b"aof_enabled:1", b"aof_enabled:0"))))
