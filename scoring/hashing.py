"""Hashes over many strings at once: Kafka's murmur2 (placement) and a 64-bit murmur (identity inside a ledger).

Strings come as one flat buffer of bytes and the end of each in it.
"""

import numpy as np
import numpy.typing as npt

from scoring.compiled import compiled
from scoring.layout import Bytes, Ints

BUCKETS = 256
_M64 = np.uint64(0xC6A4A7935BD1E995)
