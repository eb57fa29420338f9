"""The dashboard as a process: start, port taken, stop."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from dashboard.server import listen
from photo_factory.database import Connection

pytestmark = pytest.mark.integration
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def start(port: int, tmp_path: Path) -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def run(**environment: str) -> subprocess.Popen[str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("PF_")}
        own |= {"PF_DATA_DIR": str(tmp_path), "PF_DASHBOARD_PORT": str(port)} | environment
        process = subprocess.Popen(
            [sys.executable, "-m", "dashboard"],
            env=own,
            cwd=tmp_path,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def ask(port: int, path: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path, headers=headers or {})
    response = connection.getresponse()
    answer = response.status, response.read().decode()
    connection.close()
    return answer


def wait_until_served(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            ask(port, "/_stcore/health")
        except OSError:
            assert time.monotonic() < deadline, "the dashboard did not come up"
            time.sleep(0.1)
        else:
            return


def test_it_starts_shows_life_and_stops_cleanly(
    start: Start, port: int, database_url: str, connection: Connection, tmp_path: Path
) -> None:
    health_file = tmp_path / "health"
    process = start(PF_DATABASE_URL=database_url, PF_HEALTH_FILE=str(health_file))
    wait_until_served(port)
    status, page = ask(port, "/")
    assert status == 200
    assert "<html" in page
    assert health_file.exists()
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=10)
    assert process.returncode == 0, output
    assert "Traceback" not in output
    row = connection.execute("SELECT status FROM system_status WHERE service = 'dashboard'")
    assert row.fetchone() == ("stopped",)
    left = {path.name for path in tmp_path.iterdir()} - {"health"}
    assert not left, "it writes nothing beside the health file"


def test_it_serves_while_the_database_is_away(start: Start, port: int) -> None:
    nobody = "postgresql://nobody@127.0.0.1:1/none"
    process = start(PF_DATABASE_URL=nobody)
    wait_until_served(port)
    assert ask(port, "/thumb/1")[0] == 503
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=10)
    assert process.returncode == 0, output
    assert output.count("the database cannot answer") == 1


def test_a_port_that_is_taken_is_said_in_one_line(
    start: Start, port: int, database_url: str
) -> None:
    with listen("127.0.0.1", port):
        process = start(PF_DATABASE_URL=database_url)
        output, _ = process.communicate(timeout=20)
    assert process.returncode == 2
    assert f"port {port} of 127.0.0.1 is taken" in output
    assert len(output.strip().splitlines()) == 1


def test_without_a_database_it_says_what_to_set(start: Start) -> None:
    process = start()
    output, _ = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "PF_DATABASE_URL" in output


def test_another_sites_page_cannot_connect(start: Start, port: int, database_url: str) -> None:
    """Refused before Streamlit would ask the internet for this machine's address."""
    start(PF_DATABASE_URL=database_url)
    wait_until_served(port)
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Origin": "http://evil.example",
    }
    begun = time.monotonic()
    assert ask(port, "/_stcore/stream", upgrade)[0] == 403
    assert time.monotonic() - begun < 1
