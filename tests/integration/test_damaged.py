"""What commands that read a state do about a ledger that is damaged, and about a state that a newer release wrote."""

import json
from base64 import b64decode
from pathlib import Path

import msgspec
import pytest
from redis import Redis

from ebbtide.cli.main import _run
from ebbtide.embedded import Server
from scoring.layout import LAYOUT
from state.codec import encode_head
from state.sealed import sealed
from state.store import Head
from tests.support.stored import Stored, restore, stored_state

WHO = "customer-7"


@pytest.fixture
def old(redis: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Stored:
    """A state, and settings that lead to it."""
    state = stored_state(1)
    monkeypatch.chdir(tmp_path)
    for name, value in (state.settings | {"EBBTIDE_REDIS_URL": redis.url}).items():
        monkeypatch.setenv(name, value)
    with Redis.from_url(redis.url) as client:
        restore(client, state)
    return state


@pytest.fixture
def place(redis: Server, old: Stored) -> str:
    """The key under which a damaged ledger lies."""
    [key] = [
        key
        for key, (_, content) in old.stored.items()
        if key.endswith(":states") and WHO in [b64decode(who).decode() for who, _ in content]
    ]
    with Redis.from_url(redis.url) as client:
        blob = bytearray(client.hget(key, WHO) or b"")
        blob[5] ^= 1
        client.hset(key, WHO, bytes(blob))
    return key


@pytest.mark.parametrize(
    "arguments",
    [
        ["export", "ledger", "-"],
        ["export", "scores", "-"],
        ["top", "--json", "-n", "100"],
        ["losing", "--json"],
        ["tiers", "--json"],
        ["rfm", "--json"],
    ],
)
def test_a_damaged_ledger_is_left_out_named_and_in_the_exit_code(
    place: str, old: Stored, capfd: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert _run(arguments) == 1
    said = capfd.readouterr()
    bucket = place.split("{")[1].split("}")[0]
    assert f"left out: {place} field {WHO}: this stored ledger is damaged." in said.err
    assert f"ebbtide rebuild --bucket {bucket}" in said.err
    assert "1 customers are left out" in said.err
    assert f'"{WHO}"' not in said.out
    lines = [json.loads(line) for line in said.out.splitlines()]
    assert len(lines) == (len(old.ledgers()) - 1 if arguments[0] == "export" else 1)


def test_a_customer_whose_ledger_is_damaged_is_one_line(place: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert _run(["customer", WHO]) == 1
    said = capfd.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"ebbtide: {place} field {WHO}: this stored ledger is damaged.")
    assert _run(["customer", "customer-8"]) == 0


def test_doctor_says_that_events_met_damaged_ledgers(
    old: Stored, redis: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    head = encode_head(Head(9, {"partitions": 1}, 0, {"consumed": 3, "dead.ledger": 2, "dead.time": 1}))
    with Redis.from_url(redis.url) as client:
        client.delete(*old.stored)
        client.hset(f"{old.namespace}:{{17}}:head", mapping={"sequence": 9, "head": head})
    assert _run(["doctor"]) == 1
    assert "wrong  ledgers   2 records met a damaged ledger of their customer" in capfd.readouterr().out


def test_doctor_says_that_a_rebuild_left_its_shadow(
    old: Stored, redis: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    with Redis.from_url(redis.url) as client:
        for bucket in (17, 200):
            client.hset(f"{old.namespace}~rebuild:{{{bucket}}}:head", mapping={"epoch": 5, "sequence": 9})
        client.hset(f"{old.namespace}~dry:{{17}}:head", mapping={"epoch": 5, "sequence": 9})
    _run(["doctor"])
    said = capfd.readouterr().out
    assert (
        "note   redis     a shadow of 2 of the 256 buckets lies beside the state: ebbtide rebuild runs, or was killed"
        in said
    )
    assert (
        "note   redis     a shadow of 1 of the 256 buckets lies beside the state: ebbtide rebuild --dry-run runs"
        in said
    )


@pytest.mark.parametrize(
    "arguments",
    [["export", "ledger", "-"], ["top"], ["losing"], ["tiers"], ["rfm"], ["stats"], ["customer", WHO], ["doctor"]],
)
def test_a_state_of_a_newer_release_is_one_line_that_says_so(
    old: Stored, redis: Server, capfd: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    later = sealed(msgspec.msgpack.encode([LAYOUT + 1, {"what": "we cannot know"}]))
    with Redis.from_url(redis.url) as client:
        client.hset(f"{old.namespace}:{{17}}:head", "head", later)
    assert _run(arguments) == 1
    said = capfd.readouterr()
    text = f"This state was written by a newer Ebbtide (layout {LAYOUT + 1}): update this one first"
    if arguments == ["doctor"]:
        assert f"wrong  redis     {text}" in said.out
    else:
        assert said.err == f"ebbtide: {text}\n"
