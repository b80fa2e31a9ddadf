"""What can go wrong in streams; each message is one line that says what to do."""


class StreamsError(Exception):
    """Root of every error raised in streams."""


class SourceError(StreamsError):
    """A file that cannot be read as events."""
