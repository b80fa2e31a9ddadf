"""Bytes that mean harm, for minutes, into everything that reads a record or a stored value.

Machine code first, as it runs; then with each index checked; then uncompiled, on bytes of which every place beyond is guarded.
Nothing is sent and nothing is stored: no broker and no Redis are needed.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from itertools import count, islice
from pathlib import Path

from benchmarks.processes import peak_bytes, resident_bytes
from tests.soak.place import Place
from tests.soak.scenario import Found, Scenario
from tests.support.hostile.events import fuzz_events
from tests.support.hostile.stored import fuzz_ledgers, fuzz_sealed

ROOT = Path(__file__).parents[2]
AT_ONCE = 500  # rounds between two looks at the clock
GROWS_MIB = 32.0  # at most, at any instant: what is read is of some hundred kB, and nothing of it is kept
SWITCHES = ("NUMBA_BOUNDSCHECK", "NUMBA_DISABLE_JIT")


def fuzz(seconds: float, seed: int) -> Counter[str]:
    """What became of the bytes, for so long; fails at the first that is answered otherwise than it may be, and names its seed."""
    found, seeds, until_s = Counter[str](), count(seed * 2**32), time.monotonic() + seconds
    while time.monotonic() < until_s:
        for part in (fuzz_events, fuzz_ledgers, fuzz_sealed):
            for number in islice(seeds, AT_ONCE):
                try:
                    found += part(random.Random(number))
                except BaseException as error:
                    raise AssertionError(f"{part.__name__}(random.Random({number})): {error!r}") from error
    return found


def run(place: Place) -> Found:
    """A divergence is any answer that may not be: the scenario fails with the seed of the first."""
    fuzz(place.scale(10.0, 2.0), place.seed)  # what is made once is held from here on
    before = resident_bytes(os.getpid())  # machine code and libraries included
    Path("/proc/self/clear_refs").write_text("5")  # the peak is the highest from now on
    found = fuzz(place.scale(180.0, 8.0), place.seed + 1)
    grew_mib, watched = (peak_bytes(os.getpid()) - before) / 2**20, found.total()
    for switch in SWITCHES:
        found.update(_with(switch, place))
    read = sum(n for what, n in found.items() if what in ("Fact", "Versioned") or what.endswith("read"))
    return Found(
        f"{found.total():,} hostile values",
        events=0,
        divergences=0,
        lost=0,
        doubled=0,
        reconcile=grew_mib < GROWS_MIB,
        note=f"{read:,} read, the others refused; {grew_mib:.1f} MiB more resident at most, over {watched:,}",
    )


def _with(switch: str, place: Place) -> Counter[str]:
    cache = place.folder / switch.lower()
    command = [sys.executable, "-m", "tests.support.hostile.unguarded", str(place.seed), str(place.scale(8_000, 300))]
    environment = {**os.environ, switch: "1", "NUMBA_CACHE_DIR": str(cache)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{switch}=1 {' '.join(command)}: {done.stderr[-2_000:]}"
    return Counter(json.loads(done.stdout))


FUZZ = Scenario("fuzz", "bytes that crash a reader, or take its memory", run, limit_s=600, alone=True)
