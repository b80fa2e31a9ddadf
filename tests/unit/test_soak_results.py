"""What a soak goes on from: results of this very tree, asked the same, on the same servers; and the simulator's ranges."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.simulation.running import Result as Simulated
from tests.soak import ranges
from tests.soak.place import Place
from tests.soak.ranges import Range
from tests.soak.results import Asked, Result, Tree, append, broke, had, read
from tests.soak.scenario import ALONE, Found, Scenario

CLEAN = Found("3 kill -9", 10, 0, 0, 0, True)
HERE = Tree("abc", dirty=False)
ASKED = Asked(short=False, seed=None, seeds=None, servers="Kafka")


def never(_place: Place) -> Found:
    raise NotImplementedError


KILLS = Scenario("kills", "?", never, 1.0)
SIMULATOR = Scenario("simulator", "?", never, 1.0, alone=True, first_seed=1)
WANTED = (KILLS, SIMULATOR)
RESULT = Result("kills", False, 7, "Kafka", "abc", False, "2026-01-01T00:00:00+00:00", 1.5, CLEAN)
SEEDS = replace(RESULT, scenario="simulator", seed=1, on=ALONE)


def known(*results: Result, of: Tree = HERE, asked: Asked = ASKED) -> set[str]:
    return set(had(results, of, WANTED, asked))


def test_a_result_is_gone_on_from_on_the_same_commit_scale_and_servers_only() -> None:
    assert known(RESULT, SEEDS, replace(RESULT, scenario="gone")) == {"kills", "simulator"}
    assert known(RESULT, of=Tree("def", dirty=False)) == set()
    assert known(RESULT, of=Tree("abc", dirty=True)) == set()
    assert known(replace(RESULT, dirty=True)) == set()
    assert known(RESULT, asked=ASKED._replace(short=True)) == set()
    assert known(RESULT, asked=ASKED._replace(servers="embedded")) == set()


def test_a_run_of_few_seeds_or_others_says_nothing_of_all() -> None:
    assert known(replace(SEEDS, seeds=10)) == set()
    assert known(replace(SEEDS, seeds=10), asked=ASKED._replace(seeds=10)) == {"simulator"}
    assert known(replace(SEEDS, seed=9)) == set()
    assert known(replace(SEEDS, seed=9), RESULT, asked=ASKED._replace(seed=9)) == {"simulator"}


def test_what_broke_took_too_long_or_was_left_out_is_tried_again_and_the_breaks_are_told() -> None:
    slow = replace(RESULT, found=None, error="not within 9 s")
    out = replace(RESULT, found=None, error="needs Apache Kafka", left_out=True)
    assert known(slow, out) == set()
    assert known(RESULT, slow) == {"kills"}
    assert broke([slow, out, RESULT, replace(slow, commit="def")], HERE) == {"kills": ["not within 9 s"]}


def test_what_differed_is_not_tried_until_it_does_not() -> None:
    wrong = replace(RESULT, found=CLEAN._replace(lost=1))
    assert not had([wrong], HERE, WANTED, ASKED)["kills"].clean


def test_results_are_read_as_they_were_kept_the_newest_holds_and_a_line_cut_short_is_passed_over(
    tmp_path: Path,
) -> None:
    file = tmp_path / "soak" / "results.jsonl"
    for seconds in (1.0, 2.0):
        append(replace(RESULT, seconds=seconds), file)
    with file.open("a") as lines:
        lines.write('{"scenario": "ki')
    assert had(read(file), HERE, WANTED, ASKED) == {"kills": replace(RESULT, seconds=2.0)}


def test_what_is_kept_behind_a_line_that_was_cut_short_is_read(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    append(RESULT, file)
    line = file.read_bytes()
    for cut in (line[:20], line[: line.index(b"}") + 1], line[:-1]):  # the last lacks nothing but its newline
        file.write_bytes(cut)
        append(replace(RESULT, seconds=2.0), file)
        append(replace(RESULT, seconds=3.0), file)
        assert [one.seconds for one in read(file)][-2:] == [2.0, 3.0]
        assert len(read(file)) == 2 + (cut == line[:-1])


def test_only_what_found_nothing_is_clean() -> None:
    assert RESULT.clean
    for wrong in ({"divergences": 1}, {"lost": 1}, {"doubled": 1}, {"reconcile": False}):
        assert not CLEAN._replace(**wrong).clean
    assert not replace(RESULT, found=None).clean


def test_seeds_are_gone_through_in_parts_that_lie_end_to_end() -> None:
    assert Range(1, 1_200).parts(500) == [(1, 500), (501, 1_000), (1_001, 1_200)]
    assert Range(7, 7).parts(500) == [(7, 7)]


def test_parts_are_known_again_in_the_same_tree_only(tmp_path: Path) -> None:
    file = tmp_path / "soak" / "simulator.jsonl"
    result = Simulated(2, 30, Counter(kill=3), 5, 60.0, {2: "why"})
    ranges.keep(Range(1, 2), HERE, result, file)
    ranges.keep(Range(3, 4), Tree("abc", dirty=True), result, file)
    with file.open("a") as lines:
        lines.write('{"commit": "abc", "se')
    assert ranges.known(HERE, file) == {Range(1, 2): result}
    assert ranges.known(Tree("def", dirty=False), file) == ranges.known(Tree("abc", dirty=True), file) == {}
    total = Simulated()
    total.add(ranges.known(HERE, file)[Range(1, 2)])
    assert total == result
    assert json.loads(file.read_text().splitlines()[0])["commit"] == "abc"
    ranges.forget(file)
    assert ranges.known(HERE, file) == {}


@pytest.mark.parametrize("changes", ["before", "meanwhile"])
def test_a_tree_that_changes_while_a_scenario_runs_makes_its_result_dirty(
    changes: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from tests.soak import running

    trees = [HERE, Tree("def", dirty=False)] if changes == "meanwhile" else [Tree("abc", dirty=True), HERE]
    monkeypatch.setattr(running, "tree", lambda: trees.pop(0))
    monkeypatch.setattr(running, "FILE", tmp_path / "results.jsonl")
    monkeypatch.setattr(running, "has_kafka", lambda: False)
    with running.Running(KILLS._replace(needs_kafka=True), HERE, ASKED) as one:
        result = one.result()
    assert result.dirty
    assert result.left_out
