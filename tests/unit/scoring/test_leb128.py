"""Every number that is written is read again, and bytes that end too early are not."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.layout import Bytes
from scoring.leb128 import BAD, read_int, read_time, read_uint, write_int, write_time, write_uint

Write = Callable[[Bytes, int, int], int]
Read = Callable[[Bytes, int, int], tuple[int, int]]
SIGNED = st.integers(-(2**60), 2**60)
TIMES_US = st.one_of(st.integers(-(2**52), 2**52), st.integers(-(2**32), 2**32).map(lambda s: s * 1_000_000))


@pytest.mark.parametrize(
    ("write", "read", "numbers"),
    [
        (write_uint, read_uint, st.integers(0, 2**62)),
        (write_int, read_int, SIGNED),
        (write_time, read_time, TIMES_US),
    ],
    ids=["uint", "int", "time"],
)
@given(data=st.data())
def test_a_number_is_read_as_it_was_written(
    write: Write, read: Read, numbers: st.SearchStrategy[int], data: st.DataObject
) -> None:
    number, out = data.draw(numbers), np.zeros(16, np.uint8)
    end = write(out, 3, number)
    assert read(out, 3, end) == (number, end)
    assert read(out, 3, end - 1)[1] == BAD


def test_whole_seconds_are_shorter_than_microseconds() -> None:
    out = np.zeros(16, np.uint8)
    assert write_time(out, 0, 1_700_000_000_000_000) == 5
    assert write_time(out, 0, 1_700_000_000_000_001) == 8
