"""A model fitted to the live state and saved is what customers are judged by from then on."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.world import World

SAMPLE = Path(__file__).parents[2] / "ebbtide" / "data" / "cdnow_sample.csv.gz"


def shop(customers: int) -> list[dict[str, Any]]:
    """Orders of the first so many customers of the packaged sample, in the order of time."""
    with gzip.open(SAMPLE, "rt") as file:
        rows = [line.rstrip("\n").split(",") for line in file][1:]
    kept = sorted((row for row in rows if int(row[1]) <= customers), key=lambda row: row[2])
    return [_order(n, customer, f"{day}T12:00:00Z", dollars) for n, (_, customer, day, _, dollars) in enumerate(kept)]


def _order(number: int, customer: str, at: str, dollars: str) -> dict[str, Any]:
    return {
        "id": f"e{number}",
        "type": "order.placed",
        "customer_id": f"c{customer}",
        "occurred_at": at,
        "order_id": f"o{number}",
        "amount": dollars,
    }


@pytest.mark.timeout(240)
@pytest.mark.parametrize("broker", ["embedded"], indirect=True)
def test_a_fit_to_the_live_state_is_shown_judged_and_taken(world: World) -> None:
    log = shop(900)
    world.send(log)
    world.start_worker()
    world.settle(len(log))

    told = json.loads(world.run("fit", "--live", "--save", "--json", "--horizon", "180"))
    comparison, tiers = told["against_in_force"], told["tiers"]
    assert not comparison["worse"]
    assert tiers["customers"] == told["customers"] == 900
    # shown before it is taken: who would stand where, now (rows) and then (columns)
    assert sum(map(sum, tiers["from_to"])) == 900
    assert 0 < tiers["change"] == 900 - sum(tiers["from_to"][i][i] for i in range(4))
    assert told["holdout"]["measures"].keys() >= {"mbg-gg", "in force", "frequency"}

    # an order past the version's instant is judged by it
    late = datetime.fromisoformat(log[-1]["occurred_at"]) + timedelta(days=3)
    at = late.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    world.send([_order(len(log), "1", at, "20.00")])
    world.settle(len(log) + 1)
    scored = json.loads(world.run("customer", "c1", "--json"))
    assert scored["model"].startswith("mbg-gg-")
    causes = [json.loads(change.said)["cause"] for change in world.changes()]
    assert "model" in causes
