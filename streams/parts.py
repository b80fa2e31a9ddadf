"""What a worker is made of where something else may stand in its place: a simulation has its own servers and its own time."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from streams.app import build_app
from streams.broker.reachable import answers
from streams.broker.relay import Relay
from streams.clock import wall_us
from streams.watchdog import Watchdog

Client = Callable[..., Any]  # aiokafka is untyped


class Parts(NamedTuple):
    """Each is called as what stands here by default."""

    consumer: Client = AIOKafkaConsumer
    producer: Client = AIOKafkaProducer
    answers: Callable[[str], Awaitable[bool]] = answers
    app: Callable[..., Any] = build_app
    watchdog: Callable[..., Any] = Watchdog
    relay: Callable[..., Relay] = Relay
    wall_us: Callable[[], int] = wall_us


LIVE = Parts()
