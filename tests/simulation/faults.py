"""What goes wrong in a run: drawn from its seed, each at its time, for its while. All of it ends before the run is judged."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from tests.simulation.host import Host, Servers
from tests.simulation.network import SHARE_OF_FATES

FROM_S = 0.3  # after the start of the workers
UNTIL_S = 10.0
AROUND_S = 1.0
MOST = 12  # faults in a run
WHOLE_RUN_S = 1e6
OFTEN = ("kill", "pause before a commit", "redis flaky", "broker flaky", "broker slow", "member expelled")


class Fault(NamedTuple):
    """One fault. `amount` says how much where the kind needs it, in 0..1."""

    kind: str
    at_s: float
    for_s: float
    who: int
    amount: float

    def __str__(self) -> str:
        return (
            f"{self.at_s:6.2f} s  {self.kind} for {self.for_s:.2f} s, worker {self.who + 1}, amount {self.amount:.2f}"
        )


class Scene(NamedTuple):
    """What faults act upon."""

    servers: Servers
    hosts: Sequence[Host]
    began_s: float  # of the loop
    struck: list[str]  # kinds of the faults that somebody met
    met: Counter[Fault]  # what a fault did by itself, at its instant, to somebody there


Act = Callable[[Scene, Fault], None]
Met = Callable[[Scene, Fault], int]


def _at_once(scene: Scene, fault: Fault) -> int:
    return scene.met[fault]


class Kind(NamedTuple):
    """How a fault begins and ends, and how often somebody met it so far."""

    begin: Act
    met: Met = _at_once
    end: Act = lambda _scene, _fault: None
    longest_s: float = 8.0
    loses: bool = False  # whether the store forgets what it had confirmed


def _host(scene: Scene, fault: Fault) -> Host:
    return scene.hosts[fault.who % len(scene.hosts)]


def _befalls(what: Callable[[Host], bool]) -> Act:
    def act(scene: Scene, fault: Fault) -> None:
        scene.met[fault] += what(_host(scene, fault))

    return act


def _at(server: str, *states: str) -> Met:
    """Whoever met what the fault took away there, or one of these states, which no other kind brings about."""
    return lambda scene, fault: sum(getattr(scene.servers, server).network.met[one] for one in (fault, *states))


def _restart(scene: Scene, fault: Fault, loses_s: float, skew_s: float = 0.0) -> None:
    lost = scene.servers.redis.restart(fault, loses_s, skew_s)
    scene.servers.trace(
        "redis", f"comes back as it was {loses_s:.2f} s ago: {lost} changes are lost, clock {skew_s:+.2f} s"
    )


def _rollback(scene: Scene, fault: Fault) -> None:
    _restart(scene, fault, fault.amount * (scene.servers.loop.time() - scene.began_s))


def _failover(scene: Scene, fault: Fault) -> None:
    scene.servers.redis.away = None
    _restart(scene, fault, fault.amount * 2.0, skew_s=(fault.amount * 7919 % 1 - 0.5) * 2)


def _wipe(scene: Scene, fault: Fault) -> None:
    _restart(scene, fault, WHOLE_RUN_S)


def _redis(**state: object) -> Act:
    def act(scene: Scene, _fault: Fault) -> None:
        for name, value in state.items():
            setattr(scene.servers.redis, name, value)

    return act


def _full(on: bool) -> Act:
    def act(scene: Scene, _fault: Fault) -> None:
        scene.servers.redis.engine.full = on

    return act


def _network(server: str, **state: float) -> Act:
    def act(scene: Scene, _fault: Fault) -> None:
        for name, value in state.items():
            setattr(getattr(scene.servers, server).network, name, value)

    return act


def _cut(server: str) -> Kind:
    def begin(scene: Scene, fault: Fault) -> None:
        getattr(scene.servers, server).network.cut_off.add(_host(scene, fault).name)

    def end(scene: Scene, fault: Fault) -> None:
        getattr(scene.servers, server).network.cut_off.discard(_host(scene, fault).name)

    def met(scene: Scene, fault: Fault) -> int:
        return _at(server, f"{_host(scene, fault).name} cut off")(scene, fault)

    return Kind(begin, met, end, 10.0)


def _broker_away(on: bool) -> Act:
    def act(scene: Scene, fault: Fault) -> None:
        scene.servers.broker.away = on
        _fail_over(scene, fault)

    return act


def _fail_over(scene: Scene, fault: Fault) -> None:
    scene.servers.broker.fail_over(fault)


def _expel(scene: Scene, fault: Fault) -> None:
    scene.met[fault] += scene.servers.group.expel_someone()


def _ambush(what: Callable[[Host], bool], end: Act, *steps: str) -> Kind:
    """Strikes when the worker comes to one of these steps, or not at all."""

    def begin(scene: Scene, fault: Fault) -> None:
        strike = partial(_befalls(what), scene, fault)
        _host(scene, fault).process.ambush = (steps[int(fault.amount * len(steps))], strike)

    def leave(scene: Scene, fault: Fault) -> None:
        _host(scene, fault).process.ambush = None
        end(scene, fault)

    return Kind(begin, end=leave, longest_s=7.0)


def _resume(scene: Scene, fault: Fault) -> None:
    _host(scene, fault).resume()


def _start(scene: Scene, fault: Fault) -> None:
    _host(scene, fault).start()


KINDS: Mapping[str, Kind] = {
    "kill": Kind(_befalls(Host.kill), end=_start, longest_s=6.0),
    "kill in a commit": _ambush(Host.kill, _start, "commit", "committing"),
    "kill in a publication": _ambush(Host.kill, _start, "publish", "publishing"),
    "pause": Kind(_befalls(Host.pause), end=_resume, longest_s=7.0),
    "pause before a commit": _ambush(Host.pause, _resume, "commit"),
    "pause before a publication": _ambush(Host.pause, _resume, "publish"),
    "stop": Kind(_befalls(Host.stop), end=_start, longest_s=4.0),
    "redis rollback": Kind(_rollback, _at("redis"), loses=True, longest_s=0.1),
    "redis failover": Kind(_redis(away="failing over"), _at("redis", "failing over"), _failover, 3.0, True),
    "redis wiped": Kind(_wipe, _at("redis"), loses=True, longest_s=0.1),
    "redis refuses": Kind(_redis(away="refuses"), _at("redis", "refuses"), _redis(away=None)),
    "redis silent": Kind(_redis(away="silent"), _at("redis", "silent"), _redis(away=None), 12.0),
    "redis full": Kind(_full(True), lambda s, _f: s.servers.redis.engine.refused, _full(False)),
    "redis slow": Kind(_network("redis", slow_s=0.5), _at("redis", "slow"), _network("redis", slow_s=0.0)),
    "redis flaky": Kind(_network("redis", flaky=SHARE_OF_FATES), _at("redis", "flaky"), _network("redis", flaky=0.0)),
    "redis cut off": _cut("redis"),
    "broker away": Kind(_broker_away(True), _at("broker", "away"), _broker_away(False)),
    "broker fails over": Kind(_fail_over, _at("broker"), longest_s=0.1),
    "broker slow": Kind(_network("broker", slow_s=0.5), _at("broker", "slow"), _network("broker", slow_s=0.0)),
    "broker flaky": Kind(
        _network("broker", flaky=SHARE_OF_FATES), _at("broker", "flaky"), _network("broker", flaky=0.0)
    ),
    "broker cut off": _cut("broker"),
    "member expelled": Kind(_expel, longest_s=0.1),
}


def drawn(chance: random.Random) -> tuple[Fault, ...]:
    """The faults of one run, in the order of time: some moments at which several come together, because alone few do harm."""
    moments_s = [chance.uniform(FROM_S, UNTIL_S) for _ in range(chance.randrange(1, 4))]
    faults = []
    for _ in range(chance.randrange(MOST + 1)):
        kind = chance.choice([*KINDS, *OFTEN])
        at_s = max(FROM_S, chance.choice(moments_s) + chance.gauss(0, AROUND_S))
        for_s = chance.uniform(0.05, 1) ** 0.7 * KINDS[kind].longest_s
        faults.append(Fault(kind, at_s, for_s, chance.randrange(3), chance.random() ** 2))
    return tuple(sorted(faults, key=lambda fault: fault.at_s))


async def inflict(scene: Scene, fault: Fault) -> None:
    """Begin and end one fault at its time. It struck where somebody met it.

    Of what lasts, as silence, one meeting counts for all of that kind that last at the time: each alone would do.
    """
    await asyncio.sleep(fault.at_s)
    kind = KINDS[fault.kind]
    before = kind.met(scene, fault)
    scene.servers.trace("FAULT", f"{fault.kind} for {fault.for_s:.2f} s ({_host(scene, fault).name})")
    kind.begin(scene, fault)
    await asyncio.sleep(fault.for_s)
    kind.end(scene, fault)
    if kind.met(scene, fault) > before:
        scene.struck.append(fault.kind)


def heal(scene: Scene) -> None:
    """Everything works again, and every worker runs."""
    redis, broker = scene.servers.redis, scene.servers.broker
    redis.away, redis.engine.full, broker.away = None, False, False
    for network in (redis.network, broker.network):
        network.flaky = network.slow_s = 0.0
        network.cut_off.clear()
    for host in scene.hosts:
        host.resume()
        host.start()
