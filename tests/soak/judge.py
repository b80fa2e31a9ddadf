"""What became of a log: what the worker stored and told, against a plain fold over what lies on the broker.

The log is read back from the input topics, so that a record that a producer sent twice is there twice, and one that was
acknowledged and is not there is lost. A record counts where it is consumed: events in the partition of their customer
(others are sent on, and their copies count), what is no event wherever it lies. Where partitions were added, an event counts in
the partition that was its customer's, if the heads say that it was read there in time: one that they claim wrongly is missing
from the ledgers and counters, and one that they do not is nowhere else.
"""

import json
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from aiokafka.partitioner import murmur2

from scoring.layout import BUCKETS
from streams.config import INPUTS
from streams.stages import Stage
from tests.soak.heads import past_of
from tests.soak.outboxes import untold
from tests.soak.place import Place
from tests.soak.positions import short
from tests.soak.records import EXPECTED, Lies, Message, read_all
from tests.soak.scenario import Found
from tests.soak.stands import Stand, otherwise_told, stands
from tests.soak.stands import apart as stand_apart
from tests.soak.told import Told, told
from tests.support.fold import Folded, fold, microseconds
from tests.support.kernel import identity_hash
from tests.support.world import World

MONEY = ("monetary", "cost", "marketing_cost", "gross_profit")
COUNTS = ("orders", "purchase_days")
TIMES = ("first_at", "last_at")
VERSIONED = b'"terms.versioned"'
LOOK_EVERY_S = 0.2
STILL = 12  # looks without any change: the last silence falls a second after the last record
SETTLES_WITHIN_S = 180.0


class Log(NamedTuple):
    """The input topics as they lie on the broker, by what becomes of each record."""

    events: list[bytes]  # consumed as events, in the order in which each partition has them
    refused: "Counter[str]"  # reason -> records that are no events
    refusals: "Counter[tuple[bytes | None, str]]"  # the same, by value and reason
    versions: int  # records that the workers sent themselves: consumed, too
    elsewhere: int  # misrouted: sent on to where they belong

    @property
    def consumed(self) -> int:
        """What the counter of that name has to say."""
        return len(self.events) + self.refused.total() + self.versions


def judge(
    place: Place,
    sent: Sequence[Message],
    faults: str,
    *,
    world: World | None = None,
    peace: bool = False,
    spoilt: Collection[str] = (),
) -> Found:
    """Wait until all is consumed, and compare: ledgers with a plain fold, counters with the log, what was told with the ledgers.

    `spoilt`: customers whose ledgers were; what was to be told of them until a rebuild is left out, of their numbers, too
    (docs/guarantees.md).

    `peace`: a second namespace reads the same log without faults, and must come to the same ledgers byte by byte and
    tell the same under the same ids, no more and no less. That can be asked of a log of orders alone, with the clock of
    the stream, and with one worker left: which of two topics is read first, and up to when silence acts behind the last
    record, depend on when and who.
    """
    world = world or place.world
    settled, stats, log = at_rest(world)
    folded = fold(map(json.loads, log.events), order_rank=lambda order_id: identity_hash("o" + order_id))
    here = stands(world, world.env["EBBTIDE_NAMESPACE"])
    changes, alerts = told(world, "tier-changes", spoilt), told(world, "drift-alerts", spoilt)
    lost = missing(sent, log) + sum(topic.holes + topic.late for topic in (changes, alerts))
    lost += abs(changes.ids - stats["tier_changes"]) + abs(alerts.ids - stats["drift_alerts"])
    lost += apart(letters(world, log), Counter(stats["dead"]))
    other, behind = otherwise_told(here, changes, alerts, spoilt), short(world)
    asleep = sum(stand.oversleeps() for stand in here.values())
    found = Found(
        faults,
        log.consumed + log.elsewhere,
        asleep + (differing(world.facts(), folded) if settled else len(folded.customers)),
        lost + other,
        changes.doubled + alerts.doubled,
        reconciles(stats, log, folded) and not behind,
    )
    notes = [
        f"{changes.ids:,} tier changes",
        *([] if settled else ["did not settle"]),
        *([f"{other:,} customers stand otherwise than was told"] if other else []),
        *([f"{asleep:,} deadlines are not in the index"] if asleep else []),
        *([f"{behind:,} positions are not at the end"] if behind else []),
    ]
    if peace:
        quiet = without_faults(world, changes, alerts, here, spoilt)
        found = found._replace(
            divergences=found.divergences + quiet.apart,
            lost=found.lost + quiet.lost,
            doubled=found.doubled + quiet.other,
        )
        notes.append("as without faults" if not any(quiet) else f"not as without faults: {quiet}")
    else:
        notes.append("not compared with a life without faults")
    return found._replace(note=", ".join(notes))


def at_rest(world: World) -> tuple[bool, Mapping[str, Any], Log]:
    """Whether all was consumed, the counters, and the log that they are of: no version that a worker sends meanwhile."""
    while True:
        before = read_log(world).versions
        settled, stats = settle(world), world.stats()
        log = read_log(world)
        if log.versions == before or not settled:
            return settled, stats, log


def settle(world: World, **env: str) -> bool:
    """Wait until everything is consumed and the counters stand still; whether that came."""
    seen: list[Counter[str]] = []
    give_up = time.monotonic() + SETTLES_WITHIN_S
    expected = read_log(world).consumed
    namespace = env.get("EBBTIDE_NAMESPACE", world.env["EBBTIDE_NAMESPACE"])
    while time.monotonic() < give_up:
        seen.append(world.counters(**env))
        if len(seen) > STILL and seen[-1] == seen[-STILL]:
            if seen[-1]["consumed"] >= expected and not untold(world, namespace):
                return True  # more than expected will not go away: the figures say so
            expected = read_log(world).consumed  # a misrouted record was sent on, perhaps
            seen = []
        time.sleep(LOOK_EVERY_S)
    return False


