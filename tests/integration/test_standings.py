"""tiers, top and losing over a small shop in Redis: what they say of everybody is what the score lines add up to."""

import asyncio
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ebbtide.cli.files import open_sources, read_sorted
from ebbtide.cli.main import app
from ebbtide.embedded import Server
from ebbtide.settings import Settings, key_of, load_settings
from ebbtide.wiring import decode_rules, scoring_of
from state.redis_store import RedisStore
from streams.history.replay import Replay
from tests.support.builders import cancel, order, refund

Event = dict[str, Any]
NAMESPACE = "standings"
TIERS = """[low]
enter = 0
leave = 0
[middle]
enter = 20
leave = 15
[high]
enter = 60
leave = 50
[labels]
high = "VIP"
"""


def of(customer: str, *events: Event) -> list[Event]:
    return [event | {"customer_id": customer, "id": f"{customer}-{i}"} for i, event in enumerate(events)]


def shop() -> list[Event]:
    """200 customers who bring a profit, and some who do not, each for a reason of its own."""
    draw = np.random.default_rng(3)
    events = []
    for c in range(200):
        days = np.sort(draw.choice(300, 1 + draw.poisson(1.5), replace=False)).tolist()
        amounts = draw.lognormal(3.5, 1.0, len(days))
        events += of(
            f"c{c}",
            *(
                order(f"c{c}-{i}", f"{amount:.2f}", day=day, cost=f"{amount / 2:.2f}")
                for i, (day, amount) in enumerate(zip(days, amounts, strict=True))
            ),
        )
    contact = {"type": "interaction.contact", "channel": "mail", "direction": "out", "cost": "90.00"}
    debt = {"type": "interaction.arrears", "amount": "400.00"}
    at_300 = {"occurred_at": order("", "0", day=300)["occurred_at"]}
    return [
        *events,
        *of("costly", *(order(f"x{i}", "10.00", day=270 + 9 * i, cost="90.00") for i in range(4))),
        *of("returner", order("y1", "80.00", day=250, cost="20.00"), refund("yr", "y1", "80.00", day=260)),
        *of("canceller", order("z1", "80.00", day=250), cancel("z1", day=251)),
        *of("spoilt", order("s1", "30.00", day=290, cost="40.00") | {"discount": "50.00"}),
        *of("courted", order("m1", "100.00", day=290, cost="50.00"), contact | at_300),
        *of("debtor", order("d1", "400.00", day=290, cost="200.00"), debt | at_300),
        *of("visitor", {"type": "interaction.visit"} | at_300),
    ]


