"""The kernel's machine code, loaded before anything waits for it: that takes a second or more, and compiling it longer."""

import numpy as np

from scoring.boundaries.histogram import Histogram
from scoring.hashing import buckets
from scoring.layout import EVENT, Kind
from scoring.ledgers import open_ledgers, pack_ledgers, run
from streams.census import counted
from streams.config import Scoring
from streams.events.columns import columns
from streams.events.facts import Fact


def warm_up(scoring: Scoring) -> bytes:
    """Run once everything that a batch runs; returns the ledger that came of it."""
    ledgers = open_ledgers([None], np.ones(1, np.int64))
    terms = scoring.first.terms
    run(ledgers, np.zeros(1, EVENT), terms, terms, scoring.limits)
    (ledger,) = pack_ledgers(ledgers)
    Histogram.from_bytes(counted([ledger], 0, terms.model).to_bytes())
    columns([Fact(b"", "", Kind.PLACED, 0, b"", 0, 0, 0, 0, "")])
    buckets([b""])
    return ledger
