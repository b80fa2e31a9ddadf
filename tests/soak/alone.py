"""`python -m tests.soak.alone NAME --seed N [--short]`: one scenario in this process.

The last line on stdout is what it found, as JSON. Where that is not clean, the logs of its workers are kept in `.soak/`.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from ebbtide.warm import warm_kernel
from tests.soak.place import Place
from tests.soak.results import FILE
from tests.soak.scenario import ALONE, Found, Scenario
from tests.soak.scenarios import SCENARIOS


def main() -> None:
    """Run it."""
    asked = argparse.ArgumentParser()
    asked.add_argument("name", choices=[scenario.name for scenario in SCENARIOS])
    asked.add_argument("--seed", type=int, required=True)
    asked.add_argument("--short", action="store_true")
    asked.add_argument("--seeds", type=int)
    given = asked.parse_args()
    (scenario,) = (one for one in SCENARIOS if one.name == given.name)
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ebbtide-soak-") as folder:
        place = Place(Path(folder), given.seed, given.short, given.seeds)
        clean = False
        try:
            found, on = run(scenario, place)
            clean = found.clean
        finally:
            if not clean:
                kept = FILE.parent / f"{scenario.name}-{given.seed}"
                shutil.copytree(place.logs, kept, dirs_exist_ok=True)
    print(json.dumps({"on": on, "seconds": round(time.monotonic() - began_s, 1), "found": found._asdict()}))


def run(scenario: Scenario, place: Place) -> tuple[Found, str]:
    """What it found, and on which servers."""
    if scenario.alone:
        os.nice(19)  # others run at the same time, and go by the clock
        return scenario.run(place), ALONE
    warm_kernel()  # so that not each of its workers compiles the same for half a minute
    with place:
        return scenario.run(place), f"{place.broker.kind} and {place.redis.kind}"


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("took too long"))
    main()
