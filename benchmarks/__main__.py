"""`python -m benchmarks`: everything in one run, one table. --json for programs, --quick for a look that says little."""

import argparse
import asyncio
import json
import os
import sys
from dataclasses import dataclass
from time import perf_counter

import uvloop
from rich.console import Console

from benchmarks.backlog import work_off
from benchmarks.bare import read_bare
from benchmarks.in_memory import without_kafka
from benchmarks.kernel import kernel_us
from benchmarks.latency import latency, pacing_process
from benchmarks.naive import naive_rate
from benchmarks.redis_bytes import bytes_a_customer
from benchmarks.report import Found, as_json, as_table
from benchmarks.shop import Shop
from benchmarks.site import PARTITIONS, Site, open_site, open_store, produce, running_worker, wait_for
from streams.config import StreamsConfig, Topics


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    customers: int = 60_000
    days_between: float = 12.0  # events of one customer: gives about 5% tier changes in the backlog
    history: int = 100_000  # events before anything is measured
    paces: tuple[float, ...] = (1_000, 20_000)  # events a second
    pace_s: float = 10
    backlog: int = 600_000
    naive_s: float = 8
    kernel_s: float = 2
    redis_customers: int = 50_000


QUICK = Plan(15_000, 12.0, 50_000, (1_000, 5_000), 3, 100_000, 3, 0.5, 5_000)


async def measure(site: Site, plan: Plan) -> Found:
    """One log: history, then paced events, then the backlog."""
    load, shop = os.getloadavg()[0], Shop(plan.customers, plan.days_between)
    history = shop.draw(plan.history)
    paced = [shop.draw(int(pace * plan.pace_s)) for pace in plan.paces]
    backlog = shop.draw(plan.backlog)
    before = plan.history + sum(len(told.number) for told in paced)
    total = before + plan.backlog

    say(f"a history of {plan.history:,} events")
    await produce(site, history)
    latencies = []
    async with open_store(site) as store, running_worker(site) as worker:
        await wait_for(store, plan.history, worker, within_s=120)
        await asyncio.sleep(2)  # until silence has caught up too
        with pacing_process() as elsewhere:
            for told, pace in zip(paced, plan.paces, strict=True):
                say(f"latency at {pace:,.0f} events/s")
                latencies.append(await latency(site, told, pace, elsewhere))
        await wait_for(store, before, worker, within_s=60)
    say(f"the worker on a backlog of {plan.backlog:,} events")
    await produce(site, backlog)
    worked = await work_off(site, total)
    say("a bare consumer, and the naive agent")
    bare, naive = await read_bare(site, total), await naive_rate(site, plan.naive_s)
    say("the pipeline without Kafka")
    config = StreamsConfig(site.kafka, topics=Topics(partitions=PARTITIONS))
    without = await without_kafka(site.redis_url, "in-memory", [history, *paced], backlog, config)
    say("the kernel alone, and memory in Redis")
    kernel = kernel_us(paced[-1], backlog, plan.kernel_s)
    sizes = await bytes_a_customer(plan.redis_customers)
    return Found(site.broker, worked, latencies, without, bare, naive, kernel, sizes, load)


def say(what: str) -> None:
    """Progress, on stderr."""
    print(f"{perf_counter() - STARTED:6.1f} s  {what}", file=sys.stderr, flush=True)


def main() -> None:
    """Run, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small and short: whether it runs, not how fast")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    options = parser.parse_args()
    with open_site() as site, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(measure(site, QUICK if options.quick else Plan()))
    say("done")
    if options.json:
        print(json.dumps(as_json(found)))
    else:
        Console(width=None if sys.stdout.isatty() else 140).print(as_table(found))


STARTED = perf_counter()
if __name__ == "__main__":
    main()