def read_log(world: World) -> Log:
    """The inputs, as they lie there now."""
    past = past_of(world)
    events: list[bytes] = []
    refused: Counter[str] = Counter()
    refusals: Counter[tuple[bytes | None, str]] = Counter()
    versions = elsewhere = 0
    for record in read_all(world, INPUTS):
        reason = record.headers.get(EXPECTED)
        if reason is not None:
            refused[reason.decode()] += 1
            refusals[record.value, reason.decode()] += 1
        elif VERSIONED in (record.value or b"")[:400]:
            versions += 1
        elif is_home(record, world.topics.partitions) or was_home(record, past, world.topics.prefix):
            events.append(record.value or b"")
        else:
            elsewhere += 1
    return Log(events, refused, refusals, versions, elsewhere)


def is_home(record: Lies, partitions: int) -> bool:
    """Whether an event lies where its customer's events belong."""
    return home(customer_of(record), partitions) == record.partition


def was_home(record: Lies, past: Sequence[Sequence[Stage]], prefix: str) -> bool:
    """Whether an event was read where its customer's events belonged while there were fewer partitions."""
    here = [stage for stage in past[home(customer_of(record), BUCKETS)] if stage.partition == record.partition]
    return any(record.offset < stage.ends[record.topic.removeprefix(prefix)] for stage in here)


def customer_of(record: Lies) -> bytes:
    """Whose event it is."""
    customer: str = json.loads(record.value or b"")["customer_id"]
    return customer.encode()


def home(customer: bytes, partitions: int) -> int:
    """A customer's partition, as Kafka's own partitioner places the id."""
    return int((murmur2(customer) & 0x7FFFFFFF) % partitions)


def missing(sent: Iterable[Message], log: Log) -> int:
    """Records sent that are not consumed anywhere."""
    sent = list(sent)
    events = Counter(one.value for one in sent if one.reason is None) - Counter(log.events)
    refusals = Counter((one.value, one.reason) for one in sent if one.reason is not None)
    return events.total() + (refusals - log.refusals).total()


def differing(ledgers: Mapping[str, Mapping[str, Any]], folded: Folded) -> int:
    """Customers of whom the ledger lines and the fold say different things."""
    stored = {customer: facts_of(line) for customer, line in ledgers.items()}
    return sum(stored.get(customer) != folded.customers.get(customer) for customer in {*stored, *folded.customers})


def facts_of(line: Mapping[str, Any]) -> dict[str, int | None]:
    """A ledger line's facts as the fold has them."""
    return (
        {name: int(Decimal(line[name]) * 100) for name in MONEY}
        | {name: line[name] for name in COUNTS}
        | {name: None if line[name] is None else microseconds(line[name]) for name in TIMES}
    )


def letters(world: World, log: Log) -> "Counter[str]":
    """Dead letters by reason, those of one place once."""
    if not log.refused:
        return Counter()
    places = {
        (record.headers["topic"], record.headers["partition"], record.headers["offset"], record.headers["reason"])
        for record in read_all(world, ["dead-letters"])
    }
    return Counter((reason or b"").decode() for *_, reason in places)


def apart(one: "Counter[str]", other: "Counter[str]") -> int:
    """By how much they differ."""
    return (one - other).total() + (other - one).total()


def reconciles(stats: Mapping[str, Any], log: Log, folded: Folded) -> bool:
    """Nothing vanished, and each counter is what the log gives; versions count as applied or as repeats."""
    versions = stats["applied"] - folded.applied
    return bool(
        stats["consumed"] == log.consumed == stats["applied"] + stats["duplicate"] + sum(stats["dead"].values())
        and 0 <= versions <= log.versions
        and stats["duplicate"] == folded.duplicate + log.versions - versions
        and stats["conflict"] == folded.conflict
        and stats["dead"] == dict(log.refused)
    )


class Quiet(NamedTuple):
    """In what a life without faults is another."""

    other: int  # ids under which it tells something else
    lost: int  # ids that only it tells, or that only we did
    apart: int  # customers who stand otherwise

    def __str__(self) -> str:
        return f"{self.other:,} ids say something else, {self.lost:,} are in one only, {self.apart:,} customers stand otherwise"


def without_faults(
    world: World, changes: Told, alerts: Told, here: Mapping[str, Stand], spoilt: Collection[str] = ()
) -> Quiet:
    """Let another namespace read the same log, and tell into the same topics; `spoilt` customers are left out."""
    namespace = world.env["EBBTIDE_NAMESPACE"] + "-peace"
    peace = {"EBBTIDE_NAMESPACE": namespace}
    worker = world.start_worker(**peace)
    try:
        settled = settle(world, **peace)
    finally:
        worker.kill()
        worker.wait()
    stats, other, lost = world.stats(**peace), 0, 0 if settled else changes.ids
    for topic, counter, published in (
        ("tier-changes", "tier_changes", changes),
        ("drift-alerts", "drift_alerts", alerts),
    ):
        known = {id_ for id_, _ in published.contents}
        differ = {id_ for id_, _ in told(world, topic).contents - published.contents}
        other += len(differ & known)
        lost += sum(id_.rpartition(":")[0].removesuffix(":drift") not in spoilt for id_ in differ - known)
        if not spoilt:  # it tells into the same topic, so that what only we told is seen in how much it counts
            lost += abs(stats[counter] - published.ids)
    return Quiet(other, lost, len(stand_apart(here, stands(world, namespace), spoilt)))
