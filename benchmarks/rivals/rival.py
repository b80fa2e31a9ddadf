"""What the table says of a rival."""

from typing import NamedTuple


class Rival(NamedTuple):
    """One rival on the log. None where it could not be had: `note` says why."""

    name: str
    work: str  # what it does with an event
    events_per_s: float | None  # over the backlog, the history being worked off by then
    cpu_s_per_million: float | None  # of its process, over the same events
    broker_cpu_s_per_million: float | None
    facts_equal: bool | None  # whether what it knows of every customer at the end is what a plain fold says
    note: str


class LeftOutError(Exception):
    """A rival cannot be had on this machine, or does not get through; says why."""
