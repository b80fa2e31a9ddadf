"""Workers of a place that reach its broker and its Redis through proxies; whoever watches goes there straight."""

from contextlib import AbstractContextManager, ExitStack
from types import TracebackType

from ebbtide.embedded.server import HOST, free_port
from tests.soak.place import Place
from tests.support.kafka_broker import behind_a_proxy
from tests.support.proxy import Proxy
from tests.support.world import World


class Between(AbstractContextManager["Between"]):
    """Needs Apache Kafka: the embedded broker tells everybody of one address only. The broker is started anew."""

    def __init__(self, place: Place) -> None:
        behind = free_port()
        with ExitStack() as stack:
            self.to_redis = stack.enter_context(Proxy(place.redis.port))
            self.to_kafka = stack.enter_context(Proxy(behind))
            place.broker.stop()
            place.broker.start(*behind_a_proxy(behind, self.to_kafka.port))
            logs = place.folder / "behind-proxies"
            logs.mkdir()
            redis_url = f"redis://{HOST}:{self.to_redis.port}/0"
            self.world = World(f"{HOST}:{self.to_kafka.port}", redis_url, logs, place.world.topics.prefix)
            stack.callback(self.world.close)
            self._stack = stack.pop_all()

    def log(self) -> bytes:
        """What the workers have said."""
        return b"".join(file.read_bytes() for file in sorted(self.world.logs.glob("*.log")))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
