"""Dead letters and forwards of any size, before brokers that take less."""

from collections.abc import Sequence

import pytest

from streams.broker.publishing import Message, TooLargeError
from streams.broker.telling import Telling
from streams.config import DEAD_LETTERS, ORDERS, Topics
from streams.events.refusals import Reason, Refusal
from streams.work import Dead, Forward
from tests.support.pipelines import Line

KB = 1024


def size(message: Message) -> int:
    headers = sum(len(name) + len(value) for name, value in message.headers)
    return len(message.key or b"") + len(message.value or b"") + headers


class Broker:
    """Takes records up to a size, by topic."""

    def __init__(self, **limits: int) -> None:
        self.limits = {name.replace("_", "-"): limit for name, limit in limits.items()}
        self.got: list[Message] = []

    async def partition_of(self, _topic: str, _key: bytes, bucket: int) -> int:
        return bucket

    async def publish(self, messages: Sequence[Message]) -> None:
        refused = [message for message in messages if size(message) > self.limits.get(message.topic, 1024 * KB)]
        self.got += [message for message in messages if message not in refused]
        if refused:
            raise TooLargeError(refused)


def dead(value: bytes = b"{", key: bytes = b"k", *headers: tuple[str, bytes], offset: int = 7) -> Dead:
    return Dead(ORDERS, Line(value, key, offset, headers), 3, Refusal(Reason.NOT_JSON, "no"))


@pytest.mark.parametrize(
    ("letter", "cut"),
    [
        (dead(b"v" * 1500 * KB), {"shortened-from": 1500 * KB}),
        (dead(b"{", b"k" * 1500 * KB), {"shortened-key-from": 1500 * KB}),
        (dead(b"{", b"k", ("trace", b"h" * 1500 * KB)), {"shortened-headers-from": 1500 * KB + len("original.trace")}),
        (
            dead(b"v" * 400 * KB, b"k" * 300 * KB, ("trace", b"h" * 700 * KB)),
            {
                "shortened-from": 400 * KB,
                "shortened-key-from": 300 * KB,
                "shortened-headers-from": 700 * KB + len("original.trace"),
            },
        ),
    ],
    ids=["value", "key", "headers", "all"],
)
async def test_a_letter_that_the_broker_does_not_take_whole_goes_shortened_and_says_what_was_cut(
    letter: Dead, cut: dict[str, int]
) -> None:
    broker = Broker()
    await Telling(broker, Topics()).tell([dead(offset=6), letter], [])
    whole, short = broker.got
    assert (whole.key, whole.value) == (b"k", b"{")
    said = dict(short.headers)
    assert {name: int(value) for name, value in said.items() if name.startswith("shortened")} == cut
    assert (said["reason"], said["topic"], said["partition"], said["offset"]) == (b"not_json", b"orders", b"3", b"7")
    assert (letter.record.value or b"").startswith(short.value or b"")
    assert (letter.record.key or b"").startswith(short.key or b"")
    assert size(short) > 100 * KB or len(short.value or b"") == 1  # as much as may be had, not next to nothing


async def test_a_broker_that_takes_very_little_gets_very_little() -> None:
    broker = Broker(dead_letters=10 * KB)
    await Telling(broker, Topics()).tell([dead(b"v" * 1500 * KB)], [])
    [letter] = broker.got
    assert letter.value == b"v" * (8 * KB - 1)  # and its key


async def test_a_topic_that_takes_not_even_that_ends_the_worker() -> None:
    with pytest.raises(TooLargeError, match=r"max\.message\.bytes of topic dead-letters"):
        await Telling(Broker(dead_letters=KB), Topics()).tell([dead(b"v" * 1500 * KB)], [])


async def test_a_forward_that_its_topic_does_not_take_becomes_a_dead_letter_and_the_others_go() -> None:
    line = Line(b"x" * 20 * KB, b"other", 9, partition=2)
    small = Line(b"{}", b"other", 10, partition=2)
    broker = Broker(orders=10 * KB)
    await Telling(broker, Topics()).tell([], [Forward(ORDERS, line, 1, b"ada"), Forward(ORDERS, small, 1, b"ada")])
    forward, letter = broker.got
    assert (forward.topic, forward.partition, forward.key, forward.value) == (ORDERS, 1, b"ada", b"{}")
    assert (letter.topic, letter.partition, letter.key, letter.value) == (DEAD_LETTERS, 2, b"other", line.value)
    said = dict(letter.headers)
    assert (said["reason"], said["partition"], said["offset"]) == (b"too_large", b"2", b"9")
