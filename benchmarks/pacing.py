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

    sent_s: Floats  # when it was handed to the producer, by the clock that all processes of a machine share
    offsets: Ints  # in its partition


def send_paced(kafka: str, rows: Sequence[tuple[int, bytes, bytes]], rate: float) -> Paced:
    """Send partition, key and value of each row, `rate` a second, one record at a time as a shop would."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_send(kafka, rows, rate))


async def _send(kafka: str, rows: Sequence[tuple[int, bytes, bytes]], rate: float) -> Paced:
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all")
    await producer.start()
    sent_s: list[float] = []
    waiting, started = [], monotonic()
    for partition, key, value in rows:
        ahead = len(sent_s) / rate - (monotonic() - started)
        if ahead > 0:
            await asyncio.sleep(max(ahead, TICK_S))
        sent_s.append(monotonic())
        waiting.append(await producer.send(ORDERS, value, key, partition=partition))
    offsets = [(await acknowledged).offset for acknowledged in waiting]
    await producer.stop()
    return Paced(np.array(sent_s), np.array(offsets))
