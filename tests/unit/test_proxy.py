"""The proxy that faults are made with does what it says: else scenarios would be clean because nothing befell them."""

import socket
import socketserver
import threading
import time
from collections.abc import Iterator

import pytest

from ebbtide.embedded.server import HOST
from tests.support.proxy import Proxy


class Echo(socketserver.BaseRequestHandler):
    """Says everything again, and `bye` once it is told that no more comes."""

    def handle(self) -> None:
        try:
            while data := self.request.recv(1000):
                self.request.sendall(data)
            self.request.sendall(b"bye")
        except ConnectionError:
            pass


@pytest.fixture
def way() -> Iterator[Proxy]:
    with socketserver.ThreadingTCPServer((HOST, 0), Echo) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=[0.02])
        thread.start()
        with Proxy(server.server_address[1]) as proxy:
            yield proxy
        server.shutdown()
        thread.join()


def connect(way: Proxy) -> socket.socket:
    return socket.create_connection((HOST, way.port), 5)


def answer(line: socket.socket, words: bytes) -> bytes:
    line.sendall(words)
    return line.recv(1000)


def test_it_passes_on_what_both_sides_say_and_that_they_have_ended(way: Proxy) -> None:
    with connect(way) as line:
        assert answer(line, b"one") == b"one"
        line.shutdown(socket.SHUT_WR)
        assert (line.recv(1000), line.recv(1000)) == (b"bye", b"")
    assert way.cuts == 0


def test_a_cut_resets_connections_and_others_may_come(way: Proxy) -> None:
    with connect(way) as line, connect(way) as other:
        assert answer(line, b"one") == answer(other, b"one")
        assert way.cut() == 2
        for cut in (line, other):
            with pytest.raises(ConnectionResetError):
                cut.recv(1000)
    with connect(way) as line:
        assert answer(line, b"two") == b"two"


def test_a_cut_may_come_in_the_middle_of_a_message(way: Proxy) -> None:
    way.cut_after(13)
    with connect(way) as line:
        assert answer(line, b"0123456789") == b"012"
        with pytest.raises(ConnectionResetError):
            line.recv(1000)
    with connect(way) as line:
        assert answer(line, b"0123456789") == b"0123456789"


def test_refused_connections_are_taken_again_on_the_same_port(way: Proxy) -> None:
    with connect(way) as line:
        assert answer(line, b"one") == b"one"
        way.refuse()
        with pytest.raises(ConnectionRefusedError):
            connect(way)
        assert answer(line, b"two") == b"two"
    way.accept()
    with connect(way) as line:
        assert answer(line, b"three") == b"three"


def test_each_direction_has_a_delay_of_its_own(way: Proxy) -> None:
    with connect(way) as line:
        for delays, least_s in [({"up_s": 0.2}, 0.2), ({"down_s": 0.1}, 0.1), ({"up_s": 0.2, "down_s": 0.1}, 0.3)]:
            way.delay(**delays)
            began = time.monotonic()
            assert answer(line, b"one") == b"one"
            assert least_s <= time.monotonic() - began < least_s + 0.1


@pytest.mark.parametrize("held", [["up"], ["down"], []])
def test_what_a_black_hole_swallowed_comes_when_it_is_over(way: Proxy, held: list[str]) -> None:
    with connect(way) as line:
        assert answer(line, b"one") == b"one"
        way.hold(*held)  # type: ignore[arg-type]
        line.settimeout(0.1)
        with pytest.raises(TimeoutError):
            answer(line, b"two")
        line.settimeout(5)
        way.release()
        assert line.recv(1000) == b"two"


def test_half_closed_upwards_the_server_may_still_speak(way: Proxy) -> None:
    with connect(way) as line:
        assert answer(line, b"one") == b"one"
        assert way.half_close("up") == 1
        assert (line.recv(1000), line.recv(1000)) == (b"bye", b"")


def test_half_closed_downwards_the_client_hears_no_more(way: Proxy) -> None:
    with connect(way) as line:
        assert answer(line, b"one") == b"one"
        way.half_close("down")
        assert line.recv(1000) == b""
        line.sendall(b"still heard by the server")
