"""`ebbtide tiers`: how many customers each tier holds, what they bring, and how few bring how much."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from ebbtide.cli.console import end_without, print_json, say, stdout
from ebbtide.settings import Settings, load_settings

if TYPE_CHECKING:
    from ebbtide.tier_sums import Sums

Report = dict[str, Any]
WIDTH, HEIGHT = 76, 18  # of the curve, characters


def tiers(
    scores: Annotated[
        Path | None,
        typer.Option(metavar="SCORES.jsonl", help="Of a file that replay --scores wrote, instead of Redis."),
    ] = None,
    html: Annotated[Path | None, typer.Option(metavar="OUT.html", help="Write a page with the plots, too.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Customers, expected profit and profit so far by tier, and the Lorenz curve: how few bring how much.

    Example: ebbtide tiers --html tiers.html
    """
    settings = load_settings()
    damaged: list[str] = []
    sums, report = _of_file(settings, scores) if scores is not None else asyncio.run(_live(settings, damaged))
    if html is not None:
        from ebbtide.report.tiers import write_tiers

        write_tiers(html, sums, report)
        say(f"written: {html}")
    if json:
        print_json(report)
    else:
        _show(report)
    end_without(damaged)


async def _live(settings: Settings, damaged: list[str]) -> tuple["Sums", Report]:
    from ebbtide.everyone import everyone, now_of
    from ebbtide.tier_sums import report, sums_of_parts
    from ebbtide.wiring import connect_store, scoring_of, tiers_of
    from scoring.boundaries.policy import Rule
    from streams.events.text import time_text

    scoring, labels = scoring_of(settings), tiers_of(settings).labels
    store = await connect_store(settings)
    try:
        now = await now_of(store, settings, scoring)
        sums = await sums_of_parts(everyone(store, now.version.terms.model, now.at_us, damaged))
    finally:
        await store.close()
    if scoring.policy and scoring.policy.rule is not Rule.THRESHOLDS and now.version.terms.number == 1:
        say(
            "The boundaries are still the start ones of tiers.toml: a first census is taken once 100 customers have bought, "
            "and what it draws is in force an hour later."
        )
    names = {"as_of": time_text(now.at_us), "model": now.version.model, "boundaries": now.version.boundaries}
    return sums, names | report(sums, labels, now.version.terms.rules, scoring.currency)


def _of_file(settings: Settings, path: Path) -> tuple["Sums", Report]:
    from ebbtide.tier_sums import report, sums_of_file
    from ebbtide.wiring import tiers_of

    sums, currency, as_of = sums_of_file(path)
    return sums, {"as_of": as_of or None} | report(sums, tiers_of(settings).labels, None, currency or settings.currency)


def _show(report: Report) -> None:
    stdout.print(_table(report), markup=False)
    if any(report["lorenz"]["value"]):
        print()
        print(_curve(report))


def _table(report: Report) -> Table:
    currency = report["currency"]
    table = Table(box=None, title=f"as of {report['as_of']}", title_justify="left")
    table.add_column("tier")
    for name in (
        "customers",
        "share",
        f"value {currency}",
        "share",
        f"profit so far {currency}",
        "share",
        "enter",
        "leave",
    ):
        table.add_column(name, justify="right")
    for line in report["tiers"]:
        shares = (f"{line[f'{of}_share']:.1%}" for of in ("customers", "value", "gross_profit"))
        customers, value, profit = shares
        table.add_row(
            line["label"],
            f"{line['customers']:,}",
            customers,
            line["value"],
            value,
            line["gross_profit"],
            profit,
            line.get("enter", ""),
            line.get("leave", ""),
        )
    if report["without_tier"]:
        table.add_row("none yet", f"{report['without_tier']:,}")
    return table


def _curve(report: Report) -> str:
    """The Lorenz curve in characters; upright lines where the tiers with a profit end."""
    import plotext

    plotext.clear_figure()
    plotext.theme("clear")
    plotext.plot_size(WIDTH, HEIGHT)
    ends, end = [], 0.0
    for line in report["tiers"][:2]:
        end += 100 * line["customers_share"]
        ends.append(end)
        plotext.vline(end)
    at, brought = ([100 * share for share in report["lorenz"][axis]] for axis in ("customers", "value"))
    plotext.plot([0, 100], [0, 100], marker="·")
    plotext.plot(at, brought, marker="braille")
    plotext.xticks([0, 20, 40, 60, 80, 100])
    plotext.yticks([0, 20, 40, 60, 80, 100])
    high, middle = (line["label"] for line in report["tiers"][:2])
    drawn: str = plotext.uncolorize(plotext.build())
    return (
        "% of all expected profit, over % of customers, the most valuable first\n"
        + "\n".join(line.rstrip() for line in drawn.splitlines()).rstrip()
        + f"\n{high}: up to {ends[0]:.1f}% of customers. {middle}: up to {ends[1]:.1f}%."
    )
