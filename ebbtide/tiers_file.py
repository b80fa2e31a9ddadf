"""Reads tiers.toml: what draws the tier boundaries, what the tiers are called, and when a silence is told."""

import hashlib
from collections.abc import Mapping
from importlib.resources import files
from math import inf
from pathlib import Path
from typing import Any, NamedTuple

from ebbtide.errors import WrongUsage
from ebbtide.toml_file import TOP, TomlFile, is_number
from scoring.boundaries.policy import Policy, Rule
from scoring.defaults import DEFAULT_DRIFT
from scoring.layout import DAY_US, Level, Tier
from scoring.terms import Drift, Rules

TIERS = ("loss", "low", "middle", "high")  # in the order of Tier, from LOSS on; their names everywhere outside
BOUNDED = TIERS[1:]
LEVELS = ("watch", "drifting", "lost")  # in the order of Level, from WATCH on
DRIFT = (*LEVELS, "turn", "warn_days", "worth_tier", "worth_at_risk")
KEYS = ("min_stay_days", "hysteresis", "move_at_least", "census_days", "rule")
START = {"low": ("0", "0"), "middle": ("25", "15"), "high": ("100", "70")}  # enter, leave, where a file has no tables
LONGEST_LABEL = 40
YEARS = 3650  # days


class Tiers(NamedTuple):
    """What a tiers.toml says."""

    rules: Rules  # in force until a census has drawn others
    policy: Policy
    drift: Drift
    labels: Mapping[str, str]  # by the tier's name; what a person reads
    version: str  # a short digest of all but the labels: names the start boundaries in every tier change


