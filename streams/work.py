"""What goes into the pipeline and what it tells: slices of records, due deadlines, sweeps, refused and misrouted records."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import NamedTuple, Protocol, TypeAlias

from state.store import Commit, Due
from streams.events.refusals import Refusal
from streams.versions import Versioned


class Record(Protocol):
    """What is needed of a record: aiokafka's ConsumerRecord has it, a line of a file can."""

    value: bytes | None
    key: bytes | None
    headers: Sequence[tuple[str, bytes]]
    offset: int
    timestamp: int  # the broker's, milliseconds

    @property
    def partition(self) -> int:
        """Where it lies."""


class Slice(NamedTuple):
    """Records that follow one another in one partition of a topic."""

    topic: str  # without prefix
    records: Sequence[Record]


class Records(NamedTuple):
    """Records of one partition: slices of one or both of its topics."""

    slices: Sequence[Slice]


class Ticks(NamedTuple):
    """Deadlines that came due: silence acts up to `until_us`."""

    dues: Sequence[Due]
    until_us: int


class Sweep(NamedTuple):
    """Customers whom nothing else may touch for long, looked at as of `until_us`, when a new version came into force."""

    customers: Sequence[tuple[int, bytes]]  # bucket, id
    until_us: int
    swept: Mapping[int, int]  # bucket of which these are the last customers -> number of the version


class Drawn(NamedTuple):
    """A version that a replay made itself: no record brings it, and none is counted."""

    version: Versioned


class Idle(NamedTuple):
    """Nothing came for some buckets for a while: their positions move on, so that healing never means reading everything."""


Work: TypeAlias = Records | Ticks | Sweep | Drawn | Idle


class Verdict(Enum):
    """What became of a batch."""

    DONE = "done"
    STALE = "stale"  # the store refused a commit, because somebody else owns the bucket: stop this partition
    TAKEN = "taken"  # the same, found by looking
    BEHIND = "behind"  # the store lost its last moments: acquire again, seek back


class Dead(NamedTuple):
    """A record that is refused, and why."""

    topic: str
    record: Record
    partition: int
    refusal: Refusal


class Forward(NamedTuple):
    """A record that lies in another partition than its customer."""

    topic: str
    record: Record
    partition: int  # where it belongs
    customer_id: bytes


class Messages(Protocol):
    """Where refused and misrouted records go."""

    async def tell(self, dead: Sequence[Dead], forwards: Sequence[Forward]) -> None:
        """Returns when all of them are acknowledged; told again after a crash."""


class Outbox(Protocol):
    """Where the outbox of commits goes once they are written."""

    async def hand_over(self, commits: Sequence[Commit]) -> None:
        """Takes them in order; waits where too many are still on their way."""
