"""What lay in the future when it came: judged by the broker's time of the record itself, however many are read at once."""

from collections.abc import Sequence
from itertools import groupby, pairwise

import numpy as np

from streams.events.batch import read_batch
from streams.events.facts import DecodeRules
from streams.events.instants import MAX_AHEAD_US
from streams.work import Slice


def by_their_time(slices: Sequence[Slice], rules: DecodeRules, now_us: int) -> list[tuple[list[Slice], int]]:
    """A batch, cut; and of each part the instant, microseconds, that says for all in it what each one's own time says.

    A record is told `future` by the newest of a batch as by itself, unless it lies between: ahead of its own time, and not
    of the newest one's. Such a one goes alone. Records without a time, and those ahead of `now_us`, come now.
    """
    origins = [(part.topic, record) for part in slices for record in part.records]
    came_ms = np.array([record.timestamp for _, record in origins], np.int64)
    came_us = np.where(came_ms > 0, np.minimum(came_ms * 1000, now_us), now_us)
    newest_us = int(came_us.max())
    batch = read_batch(origins, rules, None)
    at_us = batch.events["at_us"][batch.at]
    odd = np.zeros(len(origins), np.bool_)
    odd[batch.at] = (at_us > came_us[batch.at] + MAX_AHEAD_US) & (at_us <= newest_us + MAX_AHEAD_US)
    if not odd.any():
        return [(list(slices), newest_us)]
    edges = np.unique(np.concatenate([[0], np.flatnonzero(odd), np.flatnonzero(odd) + 1, [len(origins)]])).tolist()
    return [
        (
            [
                Slice(topic, [record for _, record in some])
                for topic, some in groupby(origins[first:end], lambda o: o[0])
            ],
            int(came_us[first]) if odd[first] else newest_us,
        )
        for first, end in pairwise(edges)
    ]
