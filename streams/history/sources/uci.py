"""UCI Online Retail: a UK gift shop's invoices, 2010-12-01 to 2011-12-09, in pounds and London time without a zone.

Chen, Sain and Guo (2012), doi 10.1057/dbm.2012.17. Takes the invoice lines (grouped here) or one row an invoice.
Invoices named C... cancel goods without saying which order they came from: credits to the customer. Those named A...
are bad-debt adjustments, nobody's purchase. Rows without a customer are left out, and counted.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from streams.errors import SourceError
from streams.history.sources.parquet_file import open_parquet
from streams.history.sources.source import Record

LONDON = ZoneInfo("Europe/London")
LINES = frozenset(("invoice_no", "invoice_date", "customer_id", "quantity", "unit_price", "country"))
INVOICES = frozenset(("invoice_no", "ts", "customer_id", "value", "country"))


class Uci:
    """uci_online_retail.parquet or uci_invoices.parquet."""

    def __init__(self, path: Path) -> None:
        self.currency: str | None = "GBP"
        self.skipped: Counter[str] = Counter()
        self._path = path
        self._share = 0.0
        with open_parquet(path) as file:
            columns = set(file.schema_arrow.names)
        if not (columns >= LINES or columns >= INVOICES):
            missing = ", ".join(sorted(LINES - columns))
            raise SourceError(f"{path} is not UCI Online Retail: no column {missing}. Leave --from away and use --map.")
        self._by_line = columns >= LINES

    def records(self) -> Iterator[Record]:
        """An order or a credit an invoice, in the order of the invoices' first appearance."""
        self.skipped.clear()
        with open_parquet(self._path) as file:
            table = file.read(columns=sorted(LINES if self._by_line else INVOICES))
        known = table.filter(pc.is_valid(table["customer_id"]))
        self.skipped["without customer"] += table.num_rows - known.num_rows
        invoices = grouped(known) if self._by_line else known
        encode = msgspec.json.Encoder().encode
        times = invoices["ts"].cast(pa.timestamp("us"), safe=False)
        columns = (
            invoices["invoice_no"],
            invoices["customer_id"],
            times,
            pence(invoices["value"]),
            invoices["country"],
        )
        for done, row in enumerate(zip(*(column.to_pylist() for column in columns), strict=True), 1):
            self._share = done / invoices.num_rows
            invoice, customer, moment, value, country = row
            if invoice.startswith("A"):
                self.skipped["adjustment"] += 1
                continue
            event = bare(invoice, str(customer), in_utc(moment), value, country)
            yield Record("orders", event["customer_id"].encode(), encode(event))

    def share(self) -> float:
        """Invoices given of invoices there are."""
        return self._share


def grouped(lines: pa.Table) -> pa.Table:
    """One row an invoice: its first moment (43 invoices were keyed in over two minutes) and the sum of its lines."""
    # Prices have up to three decimals (four lines of 0.001): sums stay whole numbers of tenths of a penny.
    price = pc.cast(pc.round(pc.multiply(lines["unit_price"], 1000.0)), pa.int64())
    lines = lines.append_column("mills", pc.multiply(price, pc.cast(lines["quantity"], pa.int64())))
    keys = ["invoice_no", "customer_id", "country"]
    sums = lines.group_by(keys, use_threads=False).aggregate([("invoice_date", "min"), ("mills", "sum")])
    value = pc.divide(pc.cast(sums["mills_sum"], pa.float64()), 1000.0)
    return sums.append_column("value", value).append_column("ts", sums["invoice_date_min"])


def pence(pounds: Any) -> Any:
    """Pounds in whole pence, half to even."""
    return pc.cast(pc.round(pc.multiply(pounds, 100.0), round_mode="half_to_even"), pa.int64())


def in_utc(moment: datetime) -> str:
    """A London clock's reading in UTC."""
    return moment.replace(tzinfo=LONDON).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def bare(invoice: str, customer: str, occurred_at: str, value: int, country: str) -> dict[str, Any]:
    """The event of an invoice: an order, or a credit where it is a cancellation."""
    event = {
        "id": invoice,
        "customer_id": customer,
        "occurred_at": occurred_at,
        "amount": f"{abs(value) // 100}.{abs(value) % 100:02}",
        "currency": "GBP",
    }
    if invoice.startswith("C"):
        return event | {"type": "order.refunded", "refund_id": invoice}
    return event | {"type": "order.placed", "order_id": invoice, "place": country}
