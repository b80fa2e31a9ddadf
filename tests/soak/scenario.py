"""What a scenario is, and what it found."""

from collections.abc import Callable
from typing import NamedTuple

from tests.soak.place import Place

ALONE = "nothing but the processor"


class Found(NamedTuple):
    """What the end of a scenario showed. `events`: records in the input topics."""

    faults: str  # what was done, such as "200 kill -9"
    events: int
    divergences: int  # customers of whom the state and the plain fold say different things
    lost: int  # records sent and acknowledged that are nowhere; changes, alerts and dead letters counted but not told, or told late
    doubled: int  # ids of tier changes and alerts under which two contents were told
    reconcile: bool  # consumed = applied + duplicate + dead, and each of them is what the log gives
    note: str = ""

    @property
    def clean(self) -> bool:
        """Nothing differs."""
        return self.reconcile and not (self.divergences or self.lost or self.doubled)


class Scenario(NamedTuple):
    """One kind of trouble."""

    name: str
    doubt: str  # one line: what could go wrong
    run: Callable[[Place], Found]
    limit_s: float  # at full length; what takes longer has failed
    needs_kafka: bool = False  # the embedded broker keeps nothing when it is killed
    alone: bool = False  # needs no broker and no Redis
    first_seed: int | None = None  # where it goes through seeds one after another: from which, if none is given
