"""What a partition holds, read from one place to another: a consumer without a group, so that no worker minds."""

from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from streams.broker.closing import stop_consumer
from streams.broker.reachable import answers
from streams.clock import elapsed_s
from streams.config import Topics
from streams.errors import BrokerUnavailable, StreamsError
from streams.rebuild.merging import Merge
from streams.work import Slice

AT_ONCE = 5_000  # records in one batch; as many of each topic are held
WAIT_MS = 500
SILENT_S = 10.0  # without a record, before the broker is asked whether it is there
STUCK_S = 60.0  # without a record of a broker that is there: none will come
FETCH_BYTES = 4 * 1024 * 1024


class Log:
    """The input topics, for whoever reads them again."""

    def __init__(self, kafka: str, topics: Topics) -> None:
        self._kafka = kafka
        self._topics = topics
        self._consumer: Any = AIOKafkaConsumer(  # aiokafka is untyped
            bootstrap_servers=kafka,
            enable_auto_commit=False,
            auto_offset_reset="none",
            max_partition_fetch_bytes=FETCH_BYTES,
            fetch_max_wait_ms=50,
            isolation_level="read_committed",
        )

    async def __aenter__(self) -> "Log":
        """Raises BrokerUnavailable where there is none."""
        try:
            await self._consumer.start()
        except (KafkaError, OSError) as error:
            await stop_consumer(self._consumer)
            raise BrokerUnavailable(self._kafka) from error
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await stop_consumer(self._consumer)

    async def read(
        self, partition: int, starts: Mapping[str, int], ends: Mapping[str, int]
    ) -> AsyncIterator[list[Slice]]:
        """The records of all topics from `starts` up to, not including, `ends`, by the broker's time."""
        places = {
            TopicPartition(self._topics.full(topic), partition): topic for topic in ends if starts[topic] < ends[topic]
        }
        if not places:
            return
        self._consumer.assign(list(places))
        for place, topic in places.items():
            self._consumer.seek(place, starts[topic])
        merge = Merge(list(places.values()))
        heard_s = elapsed_s()
        try:
            while True:
                wanting = {place: topic for place, topic in places.items() if topic in merge.wanting}
                if wanting and await self._fill(merge, wanting, ends):
                    heard_s = elapsed_s()
                while batch := merge.take(AT_ONCE):
                    yield batch
                    heard_s = elapsed_s()
                if not merge.left:
                    return
                if elapsed_s() - heard_s > SILENT_S and not await answers(self._kafka):
                    raise BrokerUnavailable(self._kafka)
                if elapsed_s() - heard_s > STUCK_S:
                    raise StreamsError(
                        f"Nothing more came of partition {partition} in {STUCK_S:.0f} s, and the state has read further: this is "
                        "another log, or the broker lost some of it."
                    )
        except OffsetOutOfRangeError as error:
            raise StreamsError(
                f"The log lost records while it was read ({error.args[0]}). What was not yet switched is as it was. Run "
                "it again: it then says what is missing."
            ) from error
        except KafkaError as error:
            raise BrokerUnavailable(self._kafka) from error

    async def _fill(self, merge: Merge, wanting: Mapping[TopicPartition, str], ends: Mapping[str, int]) -> bool:
        """Read on of these topics, or find that they are through; whether either came of it."""
        found = await self._consumer.getmany(*wanting, timeout_ms=WAIT_MS, max_records=AT_ONCE)
        for place, records in found.items():
            merge.put(wanting[place], [record for record in records if record.offset < ends[wanting[place]]])
        through = [topic for place, topic in wanting.items() if await self._consumer.position(place) >= ends[topic]]
        for topic in through:  # the position, not the last record: the end may be no record for us
            merge.end(topic)
        return bool(found or through)
