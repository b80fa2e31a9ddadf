"""The kernel's machine code, loaded before anything waits for it: that takes a second or more, and compiling it longer."""

import numpy as np

from scoring.boundaries.histogram import Histogram
from scoring.grouping import buckets_at, differing, group
from scoring.hashing import buckets, flat
from scoring.layout import EVENT, Kind
from scoring.ledgers import open_ledgers, pack_ledgers, run
from streams.census import counted
from streams.config import Scoring
from streams.events.columns import columns
from streams.events.facts import DecodeRules, Fact
from streams.events.plain.batch import read_plain

_ORDER = b'{"id":"e","type":"order.placed","customer_id":"c","occurred_at":"2026-01-01T00:00:00Z","order_id":"o","amount":"1.00"}'


def warm_up(scoring: Scoring) -> bytes:
    """Run once everything that a batch runs; returns the ledger that came of it."""
    ledgers = open_ledgers([None], np.ones(1, np.int64))
    terms = scoring.first.terms
    run(ledgers, np.zeros(1, EVENT), terms, terms, scoring.limits)
    (ledger,) = pack_ledgers(ledgers)
    Histogram.from_bytes(counted([ledger], 0, terms.model).to_bytes())
    columns([Fact(b"", "", Kind.PLACED, 0, b"", 0, 0, 0, 0, "")])
    buckets([b""])
    order, ids = np.frombuffer(_ORDER, np.uint8), read_plain([_ORDER], DecodeRules(), None).ids
    group(order, ids, buckets_at(order, ids))
    differing(order, ids, *flat([b"c"]))
    return ledger
