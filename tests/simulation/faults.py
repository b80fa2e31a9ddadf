"""What goes wrong in a run: drawn from its seed, each at its time, for its while. All of it ends before the run is judged."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
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


Act = Callable[[Scene, Fault], None]
Met = Callable[[Scene, Fault], int]


class Kind(NamedTuple):
    """How a fault begins and ends, and how often somebody met one of its kind so far."""

    begin: Act
    met: Met
    end: Act = lambda _scene, _fault: None
    longest_s: float = 8.0
    loses: bool = False  # whether the store forgets what it had confirmed


def _host(scene: Scene, fault: Fault) -> Host:
    return scene.hosts[fault.who % len(scene.hosts)]


def _befell(what: str) -> Met:
    return lambda scene, fault: _host(scene, fault).met[what]


def _at(server: str, *what: str) -> Met:
    return lambda scene, _fault: sum(getattr(scene.servers, server).network.met[one] for one in what)


def _restart(scene: Scene, loses_s: float, skew_s: float = 0.0) -> None:
    lost = scene.servers.redis.restart(loses_s, skew_s)
    scene.servers.trace(
        "redis", f"comes back as it was {loses_s:.2f} s ago: {lost} changes are lost, clock {skew_s:+.2f} s"
    )


def _rollback(scene: Scene, fault: Fault) -> None:
    _restart(scene, fault.amount * (scene.servers.loop.time() - scene.began_s))


def _failover(scene: Scene, fault: Fault) -> None:
    scene.servers.redis.away = None
    _restart(scene, fault.amount * 2.0, skew_s=(fault.amount * 7919 % 1 - 0.5) * 2)


def _wipe(scene: Scene, _fault: Fault) -> None:
    _restart(scene, WHOLE_RUN_S)


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
    def act(scene: Scene, _fault: Fault) -> None:
        scene.servers.broker.away = on
        scene.servers.broker.fail_over()

    return act


def _ambush(act: Callable[[Host], Callable[[], None]], end: Act, *steps: str) -> Kind:
    """Strikes when the worker comes to one of these steps, or not at all."""

    def begin(scene: Scene, fault: Fault) -> None:
        host = _host(scene, fault)

        def strike() -> None:
            host.met["ambush"] += 1
            act(host)()

        host.process.ambush = (steps[int(fault.amount * len(steps))], strike)

    def leave(scene: Scene, fault: Fault) -> None:
        _host(scene, fault).process.ambush = None
        end(scene, fault)

    return Kind(begin, _befell("ambush"), leave, 7.0)


def _resume(scene: Scene, fault: Fault) -> None:
    _host(scene, fault).resume()


def _start(scene: Scene, fault: Fault) -> None:
    _host(scene, fault).start()


KINDS: Mapping[str, Kind] = {
    "kill": Kind(lambda s, f: _host(s, f).kill(), _befell("kill"), _start, 6.0),
    "kill in a commit": _ambush(lambda host: host.kill, _start, "commit", "committing"),
    "kill in a publication": _ambush(lambda host: host.kill, _start, "publish", "publishing"),
    "pause": Kind(lambda s, f: _host(s, f).pause(), _befell("pause"), _resume, 7.0),
    "pause before a commit": _ambush(lambda host: host.pause, _resume, "commit"),
    "pause before a publication": _ambush(lambda host: host.pause, _resume, "publish"),
    "stop": Kind(lambda s, f: _host(s, f).stop(), _befell("stop"), _start, 4.0),
    "redis rollback": Kind(_rollback, _at("redis", "lost"), loses=True, longest_s=0.1),
    "redis failover": Kind(_redis(away="silent"), _at("redis", "away", "lost"), _failover, 3.0, True),
    "redis wiped": Kind(_wipe, _at("redis", "lost"), loses=True, longest_s=0.1),
    "redis refuses": Kind(_redis(away="refuses"), _at("redis", "away"), _redis(away=None)),
    "redis silent": Kind(_redis(away="silent"), _at("redis", "away"), _redis(away=None), 12.0),
    "redis full": Kind(_full(True), lambda s, _f: s.servers.redis.engine.refused, _full(False)),
    "redis slow": Kind(_network("redis", slow_s=0.5), _at("redis", "slow"), _network("redis", slow_s=0.0)),
    "redis flaky": Kind(_network("redis", flaky=SHARE_OF_FATES), _at("redis", "flaky"), _network("redis", flaky=0.0)),
    "redis cut off": _cut("redis"),
    "broker away": Kind(_broker_away(True), _at("broker", "away", "another leader"), _broker_away(False)),
    "broker fails over": Kind(
        lambda s, _f: s.servers.broker.fail_over(), _at("broker", "another leader"), longest_s=0.1
    ),
    "broker slow": Kind(_network("broker", slow_s=0.5), _at("broker", "slow"), _network("broker", slow_s=0.0)),
    "broker flaky": Kind(
        _network("broker", flaky=SHARE_OF_FATES), _at("broker", "flaky"), _network("broker", flaky=0.0)
    ),
    "broker cut off": _cut("broker"),
    "member expelled": Kind(lambda s, _f: s.servers.group.expel_someone(), _at("broker", "expelled"), longest_s=0.1),
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
    """Begin and end one fault at its time. It struck where somebody met it; one meeting counts for all of a kind at a time."""
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
