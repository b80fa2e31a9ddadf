"""Files become events: the same ones every time, and whatever is wrong with a file is said in one line."""

import gzip
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from streams.errors import SourceError
from streams.history.sources.choose import open_source, parse_mapping
from streams.history.sources.source import Record


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(path: Path, adapter: str | None = None, mapping: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    return [json.loads(record.value) for record in open_source(path, adapter, mapping).records()]


def table(folder: Path, columns: Mapping[str, Any]) -> Path:
    path = folder / "table.parquet"
    pq.write_table(pa.table(dict(columns)), path)
    return path


def test_a_line_of_json_is_sent_as_it_stands_with_its_customer_as_key(tmp_path: Path) -> None:
    line = '{"id": "e", "type": "interaction.visit",  "customer_id": "ü"}'
    source = open_source(written(tmp_path, "x.jsonl", f"\ufeff{line}\n\n"))
    assert list(source.records()) == [Record("interactions", "ü".encode(), line.encode())]
    assert source.share() == 1.0


@pytest.mark.parametrize(
    "line", [b"{not json", b"[1]", b'{"customer_id": 7, "type": "order.placed"}', b'{"type": "\xff"}']
)
def test_a_malformed_line_is_sent_too_and_without_a_key(tmp_path: Path, line: bytes) -> None:
    assert list(open_source(written(tmp_path, "x.jsonl", line)).records()) == [Record("orders", None, line)]


def test_a_structured_cloudevent_travels_with_its_content_type(tmp_path: Path) -> None:
    line = '{"specversion":"1.0","type":"order.placed","data":{"customer_id":"c"}}'
    (record,) = open_source(written(tmp_path, "x.jsonl", line)).records()
    assert (record.topic, record.key) == ("orders", b"c")
    assert record.headers == (("content-type", b"application/cloudevents+json"),)


def test_a_csv_row_without_type_and_order_id_is_an_order(tmp_path: Path) -> None:
    path = written(tmp_path, "x.csv", "customer_id,occurred_at,amount,cost\nc,2024-01-02T03:04:05Z,10.50,\n")
    (event,) = read(path)
    assert event["order_id"] == event["id"]
    assert event | {"order_id": "", "id": ""} == {
        "id": "",
        "order_id": "",
        "type": "order.placed",
        "customer_id": "c",
        "occurred_at": "2024-01-02T03:04:05Z",
        "amount": "10.50",
    }


def test_equal_rows_are_two_orders_and_the_same_file_again_gives_the_same_ids(tmp_path: Path) -> None:
    content = "customer_id,occurred_at,amount\n" + "c,2024-01-02T00:00:00Z,1.00\n" * 2
    first = [event["order_id"] for event in read(written(tmp_path, "x.csv", content))]
    again = [event["order_id"] for event in read(written(tmp_path, "y.csv.gz", gzip.compress(content.encode())))]
    assert len(set(first)) == 2
    assert first == again


def test_columns_are_mapped_and_cells_take_the_form_of_their_field(tmp_path: Path) -> None:
    content = 'who,day,type,id,score,granted,attributes\nc,2024-01-02,interaction.rating,e,4,yes,"{""a"": 1}"\n'
    (event,) = read(written(tmp_path, "x.csv", content), mapping={"customer_id": "who", "occurred_at": "day"})
    assert event == {
        "customer_id": "c",
        "occurred_at": "2024-01-02T00:00:00",
        "type": "interaction.rating",
        "id": "e",
        "score": 4,
        "granted": True,
        "attributes": {"a": 1},
    }


def test_parquet_cells_keep_their_exact_value(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        {
            "customer_id": [17850.0, None],
            "occurred_at": [datetime(2024, 1, 2, 3, tzinfo=UTC), None],
            "amount": [Decimal("10.10"), Decimal("0.00")],
            "cost": [1.5, float("nan")],
        },
    )
    first, second = read(path)
    assert (first["customer_id"], first["occurred_at"]) == ("17850", "2024-01-02T03:00:00+00:00")
    assert (first["amount"], first["cost"]) == ("10.10", 1.5)
    assert second["cost"] == "nan"
    assert "customer_id" not in second


def test_cdnow_rows_are_orders_at_midnight_utc(tmp_path: Path) -> None:
    rows = "customer_id,date,quantity,dollars\n" + "00001,1997-01-01,1,11.77\n" * 2
    first, second = read(written(tmp_path, "x.csv", rows), "cdnow")
    assert first["order_id"] != second["order_id"]
    assert (first["customer_id"], first["occurred_at"], first["amount"]) == ("00001", "1997-01-01T00:00:00Z", "11.77")


def test_uci_invoices_are_orders_credits_or_nothing(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        {
            "invoice_no": ["1", "C2", "A3", "4"],
            "customer_id": pa.array([7, 7, 7, None], pa.int32()),
            "ts": [datetime(2011, 7, 1, 12)] * 4,  # noqa: DTZ001 - the file has London time without a zone
            "value": [139.12, -7.05, 10.0, 10.0],
            "country": ["France"] * 4,
        },
    )
    source = open_source(path, "uci")
    order, credit = (json.loads(record.value) for record in source.records())
    assert (order["type"], order["amount"], order["occurred_at"]) == ("order.placed", "139.12", "2011-07-01T11:00:00Z")
    assert (credit["type"], credit["amount"], credit["refund_id"]) == ("order.refunded", "7.05", "C2")
    assert "order_id" not in credit
    assert source.skipped == {"without customer": 1, "adjustment": 1}


def test_uci_lines_are_summed_to_invoices_before_rounding_to_pence(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        {
            "invoice_no": ["1", "1", "1"],
            "customer_id": pa.array([7, 7, None], pa.int32()),
            "invoice_date": [datetime(2011, 1, 1, 12, 1), datetime(2011, 1, 1, 12), datetime(2011, 1, 1)],  # noqa: DTZ001
            "quantity": pa.array([4, 4, 1], pa.int32()),
            "unit_price": [0.001, 2.551, 5.0],
            "country": ["France"] * 3,
        },
    )
    source = open_source(path, "uci")
    (order,) = (json.loads(record.value) for record in source.records())
    assert (order["amount"], order["occurred_at"]) == ("10.21", "2011-01-01T12:00:00Z")
    assert source.skipped == {"without customer": 1}


def test_a_date_cell_is_its_midnight(tmp_path: Path) -> None:
    path = table(tmp_path, {"customer_id": ["c"], "occurred_at": [date(2024, 1, 2)], "amount": ["1"]})
    assert read(path)[0]["occurred_at"] == "2024-01-02T00:00:00"


GOOD = "customer_id,occurred_at,amount\n"


@pytest.mark.parametrize(
    ("name", "content", "adapter", "mapping", "says"),
    [
        ("x.csv", "", None, {}, "is empty"),
        ("x.csv", "\n", None, {}, "no header line"),
        ("x.txt", "a", None, {}, "neither .jsonl, .csv nor .parquet"),
        ("x.csv", GOOD, "shop", {}, "--from shop: no such adapter"),
        ("x.csv", GOOD, "cdnow", {}, "is not the CDNOW file: it has no column date"),
        ("x.csv", GOOD, "cdnow", {"amount": "dollars"}, "--map has no meaning with --from"),
        ("x.jsonl", "{}", None, {"amount": "dollars"}, "--map is for .csv and .parquet"),
        (
            "x.csv",
            GOOD,
            None,
            {"amount": "dollars"},
            "has no column dollars; its columns: customer_id, occurred_at, amount",
        ),
        ("x.csv", GOOD, None, {"price": "amount"}, "events have no field price"),
        ("x.csv", "customer_id,amount\n", None, {}, "no column occurred_at; say which is: --map occurred_at=COLUMN"),
        ("x.csv", f"{GOOD}c,2024-01-01,1,000.00\n", None, {}, "row 2: 4 cells under a header of 3"),
        ("x.csv", GOOD.encode() + b"\xff,,\n", None, {}, "is not UTF-8"),
        ("x.csv", f'{GOOD}"c"d,,\n', None, {}, "is no CSV file"),
        ("x.csv.gz", "customer", None, {}, "cannot be read: Not a gzipped file"),
        ("x.parquet", "PAR1 no", None, {}, "is no Parquet file"),
        ("x.parquet", "PAR1 no", "uci", {}, "is no Parquet file"),
    ],
)
def test_a_wrong_file_is_an_error_of_one_line_that_says_what_to_do(
    tmp_path: Path, name: str, content: str | bytes, adapter: str | None, mapping: dict[str, str], says: str
) -> None:
    with pytest.raises(SourceError) as caught:
        read(written(tmp_path, name, content), adapter, mapping)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        open_source(tmp_path / "none.csv")
    (tmp_path / "x.csv").mkdir()
    with pytest.raises(SourceError, match="is a folder"):
        open_source(tmp_path / "x.csv")


def test_uci_wants_its_columns(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not UCI Online Retail: no column country"):
        open_source(table(tmp_path, {"customer_id": ["c"]}), "uci")


def test_a_mapping_is_written_field_equals_column() -> None:
    assert parse_mapping(["amount=gross=sum"]) == {"amount": "gross=sum"}
    with pytest.raises(SourceError, match="write it as field=column"):
        parse_mapping(["amount"])
