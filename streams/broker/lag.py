"""How far the state is behind the log: the broker's offsets held against the positions that lie with the state."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from state.store import BUCKETS, Head
from streams.config import INPUTS, Topics
from streams.errors import BrokerUnavailable


class Extent(NamedTuple):
    """What a partition holds: offsets from `begin` up to, not including, `end`."""

    begin: int
    end: int


Extents = dict[str, list[Extent]]  # topic without prefix -> by partition


async def extents(kafka: str, topics: Topics, names: Sequence[str] = INPUTS) -> Extents:
    """What the broker holds of these topics; a topic that is missing holds no partitions."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka)
    try:
        await consumer.start()
        known = await consumer.topics()  # all of them: asking for one by name could create it
        found: Extents = {}
        for name in names:
            full = topics.full(name)
            numbers = sorted(consumer.partitions_for_topic(full) or ()) if full in known else []
            places = [TopicPartition(full, number) for number in numbers]
            begins = await consumer.beginning_offsets(places) if places else {}
            ends = await consumer.end_offsets(places) if places else {}
            found[name] = [Extent(begins[place], ends[place]) for place in places]
    except (KafkaError, OSError, TimeoutError) as error:
        raise BrokerUnavailable(kafka) from error
    finally:
        await consumer.stop()
    return found


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
