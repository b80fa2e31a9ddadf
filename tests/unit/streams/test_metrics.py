"""The port for Prometheus."""

import socket
from urllib.request import urlopen

import pytest

from ebbtide.embedded.server import free_port
from streams.errors import StreamsError
from streams.metrics import Metrics


def test_the_port_is_open_until_it_is_closed() -> None:
    port = free_port()
    close = Metrics().serve("127.0.0.1", port)
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        assert b"ebbtide_relay_waiting 0.0" in answer.read()
    close()
    with pytest.raises(OSError, match="refused"):
        urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10)


def test_a_port_that_is_taken_is_one_line_that_says_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StreamsError, match=rf"^EBBTIDE_METRICS=127\.0\.0\.1:{port} .*each worker of a host"):
            Metrics().serve("127.0.0.1", port)
