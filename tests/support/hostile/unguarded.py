"""`python -m tests.support.hostile.unguarded SEED ROUNDS`: whether compiled readers stay within the bytes that are theirs.

With NUMBA_DISABLE_JIT=1, uncompiled, on bytes of which each place that is not theirs is guarded: machine code reads whatever
lies there, and takes a negative place for one from the end. With NUMBA_BOUNDSCHECK=1, machine code that checks each index.
"""

import json
import os
import random
import sys
from collections import Counter
from typing import Any

import numpy as np

from scoring.boundaries.histogram import _read
from scoring.codec import SCORES, stored_rows, unpack_header, unpack_one
from scoring.layout import EVENT, HEADER, ROW
from streams.events.plain.batch import reading_of
from streams.events.plain.fields import FIELDS
from streams.events.plain.orders import read_order
from tests.support.hostile.events import BARE, fuzz_events, refilled
from tests.support.hostile.spoiling import spoilt
from tests.support.hostile.stored import HISTOGRAM, fuzz_ledgers, ledgers, resealed
from tests.support.values import RULES


class Guarded:
    """Bytes in the middle of a buffer of others."""

    def __init__(self, data: bytes, start: int) -> None:
        self.start, self.end = start, start + len(data)
        self._data = np.frombuffer(data, np.uint8)

    def __getitem__(self, at: int) -> np.uint8:
        assert self.start <= at < self.end, f"{at} is not in {self.start}..{self.end}"
        return np.uint8(self._data[at - self.start])

    def __len__(self) -> int:
        return self.end


def guarded(data: bytes, start: int) -> Any:
    """Readers only take it for an array."""
    return Guarded(data, start)


def ledger(chance: random.Random) -> str:
    data = spoilt(chance.choice(ledgers()), chance, ledgers())
    data = resealed(data) if chance.random() < 0.7 and len(data) > 4 else data
    buffer = guarded(data, chance.choice((0, 7)))
    counts = np.zeros(1, np.int64)
    if buffer.start == 0:
        stored_rows(buffer, np.array([buffer.end]), counts)
    assert 0 <= counts[0] <= len(data) // 10
    header, rows = np.zeros(1, HEADER)[0], np.zeros(counts[0] + chance.randint(0, 3), ROW)
    at = unpack_one(buffer, buffer.start, buffer.end, np.zeros(SCORES), header, rows)
    unpack_header(buffer, buffer.start, buffer.end, np.zeros(SCORES), np.zeros(1, HEADER)[0])
    return "ledger read" if at >= 0 else "ledger refused"


def histogram(chance: random.Random) -> str:
    data = spoilt(HISTOGRAM, chance)
    bins = [np.zeros(chance.randint(0, 8), np.int64)] * 3
    at = _read(guarded(data, 0), *bins)
    return "histogram read" if at >= 0 else "histogram refused"


def order(chance: random.Random) -> str:
    seed = BARE[chance.randrange(3)]
    data = refilled(seed, chance) if chance.random() < 0.5 else spoilt(seed, chance, BARE)
    buffer, event = guarded(data, chance.choice((0, 7))), np.zeros(1, EVENT)[0]
    found = np.zeros((FIELDS, 3), np.int64)
    with np.errstate(over="ignore"):  # hashes wrap on purpose
        plain = read_order(buffer, buffer.start, buffer.end, reading_of(RULES, None), found, event)
    return "order read" if plain else "order left"


def main() -> None:
    chance, found = random.Random(int(sys.argv[1])), Counter[str]()
    for _ in range(int(sys.argv[2])):
        if os.environ.get("NUMBA_DISABLE_JIT") == "1":
            found.update((ledger(chance), histogram(chance), order(chance)))
        else:
            found += fuzz_ledgers(chance) + fuzz_events(chance)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
