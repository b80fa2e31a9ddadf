"""tiers.toml: read exactly, refused with line and reason."""

from math import inf
from pathlib import Path

import pytest

from ebbtide.errors import WrongUsage
from ebbtide.tiers_file import parse_tiers, read_tiers
from scoring.layout import DAY_US

GOOD = """min_stay_days = 1.5
[low]
enter = 0
leave = -5.25
[middle]
enter = 30.10
leave = 25
[high]
enter = 100
leave = 80
"""


def test_boundaries_are_minor_units_by_tier() -> None:
    rules = parse_tiers(GOOD, 2, "tiers.toml").rules
    assert rules.enter == (-inf, -inf, 0.0, 3010.0, 10000.0)
    assert rules.leave == (-inf, -inf, -525.0, 2500.0, 8000.0)
    assert rules.min_stay_us == DAY_US * 3 // 2


def test_the_packaged_tiers_are_good_in_every_currency() -> None:
    assert all(read_tiers(None, decimals).rules.enter[2] == 0 for decimals in range(5))


def test_the_version_changes_with_the_boundaries_and_with_nothing_else() -> None:
    version = parse_tiers(GOOD, 2, "tiers.toml").version
    assert parse_tiers("# a comment\n" + GOOD.replace("30.10", "30.1"), 2, "other.toml").version == version
    assert parse_tiers(GOOD.replace("30.10", "30.11"), 2, "tiers.toml").version != version


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("leave = 25", "leave = 31", 7, "above enter"),
        ("enter = 100\nleave = 80", "enter = 30.1\nleave = 30", 9, "must be above enter of middle"),
        ("leave = 80", "leave = 24", 10, "below leave of middle"),
        ("leave = 80", "leave = 80.001", 10, "at most 2 decimals"),
        ("leave = 80", "leave = 1e20", 10, "minor units"),
        ("leave = 80", "leave = nan", 10, "amount"),
        ("leave = 80", "leave = true", 10, "amount"),
        ("leave = 80", "", 8, r"\[high\]"),
        ("leave = 80", "leaves = 80", 10, "leaves is not known"),
        ("leave = 80", "leave = 80\nstay = 3", 11, "not known"),
        ("[high]", "[highest]", 8, "not known"),
        ("1.5", '"long"', 1, "number of days"),
        ("1.5", "-1", 1, "number of days"),
        ("enter = 0", "enter =", 3, "line 3"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(old: str, new: str, line: int, reason: str) -> None:
    with pytest.raises(WrongUsage, match=reason) as caught:
        parse_tiers(GOOD.replace(old, new, 1), 2, "tiers.toml")
    assert f"line {line}" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "tiers.toml").write_bytes(b"\xff")
    with pytest.raises(WrongUsage, match="EBBTIDE_TIERS"):
        read_tiers(tmp_path / "tiers.toml", 2)
