"""Plain RFM on Bytewax: `python -m benchmarks.rivals.bytewax_rfm BROKER TOPIC EVENTS FACTS`. State in memory, one worker.

It decodes a batch at a time and takes large ones: neither is its default; what that saves was within the noise of a busy machine.
"""

import json
import sys
from pathlib import Path

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSource, KafkaSourceMessage
from bytewax.dataflow import Dataflow
from bytewax.testing import run_main

from benchmarks.rivals.plain import NOBODY, Order, Rfm, decode, take, tell

AT_ONCE = 10_000


class Table:
    """Keeps the newest RFM of each customer, as a table downstream would, and counts."""

    def __init__(self, total: int) -> None:
        self.newest: dict[str, Rfm] = {}
        self._events = 0
        self._total = total

    def put(self, rows: list[tuple[str, Rfm]]) -> list[None]:
        """The later one of a customer holds; nothing goes on from here."""
        self.newest.update(rows)
        before, self._events = self._events, self._events + len(rows)
        tell(before, self._events, self._total)
        return []


def keyed(messages: "list[KafkaSourceMessage[bytes, bytes]]") -> list[tuple[str, Order]]:
    """Customers and what they did."""
    return [(message.key.decode(), decode(message.value)) for message in messages]


def fold(before: Rfm | None, order: Order) -> tuple[Rfm, Rfm]:
    """What is kept and what is told are the same."""
    after = take(before or NOBODY, order)
    return after, after


def main() -> None:
    """Read to the end of the topic."""
    broker, topic, total, facts = sys.argv[1:]
    table = Table(int(total))
    flow = Dataflow("rfm")
    records = op.input("orders", flow, KafkaSource([broker], [topic], tail=False, batch_size=AT_ONCE))
    rfm = op.stateful_map("rfm", op.flat_map_batch("decode", records, keyed), fold)
    op.inspect("end", op.flat_map_batch("table", rfm, table.put))  # a dataflow has to end in one
    run_main(flow)
    Path(facts).write_text(json.dumps(table.newest))


if __name__ == "__main__":
    main()
