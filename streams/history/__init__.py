"""Files as events: replayed through the pipeline, or sent into Kafka."""
