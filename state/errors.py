"""What can go wrong with the memory, told so that an operator knows what to do. No message ever holds a password."""


class StateError(Exception):
    """The root: a server that cannot serve us, a wrong address, or a bug. Trying again does not help."""


class StoreUnavailable(StateError):  # noqa: N818 - it says what is the matter
    """The server does not answer, or cannot right now.

    The same call may be made again: a commit that was written after all is then found done.
    """
