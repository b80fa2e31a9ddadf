"""One customer for a person: facts, tier, risk, why, what next, and the curve of the value as a line of blocks."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from rich.table import Table

Line = dict[str, Any]
BLOCKS = "▁▂▃▄▅▆▇█"
WIDTH = 60  # characters of the curve


def customer_view(line: Line) -> Table:
    """All of it, a row for each."""
    table = Table(box=None, show_header=False, title=line["customer_id"], title_justify="left", title_style="bold")
    currency, risk = line["currency"], line["risk"]
    for name, value in (
        ("tier", _tier(line)),
        ("value", f"{line['value']} {currency} gross profit expected, as of {line['as_of']}"),
        ("why", _why(line)),
        ("alive", f"{line['p_alive']:.1%} that the customer still buys, {line['expected_orders']:.2f} orders expected"),
        ("drift", _drift(line)),
        ("at risk", f"{risk['value_at_risk']} {currency} more, were the customer certain to buy again"),
        ("next", _next(line)),
        ("so far", f"{line['monetary']} {currency} in {line['orders']} orders on {line['purchase_days']} days"),
        ("profit", f"{line['gross_profit']} {currency} (cost {line['cost']}, marketing {line['marketing_cost']})"),
        *([("RFM", f"{line['rfm']['cell']}, {line['rfm']['segment'] or 'no order'}")] if "rfm" in line else []),
        *_curve(line),
    ):
        table.add_row(name, value)
    return table


def _tier(line: Line) -> str:
    name = line["tier"] or "none yet"
    label = f" ({line['label']})" if line["label"] not in (None, name) else ""
    return f"{name}{label}{' since ' + line['since'] if line['since'] else ''}"


def _why(line: Line) -> str:
    if not line["orders"]:
        return "no order counts"
    return (
        f"{line['profit_per_order']} {line['currency']} profit an order, {line['frequency']} repeat purchase days, "
        f"silent for {line['silent_days']:.1f} days of {line['age_days']:.1f}"
    )


def _drift(line: Line) -> str:
    risk = line["risk"]
    usual = f", usual gap {risk['usual_gap_days']:.1f} days" if risk["usual_gap_days"] else ""
    then = f"; {risk['next_level']} at {risk['next_level_at']}" if risk["next_level_at"] else ""
    return f"{risk['level'] or 'none'}: {risk['silence_chance']:.1%} chance of so long a silence{usual}{then}"


def _next(line: Line) -> str:
    if not line["tier_falls_at"]:
        return "silence does not lower the tier any more"
    falls, keep = f"silence lowers the tier at {line['tier_falls_at']}", line["keep"]
    if keep is None:
        return f"{falls}; no order would keep it"
    order = "any order" if float(keep["amount"]) == 0.0 else f"an order of {keep['amount']} {line['currency']}"
    return f"{falls}; {order} before then keeps it"


def _curve(line: Line) -> list[tuple[str, str]]:
    curve = line["curve"]
    if curve is None:
        return []
    points = curve["points"]
    falling = f"falling since {_day(curve['falling_since'])}" if curve["falling_since"] else "not falling"
    return [
        ("curve", sparkline([(_seconds(point["at"]), float(point["value"])) for point in points], WIDTH)),
        (
            "",
            f"{_day(points[0]['at'])} to {_day(points[-1]['at'])}, {falling}, {curve['below_peak']} below the peak of",
        ),
        ("", f"{curve['peak']['value']} {line['currency']} on {_day(curve['peak']['at'])}"),
    ]


def sparkline(points: Sequence[tuple[float, float]], width: int) -> str:
    """The curve through (time, value), a block for each equal part of the time: the highest value that it has there.

    The lowest block is the least value, the highest block the peak.
    """
    start, end = points[0][0], points[-1][0]
    columns: list[float | None] = [None] * width
    for at, value in points:
        column = min(width - 1, int((at - start) / (end - start) * width)) if end > start else 0
        held = columns[column]
        columns[column] = value if held is None else max(held, value)
    drawn: list[float] = []
    for column, highest in enumerate(columns):
        middle = start + (column + 0.5) / width * (end - start)
        drawn.append(_between(points, middle) if highest is None else highest)
    low, high = min(drawn), max(drawn)
    steps = len(BLOCKS) - 1
    return "".join(BLOCKS[round((value - low) / (high - low) * steps) if high > low else 0] for value in drawn)


def _between(points: Sequence[tuple[float, float]], at: float) -> float:
    """On the line between the two points around a time."""
    for (left, before), (right, after) in pairwise(points):
        if left <= at <= right:
            return before + (after - before) * ((at - left) / (right - left))
    return points[-1][1]


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _day(text: str) -> str:
    return text[:10]
