"""Whether everything came out as a plain fold over the log says, and every promise was kept."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from aiokafka import TopicPartition

from scoring.hashing import buckets
from scoring.layout import BUCKETS
from scoring.ledgers import peek
from state.redis_store import RedisStore
from state.store import Entry, Head
from streams.config import COMMANDS, DEAD_LETTERS, DRIFT_ALERTS, INPUTS, TIER_CHANGES
from tests.simulation.kafka_log import Written
from tests.simulation.plan import Plan
from tests.simulation.redis_engine import Engine, NoDistance
from tests.simulation.reference import told_of
from tests.simulation.shop import GARBAGE
from tests.support.deadlines import too_late
from tests.support.fold import FACTS, fold
from tests.support.ids import number_of
from tests.support.kernel import facts

Logs = Mapping[TopicPartition, Sequence[Written]]
SHOWN = 3  # of many of a kind


class Evidence(NamedTuple):
    """What is left when all is quiet."""

    plan: Plan
    logs: Logs
    redis: Engine
    namespace: str
    failures: Sequence[str]


class Expected(NamedTuple):
    """What the input topics hold, record by record."""

    events: list[dict[str, Any]]  # where their customer is
    forwarded: int  # elsewhere
    refused: set[tuple[str, int, int]]
    versions: int


async def judged(evidence: Evidence) -> list[str]:
    """What is wrong, in words; nothing is as it should be."""
    store = RedisStore(NoDistance(evidence.redis), evidence.namespace, "redis")
    heads = await store.heads()
    states = {customer: blob async for customer, blob in store.states(*range(BUCKETS))}
    outbox = await store.outbox(range(BUCKETS), 10)
    expected = _expected(evidence)
    return [
        *evidence.failures,
        *_ledgers(expected, states),
        *_counters(expected, evidence, heads),
        *_positions(evidence, heads),
        *_told(evidence, states, TIER_CHANGES, "sequence"),
        *_told(evidence, states, DRIFT_ALERTS, "alerts"),
        *_dead_letters(evidence, expected),
        *_outbox(evidence, outbox),
        *(f"silence of {who.decode()} would go unnoticed" for who in await too_late(store)),
        *(_as_without_faults(evidence) if evidence.plan.exact else ()),
    ]


def _records(evidence: Evidence, topics: Sequence[str]) -> Iterable[Written]:
    return (record for place, log in evidence.logs.items() if place.topic in topics for record in log)


def _expected(evidence: Evidence) -> Expected:
    events, refused, forwarded, versions = [], set(), 0, 0
    for record in _records(evidence, INPUTS):
        if record.value is None or record.value in GARBAGE:
            refused.add((record.topic, record.partition, record.offset))
        elif record.topic == COMMANDS and record.key is None:
            versions += 1
        else:
            event = json.loads(record.value)
            home = int(buckets([event["customer_id"].encode()])[0]) % evidence.plan.shape.partitions
            if home == record.partition:
                events.append(event)
            else:
                forwarded += 1
    return Expected(events, forwarded, refused, versions)


def _ledgers(expected: Expected, states: Mapping[bytes, bytes]) -> Iterable[str]:
    folded = fold(expected.events).customers
    mine = {customer.decode(): facts(blob) for customer, blob in states.items()}
    for customer in sorted({*folded, *mine}):
        told, should = mine.get(customer), folded.get(customer)
        if told != should:
            wrong = [name for name in FACTS if told and should and told[name] != should[name]] or "missing or too many"
            yield f"ledger of {customer} diverges from the fold: {wrong}"


def _counters(expected: Expected, evidence: Evidence, heads: Mapping[int, Head]) -> Iterable[str]:
    total: Counter[str] = Counter()
    for head in heads.values():
        total.update(head.counters)
    folded = fold(expected.events)
    dead = sum(count for name, count in total.items() if name.startswith("dead."))
    versions = min(1, expected.versions) and evidence.plan.shape.partitions
    should = {
        "applied": folded.applied + versions,
        "duplicate": folded.duplicate + expected.versions - versions,
        "forwarded": expected.forwarded,
        "consumed": len(expected.events) + len(expected.refused) + expected.versions,
    }
    for name, count in should.items():
        if total[name] != count:
            yield f"{name} is {total[name]}, not {count}"
    if dead != len(expected.refused):
        yield f"{dead} dead letters are counted, not {len(expected.refused)}"
    if total["consumed"] != total["applied"] + total["duplicate"] + dead:
        yield "consumed is not applied + duplicate + dead"


def _positions(evidence: Evidence, heads: Mapping[int, Head]) -> Iterable[str]:
    ends = {place: log[-1].offset + 1 for place, log in evidence.logs.items() if place.topic in INPUTS and log}
    for place, end in ends.items():
        owned = range(place.partition, BUCKETS, evidence.plan.shape.partitions)
        behind = [b for b in owned if b not in heads or heads[b].offsets.get(place.topic, 0) < end]
        if behind:
            yield f"{len(behind)} buckets never got to the end of {place.topic} {place.partition}"


def _told(evidence: Evidence, states: Mapping[bytes, bytes], topic: str, counter: str) -> Iterable[str]:
    """Each id once, with one content; of each customer 1, 2, ... as many as its ledger counts."""
    contents: dict[str, set[str]] = defaultdict(set)
    numbers: dict[str, set[int]] = defaultdict(set)
    for record in _records(evidence, [topic]):
        said = json.loads(record.value or b"{}")
        said.pop("emitted_at")
        contents[said["id"]].add(json.dumps(said, sort_keys=True))
        if (number := number_of(said["id"])) is not None:
            numbers[said["customer_id"]].add(number)
    retold = evidence.plan.loses and not evidence.plan.exact  # a way that was lost may have been another
    doubled = [name for name, texts in contents.items() if len(texts) > 1]
    if doubled and not retold:
        yield f"{topic}: {doubled[:SHOWN]} came with more than one content"
    for customer in sorted({*numbers, *(name.decode() for name in states)}):
        blob = states.get(customer.encode())
        should = set(range(1, (int(getattr(peek(blob), counter)) if blob else 0) + 1))
        found = numbers[customer]
        if not found >= should if retold else found != should:
            missing, more = sorted(should - found), sorted(found - should)
            yield f"{topic} of {customer}: {missing[:SHOWN]} are missing, {more[:SHOWN]} are too many"


def _outbox(evidence: Evidence, outbox: Mapping[int, Sequence[Entry]]) -> Iterable[str]:
    """Empty; but where the store lost nothing but a trim, what was published stays until the next one of its bucket."""
    published = {(record.topic, record.value) for record in _records(evidence, [TIER_CHANGES, DRIFT_ALERTS])}
    for bucket, entries in outbox.items():
        left = [entry for entry in entries if not evidence.plan.loses or (entry.topic, entry.value) not in published]
        if left:
            yield f"outbox of bucket {bucket} is not empty"


def _dead_letters(evidence: Evidence, expected: Expected) -> Iterable[str]:
    found = set()
    for record in _records(evidence, [DEAD_LETTERS]):
        said = dict(record.headers)
        found.add((said["topic"].decode(), int(said["partition"]), int(said["offset"])))
    if found != expected.refused:
        missing, more = sorted(expected.refused - found), sorted(found - expected.refused)
        yield f"dead letters: {missing[:SHOWN]} are missing, {more[:SHOWN]} are too many"


def _as_without_faults(evidence: Evidence) -> Iterable[str]:
    for topic, should in told_of(evidence.plan.shape.partitions, evidence.logs).items():
        found = {}
        for record in _records(evidence, [topic]):
            said = json.loads(record.value or b"{}")
            said.pop("emitted_at")
            found[said["id"]] = said
        for name in sorted({*found, *should}):
            if found.get(name) != should.get(name):
                yield f"{topic}: {name} is not as in a run without faults"
                break
