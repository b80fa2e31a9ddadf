"""Sections that name customers: who is drifting away, and who brings a loss."""

import numpy as np

from ebbtide.report.gather import Gathered
from ebbtide.report.page import Section, Table
from ebbtide.report.words import day, money
from ebbtide.tiers_file import LEVELS, TIERS
from scoring.layout import DAY_US, NEVER_US, Ints, Level, Tier
from scoring.levels import value_at_risk
from scoring.reasons import NEAR, Sums, above_near, reasons
from streams.events.text import time_text

MOST = 30  # lines of a list


def drifting(seen: Gathered) -> Section:
    """Who has drifted to a level and was told of, the highest value at risk first."""
    headers = seen.headers
    scale = seen.version.terms.model.correction.orders_scale
    both = zip(seen.value.tolist(), seen.p_alive.tolist(), strict=True)
    at_risk = np.array([value_at_risk(value, p_alive, scale) for value, p_alive in both])
    away = np.flatnonzero(headers["level"] > Level.NONE)
    first = away[np.argsort(-at_risk[away], kind="stable")][:MOST]
    rows = [
        [
            seen.ids[c].decode(),
            LEVELS[int(headers["level"][c]) - 1],
            _tier(seen, c),
            _since(seen, c),
            _next(seen, c),
            money(float(seen.value[c]), seen.currency),
            money(float(at_risk[c]), seen.currency),
            f"{seen.p_alive[c]:.0%}",
            f"{(seen.at_us - headers['last_us'][c]) / DAY_US:,.0f}",
            _usual(seen, c),
        ]
        for c in first.tolist()
    ]
    counts = [f"{int((headers['level'] == level).sum()):,} {name}" for level, name in enumerate(LEVELS, 1)]
    whole = money(float(at_risk[away].sum()), seen.currency)
    text = (
        f"Worthwhile customers whose silence is unusual for them: {', '.join(counts)}; {whole} {seen.currency} at risk. "
        f"At risk is what the customer would be worth were they certainly alive, less what they are worth."
    )
    heads = ["customer", "level", "tier", "since", "what next", "value", "at risk", "alive", "days silent", "usual gap"]
    return Section("Drifting now", text, tables=[Table(heads, rows, 5)], notes=_cut(len(away)))


def losing(seen: Gathered) -> Section:
    """Who is expected to bring a loss, worst first; then who nearly does."""
    kept, cost = seen.sums[:, 0] - seen.sums[:, 1], seen.sums[:, 2]
    cost_rate = min(1.0, float(cost.sum()) / float(kept.sum())) if kept.sum() else 0.0
    above, loss = above_near(seen.sums), seen.value < 0.0
    worst, nearly = np.flatnonzero(loss), np.flatnonzero(~loss & (above < 0.0))
    listed = [*worst[np.argsort(seen.value[worst])].tolist(), *nearly[np.argsort(above[nearly])].tolist()]
    rows = [
        [
            seen.ids[c].decode(),
            "loss" if loss[c] else "near",
            _why(seen, c, cost_rate),
            *(money(float(amount), seen.currency) for amount in (seen.value[c], *seen.sums[c])),
        ]
        for c in listed[:MOST]
    ]
    text = (
        f"{len(worst):,} customers are expected to bring a loss; {len(nearly):,} more have brought less profit than "
        f"{NEAR:.0%} of what they ordered. The reason names what took most of the profit, against the shop's average."
    )
    heads = ["customer", "", "reason", "value", "ordered", "returned", "cost", "marketing", "discounts", "arrears"]
    return Section("Loss-making", text, tables=[Table(heads, rows, 3)], notes=_cut(len(listed)))


def _tier(seen: Gathered, c: int) -> str:
    tier = int(seen.headers["tier"][c])
    return seen.labels[TIERS[tier - Tier.LOSS]] if tier else ""


def _since(seen: Gathered, c: int) -> str:
    told = seen.drifting.get(seen.ids[c].decode())
    return told.since[:10] if told else ""


def _next(seen: Gathered, c: int) -> str:
    """The fall that comes if nothing happens, and what would keep the tier."""
    falls_us, due_us = int(seen.headers["warned_us"][c]), int(seen.headers["due_us"][c])
    if falls_us > seen.at_us:
        told = seen.drifting.get(seen.ids[c].decode())
        warned = told.warned if told and told.warned and told.warned.falls_at == time_text(falls_us) else None
        keep = warned.keep if warned else None
        if keep is None:
            return f"falls on {day(falls_us)}"
        order = f"an order of {keep.amount}" if float(keep.amount) else "any order"
        return f"falls on {day(falls_us)}; {order} keeps the tier"
    return f"next step on {day(due_us)}" if due_us != NEVER_US else "nothing more by silence"


def _usual(seen: Gathered, c: int) -> str:
    repeats = int(seen.headers["purchase_days"][c]) - 1
    if repeats < 1:
        return ""
    return f"{(seen.headers['last_us'][c] - seen.headers['first_us'][c]) / DAY_US / repeats:,.0f}"


def _why(seen: Gathered, c: int, cost_rate: float) -> str:
    sums: Ints = seen.sums[c]
    found = reasons(Sums(*sums.tolist()), cost_rate)
    return ", ".join(f"{reason} {money(amount, seen.currency)}" for reason, amount in found.items()) or "cost"


def _cut(count: int) -> list[str]:
    return [f"The first {MOST} of {count:,}."] if count > MOST else []
