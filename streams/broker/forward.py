"""A record that lies in another partition than its customer goes there: same value and headers, the customer as its key."""

from streams.broker.publishing import Message
from streams.config import Topics
from streams.work import Forward


def forwarded(forward: Forward, topics: Topics) -> Message:
    """The record for the owner's partition."""
    record = forward.record
    return Message(
        topics.full(forward.topic), forward.partition, forward.customer_id, record.value, tuple(record.headers)
    )
