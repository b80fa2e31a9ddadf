"""Kafka in and out: decode, the one loop, relay, timers, replay."""
