"""What a seed stands for: a log, workers, settings and faults."""

import random
from typing import NamedTuple

from streams.config import ClockKind
from tests.simulation.faults import KINDS, Fault, drawn
from tests.simulation.shop import Sent, Shape, log_of

PACES_S = (
    0.005,
    0.05,
    0.2,
)  # from servers beside each other to those far away, so that faults find something under way


class Plan(NamedTuple):
    """One run. Shrinking drops faults and shortens the log; everything else stays as the seed has it."""

    seed: int
    shape: Shape
    workers: int
    clock: ClockKind
    batch: int
    redis_s: float  # what one way to Redis takes at most
    broker_s: float
    versioned: bool  # new boundaries come during the run
    faults: tuple[Fault, ...]
    records: int  # of the log, from its beginning

    @property
    def exact(self) -> bool:
        """Whether tier changes are a function of the log (docs/architecture.md, Time): all of it is there, in one topic."""
        return self.shape.plain and self.clock == "stream"

    @property
    def loses(self) -> bool:
        """Whether the store forgets what it had confirmed."""
        return any(KINDS[fault.kind].loses for fault in self.faults)

    def log(self) -> list[Sent]:
        """The records to be sent."""
        return log_of(random.Random(f"{self.seed} log"), self.shape)[: self.records]


def plan_of(seed: int) -> Plan:
    """The run of a seed."""
    chance = random.Random(seed)
    plain = chance.random() < 0.4
    clock: ClockKind = "stream" if plain or chance.random() < 0.5 else "wall"
    shape = Shape(chance.randrange(60, 201), chance.choice((2, 4)), plain)
    return Plan(
        seed=seed,
        shape=shape,
        workers=chance.randrange(1, 4),
        clock=clock,
        batch=chance.choice((1, 2, 5, 20)),
        redis_s=chance.choice(PACES_S),
        broker_s=chance.choice(PACES_S),
        versioned=clock == "stream" and not plain and chance.random() < 0.4,
        faults=drawn(random.Random(f"{seed} faults")),
        records=10**6,
    )
