"""What became of a log: what the worker stored and told, against a plain fold over what lies on the broker.

The log is read back from the input topics, so that a record that a producer sent twice is there twice, and one that was
acknowledged and is not there is lost. A record counts where it is consumed: events in the partition of their customer
(others are sent on, and their copies count), what is no event wherever it lies. Where partitions were added, an event counts in
the partition that was its customer's, if the heads say that it was read there in time: one that they claim wrongly is missing
from the ledgers and counters, and one that they do not is nowhere else.
"""

import json
import time
from collections import Counter, defaultdict
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
from tests.soak.records import EXPECTED, Lies, Message, read_all
from tests.soak.scenario import Found
from tests.support.fold import Folded, fold, microseconds
from tests.support.ids import number_of
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


class Told(NamedTuple):
    """What a topic of ours says: distinct ids, and how many ids have more than one content."""

    ids: int
    doubled: int
    holes: int  # numbers of a customer that are missing in 1, 2, 3 ...
    late: int  # customers of whom a number was told for the first time after a larger one
    contents: frozenset[tuple[str, str]]  # id, and all that was said under it but the wall clock
    stands: Mapping[str, str | None]  # customer -> the tier told last


def judge(
    place: Place,
    sent: Sequence[Message],
    faults: str,
    *,
    world: World | None = None,
    peace: bool = False,
    spoilt: Collection[str] = (),
) -> Found:
    """Wait until all is consumed, and compare.

    `spoilt`: customers whose ledgers were; what was to be told of them until a rebuild is left out, of their numbers, too
    (docs/guarantees.md).

    `peace`: a second namespace reads the same log without faults and must tell the same under the same ids. That can be
    asked of a log of orders alone, with the clock of the stream, and with one worker left: which of two topics is read
    first, and up to when silence acts behind the last record, depend on when and who.
    """
    world = world or place.world
    settled = settle(world)
    log = read_log(world)
    stats = world.stats()
    folded = fold(map(json.loads, log.events), order_rank=lambda order_id: identity_hash("o" + order_id))
    changes, alerts = told(world, "tier-changes", spoilt), told(world, "drift-alerts", spoilt)
    lost = missing(sent, log) + sum(topic.holes + topic.late for topic in (changes, alerts))
    lost += abs(changes.ids - stats["tier_changes"]) + abs(alerts.ids - stats["drift_alerts"])
    lost += apart(letters(world, log), Counter(stats["dead"]))
    differs = differing(world.facts(), folded) if settled else len(folded.customers)
    doubled = changes.doubled + alerts.doubled
    notes = [f"{changes.ids:,} tier changes", *([] if settled else ["did not settle"])]
    if peace:
        other, more = without_faults(world, changes, spoilt)
        doubled, lost = doubled + other, max(lost, more)
        notes.append("as without faults" if not other + more else f"{other + more} not as without faults")
    return Found(
        faults, log.consumed + log.elsewhere, differs, lost, doubled, reconciles(stats, log, folded), ", ".join(notes)
    )


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


def told(world: World, topic: str, spoilt: Collection[str] = ()) -> Told:
    """Everything on tier-changes or drift-alerts, repeats once."""
    return as_told((json.loads(record.value or b"") for record in read_all(world, [topic])), spoilt)


def as_told(messages: Iterable[dict[str, Any]], spoilt: Collection[str] = ()) -> Told:
    """The same of messages; the numbers of `spoilt` customers may have holes."""
    contents: dict[tuple[str, str], None] = {}  # in the order in which they were first told
    stands: dict[str, str | None] = {}
    for message in messages:
        said = {name: value for name, value in message.items() if name != "emitted_at"}
        one = said["id"], json.dumps(said, sort_keys=True)
        if one not in contents:
            contents[one] = None
            stands[said.get("customer_id", "")] = said.get("to", {}).get("tier")
    ids = Counter(id_ for id_, _ in contents)
    numbers: dict[str, list[int]] = defaultdict(list)
    for id_ in ids:
        if (number := number_of(id_)) is not None:
            numbers[id_.rpartition(":")[0]].append(number)
    whole = {line: seen for line, seen in numbers.items() if line.removesuffix(":drift") not in spoilt}
    holes = sum(max(seen) - len(seen) for seen in whole.values())
    late = sum(seen != sorted(seen) for seen in numbers.values())
    return Told(len(ids), sum(count > 1 for count in ids.values()), holes, late, frozenset(contents), stands)


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


def without_faults(world: World, published: Told, spoilt: Collection[str] = ()) -> tuple[int, int]:
    """How many ids have another content in a life without faults, and how many are there only, but for `spoilt` customers'."""
    peace = {"EBBTIDE_NAMESPACE": world.env["EBBTIDE_NAMESPACE"] + "-peace"}
    worker = world.start_worker(**peace)
    try:
        settled = settle(world, **peace)
        after = told(world, "tier-changes")
    finally:
        worker.kill()
        worker.wait()
    known = {id_ for id_, _ in published.contents}
    differ = {id_ for id_, _ in after.contents - published.contents}
    only = {id_ for id_ in differ - known if id_.rpartition(":")[0] not in spoilt}
    return len(differ & known), len(only) if settled else published.ids
