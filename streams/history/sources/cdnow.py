"""The CDNOW data set: a row is an order, known only by day.

Fader and Hardie (2001), "Forecasting repeat sales at CDNOW: a case study", Interfaces 31(3). Rows that repeat one
another exactly are real orders: the file has no order id, so each row is one.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from streams.errors import SourceError
from streams.history.sources.csv_file import CsvRows
from streams.history.sources.source import Record


class Cdnow:
    """cdnow_master.csv and cdnow_sample.csv as they are passed around, with a header line."""

    def __init__(self, path: Path) -> None:
        self.currency: str | None = "USD"
        self.skipped: Counter[str] = Counter()
        self._rows = CsvRows(path)
        header = self._rows.header
        customer = "master_customer_id" if "master_customer_id" in header else "customer_id"
        for column in (customer, "date", "dollars"):
            if column not in header:
                raise SourceError(
                    f"{path} is not the CDNOW file: it has no column {column}. Leave --from away and use --map."
                )
        self._at = header.index(customer), header.index("date"), header.index("dollars")

    def records(self) -> Iterator[Record]:
        """An order a row. Its id is the row's number with the row, so that repeated rows stay apart."""
        customer_at, date_at, dollars_at = self._at
        encode = msgspec.json.Encoder().encode
        for number, row in enumerate(self._rows, 1):
            customer, day, dollars = row[customer_at], row[date_at], row[dollars_at]
            order = f"cdnow-{number}-{customer}-{day}"
            event = {
                "id": order,
                "type": "order.placed",
                "customer_id": customer,
                "occurred_at": f"{day}T00:00:00Z",
                "order_id": order,
                "amount": dollars,
                "currency": "USD",
            }
            yield Record("orders", customer.encode(), encode(event))

    def share(self) -> float:
        """How far the latest reading is."""
        return self._rows.share()
