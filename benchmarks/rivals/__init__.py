"""What else does such work: Quix Streams, Bytewax and Kafka Streams, on the same broker and log as the worker.

They are installed for the benchmark alone: Python ones into .venv-rivals, Kafka Streams through Maven.
"""
