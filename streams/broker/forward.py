"""A record that lies in another partition than its customer goes there: same value and headers, the customer as its key."""

from streams.broker.publishing import Message
from streams.config import Topics
from streams.events.refusals import Reason, Refusal
from streams.work import Dead, Forward


def forwarded(forward: Forward, topics: Topics) -> Message:
    """The record for the owner's partition."""
    record = forward.record
    return Message(
        topics.full(forward.topic), forward.partition, forward.customer_id, record.value, tuple(record.headers)
    )


def undeliverable(forward: Forward) -> Dead:
    """What becomes of it where the broker does not take it there: it came compressed, or the topic took more before."""
    topic, record, partition, _ = forward
    why = (
        f"its customer's partition is {partition}, and the broker refuses it there for its size: see max.message.bytes"
    )
    return Dead(topic, record, record.partition, Refusal(Reason.TOO_LARGE, why))
