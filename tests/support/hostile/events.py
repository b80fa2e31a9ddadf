"""Hostile records: each is a fact, a version or a refusal, the same each time and whoever reads it."""

import json
import random
from collections import Counter
from collections.abc import Sequence

from scoring.defaults import DEFAULT_MODEL
from streams.config import COMMANDS, INPUTS
from streams.events.batch import read_batch
from streams.events.columns import columns
from streams.events.decode import DecodeRules, Told, decode
from streams.events.facts import Fact
from streams.events.money import MAX_MINOR
from streams.events.refusals import Reason, Refusal
from streams.events.terms_records import write_terms
from streams.versions import Versioned
from tests.support.hostile.spoiling import spoilt
from tests.support.kernel import TERMS
from tests.support.pipelines import Line
from tests.support.values import COMMON, LEAST, ORDER, RULES

ODD = (  # JSON, or nearly
    *("null", "true", "[]", "{}", '""', "0", "-1", "1e400", "NaN", "12.345", "1.0", "9" * 400, "1" + "0" * 17, "1e2"),
    *('"\\ud83d\\ude00"', '"\\ud800"', '"\\u0000"', '"' + "x" * 129 + '"', '"é"', '"a\\tb"', '" "'),
    *('"1970-01-01T00:00:00Z"', '"2024-02-30T10:00:00Z"', '"2024-03-05T10:00:60Z"', '"2024-03-05 10:00:00+01:00"'),
    *('"9999-12-31T23:59:59.9999999Z"', '"2024-03-05"', '"0.001"', '"1000000000000.01"', '"10000000000"', '"+5"'),
    *('"order.placed"', '"USD"', '"JPY"', '"XXX"', "[" * 900 + "]" * 900, '[{"amount": "x"}]', "2.5e-1", "-0.0"),
)
Header = tuple[str, bytes]
WALL_US = 1_800_000_000_000_000
VERSION = Versioned("m", 10**15, 10**15 + 10**9, "b", TERMS.rules, TERMS.drift, "mbg", DEFAULT_MODEL)
BARE = [json.dumps({**COMMON, "type": type_, **fields}).encode() for type_, fields in LEAST.items()]
STRUCTURED = [
    json.dumps(
        {
            "specversion": "1.0",
            "id": "e1",
            "type": type_,
            "source": "/s",
            "time": COMMON["occurred_at"],
            "data": {**COMMON, **fields},
        }
    ).encode()
    for type_, fields in LEAST.items()
]
FULL = json.dumps(
    {
        **ORDER,
        "cost": "1.10",
        "discount": 0.5,
        "revision": 2,
        "currency": "USD",
        "channel": "web",
        "lines": [{"sku": "s", "category": "c", "quantity": 2, "amount": "3", "cost": 1}] * 3,
    }
).encode()
VERSIONED = write_terms(VERSION, "USD")
SEEDS = [*BARE, *STRUCTURED, FULL, VERSIONED]
HEADERS: tuple[Header, ...] = (
    ("ce_specversion", b"1.0"),
    ("ce_id", b"e1"),
    ("ce_type", b"order.placed"),
    ("ce_time", b"2024-03-05T10:11:12Z"),
    ("ce_subject", b"ada"),
    ("ce_source", b"/s"),
    ("content-type", b"application/json"),
    ("content-type", b"application/cloudevents+json"),
    ("trace", b"\xff"),
)


def refilled(seed: bytes, chance: random.Random) -> bytes:
    """A good event with odd values in some of its fields, some of them told twice."""
    fields = [(name, json.dumps(value)) for name, value in json.loads(seed).items()]
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(fields))
        new = (fields[at][0], chance.choice(ODD))
        fields[at : at + (chance.random() < 0.8)] = [new]
    chance.shuffle(fields)
    return ("{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in fields) + "}").encode()


def headers(chance: random.Random) -> list[Header]:
    """None, mostly; else some of them, spoilt or not."""
    if chance.random() < 0.6:
        return []
    some = chance.sample(HEADERS, chance.randint(1, 5))
    return [(name, spoilt(text, chance) if chance.random() < 0.4 else text) for name, text in some]


def record(chance: random.Random) -> Line:
    """A record that may be anything."""
    value: bytes | None = chance.choice(SEEDS)
    fate = chance.random()
    if fate < 0.4:
        value = refilled(chance.choice(SEEDS), chance)
    elif fate < 0.8:
        value = spoilt(chance.choice(SEEDS), chance, SEEDS)
    elif fate < 0.85:
        value = chance.randbytes(chance.randint(0, 200)) if chance.random() < 0.9 else None
    return Line(value, chance.choice((None, b"ada", chance.randbytes(4))), 0, headers(chance))


def judge(topic: str, line: Line, rules: DecodeRules = RULES, wall_us: int | None = WALL_US) -> Told:
    """What it turns out to be; fails where that is not allowed."""
    told = decode(topic, line.value, line.headers, rules, wall_us)
    match told:
        case Fact():
            assert 0 <= told.amount <= max(MAX_MINOR, 2**62), told
            assert 0 <= told.cost <= max(MAX_MINOR, 2**62), told
            assert 0 <= told.at_us <= WALL_US + 2**47, told
            assert 0 < len(told.customer_id.decode()) <= 128, told
        case Refusal():
            assert told.reason in Reason, told
            assert len(told.message.encode(errors="strict")) < 1_500, told
        case _:
            assert isinstance(told, Versioned), told
            assert topic == COMMANDS, told
    assert decode(topic, line.value, line.headers, rules, wall_us) == told
    return told


def judge_batch(lines: Sequence[tuple[str, Line]], told: Sequence[Told], rules: DecodeRules = RULES) -> None:
    """A batch must be what its records are one by one."""
    batch = read_batch(lines, rules, WALL_US)
    facts = {i: one for i, one in enumerate(told) if isinstance(one, Fact)}
    assert batch.at.tolist() == list(facts)
    if facts:
        assert batch.events[batch.at].tobytes() == columns(list(facts.values())).tobytes()
    assert [batch.customer_id(i) for i in facts] == [fact.customer_id for fact in facts.values()]
    assert [caused.id for caused in batch.caused(batch.at)] == [fact.id for fact in facts.values()]
    assert all(batch.told[i] == one for i, one in enumerate(told) if not isinstance(one, Fact))


def fuzz_events(chance: random.Random) -> Counter[str]:
    """One batch of hostile records; how many were read, and how many refused for which reason."""
    lines = [(chance.choice(INPUTS), record(chance)) for _ in range(20)]
    told = [judge(topic, line) for topic, line in lines]
    judge_batch(lines, told)
    return Counter(str(one.reason) if isinstance(one, Refusal) else type(one).__name__ for one in told)
