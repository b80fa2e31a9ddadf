"""Ledgers to fit a model to: built in memory from files, or read from the live state while it goes on."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ebbtide.errors import EbbtideError
from scoring.errors import LedgerCorruptError
from scoring.history import Histories, histories_of
from scoring.layout import BUCKETS, Records
from scoring.ledgers import Ledgers, open_ledgers, run
from scoring.outcomes import Outcomes, outcomes_of
from scoring.terms import Limits, Terms
from streams.events.columns import columns
from streams.events.decode import decode
from streams.events.facts import DecodeRules, Fact
from streams.history.sources.source import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from state.store import Store

AT_ONCE = 20_000  # records between two calls for progress


class Log(NamedTuple):
    """Events of one or more files in the order of time."""

    events: Records  # EVENT; now_us is the latest instant so far
    ids: list[bytes]  # customer ids by the events' customer index
    refused: dict[str, int]  # records that are no events, by reason


class Everyone(NamedTuple):
    """Every customer's ledger, and the instant up to which it tells."""

    ledgers: Ledgers
    ids: Sequence[bytes]
    until_us: int
    count_free_orders: bool

    def histories(self, at_us: int) -> Histories:
        """As of an instant."""
        return histories_of(self.ledgers, at_us, self.count_free_orders)

    def outcomes(self, histories: Histories, from_us: int, until_us: int) -> Outcomes:
        """What a stretch of time brought from those customers."""
        return outcomes_of(self.ledgers, histories.customer, from_us, until_us, self.count_free_orders)

    @property
    def first_us(self) -> int:
        """The first order of all that counts."""
        orders = self.ledgers.headers["orders"] > 0
        if not orders.any():
            raise EbbtideError("There is no order that counts: nothing to fit a model to.")
        return int(self.ledgers.headers["first_us"][orders].min())


def read_log(records: "Iterable[Record]", rules: DecodeRules, progress: Callable[[int], None] = lambda _n: None) -> Log:
    """Every event of the files that tells a fact."""
    facts: list[Fact] = []
    refused: dict[str, int] = {}
    for number, record in enumerate(records, 1):
        told = decode(record.topic, record.value, record.headers, rules, None)
        if isinstance(told, Fact):
            facts.append(told)
        else:
            reason = str(getattr(told, "reason", "type"))
            refused[reason] = refused.get(reason, 0) + 1
        if number % AT_ONCE == 0:
            progress(number)
    if not facts:
        raise EbbtideError("There are no events in the files. Were all rows left out? A header alone is no event.")
    facts.sort(key=lambda fact: fact.at_us)
    events, index = columns(facts), dict[bytes, int]()
    events["customer"] = [index.setdefault(fact.customer_id, len(index)) for fact in facts]
    events["now_us"] = np.maximum.accumulate(events["at_us"])
    return Log(events, list(index), refused)


def run_log(log: Log, terms: Terms, limits: Limits) -> Everyone:
    """The ledgers after the whole log. Model and boundaries of `terms` matter for standing only, not for facts."""
    customers = log.events["customer"]
    ledgers = open_ledgers([None] * len(log.ids), np.bincount(customers, minlength=len(log.ids)).astype(np.int64))
    run(ledgers, log.events, terms, terms, limits)
    return Everyone(ledgers, log.ids, int(log.events["now_us"][-1]), limits.count_free_orders)


async def read_live(
    store: "Store", until_us: int, count_free_orders: bool, progress: Callable[[int], None] = lambda _n: None
) -> Everyone:
    """Everybody of a store, a bucket after another. Workers go on meanwhile: each customer is told as of when it was read."""
    states: dict[bytes, bytes] = {}
    for bucket in range(BUCKETS):
        states |= {customer_id: blob async for customer_id, blob in store.states(bucket)}
        progress(len(states))
    if not states:
        raise EbbtideError("There are no customers yet. Are there workers, and do events arrive? ebbtide stats")
    return _readable(states, until_us, count_free_orders)


def _readable(states: dict[bytes, bytes], until_us: int, count_free_orders: bool) -> Everyone:
    """Without those whose ledger is damaged, as a worker's refit does; readers of everybody name them."""
    ids, extra = list(states), np.zeros(len(states), np.int64)
    try:
        return Everyone(open_ledgers(list(states.values()), extra), ids, until_us, count_free_orders)
    except LedgerCorruptError as error:
        spoilt = {ids[i] for i in error.indices}
        return _readable({who: blob for who, blob in states.items() if who not in spoilt}, until_us, count_free_orders)
