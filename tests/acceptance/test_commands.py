"""The commands as a person types them, against `ebbtide up` in another terminal."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ORDERS = [
    {"id": "1", "customer_id": "ann", "occurred_at": "2026-03-01T10:00:00Z", "order_id": "o1", "amount": "30.50"},
    {"id": "2", "customer_id": "ann", "occurred_at": "2026-03-20T10:00:00Z", "order_id": "o2", "amount": "45.50"},
    {"id": "2", "customer_id": "ann", "occurred_at": "2026-03-20T10:00:00Z", "order_id": "o2", "amount": "45.50"},
    {"id": "3", "customer_id": "bob", "occurred_at": "2026-03-20T10:00:00Z", "order_id": "o3", "amount": "45.503"},
    {"id": "4", "customer_id": "cid", "occurred_at": "2026-03-20T10:00:00Z", "order_id": "o4", "amount": "9.99"},
]
ANN = {
    "customer_id": "ann",
    "orders": 2,
    "purchase_days": 2,
    "first_at": "2026-03-01T10:00:00Z",
    "last_at": "2026-03-20T10:00:00Z",
    "monetary": "76.00",
    "cost": "0.00",
    "marketing_cost": "0.00",
    "gross_profit": "76.00",
    "currency": "USD",
}


class Terminal(NamedTuple):
    """A working directory, and the settings that were pasted."""

    folder: Path
    settings: dict[str, str]

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """The command, ended."""
        command = [sys.executable, "-m", "ebbtide", *arguments]
        return subprocess.run(
            command, env=self.settings, cwd=self.folder, capture_output=True, text=True, timeout=60, check=False
        )

    def ebbtide(self, *arguments: str, code: int = 0) -> str:
        """What the command wrote to stdout; stderr must be free of tracebacks."""
        told = self.run(*arguments)
        assert told.returncode == code, told.stderr
        assert "Traceback" not in told.stderr
        return told.stdout

    def answer(self, *arguments: str) -> Any:
        """Its JSON."""
        return json.loads(self.ebbtide(*arguments, "--json"))

    def lines(self, *arguments: str) -> list[Any]:
        """Its lines of JSON."""
        return [json.loads(line) for line in self.ebbtide(*arguments).splitlines()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("terminal")


@pytest.fixture(scope="module")
def up(folder: Path) -> "Iterator[subprocess.Popen[str]]":
    bare = {name: value for name, value in os.environ.items() if not name.startswith("EBBTIDE_")}
    temporary = folder / "tmp"
    temporary.mkdir()
    command = [sys.executable, "-m", "ebbtide", "up"]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            command, env=bare | {"TMPDIR": str(temporary)}, cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        yield process
        process.kill()


@pytest.fixture(scope="module")
def terminal(up: "subprocess.Popen[str]", folder: Path) -> Terminal:
    """The two lines that `up` prints, pasted; a file of orders sent; all of it in the state."""
    assert up.stdout is not None
    pasted = dict(up.stdout.readline().removeprefix("export ").strip().split("=", 1) for _ in range(2))
    bare = {name: value for name, value in os.environ.items() if not name.startswith("EBBTIDE_")}
    here = Terminal(folder, bare | pasted)
    (folder / "orders.jsonl").write_text("".join(json.dumps({"type": "order.placed"} | o) + "\n" for o in ORDERS))
    here.ebbtide("send", "orders.jsonl")
    end = time.monotonic() + 30
    while here.answer("stats")["consumed"] < len(ORDERS) and time.monotonic() < end:
        time.sleep(0.2)
    return here


def test_stats_reconcile(terminal: Terminal) -> None:
    stats = terminal.answer("stats")
    expected = {"consumed": 5, "applied": 3, "duplicate": 1, "conflict": 0, "dead": {"money": 1}, "customers": 2}
    assert {name: stats[name] for name in expected} == expected
    assert stats["lag"] == 0
    assert 0.5 <= stats["elapsed_s"] < 5
    assert stats["events_per_s"] == 0
    assert "money" in terminal.ebbtide("stats")


def test_customer_tells_facts_value_and_what_is_next(terminal: Terminal) -> None:
    ann = terminal.answer("customer", "ann")
    assert {name: ann[name] for name in ANN} == ANN
    later = json.loads(terminal.ebbtide("customer", "ann", "--at", "2126-01-01T00:00:00Z", "--json"))
    assert later["as_of"] == "2126-01-01T00:00:00Z"
    assert float(later["value"]) < float(ann["value"])
    assert later["p_alive"] < ann["p_alive"]
    assert "ann" in terminal.ebbtide("customer", "ann")


def test_a_time_before_the_ledgers_clock_is_refused_with_the_first_that_can_be_told(terminal: Terminal) -> None:
    refused = terminal.run("customer", "ann", "--at", "2026-03-20T09:59:59Z")
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    (first,) = re.findall(r"can be told from (\S+) on", refused.stderr)
    assert terminal.answer("customer", "ann", "--at", first)["as_of"] == first


def test_a_customer_nobody_knows_is_exit_code_1(terminal: Terminal) -> None:
    assert terminal.ebbtide("customer", "nobody", code=1) == ""


def test_export_writes_every_customer_once(terminal: Terminal) -> None:
    ledger = {line["customer_id"]: line for line in terminal.lines("export", "ledger", "-")}
    assert set(ledger) == {"ann", "cid"}
    assert ledger["ann"] == ANN
    terminal.ebbtide("export", "scores", "scores.jsonl")
    scores = [json.loads(line) for line in (terminal.folder / "scores.jsonl").read_text().splitlines()]
    assert {line["customer_id"] for line in scores} == {"ann", "cid"}
    assert set(scores[0]) - set(ANN) == {
        *("as_of", "tier", "value", "p_alive", "expected_orders", "next_check_at", "model", "drift", "label")
    }


def test_a_dead_letter_is_listed_and_shown_as_it_came(terminal: Terminal) -> None:
    (letter,) = terminal.lines("dead", "list", "--json")
    assert (letter["reason"], letter["topic"]) == ("money", "orders")
    assert terminal.lines("dead", "list", "--reason", "schema", "--json") == []
    raw = terminal.ebbtide("dead", "show", letter["place"], "--raw")
    assert json.loads(raw)["amount"] == "45.503"
    assert "45.503" in terminal.ebbtide("dead", "show", letter["place"])
    assert terminal.ebbtide("dead", "show", "0:99999", code=1) == ""


def test_doctor_finds_nothing_wrong(terminal: Terminal) -> None:
    findings = terminal.answer("doctor")["findings"]
    assert [finding for finding in findings if finding["state"] == "wrong"] == []
    assert {"settings", "redis", "counters", "kafka", "topics", "lag"} <= {finding["about"] for finding in findings}


def test_ctrl_c_ends_everything_and_leaves_nothing(
    terminal: Terminal, up: "subprocess.Popen[str]", folder: Path
) -> None:
    up.send_signal(signal.SIGINT)
    assert up.wait(timeout=10) == 0, (folder / "log").read_text()
    assert list((folder / "tmp").iterdir()) == []
    assert "does not answer" in terminal.ebbtide("doctor", code=1)
