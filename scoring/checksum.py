"""Whether stored bytes are what was stored: four bytes at their end."""

from scoring.compiled import compiled
from scoring.layout import Bytes

CHECK_BYTES = 4
_LOW = 0xFFFFFFFF
_PRIME = 16777619  # FNV's


@compiled
def checksum(data: Bytes, start: int, end: int) -> int:
    """32 bits over data[start:end]: FNV-1a in four lanes, whose multiplications do not wait for one another."""
    a, b, c, d = 0x811C9DC5, 0x811C9DC6, 0x811C9DC7, 0x811C9DC8
    i = start
    while i + 4 <= end:
        a = ((a ^ int(data[i])) * _PRIME) & _LOW
        b = ((b ^ int(data[i + 1])) * _PRIME) & _LOW
        c = ((c ^ int(data[i + 2])) * _PRIME) & _LOW
        d = ((d ^ int(data[i + 3])) * _PRIME) & _LOW
        i += 4
    while i < end:
        a = ((a ^ int(data[i])) * _PRIME) & _LOW
        i += 1
    for lane in (b, c, d, end - start):
        a = ((a ^ lane) * _PRIME) & _LOW
    return a ^ (a >> 15)


@compiled
def intact(data: Bytes, start: int, end: int) -> bool:
    """Whether data[start:end] ends in the checksum of what is before it."""
    if end - start <= CHECK_BYTES:
        return False
    found = 0
    for i in range(CHECK_BYTES):
        found |= int(data[end - CHECK_BYTES + i]) << (8 * i)
    return found == checksum(data, start, end - CHECK_BYTES)
