"""A provider of places on this machine: a real HTTP server that behaves as a test asks it to."""

import json
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

TRASTEVERE: dict[str, object] = {
    "display_name": "Trastevere, Rome, Italy",
    "lat": "41.8868",
    "lon": "12.4692",
    "address": {
        "suburb": "Trastevere",
        "city": "Rome",
        "county": "Roma Capitale",
        "ISO3166-2-lvl4": "IT-62",
        "state": "Lazio",
        "country": "Italy",
        "country_code": "it",
    },
}
NOTHING: dict[str, object] = {"error": "Unable to geocode"}


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as the server has received it."""

    at: float
    path: str
    values: Mapping[str, str]
    headers: Message

    @property
    def point(self) -> tuple[str, str]:
        """Latitude and longitude, as they were sent."""
        return self.values["lat"], self.values["lon"]


Behaviour = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class ProviderServer:
    """What it does, and what it has seen."""

    port: int = 0
    behave: Behaviour = lambda handler: reply(handler, TRASTEVERE)
    seen: list[Seen] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def provider_server(tls: ssl.SSLContext | None = None) -> Iterator[ProviderServer]:
    """Serve until the block ends."""
    state = ProviderServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            values = {name: texts[0] for name, texts in parse_qs(parts.query).items()}
            state.seen.append(Seen(time.monotonic(), parts.path, values, self.headers))
            self.close_connection = True
            try:
                state.behave(self)
            except OSError:
                return  # the client has hung up, which is what some tests want

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its name there
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing of a client that has hung up."""

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    state.port = server.server_port
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def reply(
    handler: BaseHTTPRequestHandler,
    body: object,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Answer with JSON, or with bytes as they are."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    handler.send_response(status)
    for name, value in (headers or {}).items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


def replying(
    body: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Behaviour:
    """The behaviour that always answers so."""
    return lambda handler: reply(handler, body, status, headers)


def dripping(seconds: float) -> Behaviour:
    """Sends a valid body, a byte each so many seconds: no single read takes long."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        content = json.dumps(TRASTEVERE).encode()
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        for byte in content:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(seconds)

    return behave


def dripping_headers(seconds: float) -> Behaviour:
    """Never comes to the end of its headers."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(1000):
            handler.wfile.write(f"X-{number}: a\r\n".encode())
            handler.wfile.flush()
            time.sleep(seconds)

    return behave


def silent(seconds: float, then: object = TRASTEVERE) -> Behaviour:
    """Takes the request, says nothing for so long, and answers then."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(seconds)
        reply(handler, then)

    return behave
