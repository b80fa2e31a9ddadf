"""How customers' values are distributed: counted in bins narrow enough to draw a boundary from, and mergeable exactly.

A bin is a slice of the floating-point line (as in HdrHistogram): each octave from 1/128 minor unit to 2^50 is cut into 4,096
equal slices, so a bin is at most 0.025% wide. Within its bin a value is kept in steps of 1/65,536 of the bin, as an integer:
sums do not depend on the order in which customers come, nor on how they were divided among buckets.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scoring.compiled import compiled
from scoring.errors import HistogramCorruptError
from scoring.layout import Bytes, Floats, Ints
from scoring.leb128 import BAD, read_int, read_uint, write_int, write_uint

VERSION = 1
LEAST = 2.0**-7  # minor units; what is nearer to 0 counts as 0
MOST = 2.0**50  # what is larger counts as this
STEPS = 1 << 16  # within a bin
_EDGE_BITS = 40  # of a double's 64: what is left of them are sign, exponent and twelve bits of the mantissa
_STEP_BITS = _EDGE_BITS - 16
_BASE = (int(np.float64(LEAST).view(np.int64)) >> _EDGE_BITS) - 1  # so that the first bin above 0 is bin 1
_TOP = (int(np.float64(MOST).view(np.int64)) >> _EDGE_BITS) - _BASE - 1
_ENTRY_ROOM = 30  # bytes that no bin exceeds


class Histogram(NamedTuple):
    """Bins that hold a customer, ascending by value. Bin 0 is worth nothing, bin -n is a loss of the size of bin n."""

    bins: Ints
    counts: Ints  # customers
    steps: Ints  # sum over the bin's customers of how far into the bin each is

    @property
    def customers(self) -> int:
        """How many there are."""
        return int(self.counts.sum())

    @property
    def edges(self) -> Floats:
        """The least size of a value in each bin, with its sign, minor units."""
        return _edges(self.bins)

    @property
    def sums(self) -> Floats:
        """The values of each bin summed up, minor units; right to 4 in 10^9."""
        widths = _edges(self.bins + np.sign(self.bins)) - self.edges
        return self.counts * self.edges + widths * (self.steps / STEPS)

    def add(self, values: Floats) -> "Histogram":
        """With these customers' values, shape (n,), minor units, none of them NaN."""
        bins, steps = _placed(values)
        return _grouped([self.bins, bins], [self.counts, np.ones(len(bins), np.int64)], [self.steps, steps])

    def merge(self, *others: "Histogram") -> "Histogram":
        """With the customers of all others."""
        return merged((self, *others))

    def to_bytes(self) -> bytes:
        """A version byte, the number of bins, then each bin's distance from the one before, count and steps."""
        out = np.empty(1 + _ENTRY_ROOM * (1 + len(self.bins)), np.uint8)
        out[0] = VERSION
        return out[: _write(self.bins, self.counts, self.steps, out)].tobytes()

    @classmethod
    def from_bytes(cls, packed: bytes) -> "Histogram":
        """The inverse of to_bytes. Raises HistogramCorruptError."""
        data = np.frombuffer(packed, np.uint8)
        room, _ = read_uint(data, 1, len(data)) if len(data) > 1 and data[0] == VERSION else (-1, BAD)
        if not 0 <= room <= len(data) // 3:  # a bin takes at least as many bytes
            raise HistogramCorruptError
        bins, counts, steps = (np.empty(room, np.int64) for _ in range(3))
        if _read(data, bins, counts, steps) != len(data):
            raise HistogramCorruptError
        return cls(bins, counts, steps)


def merged(histograms: Iterable[Histogram]) -> Histogram:
    """All of them as one."""
    many = list(histograms)
    return _grouped([h.bins for h in many], [h.counts for h in many], [h.steps for h in many])


def _placed(values: Floats) -> tuple[Ints, Ints]:
    """Each value's bin, and how far into it the value is, 0 to STEPS - 1."""
    if np.isnan(values).any():
        raise ValueError("a value is no number")
    sizes = np.minimum(np.abs(np.asarray(values, np.float64)), np.nextafter(MOST, 0.0))
    bits = np.maximum(sizes, LEAST).view(np.int64)
    bins = (bits >> _EDGE_BITS) - _BASE
    bins = np.where(values < 0.0, -bins, np.where(sizes < LEAST, 0, bins))
    return bins, np.where(bins == 0, 0, (bits >> _STEP_BITS) & (STEPS - 1))


def _edges(bins: Ints) -> Floats:
    sizes = (np.maximum(np.abs(bins), 1) + _BASE << _EDGE_BITS).view(np.float64)
    signed: npt.NDArray[np.float64] = np.sign(bins) * sizes
    return signed


def _grouped(bins: list[Ints], counts: list[Ints], steps: list[Ints]) -> Histogram:
    """Each bin once, ascending."""
    every = np.concatenate([np.empty(0, np.int64), *bins])
    order = np.argsort(every, kind="stable")
    once, starts = np.unique(every[order], return_index=True)
    if not len(once):
        return EMPTY
    sums = [np.add.reduceat(np.concatenate(part)[order], starts) for part in (counts, steps)]
    return Histogram(once, sums[0], sums[1])


@compiled
def _write(bins: Ints, counts: Ints, steps: Ints, out: Bytes) -> int:
    at = write_uint(out, 1, len(bins))
    before = 0
    for i in range(len(bins)):
        at = write_int(out, at, bins[i] - before)
        at = write_uint(out, at, counts[i])
        at = write_uint(out, at, steps[i])
        before = bins[i]
    return at


@compiled
def _read(data: Bytes, bins: Ints, counts: Ints, steps: Ints) -> int:
    """Returns the index after the last bin, BAD where these are no bins."""
    end = len(data)
    before = 0
    _, at = read_uint(data, 1, end)
    for i in range(len(bins)):
        gap, at = read_int(data, at, end)
        counts[i], at = read_uint(data, at, end)
        steps[i], at = read_uint(data, at, end)
        bins[i] = before + gap
        before = bins[i]
        good = gap > 0 or i == 0
        if at < 0 or not good or abs(before) > _TOP or counts[i] < 1 or steps[i] > counts[i] * (STEPS - 1):
            return BAD
    return at


EMPTY = Histogram(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int64))