@pytest.fixture(scope="module")
def filled(redis: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The Redis that holds the shop."""
    file = tmp_path_factory.mktemp("shop") / "events.jsonl"
    file.write_text("".join(json.dumps(event) + "\n" for event in shop()))
    settings = load_settings()
    history = read_sorted(open_sources([file], None, None), decode_rules(settings))

    async def fill() -> None:
        store = await RedisStore.connect(redis.url, NAMESPACE)
        run = Replay(store, decode_rules(settings), scoring_of(settings), lambda _: None, lambda _: None)
        await run.run(history)
        await store.close()

    asyncio.run(fill())
    return redis.url


@pytest.fixture
def say(filled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> "Say":
    monkeypatch.chdir(tmp_path)
    for field in Settings.model_fields:
        monkeypatch.delenv(key_of(field), raising=False)
    Path("tiers.toml").write_text(TIERS)
    for key, value in {"REDIS_URL": filled, "NAMESPACE": NAMESPACE, "CLOCK": "stream", "TIERS": "tiers.toml"}.items():
        monkeypatch.setenv(f"EBBTIDE_{key}", value)
    return Say(capfd)


class Say:
    """The command, called in this process."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture

    def __call__(self, *arguments: str) -> str:
        app(list(arguments), standalone_mode=False)
        return self._capture.readouterr().out

    def json(self, *arguments: str) -> Any:
        return json.loads(self(*arguments, "--json"))

    def scores(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self("export", "scores", "-").splitlines()]


def test_tiers_add_up_the_score_lines(say: Say) -> None:
    scores, report = say.scores(), say.json("tiers")
    assert report["customers"] == len(scores) == 207
    assert report["without_tier"] == sum(line["tier"] is None for line in scores) == 1
    for line in report["tiers"]:
        those = [score for score in scores if score["tier"] == line["tier"]]
        assert line["customers"] == len(those)
        assert float(line["value"]) == pytest.approx(
            sum(float(score["value"]) for score in those), abs=0.01 * len(those)
        )
        assert Decimal(line["gross_profit"]) == sum((Decimal(score["gross_profit"]) for score in those), Decimal(0))
    assert [line["label"] for line in report["tiers"]] == ["VIP", "middle", "low", "loss"]
    assert sum(line["value_share"] for line in report["tiers"] if line["tier"] != "loss") == pytest.approx(1.0)


def test_the_curve_is_what_sorting_everybody_gives(say: Say) -> None:
    values = sorted((float(line["value"]) for line in say.scores() if line["tier"]), reverse=True)
    curve = say.json("tiers")["lorenz"]
    positive = sum(value for value in values if value > 0)
    for few in (0.1, 0.2, 0.5, 1.0):
        exact = (
            np.interp(few * len(values), range(len(values) + 1), np.concatenate([[0.0], np.cumsum(values)])) / positive
        )
        assert curve["value"][curve["customers"].index(few)] == pytest.approx(exact, abs=0.001)


def test_tiers_of_a_file_of_scores_are_those_of_redis(say: Say) -> None:
    Path("scores.jsonl").write_text(say("export", "scores", "-"))
    live, of_file = say.json("tiers"), say.json("tiers", "--scores", "scores.jsonl")
    for here, there in zip(live["tiers"], of_file["tiers"], strict=True):
        assert there["customers"] == here["customers"]
        assert float(there["value"]) == pytest.approx(float(here["value"]), abs=1.0)
        assert there["gross_profit"] == here["gross_profit"]


def test_the_table_shows_labels_and_the_curve_and_the_page_stands_alone(say: Say) -> None:
    told = say("tiers", "--html", "tiers.html")
    assert "VIP" in told
    assert "% of customers, the most valuable first" in told
    page = Path("tiers.html").read_text()
    assert "VIP" in page
    assert page.count("<svg") == 2


def test_top_is_the_head_of_everybody_sorted(say: Say) -> None:
    best = sorted((line for line in say.scores()), key=lambda line: -float(line["value"]))[:7]
    found = say.json("top", "-n", "7")["customers"]
    assert [line["value"] for line in found] == [line["value"] for line in best]
    assert {line["customer_id"] for line in found} == {line["customer_id"] for line in best}
    assert found[0]["label"] == best[0]["label"] == "VIP"
    assert found[0]["customer_id"] in say("top", "-n", "7")


def test_losing_lists_losses_first_and_says_why(say: Say) -> None:
    found = say.json("losing")["customers"]
    reasons = {line["customer_id"]: line["reason"] for line in found}
    assert found[0]["customer_id"] == "costly"
    losses = [float(line["value"]) for line in found if line["losing"]]
    assert losses == sorted(losses)
    assert [line["losing"] for line in found] == [True] * len(losses) + [False] * (len(found) - len(losses))
    assert all(value < 0 for value in losses)
    assert reasons == {
        "costly": "cost",
        "returner": "returns",
        "canceller": "returns",
        "spoilt": "discounts",
        "courted": "marketing cost",
        "debtor": "arrears",
    }
    assert [line["customer_id"] for line in say.json("losing", "-n", "1")["customers"]] == ["costly"]
    assert "marketing cost 90.00" in say("losing")


def test_rfm_adds_up_the_score_lines_of_who_has_an_order(say: Say) -> None:
    bought = [line for line in say.scores() if line["orders"]]
    told = say.json("rfm")
    assert told["customers"] == len(bought)
    for groups in (told["cells"], told["segments"]):
        assert sum(group["customers"] for group in groups) == len(bought)
        assert sum(Decimal(group["monetary"]) for group in groups) == sum(Decimal(line["monetary"]) for line in bought)
        worth = sum(float(group["value"]) for group in groups)
        assert worth == pytest.approx(sum(float(line["value"]) for line in bought), abs=0.01 * len(bought))
    orders = np.quantile([line["orders"] for line in bought], [0.2, 0.4, 0.6, 0.8], method="inverted_cdf")
    assert told["boundaries"]["orders"] == orders.tolist()
    lately = say.json("rfm", "--window", "30")
    assert 0 < lately["customers"] < len(bought)
    assert "cannot lose them" in say("rfm")
