"""The coordinator of the consumer group: who is a member, who has which partitions, who is missed."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.simulation.kafka_log import NAME, Broker

LOOK_EVERY_S = 0.5
SETTLE_S = 0.02

Assign = Callable[[int, list[int]], None]  # generation, partitions


@dataclass
class Member:
    """One consumer, as the coordinator knows it."""

    who: str
    beat_s: float
    assign: Assign | None = None  # while it waits for its assignment


class Group:
    """Assigns whole partitions in ranges, as the range assignor does for topics with equally many partitions."""

    def __init__(self, broker: Broker, now_s: Callable[[], float], partitions: int, session_timeout_s: float) -> None:
        self.generation = 0
        self._broker = broker
        self._now_s = now_s
        self._partitions = partitions
        self._timeout_s = session_timeout_s
        self._members: dict[str, Member] = {}
        self._settling_s: float | None = None  # since when the group settles anew
        self._numbers = 0
        self._look()

    def join(self, member: str | None, who: str, assign: Assign) -> str:
        """Ask for an assignment; the member's id, a new one where this one is not known any more."""
        if member is None or member not in self._members:
            self._numbers += 1
            member = f"{self._broker.network.chance.randrange(1000):03d}-{who}-{self._numbers}"
        self._members[member] = Member(who, self._now_s(), assign)
        self.settle_anew()
        if all(one.assign for one in self._members.values()):
            self._broker.network.later(SETTLE_S, self._settle, self.generation)
        return member

    def beat(self, member: str, generation: int) -> str:
        """A heartbeat: "well", "rejoin", or "unknown"."""
        held = self._members.get(member)
        if held is None:
            return "unknown"
        held.beat_s = self._now_s()
        return "rejoin" if self._settling_s is not None or generation != self.generation else "well"

    def leave(self, member: str) -> None:
        """A member goes."""
        if self._members.pop(member, None):
            self.settle_anew()

    def settle_anew(self) -> None:
        """All members have to join again."""
        if self._settling_s is None:
            self._settling_s = self._now_s()

    def expel_someone(self) -> bool:
        """The coordinator loses a member that lives, if there is one."""
        if not self._members:
            return False
        self.leave(self._broker.network.chance.choice(sorted(self._members)))
        return True

    def _look(self) -> None:
        """Who is not heard of any more is no member; who does not join again in time, neither."""
        now_s = self._now_s()
        if self._broker.away:
            for member in self._members.values():
                member.beat_s = now_s
            self._settling_s = self._settling_s and now_s
        for name, member in list(self._members.items()):
            if not member.assign and now_s - member.beat_s > self._timeout_s:
                self._broker.trace(NAME, f"{member.who} is not heard of: no member any more")
                self.leave(name)
        if self._settling_s is not None:
            late = now_s - self._settling_s > self._timeout_s
            if late:
                self._members = {name: member for name, member in self._members.items() if member.assign}
            if late or all(member.assign for member in self._members.values()):
                self._settle(self.generation)
        self._broker.network.later(LOOK_EVERY_S, self._look)

    def _settle(self, generation: int) -> None:
        if self._settling_s is None or generation != self.generation or self._broker.away:
            return
        if not all(member.assign for member in self._members.values()):
            return
        self._settling_s = None
        self.generation += 1
        for name, numbers in self._ranges().items():
            member = self._members[name]
            assign, member.assign, member.beat_s = member.assign, None, self._now_s()
            if assign:
                self._broker.trace(NAME, f"{member.who} gets partitions {numbers}")
                self._broker.network.later(self._broker.network.delay_s(), assign, self.generation, numbers)

    def _ranges(self) -> dict[str, list[int]]:
        names = sorted(self._members)
        shares: dict[str, list[int]] = {}
        first = 0
        for i, name in enumerate(names):
            count = self._partitions // len(names) + (i < self._partitions % len(names))
            shares[name] = list(range(first, first + count))
            first += count
        return shares
