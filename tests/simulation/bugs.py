"""Known bugs, put in on purpose: a simulation that does not find them proves nothing."""

import asyncio
from typing import Any

from state.scripts import COMMIT
from streams.broker.relay import Relay
from tests.simulation.world import Bug


def _without(*parts: bytes) -> bytes:
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


# alone, it is made good by the next line of defence: whoever wrote the same number, the heads differ
_SAME_HEAD = (b"head[3] == ARGV[3] and ", b" or 'behind'")
NO_EPOCH = Bug({COMMIT.text: _without(b" or held < epoch", b"held > epoch or ", *_SAME_HEAD)})
NO_SEQUENCE = Bug(
    {
        COMMIT.text: _without(
            b" or stored > sequence",
            b"if stored == sequence then -- a re-sent copy of what is written; or another's: two fail-overs can give an epoch "
            b"twice\n  return head[3] == ARGV[3] and 'done' or 'behind'\nend\n",
            b"if stored < sequence - 1 then return 'behind' end\n",
        )
    }
)
TRIMS_FIRST = Bug(relay=Hasty)
BUGS = {
    "commit.lua does not look at the epoch": NO_EPOCH,
    "commit.lua does not look at the sequence": NO_SEQUENCE,
    "the relay trims before the acknowledgement": TRIMS_FIRST,
}
