"""Numbers for Prometheus. Labels are partitions, steps and names of counters; never a customer."""

from collections import Counter as Tally
from collections.abc import Callable, Iterable
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server

from state.store import Commit
from streams.config import DRIFT_ALERTS
from streams.errors import StreamsError
from streams.lanes import Lane


class Metrics:
    """One worker's metrics, in a registry of their own."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        seconds = Counter("ebbtide_step_seconds", "Time in a step of the pipeline", ["step"], registry=registry)
        runs = Counter("ebbtide_step_runs", "Runs of a step of the pipeline", ["step"], registry=registry)
        # labels() takes longer than some of the steps
        self._step = cache(lambda step: (seconds.labels(step), runs.labels(step)))
        self._events = Gauge(
            "ebbtide_events", "Counters of the owned buckets", ["partition", "name"], registry=registry
        )
        alerts = Counter("ebbtide_drift_alerts", "Drift alerts told, by kind", ["kind"], registry=registry)
        self._alerts = cache(lambda ce_type: alerts.labels(ce_type.decode().removeprefix("drift.")))
        self._lag = Gauge("ebbtide_lag_records", "Records not applied yet", ["partition"], registry=registry)
        self._relay = Gauge("ebbtide_relay_waiting", "Messages committed, not yet published", registry=registry)
        self._waiting = Gauge("ebbtide_waiting", "1 while a server does not answer", registry=registry)

    def serve(self, host: str, port: int) -> Callable[[], None]:
        """Open the port for a scraper; gives what closes it again. Raises StreamsError where it cannot be had."""
        try:
            server, thread = start_http_server(port, host, self.registry)
        except OSError as error:
            raise StreamsError(
                f"EBBTIDE_METRICS={host}:{port} cannot be listened on ({error.strerror}): stop what listens there, or choose "
                "another; each worker of a host needs its own."
            ) from error

        def close() -> None:
            server.shutdown()
            server.server_close()
            thread.join()

        return close

    def observe(self, step: str, seconds: float) -> None:
        """One run of a step."""
        total, runs = self._step(step)
        total.inc(seconds)
        runs.inc()

    def told(self, commit: Commit) -> None:
        """One bucket's messages on their way to the broker."""
        kinds = Tally(dict(entry.headers)["ce_type"] for entry in commit.outbox if entry.topic == DRIFT_ALERTS)
        for ce_type, count in kinds.items():
            self._alerts(ce_type).inc(count)

    def refresh(
        self, lanes: Iterable[Lane], lag: Callable[[Lane], int | None], relaying: int, waiting: str | None
    ) -> None:
        """What is read off, about once a second."""
        self._events.clear()  # partitions that went to another worker
        self._lag.clear()
        for lane in lanes:
            number = str(lane.owned.number)
            totals: Tally[str] = Tally()
            for head in lane.owned.heads.values():
                totals.update(head.counters)
            for name, total in totals.items():
                self._events.labels(number, name).set(total)
            if (left := lag(lane)) is not None:
                self._lag.labels(number).set(left)
        self._relay.set(relaying)
        self._waiting.set(waiting is not None)
