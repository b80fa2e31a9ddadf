"""Known bugs, put in on purpose: a simulation that does not find them proves nothing.

The checks of commit.lua back each other up, so that a script without one of them may come through many seeds; hence bugs that
take several at once. That each does something by itself is shown in test_commit_checks.py.
"""

import asyncio
from typing import Any

from state.scripts import COMMIT
from streams.broker.relay import Relay
from tests.simulation.world import Bug


def without(*parts: bytes) -> bytes:
    """commit.lua without these parts of it."""
    text = COMMIT.text
    for part in parts:
        if part not in text:
            raise LookupError(f"commit.lua has no {part!r} any more")
        text = text.replace(part, b"")
    return text


class Hasty(Relay):
    """Takes entries for published once they are on their way, so that they are trimmed before the acknowledgement."""

    async def _publish(self, *entries: Any) -> None:
        task = asyncio.create_task(super()._publish(*entries))
        self.under_way = [*getattr(self, "under_way", []), task]


EARLIER_EPOCH = (b"held > epoch or ",)  # an owner after the one who writes: it is stale
LATER_EPOCH = (b" or held < epoch",)  # an owner before the one who writes: Redis forgot who owns
SAME_HEAD = (b"head[3] == ARGV[3] and ", b" or 'behind'")  # who wrote the number that is there
WRITTEN = (
    b"if stored == sequence then -- a re-sent copy of what is written; or another's: two fail-overs can give an epoch twice\n"
    b"  return head[3] == ARGV[3] and 'done' or 'behind'\nend\n",
)
PASSED = (b" or stored > sequence",)  # more than this was written
GAP = (b"if stored < sequence - 1 then return 'behind' end\n",)  # what comes before it is not there

# an epoch that nobody looks at is made good where a number is there already: its head is another's
NO_EPOCH = Bug({COMMIT.text: without(*EARLIER_EPOCH, *LATER_EPOCH, *SAME_HEAD)})
NO_SEQUENCE = Bug({COMMIT.text: without(*PASSED, *WRITTEN, *GAP)})
TRIMS_FIRST = Bug(relay=Hasty)
BUGS = {
    "commit.lua looks neither at the epoch nor at whose head a number has": NO_EPOCH,
    "commit.lua looks at no number, whether passed, written or after a gap": NO_SEQUENCE,
    "the relay trims before the acknowledgement": TRIMS_FIRST,
}
