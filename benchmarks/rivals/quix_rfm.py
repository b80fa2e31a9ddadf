"""Plain RFM on Quix Streams: `python -m benchmarks.rivals.quix_rfm BROKER TOPIC EVENTS STATE FACTS`. State in RocksDB.

At least once and a commit every five seconds, its defaults. Without changelog topics, which it writes by default, and with a
decoder that knows the fields in place of its own.
"""

import json
import os
import sys
from pathlib import Path

from quixstreams import Application, State
from rocksdict import AccessType, Options, Rdict

from benchmarks.rivals.plain import NOBODY, Rfm, decode, take, tell
from streams.collector import spare_the_collector

RFM = "rfm"


def main() -> None:
    """Read so many events, then look at what the store holds."""
    broker, topic, count, folder, facts = sys.argv[1:]
    total, events = int(count), 0

    def fold(value: bytes, state: State) -> None:
        nonlocal events
        state.set(RFM, take(state.get(RFM, NOBODY), decode(value)))
        events += 1
        tell(events - 1, events, total)
        if events == total:
            app.stop()

    app = Application(
        broker,
        consumer_group=f"rival-{os.getpid()}",
        auto_offset_reset="earliest",
        state_dir=folder,
        use_changelog_topics=False,
        loglevel="WARNING",
    )
    app.dataframe(app.topic(topic, value_deserializer="bytes")).update(fold, stateful=True)
    spare_the_collector()  # as in the worker and the other plain rival; here it is within the noise
    app.run()
    Path(facts).write_text(json.dumps(stored(Path(folder))))


def stored(folder: Path) -> dict[str, Rfm]:
    """What its RocksDB holds, a database a partition, under `customer|"rfm"`."""
    found = {}
    for manifest in folder.rglob("CURRENT"):
        database = Rdict(str(manifest.parent), Options(raw_mode=True), access_type=AccessType.read_only())
        for key, value in database.items():
            customer, _, name = key.partition(b"|")
            if name == json.dumps(RFM).encode():
                found[customer.decode()] = json.loads(value)
        database.close()
    return found


if __name__ == "__main__":
    main()
