"""Four bytes behind what is packed, by which damage is found: MessagePack alone reads a changed digit as another number."""

from zlib import crc32

from msgspec import DecodeError

SEAL_BYTES = 4
UNREADABLE = (
    DecodeError,
    ValueError,
    RecursionError,
)  # whatever bytes do to MessagePack: no text, no number, no end of lists


def sealed(data: bytes) -> bytes:
    """As it is stored."""
    return data + crc32(data).to_bytes(SEAL_BYTES, "little")


def opened(stored: bytes) -> bytes:
    """The same back; what was stored before there were seals, or is damaged, as it is: as MessagePack the seal is one too many."""
    data = stored[:-SEAL_BYTES]
    return data if stored == sealed(data) else stored
