"""What the broker's errors mean: something to wait for, or something that no waiting mends."""

from aiokafka.errors import (
    BrokerNotAvailableError,
    BrokerResponseError,
    ClusterAuthorizationFailedError,
    CorruptRecordException,
    KafkaError,
    KafkaTimeoutError,
    KafkaUnavailableError,
    ReplicaNotAvailableError,
    RequestTimedOutError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)

from streams.errors import BrokerUnavailable, TopicRefusedError

# aiokafka does not call these retriable: its own timeouts, brokers that come back, and bytes that were spoilt on the way
PASSING = (
    KafkaTimeoutError,
    KafkaUnavailableError,
    BrokerNotAvailableError,
    ReplicaNotAvailableError,
    CorruptRecordException,
)
DENIED = (TopicAuthorizationFailedError, ClusterAuthorizationFailedError)


def meaning(kafka: str, topic: str, error: KafkaError, *, gone: bool = False) -> BrokerUnavailable | TopicRefusedError:
    """`gone`: the broker was asked, and does not list the topic."""
    name = type(error).__name__
    if gone or not (error.retriable or isinstance(error, PASSING)):
        return TopicRefusedError(f"Kafka at {kafka} refuses records for topic {topic} ({name}). {_remedy(error)}")
    answered = isinstance(error, BrokerResponseError) and not isinstance(error, RequestTimedOutError)
    return BrokerUnavailable(kafka, f"{name} for topic {topic}" if answered else "")


def _remedy(error: KafkaError) -> str:
    if isinstance(error, DENIED):
        return "Give the worker the right to describe and write it."
    if isinstance(error, UnknownTopicOrPartitionError):
        return "It is missing, or the worker may not see it: start the worker again, which creates it, or create it."
    return "See what the broker's log says of it, then start the worker again."
