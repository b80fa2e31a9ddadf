"""What a drift alert tells the world, where it stands among the changes, and what the day's budget lets out."""

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import jsonschema
import msgspec
import pytest

from scoring.budget import Candidate
from scoring.defaults import DEFAULT_DRIFT
from scoring.layout import Tier
from streams.clock import by_event
from streams.config import DRIFT_ALERTS, TIER_CHANGES, Version
from streams.events import out
from streams.events.facts import DecodeRules
from streams.events.instants import instant_us
from streams.events.schemas import schema
from streams.metrics import Metrics
from streams.patience import Patience
from streams.pipeline import Pipeline
from tests.fakes.memory_store import MemoryStore
from tests.support.budget import plainly
from tests.support.builders import order
from tests.support.kernel import terms_of
from tests.support.pipelines import SCORING, Bench, CrashError, lines, totals

EVERYONE = replace(SCORING, first=Version(terms_of(drift=DEFAULT_DRIFT._replace(worth_tier=int(Tier.LOW), turn=0.0))))
SCHEMAS: dict[str, type[msgspec.Struct]] = {
    "drift.warned": out.DriftWarned,
    "drift.raised": out.DriftRaised,
    "drift.cleared": out.DriftCleared,
}
LOG = [
    {**order("o1", "60.00", day=0), "id": "e-1"},
    {**order("o2", "80.00", day=30), "id": "e-2"},
    {**order("o3", "70.00", day=2000), "id": "e-3"},
]


def bench(budget: int = 0) -> Bench:
    made = Bench(MemoryStore())
    scoring = replace(EVERYONE, drift_budget=budget)
    made.pipeline = Pipeline(made.store, DecodeRules(), scoring, by_event, made.ears, made.ears, None, Patience())
    return made


def fed(*events: dict[str, Any], budget: int = 0) -> Bench:
    made = bench(budget)
    made.feed(lines(events))
    return made


def test_a_customer_who_falls_silent_and_returns_is_warned_of_raised_and_cleared() -> None:
    alerts = fed(*LOG).ears.alerts
    told = [(alert["type"].removeprefix("drift."), alert["level"], alert["cause"]) for alert in alerts]
    assert [kind for kind in told if kind[0] == "raised"] == [
        ("raised", "watch", "silence"),
        ("raised", "drifting", "silence"),
        ("raised", "lost", "silence"),
    ]
    assert told[-1] == ("cleared", None, "order")
    assert (alerts[-1]["cause_id"], alerts[-1]["occurred_at"]) == ("e-3", "2029-06-23T00:00:00Z")
    assert [alert["id"] for alert in alerts] == [f"ada:drift:{n}" for n in range(1, len(alerts) + 1)]


def test_each_kind_is_valid_by_its_schema_and_says_all_of_the_contract() -> None:
    alerts = fed(*LOG).ears.alerts
    assert {alert["type"] for alert in alerts} == SCHEMAS.keys()
    for alert in alerts:
        jsonschema.validate(alert | {"emitted_at": "2024-01-01T00:00:00Z"}, schema(SCHEMAS[alert["type"]]))
        assert alert["silent_days"] == pytest.approx(0.0 if alert["type"] == "drift.cleared" else alert["silent_days"])
        assert ("falls_at" in alert, "keep" in alert) == (alert["type"] == "drift.warned",) * 2
    lost = next(alert for alert in alerts if alert["level"] == "lost")
    assert (lost["usual_gap_days"], lost["currency"], lost["model"], lost["muted"]) == (30.0, "USD", "default", False)
    assert lost["p_alive"] < 0.1 or lost["silence_chance"] < 0.005
    assert float(lost["value_at_risk"]) > float(lost["value"]) > 0


def test_a_warning_names_the_fall_that_then_comes_and_what_keeps_the_tier() -> None:
    told = fed(*LOG).ears
    falls = [change["occurred_at"] for change in told.changes if change["cause"] == "silence"]
    warned = [alert for alert in told.alerts if alert["type"] == "drift.warned"]
    assert [alert["falls_at"] for alert in warned] == falls
    for alert in warned:
        assert alert["keep"]["by"] == alert["falls_at"] > alert["occurred_at"]


def test_before_the_second_purchase_day_no_gap_is_usual() -> None:
    first = fed(LOG[0], LOG[2]).ears.alerts[0]
    assert first["usual_gap_days"] is None


