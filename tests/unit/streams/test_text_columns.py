"""Columns of text are the texts of their elements."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.layout import Ints
from streams.events.text import money_text, time_text
from streams.events.text_columns import money_texts, time_texts

LAST_US = 253_402_300_799_999_999  # of the year 9999


def column(values: list[int]) -> Ints:
    return np.array(values, np.int64)


@pytest.mark.parametrize("decimals", [0, 2, 3, 4])
@given(values=st.lists(st.integers(-(2**63) + 1, 2**63 - 1) | st.integers(-2000, 2000)))
def test_money(decimals: int, values: list[int]) -> None:
    assert money_texts(column(values), decimals) == [money_text(value, decimals) for value in values]


@given(values=st.lists(st.integers(0, LAST_US) | st.integers(0, LAST_US // 1_000_000).map(lambda s: s * 1_000_000)))
def test_times(values: list[int]) -> None:
    assert time_texts(column(values)) == [time_text(value) for value in values]
