"""`ebbtide fit` on files: what it answers, and what it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest

from scoring.defaults import DEFAULT_MODEL
from tests.support.builders import cancel, order, refund
from tests.support.commands import answer, ebbtide

SAMPLE = Path(__file__).parents[3] / "ebbtide" / "data" / "cdnow_sample.csv.gz"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fit")


@pytest.fixture(scope="module")
def found(folder: Path) -> dict[str, Any]:
    """The packaged sample, as a person would ask."""
    told: dict[str, Any] = json.loads(
        answer(folder, "fit", SAMPLE, "--from", "cdnow", "--json", "--html", "fit.html", "--holdout", "120")
    )
    return told


def test_the_model_in_the_package_is_the_fit_to_the_sample_in_the_package(found: dict[str, Any]) -> None:
    told = found["model"]
    parameters = {name: getattr(DEFAULT_MODEL, name) for name in ("k", "r", "alpha", "a", "b", "p", "q", "v")}
    assert told["parameters"] == pytest.approx(parameters, rel=1e-3)
    assert told["log_likelihood"] == pytest.approx(-25_570.677, abs=0.01)
    assert all(told["standard_errors"][name] > 0 for name in parameters if name != "k")


def test_models_and_rules_of_thumb_stand_side_by_side_over_the_same_holdout(found: dict[str, Any]) -> None:
    held = found["holdout"]
    assert (held["days"], held["buys_again_within_days"], held["from"]) == (120, 90, "1998-03-02T00:00:00Z")
    names = set(held["measures"])
    assert {"mbg-gg", "bg-gg", "pareto-gg", "mbg-gg, plain", "frequency", "RFM quintiles"} <= names
    # the sample's 2,357 customers all bought by March 1997; a model tells counts and chances, a rule of thumb ranks only
    assert held["customers"] == 2_357
    assert held["measures"]["frequency"]["mae"] is None
    # corrected totals are left out: the window looked back to is a Christmas, and of which 1.30 times what came is told
    for name in ("mbg-gg, plain", "bg-gg", "pareto-gg"):
        assert held["measures"][name]["auc"] > held["measures"]["frequency"]["auc"]
        assert 0.8 < held["measures"][name]["total"] < 1.25
    assert sum(group["customers"] for group in held["buys_again"]["groups"]) == held["customers"]
    assert held["buys_again_plain"]["ece"] < 0.04
    assert held["models"]["pareto-gg"]["parameters"].keys() == {"r", "alpha", "s", "beta", "p", "q", "v"}


def test_the_page_holds_the_same_and_fetches_nothing(found: dict[str, Any], folder: Path) -> None:
    page = (folder / "fit.html").read_text()
    assert f"{found['model']['parameters']['alpha']:.6g}" in page
    assert page.count("<svg") == 4
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_a_fit_looks_back_and_says_what_it_learned(found: dict[str, Any], folder: Path) -> None:
    assert found["model"]["correction"]["orders_scale"] > 0.0
    assert [note.split(":")[0] for note in found["model"]["notes"]] == ["no_profit", "corrected"]
    held = found["holdout"]
    assert held["buys_again"] != held["buys_again_plain"]
    assert held["measures"]["mbg-gg"]["spearman_orders"] > held["measures"]["mbg-gg, plain"]["spearman_orders"]
    young = ("fit", SAMPLE, "--from", "cdnow", "--json", "--holdout", "0", "--as-of", "1997-02-20T00:00:00Z")
    told = json.loads(answer(folder, *young))["model"]
    assert told["correction"] is None
    assert told["notes"][-1].startswith("uncorrected: the history is shorter than 60 days")


def test_nothing_after_as_of_counts(folder: Path) -> None:
    arguments = ("fit", SAMPLE, "--from", "cdnow", "--json", "--holdout", "0", "--model", "bg-gg")
    told = json.loads(answer(folder, *arguments, "--as-of", "1997-09-30T00:00:00Z"))
    assert told["holdout"] is None
    assert told["as_of"] == "1997-09-30T00:00:00Z"
    # Fader, Hardie and Lee (2005) count in weeks
    alpha, r = told["model"]["parameters"]["alpha"] / 7, told["model"]["parameters"]["r"]
    assert (alpha, r) == pytest.approx((4.4136, 0.2426), rel=2e-3)


def test_refunds_and_cancellations_count(folder: Path) -> None:
    """What is cancelled or refunded whole leaves nobody who bought twice, and then there is nothing to fit."""
    events = [event for n in range(40) for event in _life(n)]
    (folder / "taken-back.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    done = ebbtide(folder, "fit", "taken-back.jsonl", "--holdout", "0")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
    assert "nobody" in done.stderr or "no customer" in done.stderr


def _life(n: int) -> list[dict[str, Any]]:
    events = [
        order(f"a{n}", "10.00", day=n),
        order(f"b{n}", "20.00", day=n + 30),
        order(f"c{n}", "30.00", day=n + 60),
        cancel(f"b{n}", day=n + 31),
        refund(f"r{n}", f"c{n}", "30.00", day=n + 61),
    ]
    return [event | {"customer_id": f"c{n}", "id": f"e{n}-{i}"} for i, event in enumerate(events)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--live"),
        (("--live", str(SAMPLE)), "one of the two"),
        ((str(SAMPLE), "--from", "cdnow", "--save"), "EBBTIDE_KAFKA"),
        ((str(SAMPLE), "--from", "cdnow", "--as-of", "yesterday"), "--as-of"),
    ],
)
def test_wrong_usage_is_told_before_any_work(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    done = ebbtide(folder, "fit", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_a_holdout_as_long_as_the_history_is_refused(folder: Path) -> None:
    done = ebbtide(folder, "fit", SAMPLE, "--from", "cdnow", "--holdout", "600")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
