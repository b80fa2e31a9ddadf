"""Hostile values in Redis: each reader gives back all of one or refuses it with this package's errors, and reads nothing else."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np

from scoring.boundaries.histogram import EMPTY, Histogram
from scoring.checksum import CHECK_BYTES, checksum
from scoring.errors import HistogramCorruptError, LedgerCorruptError, LedgerNewerError
from scoring.layout import LAYOUT, Level, Tier
from scoring.ledgers import open_ledgers, open_one, pack_ledgers, peek
from state.codec import (
    decode_census,
    decode_entry,
    decode_head,
    decode_score,
    encode_census,
    encode_entries,
    encode_head,
)
from state.errors import StateError
from state.keys import LAST_EXACT_US
from state.sealed import MARK, opened, sealed
from state.store import Census, Entry, Head
from streams.config import Version
from streams.versions import only, pack, take, unpack
from tests.support.hostile.events import VERSION
from tests.support.hostile.spoiling import spoilt
from tests.support.kernel import TERMS
from tests.support.stored import stored_state

HEADS = [
    encode_head(Head(3, {"orders": 2**40, "commands": 0, "partitions": 8}, 10**15, {"consumed": 7, "dead.time": 1}, 2))
]
HEADS += [b"\x93\x81\xa6orders\x05\x05\x81\xa8consumed\x05", b""]
ENTRIES = encode_entries(3, [Entry(3, 0, "tier-changes", b"ada", b'{"id":"ada:1"}', [("ce_id", b"ada:1"), ("x", b"")])])
ENTRIES += [opened(ENTRIES[0])]  # as layout 1 had it
VERSIONS = [pack(only(Version(TERMS))), pack(take(only(Version(TERMS)), VERSION))]
HISTOGRAM = EMPTY.add(np.array([0.0, 1.5, 1.5, -300.0, 7e9])).to_bytes()
CENSUSES = [encode_census(Census(10**15, HISTOGRAM))]
SCORES = [b"1700000000000000", b"-1", b"inf", b"-inf", b"1.7e+15", b"9007199254740993", b"0.5", b"1e308"]


@cache
def ledgers() -> list[bytes]:
    """Good ones of both layouts, of all kinds of rows, folded ones too; no kernel is needed to make them."""
    old = list(stored_state(1).ledgers().values())
    return [*old, *pack_ledgers(open_ledgers(old, np.zeros(len(old), np.int64)))]


def resealed(data: bytes) -> bytes:
    """With the checksum that belongs to it: what a reader meets if damage ever passes the checksum."""
    body = np.frombuffer(data[:-CHECK_BYTES], np.uint8)
    return body.tobytes() + int(checksum(body, 0, len(body))).to_bytes(CHECK_BYTES, "little")


def judge_ledger(blob: bytes) -> str:
    """What became of it; what can be read is written back as it was read, and its neighbours in a batch are not touched."""
    good, more = ledgers()[0], np.array([2, 5, 1])
    try:
        read = open_ledgers([good, blob, good], more)
    except LedgerNewerError:
        assert blob[0] > LAYOUT
        return "newer"
    except LedgerCorruptError as error:
        refused = error.indices
    else:
        refused = frozenset()
    if refused:
        assert refused == {1}
        with suppress(LedgerCorruptError):
            peek(blob)
            return "damaged behind the header"
        return "damaged"
    alone = open_ledgers([good], more[:1])
    for i in (0, 2):
        assert pack_ledgers(read)[i] == pack_ledgers(alone)[0]
    if blob:
        header, rows = open_one(blob)
        assert header["rows"] == len(rows) <= len(blob) // 10
        assert header["tier"] in list(Tier)
        assert header["level"] in list(Level)
        header["oldest_us"] = 0  # only rows tell it
        assert peek(blob).tobytes() == header.tobytes()
    written = pack_ledgers(read)[1]
    assert pack_ledgers(open_ledgers([written], more[:1]))[0] == written
    return "read"


def fuzz_ledgers(chance: random.Random) -> Counter[str]:
    """One hostile ledger; half of those that were spoilt get the checksum that belongs to them."""
    blob = chance.choice(ledgers())
    fate = chance.random()
    blob = chance.randbytes(chance.randint(0, 300)) if fate < 0.1 else spoilt(blob, chance, ledgers())
    if fate > 0.4 and len(blob) > CHECK_BYTES:
        blob = resealed(blob)
    return Counter([f"ledger {judge_ledger(blob)}"])


def judged(read: Callable[[bytes], Any], write: Callable[[Any], bytes], data: bytes, refused: type[Exception]) -> str:
    """What is read is written back and read again as the same."""
    try:
        told = read(data)
    except refused:
        return "refused"
    if told is None:
        return "none"
    again = read(write(told))
    assert repr(again) == repr(told)
    return "read"


def fuzz_sealed(chance: random.Random) -> Counter[str]:
    """One hostile head, outbox entry, census, histogram, score and version each, with a seal that fits or not."""
    found = {
        "head": judged(lambda d: decode_head(3, d), encode_head, _sealed(HEADS, chance), StateError),
        "entry": judged(
            lambda d: decode_entry(b"3-0", d),
            lambda entry: encode_entries(3, [entry])[0],
            _sealed(ENTRIES, chance),
            StateError,
        ),
        "census": judged(decode_census, encode_census, _sealed(CENSUSES, chance), StateError),
        "versions": judged(unpack, pack, _sealed(VERSIONS, chance), StateError),
        "histogram": judged(
            Histogram.from_bytes, Histogram.to_bytes, spoilt(HISTOGRAM, chance, ledgers()), HistogramCorruptError
        ),
    }
    with suppress(StateError):
        decode_entry(spoilt(b"12-3", chance), ENTRIES[0])
    with suppress(StateError):
        decode_head(spoilt(b"12", chance), HEADS[0])
    assert -LAST_EXACT_US <= decode_score(chance.choice(SCORES)) <= LAST_EXACT_US
    return Counter(f"{what} {outcome}" for what, outcome in found.items())


def _sealed(seeds: Sequence[bytes], chance: random.Random) -> bytes:
    data = chance.choice(seeds)
    if chance.random() < 0.5:
        return spoilt(data, chance, seeds)
    return sealed(spoilt(_body(data), chance, [_body(seed) for seed in seeds]))


def _body(data: bytes) -> bytes:
    return opened(data) if data.startswith(MARK) else data
