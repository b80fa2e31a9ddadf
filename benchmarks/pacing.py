"""A producer that keeps a pace, meant to run in a process of its own so that nobody's work but the broker's delays it."""

import asyncio
from collections.abc import Sequence
from time import monotonic
from typing import NamedTuple

import numpy as np
import uvloop
from aiokafka import AIOKafkaProducer

from scoring.layout import Floats, Ints
from streams.config import ORDERS

TICK_S = 0.001


class Paced(NamedTuple):
    """What was sent, in order; arrays of shape (n,)."""

    due_s: Floats  # when the pace had it sent, so that what delays it counts; by the clock that all processes share
    offsets: Ints  # in its partition


def send_paced(kafka: str, rows: Sequence[tuple[int, bytes, bytes]], rate: float) -> Paced:
    """Send partition, key and value of each row, `rate` a second.

    What is due in a partition goes at once, together where the broker has not yet answered the last, as producers do: one
    `send` a record would take the cores that the worker is measured on.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_send(kafka, rows, rate))


async def _send(kafka: str, rows: Sequence[tuple[int, bytes, bytes]], rate: float) -> Paced:
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all")
    await producer.start()
    places = np.array([partition for partition, _, _ in rows], np.int64)
    due_s, offsets = monotonic() + np.arange(len(rows)) / rate, np.empty(len(rows), np.int64)

    async def keep_up(partition: int) -> None:
        mine = np.flatnonzero(places == partition)
        first = 0
        while first < len(mine):
            ahead = float(due_s[mine[first]]) - monotonic()
            if ahead > 0:
                await asyncio.sleep(max(ahead, TICK_S))
            batch, upto = producer.create_batch(), int(np.searchsorted(due_s[mine], monotonic(), side="right"))
            taken = 0
            for _, key, value in (rows[i] for i in mine[first:upto].tolist()):
                if batch.append(timestamp=None, key=key, value=value) is None:
                    break
                taken += 1
            if taken:
                told = await (await producer.send_batch(batch, ORDERS, partition=partition))
                offsets[mine[first : first + taken]] = told.offset + np.arange(taken)
                first += taken

    async with asyncio.TaskGroup() as tasks:
        for partition in np.unique(places).tolist():
            tasks.create_task(keep_up(partition))
    await producer.stop()
    return Paced(due_s, offsets)
