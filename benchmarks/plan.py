"""How much a run measures."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """Sizes of `make bench`: about fourteen minutes."""

    customers: int = 60_000
    days_between: float = 12.0  # events of one customer: gives about 5% tier changes in the backlog
    history: int = 300_000  # events before anything is measured: until then too many customers are new
    backlog: int = 700_000
    pace: float = 1_000  # events a second; the other pace is half the top rate
    pace_s: float = 60
    half_pace_s: float = 10
    naive_s: float = 8
    kernel_s: float = 2
    redis_customers: int = 50_000
    looks: int = 2_000  # lookups right after their commit
    states: tuple[int, ...] = (10_000, 100_000, 2_000_000)  # customers in the state
    state_events: int = 700_000  # for each of them, where they are enough for it
    deadlines: int = 100_000
    within_s: float = 60  # all of them come due
    queued: int = 5_000_000  # events of the backlog on which memory is watched
    workers: tuple[int, ...] = (2, 4)
    shared: int = 1_000_000  # events that several workers share


QUICK = Plan(
    customers=15_000,
    history=75_000,
    backlog=100_000,
    pace_s=3,
    half_pace_s=3,
    naive_s=3,
    kernel_s=0.5,
    redis_customers=5_000,
    looks=200,
    states=(2_000, 20_000),
    state_events=20_000,
    deadlines=2_000,
    within_s=5,
    queued=100_000,
    workers=(2,),
    shared=500_000,
)
USUAL = Plan()
FULL = Plan(states=(10_000, 100_000, 1_000_000, 2_000_000), shared=2_000_000)
