"""The memory: Redis keys, the atomic commit, outbox, deadlines."""
