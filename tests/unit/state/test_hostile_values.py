"""Values in Redis that mean harm, or that rotted: read whole or refused, in the memory that is theirs."""

import os
import random
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.boundaries.histogram import Histogram
from scoring.errors import HistogramCorruptError, LedgerCorruptError
from scoring.layout import LAYOUT
from scoring.ledgers import open_ledgers, pack_ledgers
from state.codec import decode_census, decode_entry, decode_head, encode_head
from state.errors import StateError
from streams.versions import pack, unpack
from tests.support.hostile.stored import (
    CENSUSES,
    ENTRIES,
    HEADS,
    VERSIONS,
    fuzz_ledgers,
    fuzz_sealed,
    ledgers,
    resealed,
)

ROOT = Path(__file__).parents[3]
NONE_MORE = np.zeros(1, np.int64)


@settings(max_examples=500)
@given(st.integers(0, 2**32))
def test_a_hostile_ledger_is_read_whole_or_refused(seed: int) -> None:
    fuzz_ledgers(random.Random(seed))


@settings(max_examples=300)
@given(st.integers(0, 2**32))
def test_a_hostile_head_entry_census_or_version_is_read_whole_or_refused(seed: int) -> None:
    fuzz_sealed(random.Random(seed))


@pytest.mark.parametrize(
    ("read", "packed"),
    [
        (lambda data: decode_head(3, data), HEADS[0]),
        (lambda data: decode_entry(b"3-0", data), ENTRIES[0]),
        (decode_census, CENSUSES[0]),
        *((unpack, packed) for packed in VERSIONS),
    ],
    ids=["head", "entry", "census", "versions", "newer versions"],
)
def test_no_changed_byte_of_what_is_sealed_is_read_as_something_else(
    read: Callable[[bytes], object], packed: bytes
) -> None:
    assert read(packed) is not None
    for place, was in enumerate(packed):
        for byte in {*range(256)} - {was}:
            with suppress(StateError):  # a damaged census is None
                assert read(packed[:place] + bytes([byte]) + packed[place + 1 :]) is None, (place, byte)


def test_what_is_good_is_written_as_it_was_read() -> None:
    for blob in ledgers():
        if blob[0] == LAYOUT:
            assert pack_ledgers(open_ledgers([blob], NONE_MORE)) == [blob]
    assert encode_head(decode_head(3, HEADS[0])) == HEADS[0]
    assert [pack(unpack(packed)) for packed in VERSIONS] == VERSIONS


@pytest.mark.parametrize("rows", [b"\xff" * 8 + b"\x7f", b"\x80\x80\x80\x80\x01", b"\xff\x7f"])
def test_a_count_that_the_bytes_cannot_hold_takes_no_room(rows: bytes) -> None:
    blob = resealed(bytes([LAYOUT]) + rows + ledgers()[-1][2:])
    histogram = b"\x01" + rows + bytes(1_000)
    tracemalloc.start()
    with pytest.raises(LedgerCorruptError):
        open_ledgers([blob], NONE_MORE)
    with pytest.raises(HistogramCorruptError):
        Histogram.from_bytes(histogram)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * (len(blob) + len(histogram)) + 20_000


def test_no_reader_leaves_its_bytes() -> None:
    """Uncompiled, every place guarded; `make soak` runs the machine code with its indices checked, which takes a minute."""
    command = [sys.executable, "-m", "tests.support.hostile.unguarded", "1", "1500"]
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert all(f"{what} read" in done.stdout for what in ("ledger", "histogram", "order"))
