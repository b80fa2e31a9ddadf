"""The error root of the composition root."""


class EbbtideError(Exception):
    """Something a person can mend; its text is one line that says what to do."""

    exit_code = 1


class WrongUsage(EbbtideError):  # noqa: N818 - what it is, not what it does
    """A setting, option or file that cannot be meant."""

    exit_code = 2
