"""Records from Kafka to the lanes: one consumer of both inputs, whose positions come from the state, not from Kafka.

One task asks for records, opens what was assigned and seeks where the store fell behind, so that between a seek and the
next batch nothing from before it can slip through.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import IllegalStateError, KafkaError, OffsetOutOfRangeError

from state.store import Store
from streams.broker.relay import Relay
from streams.config import INPUTS, StreamsConfig
from streams.errors import BrokerUnavailable, StreamsError
from streams.lanes import Batch, Lane, Lanes
from streams.ownership import acquire
from streams.patience import Patience
from streams.work import Records, Slice

log = logging.getLogger(__name__)

WAIT_MS = 200  # for records, where every partition has room for them
WAIT_FOR_ROOM_MS = 10  # where some have not: their records are here already, but do not wake us
FETCH_WAIT_MS = 50  # of the broker for records: a partition that ran dry meanwhile waits for the fetch under way to end
FETCH_BYTES = 4 * 1024 * 1024  # of a partition at once: some 20,000 orders

Send = Callable[[Batch], Awaitable[object]]
Question = Callable[[list[TopicPartition]], Awaitable[dict[TopicPartition, int]]]


class Ingest(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is untyped
    """The consumer of one worker."""

    def __init__(
        self, config: StreamsConfig, partitions: int, store: Store, lanes: Lanes, relay: Relay, patience: Patience
    ) -> None:
        self.joined = False  # whether the group has given an assignment
        self._config = config
        self._partitions = partitions
        self._store = store
        self._lanes = lanes
        self._relay = relay
        self._patience = patience
        self._wanted: set[int] = set()  # partitions assigned or to be opened again, not yet open
        self._assignments = 0
        self._reported: dict[TopicPartition, int] = {}
        self._ends: dict[TopicPartition, int] = {}
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=config.kafka,
            group_id=config.namespace,
            partition_assignment_strategy=(RangePartitionAssignor,),  # both inputs have a customer in the same worker
            enable_auto_commit=False,
            auto_offset_reset="none",  # a position that the log does not have is said, not passed over
            session_timeout_ms=int(config.session_timeout_s * 1000),
            heartbeat_interval_ms=int(config.session_timeout_s * 1000 / 5),
            max_partition_fetch_bytes=FETCH_BYTES,
            fetch_max_wait_ms=FETCH_WAIT_MS,
        )

    async def start(self) -> None:
        """Raises BrokerUnavailable where there is none."""
        try:
            self._consumer.subscribe([self._config.topics.full(topic) for topic in INPUTS], listener=self)
            await self._consumer.start()
        except (KafkaError, OSError) as error:
            raise BrokerUnavailable(self._config.kafka) from error

    async def stop(self) -> None:
        """Leave the group."""
        await self._consumer.stop()

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Before the group settles anew: no lane may still write what another worker is about to own."""
        self._assignments += 1
        self._wanted.clear()
        self.joined = False
        await self._lanes.close()
        if revoked:
            log.info("Gave back partitions %s", sorted({place.partition for place in revoked}))

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """What to open; `run` does it."""
        self._assignments += 1
        self._wanted = {place.partition for place in assigned}
        self.joined = True

    def reopen(self, lane: Lane) -> None:
        """The store fell behind this lane: acquire again and seek back."""
        self._wanted.add(lane.owned.number)

    async def run(self, send: Send) -> None:
        """Hand records on for ever, no more than the lanes have room for."""
        while True:
            if self._wanted:
                await self._open()
            lanes = list(self._lanes)
            ready = {lane.owned.number: lane for lane in lanes if lane.room}
            if not ready:
                self._lanes.done.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._lanes.done.wait(), WAIT_MS / 1000)
                continue
            await self._hand_on(ready, WAIT_MS if len(ready) == len(lanes) else WAIT_FOR_ROOM_MS, send)

    async def _hand_on(self, ready: dict[int, Lane], wait_ms: int, send: Send) -> None:
        try:
            found = await self._consumer.getmany(
                *self._places(ready), timeout_ms=wait_ms, max_records=self._config.batch
            )
        except IllegalStateError:  # the assignment changed meanwhile
            return
        except OffsetOutOfRangeError as error:
            raise StreamsError(_not_there(error.args[0])) from error
        except KafkaError as error:
            log.warning("Reading from Kafka failed, trying again: %r", error)
            await asyncio.sleep(1)
            return
        slices: dict[int, list[Slice]] = {}
        for place, records in found.items():
            slices.setdefault(place.partition, []).append(Slice(self._config.topics.plain(place.topic), records))
        for number, parts in slices.items():
            await send(ready[number].batch(Records(parts)))

    async def _open(self) -> None:
        """Take over the wanted partitions: buckets, leftovers of their outbox, position, lane."""
        numbers, assignment = sorted(self._wanted), self._assignments
        await self._lanes.close(numbers)
        owned = await self._patience(lambda: acquire(self._store, numbers, self._partitions))
        await self._relay.recover(owned)
        begins = await self._patience(lambda: self._asked(self._consumer.beginning_offsets, self._places(numbers)))
        if assignment != self._assignments:
            return
        for partition in owned:
            for topic in INPUTS:
                place = TopicPartition(self._config.topics.full(topic), partition.number)
                if not partition.read[topic]:
                    partition.read[topic] = begins[place]  # nothing was read yet: the log may begin later than at 0
                self._consumer.seek(place, partition.read[topic])
            self._lanes.open(partition)
        self._wanted.difference_update(numbers)
        log.info("Work on partitions %s", numbers)

    def lag(self, lane: Lane) -> int | None:
        """Records of this partition that are not applied yet; None where the broker has not told."""
        lag = 0
        for topic, read in lane.owned.read.items():
            place = TopicPartition(self._config.topics.full(topic), lane.owned.number)
            fetched = self._consumer.highwater(place) if place in self._consumer.assignment() else None
            if fetched is None:
                return None
            lag += max(0, fetched - read, self._ends.get(place, 0) - read)
        return lag

    async def ask_ends(self) -> None:
        """Where the partitions end, other than by fetching: a consumer that fetches no more does not know of its lag."""
        places = self._places([lane.owned.number for lane in self._lanes])
        if places:
            with contextlib.suppress(BrokerUnavailable):
                self._ends = await self._asked(self._consumer.end_offsets, places)

    async def _asked(self, question: Question, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        try:
            return await question(places)
        except KafkaError as error:
            raise BrokerUnavailable(self._config.kafka) from error

    async def report(self) -> None:
        """Offsets for lag monitors; nothing reads them back."""
        full = self._config.topics.full
        read = {
            TopicPartition(full(topic), lane.owned.number): offset
            for lane in self._lanes
            for topic, offset in lane.owned.read.items()
        }
        moved = {place: offset for place, offset in read.items() if self._reported.get(place) != offset}
        if moved:
            with contextlib.suppress(KafkaError):  # a rebalance under way: next time
                await self._consumer.commit(moved)
                self._reported |= moved

    def _places(self, numbers: Collection[int]) -> list[TopicPartition]:
        return [TopicPartition(self._config.topics.full(topic), number) for number in numbers for topic in INPUTS]


def _not_there(positions: Mapping[TopicPartition, int]) -> str:
    named = ", ".join(
        f"{place.topic} partition {place.partition} offset {offset}" for place, offset in positions.items()
    )
    return (
        f"The state was made up to {named}, which the log does not hold: it is another log, or records were deleted before "
        "they were read. Set EBBTIDE_NAMESPACE to begin anew beside it."
    )
