"""The table of what a soak found: of one commit, whole, and with what broke on the way."""

from dataclasses import replace

import pytest

from tests.soak.page import page
from tests.soak.place import Place
from tests.soak.results import Result
from tests.soak.scenario import ALONE, Found, Scenario


def never(_place: Place) -> Found:
    raise NotImplementedError


SCENARIOS = [Scenario("simulator", "?", never, 1.0, alone=True, first_seed=1), Scenario("kills", "?", never, 1.0)]
FOUND = Found("3 kill -9", 1_234, 0, 1, 0, True, "a | b")
KILLS = Result("kills", False, 7, "Kafka", "abc", False, "2026-01-02T00:00:00+00:00", 1.5, FOUND)
SEEDS = replace(KILLS, scenario="simulator", seed=1, on=ALONE, found=FOUND._replace(note=""))


def test_a_table_has_a_row_for_each_scenario_and_says_of_which_commit_and_servers() -> None:
    first, _, *table = page([KILLS, SEEDS], SCENARIOS).splitlines()
    assert first == "abc, on Kafka, up to 2026-01-02"
    assert table[2:] == [
        "| simulator | 3 kill -9 | 1,234 | 0 | 1 | 0 | yes |  |",
        "| kills | 3 kill -9 | 1,234 | 0 | 1 | 0 | yes | a \\| b |",
    ]


def test_an_attempt_that_broke_is_told_beside_what_another_found() -> None:
    broken = replace(KILLS, found=None, error="not within\n9 s")
    for results in ([SEEDS, broken, KILLS], [SEEDS, KILLS, broken]):
        assert page(results, SCENARIOS).endswith("| a \\| b; 1 more broke: not within 9 s |")


@pytest.mark.parametrize(
    ("other", "missing"),
    [
        (replace(SEEDS, commit="def"), "simulator at abc"),
        (replace(SEEDS, seeds=10), "simulator at abc"),  # not all of them
        (replace(SEEDS, short=True), "simulator at abc"),
        (replace(SEEDS, found=None, error="not within 9 s"), "simulator at abc"),
        (replace(KILLS, scenario="zombie", on="embedded"), "simulator, kills at abc on embedded"),
    ],
)
def test_results_of_another_commit_scale_or_server_fill_no_gap(other: Result, missing: str) -> None:
    with pytest.raises(ValueError, match=missing):
        page([KILLS, other], SCENARIOS)


def test_short_results_and_those_of_changed_files_make_no_table() -> None:
    with pytest.raises(ValueError, match="no full results"):
        page([replace(KILLS, short=True), replace(KILLS, dirty=True), SEEDS], SCENARIOS)
