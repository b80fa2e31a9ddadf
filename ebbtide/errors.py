"""The error root of the composition root."""


class EbbtideError(Exception):
    """Something a person can mend; its text is one line that says what to do."""