def read_tiers(path: Path | None, decimals: int) -> Tiers:
    """The tiers of a file, or the packaged ones; `decimals` is how many the reporting currency has."""
    if path is None:
        return parse_tiers(files("ebbtide").joinpath("tiers.toml").read_text("utf-8"), decimals, "tiers.toml")
    try:
        return parse_tiers(path.read_text("utf-8"), decimals, str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUsage(f"EBBTIDE_TIERS={path} cannot be read: {error}") from None


def parse_tiers(text: str, decimals: int, name: str) -> Tiers:
    """Check everything about the text; an error names the file, the line and the reason."""
    file = TomlFile(text, name)
    file.only(TOP, (*KEYS, *BOUNDED, Rule.SHARE, Rule.PERCENTILES, "labels", "drift"))
    rule = _rule(file)
    rules = _start(file, decimals, rule)
    policy = _policy(file, rule, rules)
    drift = _drift(file, decimals)
    digest = hashlib.sha256(repr((rules, policy, drift)).encode()).hexdigest()[:12]
    return Tiers(rules, policy, drift, _labels(file), digest)


def _rule(file: TomlFile) -> Rule:
    named = file.choice(TOP, "rule", list(Rule))
    if named is not None:
        return Rule(named)
    for rule in (Rule.SHARE, Rule.PERCENTILES):
        if rule in file:
            file.refuse(rule, "", f'[{rule}] does nothing without rule = "{rule}" above the first table')
    return Rule.THRESHOLDS  # all that files without a rule could say


def _policy(file: TomlFile, rule: Rule, start: Rules) -> Policy:
    drawn = {}
    for table, most, high, middle in ((Rule.SHARE, 1.0, 0.80, 0.95), (Rule.PERCENTILES, 100.0, 90.0, 70.0)):
        file.only(table, ("high", "middle"))
        drawn[table] = (file.number(table, "high", 0, most, high), file.number(table, "middle", 0, most, middle))
    if drawn[Rule.SHARE][1] <= drawn[Rule.SHARE][0]:
        file.refuse(Rule.SHARE, "middle", "must be above high: shares add up from the most valuable customer down")
    if drawn[Rule.PERCENTILES][1] >= drawn[Rule.PERCENTILES][0]:
        file.refuse(
            Rule.PERCENTILES, "middle", "must be below high: percentiles count from the least valuable customer up"
        )
    high, middle = drawn.get(rule, (0.0, 0.0))
    return Policy(
        rule,
        start,
        high,
        middle,
        hysteresis=file.number(TOP, "hysteresis", 0, 1, 0.2),
        move_at_least=file.number(TOP, "move_at_least", 0, 1, 0.05),
        census_us=int(file.number(TOP, "census_days", 1, YEARS, 7, "a number of days") * DAY_US),
    )


def _start(file: TomlFile, decimals: int, rule: Rule) -> Rules:
    """[low], [middle], [high]: all or, where a census draws them anyway, none."""
    if rule is not Rule.THRESHOLDS and not any(table in file for table in BOUNDED):
        start = [[float(amount) * 10**decimals for amount in START[table]] for table in BOUNDED]
    else:
        start = [[float(_amount(file, table, key, decimals)) for key in ("enter", "leave")] for table in BOUNDED]
    for i, (table, (enter, leave)) in enumerate(zip(BOUNDED, start, strict=True)):
        if leave > enter:
            file.refuse(table, "leave", f"is above enter: who enters {table} would leave it at once")
        if i and enter <= start[i - 1][0]:
            file.refuse(table, "enter", f"must be above enter of {BOUNDED[i - 1]}")
        if i and leave < start[i - 1][1]:
            file.refuse(table, "leave", f"must not be below leave of {BOUNDED[i - 1]}")
    (low, low_leave), (middle, middle_leave), (high, high_leave) = start
    min_stay_days = file.number(TOP, "min_stay_days", 0, YEARS, 0, "a number of days")
    return Rules(
        (-inf, -inf, low, middle, high), (-inf, -inf, low_leave, middle_leave, high_leave), int(min_stay_days * DAY_US)
    )


def _amount(file: TomlFile, table: str, key: str, decimals: int) -> int:
    file.only(table, ("enter", "leave"))
    amount = file.minor(table, key, decimals)
    if amount is None:
        file.refuse(table, "", f"needs [{table}] with enter and leave")
    return amount


def _labels(file: TomlFile) -> Mapping[str, str]:
    file.only("labels", TIERS)
    labels = {tier: file.text("labels", tier, LONGEST_LABEL) or tier for tier in TIERS}
    for tier, label in labels.items():
        if list(labels.values()).count(label) > 1:
            file.refuse("labels", tier, f"is {label}, as another tier is")
    return labels


def _drift(file: TomlFile, decimals: int) -> Drift:
    file.only("drift", DRIFT)
    levels = [_level(file, level) for level in Level if level is not Level.NONE]
    for i in range(1, len(levels)):
        if any(here > before for here, before in zip(levels[i], levels[i - 1], strict=True)):
            file.refuse("drift", LEVELS[i], f"must not be above {LEVELS[i - 1]}: the levels follow one another")
    worth_tier = file.choice("drift", "worth_tier", TIERS)
    worth_at_risk = file.minor("drift", "worth_at_risk", decimals)
    warn_days = file.number("drift", "warn_days", 0, 365, DEFAULT_DRIFT.warn_us / DAY_US, "a number of days")
    return Drift(
        p_alive=(0.0, levels[0][0], levels[1][0], levels[2][0]),
        tail=(0.0, levels[0][1], levels[1][1], levels[2][1]),
        turn=file.number("drift", "turn", 0, 1, DEFAULT_DRIFT.turn),
        warn_us=int(warn_days * DAY_US),
        worth_tier=DEFAULT_DRIFT.worth_tier if worth_tier is None else TIERS.index(worth_tier) + int(Tier.LOSS),
        worth_at_risk=DEFAULT_DRIFT.worth_at_risk if worth_at_risk is None else float(worth_at_risk),
    )


def _level(file: TomlFile, level: Level) -> tuple[float, float]:
    """Below which P(alive), and below which tail, the level holds."""
    name = LEVELS[level - 1]
    values: Any = file.table("drift").get(name)
    if values is None:
        return DEFAULT_DRIFT.p_alive[level], DEFAULT_DRIFT.tail[level]
    if not isinstance(values, dict) or set(values) != {"p_alive", "tail"}:
        file.refuse("drift", name, "must be like { p_alive = 0.5, tail = 0.05 }")
    if not all(is_number(value) and 0 <= value <= 1 for value in values.values()):
        file.refuse("drift", name, "needs probabilities from 0 to 1")
    return float(values["p_alive"]), float(values["tail"])
