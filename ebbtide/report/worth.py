"""Sections on what customers are worth: summary, tiers over time, the few that bring most, the values, model and boundaries."""

from collections.abc import Mapping

import numpy as np

from ebbtide.report import plots
from ebbtide.report.gather import Gathered
from ebbtide.report.ink import BLUE, GREY, RED, SKY
from ebbtide.report.page import Section, Table
from ebbtide.report.words import day, major, money, share
from ebbtide.tiers_file import TIERS
from scoring.layout import DAY_US, Family, Tier

FAMILIES = {
    Family.MBG: "MBG/CNBD-k x gamma-gamma",
    Family.BG: "BG/NBD x gamma-gamma",
    Family.PARETO: "Pareto/NBD x gamma-gamma",
    Family.SYNLEAD: "Synlead 2008",
}
COLOURS = {"high": BLUE, "middle": SKY, "low": GREY, "loss": RED}
COUNTS = {
    "consumed": "events read",
    "applied": "applied",
    "duplicate": "told again",
    "conflict": "of them with other content",
    "tier_changes": "tier changes",
    "silence_changes": "of them by silence",
    "drift_warned": "drift: warned before a fall",
    "drift_raised": "drift: raised",
    "drift_cleared": "drift: cleared",
    "drift_withheld": "drift alerts beyond the budget",
}


def summary(seen: Gathered) -> Section:
    """What went through, and what is left of it."""
    totals: Mapping[str, object] = seen.totals
    rows = [[words, f"{totals[name]:,}"] for name, words in COUNTS.items() if name in totals]
    dead = totals.get("dead")
    if isinstance(dead, Mapping):
        rows += [[f"refused: {reason}", f"{count:,}"] for reason, count in dead.items()]
    bought = seen.headers["orders"] > 0
    kept = int(np.maximum(0, seen.headers["held"] - seen.headers["credits"]).sum())
    text = (
        f"{len(seen.ids):,} customers, {int(bought.sum()):,} of them with an order that counts; "
        f"{int(seen.headers['orders'].sum()):,} orders from {day(seen.first_us)} to {day(seen.at_us)} brought "
        f"{money(kept, seen.currency)} {seen.currency}. Expected profit of the next "
        f"{seen.version.terms.model.horizon_days:g} days: {money(float(seen.value.sum()), seen.currency)} {seen.currency}."
    )
    return Section("Summary", text, tables=[Table(["counted", "events"], rows)])


def tiers(seen: Gathered) -> Section:
    """How many stood in each tier, week by week, and what each brings at the end."""
    order = list(reversed(TIERS))
    picture = []
    if len(seen.weeks.end_us) > 1:
        x = seen.weeks.end_us.astype("datetime64[us]")
        series = {seen.labels[name]: seen.weeks.counts[:, TIERS.index(name)].astype(np.float64) for name in order}
        picture.append(plots.areas(x, series, [COLOURS[name] for name in order], "end of week", "customers"))
        moves = {"all": seen.weeks.changes.astype(np.float64), "by silence": seen.weeks.silences.astype(np.float64)}
        moves = {name: counts[:-1] for name, counts in moves.items()}  # the last week may not be over
        picture.append(plots.lines(x[:-1], moves, "end of week", "tier changes a week"))
    tier, whole = seen.headers["tier"], float(seen.value.sum())
    rows = []
    for name in order:
        there = tier == TIERS.index(name) + Tier.LOSS
        worth = float(seen.value[there].sum())
        count = int(there.sum())
        rows.append(
            [
                seen.labels[name],
                f"{count:,}",
                share(count, len(tier)),
                money(worth, seen.currency),
                share(worth, whole),
                money(worth / count, seen.currency) if count else "",
            ]
        )
    heads = ["tier", "customers", "share", f"expected profit, {seen.currency}", "share", "each"]
    text = "How many customers stood in each tier at the end of each week, and how many changed tier; silence moves tiers too."
    return Section("Tiers over time", text, picture, [Table(heads, rows)])


def few(seen: Gathered) -> Section:
    """The Lorenz curve of expected profit."""
    positive = np.sort(np.maximum(seen.value, 0.0))[::-1]
    whole = float(positive.sum())
    rows = []
    for part in (0.01, 0.05, 0.1, 0.2, 0.5):
        best = max(1, round(part * len(positive)))
        rows.append([f"the best {part:.0%}", f"{best:,}", share(float(positive[:best].sum()), whole)])
    text = "Customers from the most valuable down, and the share of all expected profit that they bring together."
    return Section(
        "The few that bring most", text, [plots.lorenz(seen.value)], [Table(["customers", "", "bring"], rows)]
    )


def values(seen: Gathered) -> Section:
    """How expected profit is distributed."""
    enter = seen.version.terms.rules.enter
    marks = {seen.labels[name]: major(enter[Tier[name.upper()]], seen.currency) for name in ("middle", "high")}
    bought = seen.value[seen.headers["orders"] > 0]
    text = "Expected profit of each customer with an order, on a log axis. The lines are where a tier begins."
    if hidden := int((bought <= 0).sum()):
        text += f" {hidden:,} customers who are expected to bring nothing or a loss are not drawn."
    label = f"expected profit, {seen.currency}"
    return Section("Values", text, [plots.distribution(bought * major(1.0, seen.currency), marks, label)])


def terms(seen: Gathered) -> Section:
    """Model and boundaries in force at the end."""
    model, rules, drift = seen.version.terms.model, seen.version.terms.rules, seen.version.terms.drift
    parameters = {name: getattr(model, name) for name in ("k", "r", "alpha", "a", "b", "p", "q", "v")}
    bounds = [
        [seen.labels[name], money(rules.enter[at], seen.currency), money(rules.leave[at], seen.currency)]
        for name in ("high", "middle", "low")
        for at in [Tier[name.upper()]]
    ]
    levels = [
        [name, f"{drift.p_alive[i]:g}", f"{drift.tail[i]:g}"] for i, name in enumerate(("watch", "drifting", "lost"), 1)
    ]
    text = (
        f"Model {seen.version.model}: {FAMILIES[Family(model.family)]}, {model.horizon_days:g} days ahead, discounted at "
        f"{model.discount:g} a year. Boundaries {seen.version.boundaries}, version {seen.version.terms.number}; a tier is held "
        f"for {rules.min_stay_us / DAY_US:g} days before a fall."
    )
    return Section(
        "Model and boundaries in force",
        text,
        tables=[
            Table([f"tier ({seen.currency})", "enter at", "leave below"], bounds),
            Table(["drift level", "P(alive) below", "or chance of the silence below"], levels),
            Table(["parameter", "value"], [[name, f"{value:.6g}"] for name, value in parameters.items()]),
        ],
        notes=["Times are in days, money in minor units."],
    )
