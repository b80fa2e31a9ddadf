"""tiers.toml: read exactly, refused with line and reason."""

from math import inf
from pathlib import Path

import pytest

from ebbtide.errors import WrongUsage
from ebbtide.tiers_file import parse_tiers, read_tiers
from scoring.boundaries.policy import Policy, Rule
from scoring.defaults import DEFAULT_DRIFT
from scoring.layout import DAY_US, Tier

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
SHARE = """rule = "share"
hysteresis = 0.3
move_at_least = 0.1
census_days = 14
[share]
high = 0.7
middle = 0.9
[labels]
high = "VIP"
middle = "A"
[drift]
watch = { p_alive = 0.6, tail = 0.1 }
turn = 0.25
warn_days = 7
worth_tier = "high"
worth_at_risk = 49.50
"""


def test_boundaries_are_minor_units_by_tier() -> None:
    rules = parse_tiers(GOOD, 2, "tiers.toml").rules
    assert rules.enter == (-inf, -inf, 0.0, 3010.0, 10000.0)
    assert rules.leave == (-inf, -inf, -525.0, 2500.0, 8000.0)
    assert rules.min_stay_us == DAY_US * 3 // 2


def test_a_file_without_a_rule_has_fixed_thresholds() -> None:
    tiers = parse_tiers(GOOD, 2, "tiers.toml")
    assert tiers.policy.rule is Rule.THRESHOLDS
    assert tiers.policy.start == tiers.rules
    assert tiers.drift == DEFAULT_DRIFT
    assert tiers.labels == {"loss": "loss", "low": "low", "middle": "middle", "high": "high"}


def test_the_packaged_tiers_are_good_in_every_currency_and_say_the_defaults() -> None:
    for decimals in range(5):
        tiers = read_tiers(None, decimals)
        assert tiers.policy == Policy(Rule.SHARE, tiers.rules)
        assert tiers.rules == parse_tiers('rule = "share"\nmin_stay_days = 7', decimals, "").rules
        assert tiers.drift == DEFAULT_DRIFT


def test_a_share_policy_is_read_with_all_it_says() -> None:
    tiers = parse_tiers(SHARE, 2, "tiers.toml")
    assert tiers.policy == Policy(Rule.SHARE, tiers.rules, 0.7, 0.9, 0.3, 0.1, 14 * DAY_US)
    assert tiers.rules.enter == (-inf, -inf, 0.0, 2500.0, 10000.0)  # start, where the file has no tables
    assert tiers.labels == {"loss": "loss", "low": "low", "middle": "A", "high": "VIP"}
    assert tiers.drift.p_alive == (0.0, 0.6, 0.3, 0.1)
    assert tiers.drift.tail == (0.0, 0.1, 0.02, 0.005)
    assert tiers.drift[2:] == (0.25, 7 * DAY_US, Tier.HIGH, 4950.0)


def test_percentiles_are_read() -> None:
    policy = parse_tiers('rule = "percentiles"\n[percentiles]\nhigh = 95\nmiddle = 60.5', 0, "tiers.toml").policy
    assert (policy.rule, policy.high, policy.middle) == (Rule.PERCENTILES, 95.0, 60.5)


def test_the_version_changes_with_boundaries_policy_and_drift_and_with_nothing_else() -> None:
    version = parse_tiers(GOOD, 2, "tiers.toml").version
    assert parse_tiers("# a comment\n" + GOOD.replace("30.10", "30.1"), 2, "other.toml").version == version
    assert parse_tiers(GOOD + '[labels]\nhigh = "VIP"', 2, "tiers.toml").version == version
    assert parse_tiers(GOOD.replace("30.10", "30.11"), 2, "tiers.toml").version != version
    assert parse_tiers("census_days = 8\n" + GOOD, 2, "tiers.toml").version != version
    assert parse_tiers(GOOD + "[drift]\nturn = 0.4", 2, "tiers.toml").version != version


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


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ('rule = "share"', 'rule = "shares"', 1, "one of: share, percentiles, thresholds"),
        ('rule = "share"\n', "", 4, "rule ="),
        ('rule = "share"', 'rule = "thresholds"', 1, "needs .low."),
        ("hysteresis = 0.3", "hysteresis = 1.5", 2, "from 0 to 1"),
        ("move_at_least = 0.1", "move_at_least = true", 3, "from 0 to 1"),
        ("census_days = 14", "census_days = 0", 4, "number of days from 1"),
        ("middle = 0.9", "middle = 0.6", 7, "above high"),
        ("high = 0.7", "high = 70", 6, "from 0 to 1"),
        ("[share]", "[share]\nlow = 1", 6, "low is not known"),
        ("[share]", "[percentiles]\nhigh = 50\n[share]", 5, "below high"),
        ("[share]", "[low]\nenter = 0\n[share]", 5, "needs .low. with enter and leave"),
        ("[share]\nhigh = 0.7\nmiddle = 0.9\n", "share = 3\n", 5, "must be a table"),
        ('"A"', '"VIP"', 10, "as another tier"),
        ('"A"', '""', 10, "printable"),
        ('"A"', '"\\n"', 10, "printable"),
        ('middle = "A"', 'gold = "A"', 10, "not known"),
        ("0.6, tail", "1.6, tail", 12, "from 0 to 1"),
        ("p_alive = 0.6, ", "", 12, "must be like"),
        ("watch = { p_alive = 0.6", "watch = { p_alive = 0.2", 11, "drifting must not be above watch"),
        ("warn_days = 7", "warn_days = 400", 14, "days from 0 to 365"),
        ('worth_tier = "high"', 'worth_tier = "VIP"', 15, "one of: loss, low"),
        ("49.50", "49.505", 16, "at most 2 decimals"),
        ("turn = 0.25", "turns = 0.25", 13, "turns is not known"),
    ],
)
def test_what_is_wrong_with_a_policy_is_told_with_its_line(old: str, new: str, line: int, reason: str) -> None:
    text = SHARE.replace(old, new, 1)
    assert text != SHARE
    with pytest.raises(WrongUsage, match=reason) as caught:
        parse_tiers(text, 2, "tiers.toml")
    assert f"tiers.toml, line {line}: " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "tiers.toml").write_bytes(b"\xff")
    with pytest.raises(WrongUsage, match="EBBTIDE_TIERS"):
        read_tiers(tmp_path / "tiers.toml", 2)
