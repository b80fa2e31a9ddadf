"""How far the state is behind the log: the broker's offsets held against the positions that lie with the state."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.cluster import ClusterMetadata
from aiokafka.errors import KafkaError

from scoring.layout import BUCKETS
from state.store import Head
from streams.config import INPUTS, Topics
from streams.errors import BrokerUnavailable


class Extent(NamedTuple):
    """What a partition holds: offsets from `begin` up to, not including, `end`."""

    begin: int
    end: int


Extents = dict[str, list[Extent]]  # topic without prefix -> by partition
Ends = dict[TopicPartition, int]

# what reading on from the told ends may take at most: a busy topic has no last record
ROUNDS = 5
ROUND_MS = 150
ROUND_BYTES = 8 * 1024 * 1024


async def extents(kafka: str, topics: Topics, names: Sequence[str] = INPUTS) -> Extents:
    """What the broker holds of these topics; a topic that is missing holds no partitions."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka, enable_auto_commit=False, fetch_max_wait_ms=50, fetch_max_bytes=ROUND_BYTES
    )
    try:
        await consumer.start()
        # all of them: asking for one by name could create it; the consumer itself knows of none that it does not read
        cluster = await consumer._client.fetch_all_metadata()
        places = {name: _places(cluster, topics.full(name)) for name in names}
        every = [place for some in places.values() for place in some]
        begins = await consumer.beginning_offsets(every) if every else {}
        ends = await _ends(consumer, every) if every else {}
    except (KafkaError, OSError, TimeoutError) as error:
        raise BrokerUnavailable(kafka) from error
    finally:
        await consumer.stop()
    return {name: [Extent(begins[place], ends[place]) for place in some] for name, some in places.items()}


def _places(cluster: ClusterMetadata, full: str) -> list[TopicPartition]:
    return [TopicPartition(full, number) for number in sorted(cluster.partitions_for_topic(full) or ())]


async def _ends(consumer: AIOKafkaConsumer, places: Sequence[TopicPartition]) -> Ends:
    """Behind the last record of each: as told, and read on from there, because the embedded broker tells too little.

    It takes the first offset of the last batch for the last one.
    """
    ends: Ends = dict(await consumer.end_offsets(places))
    consumer.assign(places)
    for place, end in ends.items():
        consumer.seek(place, end)
    for _ in range(ROUNDS):
        read = await consumer.getmany(timeout_ms=ROUND_MS)
        if not any(read.values()):
            break
        ends |= {place: records[-1].offset + 1 for place, records in read.items() if records}
    return ends


def lag(held: Extents, heads: Mapping[int, Head]) -> int:
    """Records that are not yet in the state of every bucket they may concern."""
    return sum(
        max(0, extent.end - _position(topic, number, len(partitions), extent.begin, heads))
        for topic, partitions in held.items()
        for number, extent in enumerate(partitions)
    )


def _position(topic: str, number: int, partitions: int, begin: int, heads: Mapping[int, Head]) -> int:
    """The least offset that a bucket of the partition still waits for."""
    buckets = range(number, BUCKETS, partitions)
    return max(begin, min(heads[b].offsets.get(topic, begin) if b in heads else begin for b in buckets))
