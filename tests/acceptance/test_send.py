"""Files sent to a broker, consumed by a worker: every line is accounted for, and a file sent twice changes nothing."""

import json
from pathlib import Path

from tests.support.commands import answer, ebbtide
from tests.support.world import World

LINES = [
    '{"id":"1","type":"order.placed","customer_id":"ada","occurred_at":"2024-01-01T00:00:00Z","order_id":"1","amount":"9.50"}',
    '{"id":"2","type":"interaction.visit","customer_id":"bo","occurred_at":"2024-01-02T00:00:00Z"}',
    '{"id":"3","type":"order.placed","customer_id":"bo","occurred_at":"2024-01-02T00:00:00","order_id":"2","amount":"1"}',
    "{not json",
]


def test_a_file_sent_twice_is_duplicates_and_malformed_lines_are_dead_letters(world: World, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text("\n".join(LINES))
    rows = tmp_path / "rows.csv"
    rows.write_text("who,occurred_at,amount\n" + "cy,2024-01-03T00:00:00Z,5.00\n" * 3)
    assert json.loads(world.run("send", str(path), str(path), "--json"))["sent"] == 8
    assert json.loads(world.run("send", str(rows), str(rows), "--map", "customer_id=who", "--json"))["sent"] == 6
    world.start_worker()
    summary = world.settle(14)
    assert (summary["applied"], summary["duplicate"]) == (5, 5)
    assert summary["dead"] == {"not_json": 2, "time": 2}
    assert summary["misrouted"] == summary["conflict"] == 0
    facts = world.facts()
    assert {customer: (line["orders"], line["monetary"]) for customer, line in facts.items()} == {
        "ada": (1, "9.50"),
        "bo": (0, "0.00"),
        "cy": (3, "15.00"),
    }


def test_a_speed_sends_in_the_order_of_time_and_takes_its_time(world: World, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    days = ("2024-01-03", "2024-01-01", "2024-01-02")
    path.write_text("customer_id,occurred_at,amount\n" + "".join(f"cy,{day}T00:00:00Z,5.00\n" for day in days))
    sent = json.loads(world.run("send", str(path), "--speed", str(2 * 86_400), "--json"))
    assert sent["sent"] == 3
    assert sent["elapsed_s"] >= 1.0


def test_a_broker_that_is_down_and_a_wrong_file_are_one_line_each(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("customer_id,occurred_at,amount\ncy,2024-01-01T00:00:00Z,5.00\n")
    down = ebbtide(tmp_path, "send", path, EBBTIDE_KAFKA="127.0.0.1:1")
    assert (down.returncode, down.stderr.count("\n")) == (1, 1)
    assert "Kafka at 127.0.0.1:1 does not answer" in down.stderr

    wrong = ebbtide(tmp_path, "replay", path, "--map", "amount=total")
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)
    assert "has no column total; its columns: customer_id, occurred_at, amount" in wrong.stderr
    assert "EBBTIDE_KAFKA" in ebbtide(tmp_path, "send", path).stderr
    assert answer(tmp_path, "replay", path, "--json")
