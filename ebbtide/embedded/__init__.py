"""A Kafka-protocol broker and a Redis-protocol server from wheels: loopback only, in memory, gone with their parent."""

from ebbtide.embedded.broker import start_broker
from ebbtide.embedded.redis import start_redis
from ebbtide.embedded.server import Server

__all__ = ["Server", "start_broker", "start_redis"]