def test_changes_and_alerts_leave_in_the_order_in_which_they_happened_the_change_first() -> None:
    [commit] = fed(*LOG).ears.commits
    told = [(json.loads(entry.value)["occurred_at"], entry.topic == DRIFT_ALERTS) for entry in commit.outbox]
    assert told == sorted(told)
    assert [entry.index for entry in commit.outbox] == list(range(len(told)))
    assert {entry.topic for entry in commit.outbox} == {TIER_CHANGES, DRIFT_ALERTS}


def test_an_alert_is_a_cloudevent_whose_headers_agree_with_its_value() -> None:
    [commit] = fed(*LOG).ears.commits
    for entry in commit.outbox:
        headers, value = dict(entry.headers), json.loads(entry.value)
        assert (headers["ce_id"], headers["ce_type"]) == (value["id"].encode(), value["type"].encode())
        assert (headers["ce_time"], entry.key) == (value["occurred_at"].encode(), b"ada")


def test_they_are_counted_by_kind() -> None:
    made = fed(*LOG)
    count, kinds = totals(made.store), Counter(alert["type"].removeprefix("drift.") for alert in made.ears.alerts)
    assert count["drift_alerts"] == len(made.ears.alerts) == sum(kinds.values())
    assert {kind: count[f"drift_alerts.{kind}"] for kind in kinds} == kinds
    metrics = Metrics()
    for commit in made.ears.commits:
        metrics.told(commit)
    for kind, number in kinds.items():
        assert metrics.registry.get_sample_value("ebbtide_drift_alerts_total", {"kind": kind}) == number


def many(customers: int) -> list[dict[str, Any]]:
    """Customers who all fall silent on about the same days, each worth something else; one more order ends the log."""
    log = [{**order(f"o{n}", f"{20 + n}.00", day=n % 3), "customer_id": f"c{n}"} for n in range(customers)]
    return [*log, *({**order(f"p{n}", "30.00", day=900), "customer_id": f"c{n}"} for n in range(customers))]


@pytest.mark.parametrize("budget", [1, 4])
def test_a_budget_tells_never_more_than_so_many_a_day_and_counts_what_it_withholds(budget: int) -> None:
    free, held = fed(*many(60)), fed(*many(60), budget=budget)
    days = Counter(a["occurred_at"][:10] for a in held.ears.alerts if a["type"] != "drift.cleared")
    assert max(days.values()) == budget
    count = totals(held.store)
    assert count["drift_alerts"] == len(held.ears.alerts)
    assert count["drift_alerts"] + count["drift_withheld"] == len(free.ears.alerts)
    assert held.ears.changes == free.ears.changes
    cleared = [[a["id"] for a in b.ears.alerts if a["type"] == "drift.cleared"] for b in (free, held)]
    assert cleared[0] == cleared[1]


def test_what_the_budget_grants_is_the_rule_in_the_order_of_time() -> None:
    free, held = fed(*many(60)), fed(*many(60), budget=2)
    asking = sorted(
        (a for a in free.ears.alerts if a["type"] != "drift.cleared"), key=lambda a: (instant(a), a["customer_id"])
    )
    asked = [Candidate(a["id"], instant(a), float(a["value_at_risk"])) for a in asking]
    granted = {a["id"] for a, yes in zip(asking, plainly(asked, 2), strict=True) if yes}
    assert {a["id"] for a in held.ears.alerts if a["type"] != "drift.cleared"} == granted


def test_a_batch_that_is_run_again_after_a_crash_keeps_what_it_was_granted(monkeypatch: pytest.MonkeyPatch) -> None:
    made, again = fed(*many(40), budget=2), bench(budget=2)

    async def crashes(_commits: Any) -> Any:
        raise CrashError

    with monkeypatch.context() as patched:
        patched.setattr(again.store, "commit", crashes)
        with pytest.raises(CrashError):
            again.feed(lines(many(40)))
    again.restart()
    again.feed(lines(many(40)))
    assert {a["id"] for a in made.ears.alerts} <= {a["id"] for a in again.ears.alerts}
    days = Counter(a["occurred_at"][:10] for a in again.ears.alerts if a["type"] != "drift.cleared")
    assert max(days.values()) == 2


def instant(alert: dict[str, Any]) -> int:
    return instant_us(alert["occurred_at"], None, None)
