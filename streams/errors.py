"""What can go wrong in streams; each message is one line that says what to do."""


class StreamsError(Exception):
    """Root of every error raised in streams."""


class SourceError(StreamsError):
    """A file that cannot be read as events."""


class BrokerUnavailable(StreamsError):  # noqa: N818 - a condition, as in state.errors
    """The broker does not answer, or not as a broker would, or cannot do it now."""

    def __init__(self, kafka: str, answer: str = "") -> None:
        super().__init__(
            f"Kafka at {kafka} answers {answer}. Look at its brokers; this is tried again until it works"
            if answer
            else f"Kafka at {kafka} does not answer. Start it or set EBBTIDE_KAFKA; to try Ebbtide without one: ebbtide up"
        )


class TopicRefusedError(StreamsError):
    """The broker answers, and however often it is asked, it will not have records for this topic."""
