"""What the streams need to know, handed in by the composition root."""

from dataclasses import dataclass, field
from typing import Literal

from scoring.boundaries.policy import Policy
from scoring.layout import BUCKETS
from scoring.terms import Limits, Terms

ORDERS = "orders"
INTERACTIONS = "interactions"
COMMANDS = "commands"
INPUTS = (ORDERS, INTERACTIONS, COMMANDS)  # a customer lies in the same partition of all of them
TIER_CHANGES = "tier-changes"
DRIFT_ALERTS = "drift-alerts"
DEAD_LETTERS = "dead-letters"

ClockKind = Literal["wall", "stream"]


@dataclass(frozen=True, slots=True)
class Topics:
    """Names of topics on the broker; everywhere else a topic goes by its name without the prefix."""

    prefix: str = ""
    partitions: int = 8  # of topics that we create

    def __post_init__(self) -> None:
        if not is_partition_count(self.partitions):
            raise ValueError(f"{self.partitions} partitions: a power of two up to {BUCKETS} is needed")

    def full(self, name: str) -> str:
        """The name on the broker."""
        return self.prefix + name

    def plain(self, full: str) -> str:
        """The name without the prefix."""
        return full.removeprefix(self.prefix)


def is_partition_count(count: int) -> bool:
    """Whether a bucket would lie in one partition: a power of two up to the number of buckets."""
    return 0 < count <= BUCKETS and BUCKETS % count == 0


@dataclass(frozen=True, slots=True)
class Version:
    """One version of what customers are judged by, and the names under which it goes out."""

    terms: Terms
    model: str = "default"
    boundaries: str = "default"
    id: str | None = None  # of the record that brought it; None: from the settings


@dataclass(frozen=True, slots=True)
class Scoring:
    """How customers are scored."""

    first: Version  # in force until a newer one is taken
    limits: Limits
    currency: str = "USD"
    muted: bool = False  # a backfill: nobody acts on the changes
    policy: Policy | None = None  # how boundaries are drawn from a census; None: those of `first` hold
    drift_budget: int = 0  # drift alerts a UTC day at most; 0: all


@dataclass(frozen=True, slots=True)
class StreamsConfig:
    """One worker's addresses and limits."""

    kafka: str  # bootstrap servers
    namespace: str = "ebbtide"  # the consumer group
    topics: Topics = field(default_factory=Topics)
    clock: ClockKind = "wall"
    stall_after_s: float = 60.0
    metrics: tuple[str, int] | None = None  # host and port; closed where None
    sweep_per_s: int = 5_000  # customers whom a new version meets without an event, at most
    refit_days: int = 0  # so often the model is fitted anew; 0: never
    batch: int = 5_000  # events of one partition at most
    in_flight: int = 3  # partitions at work at once: while one waits for Redis, the others compute
    session_timeout_s: float = 6.0  # until a killed worker is missed; a real broker refuses less
