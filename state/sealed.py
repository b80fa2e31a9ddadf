"""A byte before and four behind what is packed, by which damage is found: MessagePack alone reads a changed digit as another
number. The byte is one with which nothing in MessagePack begins, so that what was sealed is never taken for what was not.
"""

from zlib import crc32

from msgspec import DecodeError

MARK = b"\xc1"
SEAL_BYTES = 4
UNREADABLE = (
    DecodeError,
    ValueError,
    RecursionError,
)  # whatever bytes do to MessagePack: no text, no number, no end of lists


def sealed(data: bytes) -> bytes:
    """As it is stored."""
    return MARK + data + crc32(data).to_bytes(SEAL_BYTES, "little")


def opened(stored: bytes) -> bytes:
    """The same back. Raises ValueError where the seal is missing or does not fit."""
    data = stored[len(MARK) : -SEAL_BYTES]
    if stored != sealed(data):
        raise ValueError("The checksum does not fit.")
    return data
