"""`python -m benchmarks.accuracy`: every figure of docs/accuracy.md, measured now. Without --data, on what the repository holds."""

import argparse
import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from benchmarks.accuracy import anchors, page, published, shops
from benchmarks.accuracy.alarms import AtDate, Standing, judge, over_time, standing
from benchmarks.accuracy.drawn import draw
from benchmarks.accuracy.fate import alive
from benchmarks.accuracy.flapping import flapping
from benchmarks.accuracy.page import Found, OnShop
from benchmarks.accuracy.shops import Shop
from ebbtide.kernel_cache import use_kernel_cache
from scoring.layout import NEVER_US, Ints

OUT = Path(__file__).parents[2] / "docs" / "accuracy.md"
# by shop: the dates of who stands alarmed, at least 180 days before the end
STANDING = {
    "CDNOW master": ("1997-09-30", "1997-12-31"),
    "UCI": ("2011-06-11",),
    "CDNOW sample": ("1997-09-30", "1997-12-31"),
    "simulated": ("2023-01-31",),
}
FOLLOWED = {  # from a date until 180 days before the end
    "CDNOW master": ("1997-09-30", "1997-12-31"),
    "UCI": ("2011-04-15", "2011-06-11"),
    "CDNOW sample": ("1997-09-30", "1997-12-31"),
    "simulated": ("2023-01-31", "2023-06-30"),
}


def on_shop(shop: Shop, gone_us: Ints | None = None) -> OnShop:
    """Drift and flapping of one history."""
    say(f"{shop.name}: drift")
    groups: list[Standing] = []
    at_date: list[AtDate] = []
    for day in STANDING[shop.name]:
        found = standing(shop, day, judge(shop, day))
        groups += found[0]
        at_date += found[1]
    since, until = FOLLOWED[shop.name]
    told = over_time(shop, judge(shop, since), shop.at(until), gone_us)
    say(f"{shop.name}: flap rate")
    return OnShop(shop.name, (since, until), groups, at_date, told, asyncio.run(flapping(shop)))


def measure(data: Path | None) -> Found:
    """Everything."""
    say("published parameters")
    parameters = published.published()
    say("simulated buyers")
    drawn = draw()
    gone_us: Ints = drawn.truth.last_us.copy()
    gone_us[drawn.truth.leaves == 0.0] = NEVER_US
    held, real = {}, []
    for work, shop in ((anchors.CDNOW, shops.cdnow(data)), (anchors.UCI, shops.uci(data))) if data else ():
        if shop is not None:
            say(f"{shop.name}: anchors")
            held[shop.name] = (work, anchors.hold(shop, work))
            real.append(shop)
    if not real:
        real = [shops.sample()]
        say("CDNOW sample: the same work")
        held["CDNOW sample"] = (anchors.CDNOW._replace(measured={}), anchors.hold(real[0], anchors.CDNOW))
    found = [on_shop(shop) for shop in real]
    found.append(on_shop(drawn.shop, gone_us))
    return Found(parameters, held, found, alive(drawn, STANDING["simulated"][0]))


def say(what: str) -> None:
    """Progress, on stderr."""
    print(f"{perf_counter() - STARTED:6.1f} s  {what}", file=sys.stderr, flush=True)


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with cdnow_master.csv.gz, uci_invoices.parquet")
    parser.add_argument("--out", type=Path, default=OUT, help="the page to write; - for stdout")
    options = parser.parse_args()
    use_kernel_cache()
    found = measure(options.data)
    text = page.written(found, datetime.now(UTC).date().isoformat(), options.data is not None)
    if str(options.out) == "-":
        sys.stdout.write(text)
    else:
        options.out.write_text(text, "utf-8")
    say("done")


STARTED = perf_counter()
if __name__ == "__main__":
    main()
