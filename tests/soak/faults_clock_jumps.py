"""The wall clock of a running worker jumps by hours, forward and backward, while events flow; monotonic clocks do not.

With the wall clock in force, silence falls as early or as late as the clock says: a jump forward fires at once what was due
within it, a jump backward holds the deadlines of those hours back. Facts, counters and ids must not care; neither must the
stream's own clock.
"""

import json
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from tests.soak.crew import Crew
from tests.soak.flow import Flow
from tests.soak.judge import judge
from tests.soak.place import Place
from tests.soak.records import message, read_all
from tests.soak.scenario import Found, Scenario
from tests.support.logs import START
from tests.support.shop_log import MINUTE_US, Event, shop_log

PER_S = 1_000
TURNED = Path(__file__).with_name("turned")  # holds a sitecustomize
FURTHEST_H = 20.0  # events are refused from 24 hours ahead of the wall clock on


def run(place: Place, clock: str) -> Found:
    jumps = place.scale(40, 8)
    log = shop_log(place.scale(300_000, 200_000), place.scale(4_000, 1_000), place.seed)
    log = up_to_now(log) if clock == "wall" else log
    said = place.folder / "clock"
    turn(said, 0)
    place.world.env |= {"EBBTIDE_CLOCK": clock} | turned(place, said)
    with Flow(place.world, map(message, log), PER_S) as flow:
        crew = Crew(place.world, 1)
        for _ in range(jumps):
            crew.goes_on(500, flow)
            turn(said, place.chance.uniform(-FURTHEST_H, FURTHEST_H))
            time.sleep(place.chance.uniform(0.2, 1.5))
        crew.goes_on(flow=flow)
        turn(said, 0)
        flow.enough()
    found = judge(place, flow.sent, f"{jumps} jumps of the clock", peace=clock == "stream" and flow.steady)
    heard_h = hours_off(place)
    assert heard_h > FURTHEST_H / 4, f"the worker's clock was never more than {heard_h:.1f} hours off"
    return found._replace(note=f"up to {heard_h:.0f} h off{found.note and ', ' + found.note}")


def turned(place: Place, said: Path) -> dict[str, str]:
    """What a worker needs in its environment for its wall clock to be turned."""
    return {"SOAK_CLOCK": str(said), "PYTHONPATH": f"{TURNED}:{place.world.env['PYTHONPATH']}"}


def turn(said: Path, hours: float) -> None:
    """From now on the worker's wall clock is so many hours ahead."""
    new = said.with_suffix(".new")
    new.write_text(str(hours * 3600))
    new.replace(said)


def up_to_now(log: list[Event]) -> list[Event]:
    """The same log with its last event a day ago: deadlines lie in the hours that the clock jumps over."""
    shift = datetime.now(UTC) - timedelta(days=1) - START - timedelta(microseconds=MINUTE_US * len(log))
    return [e | {"occurred_at": (datetime.fromisoformat(e["occurred_at"]) + shift).isoformat()} for e in log]


def hours_off(place: Place) -> float:
    """How far the worker's clock was off at most when it told of a change."""
    told = [json.loads(one.value or b"")["emitted_at"] for one in read_all(place.world, ["tier-changes"])]
    return max(abs(datetime.fromisoformat(at) - datetime.now(UTC)) for at in told) / timedelta(hours=1)


CLOCK_JUMPS = tuple(
    Scenario(
        f"clock-jumps-{clock}", "a wall clock that jumps makes facts or ids differ", partial(run, clock=clock), 300
    )
    for clock in ("wall", "stream")
)
