"""Kafka in and out: records to the lanes, changes, refusals and forwards back, topics, lag."""
