"""Records that mean harm: no crash, no unbounded memory or time, and the same answer whoever reads them."""

import random
import time
import tracemalloc
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.config import ORDERS
from streams.events.batch import read_batch
from tests.support.hostile.events import fuzz_events, judge, judge_batch
from tests.support.hostile.huge import HUGE
from tests.support.pipelines import Line
from tests.support.values import RULES

TIMES = 20  # of what a value is long, at most, does it take to read it
SECONDS = 5.0  # of the processor, while memory is traced; what is not linear takes minutes
PATIENT = replace(RULES, max_event_bytes=2**24)  # by default they are refused for their size alone


@settings(max_examples=200)
@given(st.integers(0, 2**32))
def test_a_hostile_record_is_a_fact_a_version_or_a_refusal(seed: int) -> None:
    fuzz_events(random.Random(seed))


@pytest.mark.parametrize("name", list(HUGE))
def test_a_huge_record_takes_little_time_and_memory(name: str) -> None:
    line = Line(HUGE[name], None, 0)
    judge(ORDERS, Line(b"{}", None, 0), PATIENT)  # what is made once
    tracemalloc.start()
    began = time.process_time()
    told = judge(ORDERS, line, PATIENT)
    took_s = time.process_time() - began
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    judge_batch([(ORDERS, line)], [told], PATIENT)
    assert peak < TIMES * len(HUGE[name]) + 100_000
    assert took_s < SECONDS


def test_a_huge_record_is_refused_for_its_size_by_default() -> None:
    for value in HUGE.values():
        if len(value) > RULES.max_event_bytes:
            read = read_batch([(ORDERS, Line(value, None, 0))], RULES, None)
            assert str(read.told[0].reason) == "too_large"  # type: ignore[union-attr]
