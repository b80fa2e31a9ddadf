"""Records from Kafka to the lanes: one consumer of all inputs, whose positions come from the state, not from Kafka.

One task asks for records, opens what was assigned and seeks where the store fell behind, so that between a seek and the
next batch nothing from before it can slip through.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import IllegalStateError, KafkaError, OffsetOutOfRangeError

from state.store import Store
from streams.broker.closing import stop_consumer
from streams.broker.holding import Holding
from streams.broker.positions import Positions
from streams.broker.relay import Relay
from streams.clock import elapsed_s
from streams.config import COMMANDS, INPUTS, StreamsConfig
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
FETCHED_BYTES = 128 * 1024 * 1024  # of all partitions together, which are few then or get less each
FOLLOW_EVERY_S = 0.1

Send = Callable[[Batch], Awaitable[object]]


class Ingest(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is untyped
    """The consumer of one worker."""

    def __init__(
        self,
        config: StreamsConfig,
        partitions: int,
        store: Store,
        lanes: Lanes,
        relay: Relay,
        patience: Patience,
        consumer: Callable[..., Any] = AIOKafkaConsumer,
    ) -> None:
        self.joined = False  # whether the group has given an assignment
        self.assigned: set[int] = set()  # partitions
        self._config = config
        self._partitions = partitions
        self._store = store
        self._lanes = lanes
        self._relay = relay
        self._patience = patience
        self._wanted: set[int] = set()  # partitions assigned or to be opened again, not yet open
        self._opening: asyncio.Task[None] | None = None
        self._followed_s = 0.0
        self._consumer = consumer(
            bootstrap_servers=config.kafka,
            group_id=config.namespace,
            partition_assignment_strategy=(RangePartitionAssignor,),  # all inputs have a customer in the same worker
            enable_auto_commit=False,
            auto_offset_reset="none",  # a position that the log does not have is said, not passed over
            session_timeout_ms=int(config.session_timeout_s * 1000),
            heartbeat_interval_ms=int(config.session_timeout_s * 1000 / 5),
            max_partition_fetch_bytes=min(FETCH_BYTES, FETCHED_BYTES // (partitions * len(INPUTS))),
            fetch_max_wait_ms=FETCH_WAIT_MS,
            isolation_level="read_committed",  # what a producer took back has not happened
        )
        self.positions = Positions(self._consumer, config.kafka, config.topics)
        self._holding = Holding(self.positions.lags, config.clock)

    async def start(self) -> None:
        """Raises BrokerUnavailable where there is none."""
        try:
            self._consumer.subscribe([self._config.topics.full(topic) for topic in INPUTS], listener=self)
            await self._consumer.start()
        except (KafkaError, OSError) as error:
            raise BrokerUnavailable(self._config.kafka) from error

    def left(self, lane: Lane) -> int | None:
        """Records that could be applied now: what waits for its time is no stall."""
        return self._holding.left(lane)

    async def stop(self) -> None:
        """Leave the group."""
        await stop_consumer(self._consumer)

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Before the group settles anew: no lane may still write what another worker is about to own."""
        if self._opening:
            self._opening.cancel()  # however long it has been waiting: from now on, to acquire is to take from another
        self.assigned.clear()
        self._wanted.clear()
        self.joined = False
        await self._lanes.close()
        if revoked:
            log.info("Gave back partitions %s", sorted({place.partition for place in revoked}))

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """What to open; `run` does it."""
        self.assigned = {place.partition for place in assigned}
        self._wanted = set(self.assigned)
        self.joined = True

    def reopen(self, lane: Lane) -> None:
        """Acquire again and seek back; where the partition went to another worker meanwhile, that is no matter of ours."""
        number = lane.owned.number
        if number in self.assigned and self._lanes.current(lane):
            self._wanted.add(number)

    def reopen_later(self, lane: Lane) -> None:
        """The same, once a worker that no longer has the partition must know it: at once, two would take it from each other."""
        asyncio.get_running_loop().call_later(self._config.session_timeout_s, self.reopen, lane)

    async def run(self, send: Send) -> None:
        """Hand records on for ever, no more than the lanes have room for."""
        while True:
            if self._wanted:
                await self._open()
            if elapsed_s() - self._followed_s >= FOLLOW_EVERY_S:
                await self.positions.follow(self._lanes)
                self._followed_s = elapsed_s()
            ready = self._lanes.ready(self._config.batch)
            if not ready:
                self._lanes.done.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(WAIT_MS / 1000):
                        await self._lanes.done.wait()
                continue
            await self._hand_on(ready, WAIT_MS if len(ready) == len(list(self._lanes)) else WAIT_FOR_ROOM_MS, send)

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
            if place == self.positions.place(COMMANDS, place.partition):
                records = self._released(ready[place.partition], place, records)
                if not records:
                    continue
            slices.setdefault(place.partition, []).append(Slice(self._config.topics.plain(place.topic), records))
        batches = [ready[number].batch(Records(parts)) for number, parts in slices.items()]
        for batch in batches:  # all are announced before the first waits: what is not pending counts as read
            await send(batch)

    def _places(self, ready: Mapping[int, Lane]) -> list[TopicPartition]:
        """What may be read now."""
        held = {self.positions.place(COMMANDS, number) for number, lane in ready.items() if self._holding.waits(lane)}
        return [place for place in self.positions.places(ready) if place not in held]

    def _released(self, lane: Lane, place: TopicPartition, records: list[Any]) -> list[Any]:
        released = self._holding.released(lane, records)
        if len(released) < len(records):
            self._consumer.seek(place, records[len(released)].offset)
        return list(released)

    async def _open(self) -> None:
        """Take over the wanted partitions; given up whole where the group settles anew meanwhile."""
        closed = set(self._wanted)
        await self._lanes.close(closed)
        numbers = sorted(closed & self._wanted)
        if not numbers:
            return
        self._opening = opening = asyncio.create_task(self._take_over(numbers))
        try:
            await asyncio.wait([opening])
        finally:
            opening.cancel()
        if not opening.cancelled():
            opening.result()

    async def _take_over(self, numbers: list[int]) -> None:
        """Buckets, leftovers of their outbox, position, lane."""
        if max(numbers) >= self._partitions:
            raise StreamsError(
                f"The input topics have got more than {self._partitions} partitions while this worker ran. Stop all workers, "
                "and run: ebbtide partitions N, with as many as there are now."
            )
        owned = await self._patience(lambda: acquire(self._store, numbers, self._partitions))
        await self._relay.recover(owned)
        begins = await self._patience(lambda: self.positions.begins(numbers))
        for partition in owned:
            for topic in INPUTS:
                place = self.positions.place(topic, partition.number)
                if not partition.read[topic]:
                    partition.read[topic] = begins[place]  # nothing was read yet: the log may begin later than at 0
                self._consumer.seek(place, partition.read[topic])
            self._holding.forget(partition.number)
            self._lanes.open(partition)
        self._wanted.difference_update(numbers)
        log.info("Work on partitions %s", numbers)


def _not_there(positions: Mapping[TopicPartition, int]) -> str:
    named = ", ".join(
        f"{place.topic} partition {place.partition} offset {offset}" for place, offset in positions.items()
    )
    return (
        f"The state was made up to {named}, which the log does not hold: it is another log, or records were deleted before "
        "they were read. Set EBBTIDE_NAMESPACE to begin anew beside it."
    )
