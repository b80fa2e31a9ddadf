"""A rolling upgrade: workers of this release and of one that writes the next layout are in one group, and partitions move.

The next release is a copy of this clone in which LAYOUT is one more. A worker of this release that is given a bucket which the
next one wrote has to end with a line that says so, and may neither tell nor write anything before.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import numpy as np

from scoring.checksum import CHECK_BYTES, checksum
from scoring.layout import LAYOUT
from state import codec
from tests.soak import stands
from tests.soak.crew import end
from tests.soak.flow import Flow
from tests.soak.judge import judge
from tests.soak.place import Place
from tests.soak.records import message
from tests.soak.scenario import Found, Scenario
from tests.soak.stands import Stand
from tests.support.shop_log import shop_log
from tests.support.world import World, until

ROOT = Path(__file__).parents[2]
ROOMS = ("scoring", "state", "streams", "care", "serving", "ebbtide")
NEXT = LAYOUT + 1
SAYS = f"This state was written by a newer Ebbtide (layout {NEXT}): update this one first"
PER_S = 500


def run(place: Place) -> Found:
    world, release = place.world, {"PYTHONPATH": str(next_release(place.folder / "next"))}
    log = map(message, shop_log(300_000, place.scale(10_000, 2_000), place.seed))
    apiece = place.scale(10_000, 1_000)  # events between two steps
    with patch.object(codec, "LAYOUT", NEXT), patch.object(stands, "Stand", stand), Flow(world, log, PER_S) as flow:
        # 1. this release, then one worker more that is of the next: both work
        old = [world.start_worker() for _ in range(3)]
        consume(world, apiece)
        new = [start(world, release)]
        consume(world, apiece)
        # 2. one is replaced in order
        codes = [end(old.pop())]
        new.append(start(world, release))
        consume(world, apiece)
        # 3. the new ones die: those of this release are given all that they wrote
        for worker in new:
            worker.kill()
        until(lambda: all(worker.poll() is not None for worker in old), "every old worker has ended")
        # 4. a supervisor starts one again: it does not even join
        old.append(world.start_worker())
        codes += [worker.wait(60) for worker in old]
        # 5. the next release goes on
        world.env |= release
        new += [start(world, {}), start(world, {})]
        consume(world, apiece)
        flow.enough()
        codes += [end(new.pop())]
        found = judge(place, flow.sent, "3 of this release met the next layout", peace=flow.steady)
    said = [log.read_text() for log in sorted(world.logs.glob("worker-*.log"))]
    wrong = [code for code, right in zip(codes, (0, 1, 1, 1, 0), strict=True) if code != right]
    wrong += [count for count in [sum(SAYS in text for text in said)] if count != 3]
    return found._replace(note=f"{found.note}, amiss: {wrong}", reconcile=False) if wrong else found


def next_release(folder: Path) -> Path:
    """This clone with the layout after this one; its kernel is compiled."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    layout = folder / "scoring" / "layout.py"
    text, times = re.subn(rf"^LAYOUT = {LAYOUT}\b", f"LAYOUT = {NEXT}", layout.read_text(), flags=re.MULTILINE)
    assert times == 1
    layout.write_text(text)
    warm = [sys.executable, "-c", "import ebbtide; from ebbtide.warm import warm_kernel; warm_kernel()"]
    subprocess.run(warm, cwd=folder, check=True, capture_output=True)
    return folder


def stand(ledger: bytes, indexed_us: int) -> Stand:
    """As this release would store it: they differ in nothing but the layout's number, which untouched ledgers keep."""
    body = bytes([LAYOUT]) + ledger[1:-CHECK_BYTES]
    seal = int(checksum(np.frombuffer(body, np.uint8), 0, len(body)))
    return Stand(body + seal.to_bytes(CHECK_BYTES, "little"), indexed_us)


def start(world: World, env: dict[str, str]) -> "subprocess.Popen[bytes]":
    """A worker that has got partitions, too."""
    worker = world.start_worker(**env)
    log = world.logs / f"worker-{len(world.workers) - 1}.log"
    until(lambda: "Work on partitions" in log.read_text(), "it has partitions", [worker], every_s=0.2)
    return worker


def consume(world: World, events: int) -> None:
    """Wait until so many more are."""
    before = world.counters()["consumed"]
    until(lambda: world.counters()["consumed"] >= before + events, f"{events} events more", world.workers, every_s=0.2)


RELEASES = Scenario("releases", "an older worker spoils what a newer one wrote, or a newer one what it finds", run, 600)
