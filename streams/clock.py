"""What time it is when an event arrives: up to there the customer's silence acts first.

Each rule is a function of the log alone, so that the state does not depend on the boundaries of batches.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Protocol

import numpy as np

from scoring.layout import Ints
from state.store import Head


class Clock(Protocol):
    """The `now_us` of each event, from when it occurred and its bucket; in the order of the log."""

    def __call__(self, at_us: Ints, buckets: Ints, heads: Mapping[int, Head], /) -> Ints:
        """Shape (n,)."""


def by_event(at_us: Ints, _buckets: Ints, _heads: Mapping[int, Head]) -> Ints:
    """Live: an event sees its own time; in between, the timers watch the wall clock."""
    return at_us


def by_bucket(at_us: Ints, buckets: Ints, heads: Mapping[int, Head]) -> Ints:
    """The latest time seen in the event's bucket so far, this event included; kept in the bucket's head."""
    now = np.empty_like(at_us)
    for bucket in np.unique(buckets).tolist():
        mine = np.flatnonzero(buckets == bucket)
        now[mine] = np.maximum(np.maximum.accumulate(at_us[mine]), heads[bucket].clock_us)
    return now


def wall_us() -> int:
    """Microseconds since 1970, UTC."""
    return time.time_ns() // 1000


def elapsed_s() -> float:
    """Seconds of the running loop's clock, by which everything in it sleeps: only differences mean something."""
    return asyncio.get_running_loop().time()
