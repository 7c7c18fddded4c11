"""The health check of a container, against a real server."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bot.healthcheck import DEFAULT, is_alive
from bot.settings import Settings


@pytest.fixture(params=[200, 503])
def server(request: pytest.FixtureRequest) -> Iterator[tuple[HTTPServer, int]]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(request.param if self.path == "/livez" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answers) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield listening, request.param
        listening.shutdown()
        thread.join()


def test_it_is_alive_where_livez_says_so(server: tuple[HTTPServer, int]) -> None:
    listening, status = server
    for host in ("127.0.0.1", "0.0.0.0", "localhost"):  # noqa: S104 - asked, not bound
        assert is_alive(f"{host}:{listening.server_port}") == (status == 200)


def test_it_is_not_where_nobody_listens() -> None:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as listening:
        port = listening.server_port
    assert not is_alive(f"127.0.0.1:{port}")
    assert not is_alive(f"[::1]:{port}")


def test_without_an_address_nobody_knows() -> None:
    assert is_alive("")


def test_it_asks_where_mooring_listens_by_default() -> None:
    assert Settings.model_fields["http_bind"].default == DEFAULT
