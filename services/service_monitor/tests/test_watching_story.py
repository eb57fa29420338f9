"""The story of a service that dies, told by the real service-monitor as a process."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from photo_factory.database import Connection
from photo_factory.heartbeat import Heartbeat, Status
from photo_factory.overview import ServiceState, read_overview
from pytest_bdd import given, parsers, scenarios, then, when

pytestmark = pytest.mark.integration
scenarios("features/watching.feature")

PATIENCE_SECONDS = 20.0


@dataclass
class Running:
    """service-monitor as a process, and the file that its log goes to."""

    process: subprocess.Popen[bytes]
    log: Path

    def events(self) -> list[str]:
        """The names of all events logged so far."""
        return [json.loads(line)["event"] for line in self.log.read_text().splitlines()]


def wait_until(is_true: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if is_true():
            return True
        time.sleep(0.05)
    return False


def service(connection: Connection, name: str) -> ServiceState:
    return next(one for one in read_overview(connection).services if one.service == name)


@pytest.fixture
def heartbeat() -> Heartbeat:
    return Heartbeat("librarian", "here", interval_seconds=60)


@given("a librarian that has sent its heartbeat")
def _(connection: Connection, heartbeat: Heartbeat) -> None:
    heartbeat.beat(connection, Status("healthy"))


@given("service-monitor is running", target_fixture="running")
def _(connection: Connection, database_url: str, tmp_path: Path) -> Iterator[Running]:
    (tmp_path / "library").mkdir()
    log = tmp_path / "log"
    environment = {
        **os.environ,
        "PF_DATA_DIR": str(tmp_path),
        "PF_DATABASE_URL": database_url,
        "PF_MONITOR_SECONDS": "0.1",
        "PF_HEARTBEAT_SECONDS": "1",
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "service_monitor"], stdout=output, env=environment
        )
    assert wait_until(lambda: service(connection, "service-monitor").status == "healthy")
    yield Running(process, log)
    process.kill()
    process.wait()


@when("the librarian dies without a word")
def _(connection: Connection) -> None:
    connection.execute(
        "UPDATE system_status SET last_seen_at = now() - interval '301 seconds' "
        "WHERE service = 'librarian'"
    )


@when("the librarian sends its heartbeat again")
def _(connection: Connection, heartbeat: Heartbeat) -> None:
    heartbeat.beat(connection, Status("healthy"))


@when("service-monitor is asked to stop")
def _(running: Running) -> None:
    running.process.terminate()


@then("the picture shows the librarian as down")
def _(connection: Connection) -> None:
    assert service(connection, "librarian").status == "down"


@then(parsers.re(r'service-monitor says "(?P<message>.*)"'))
def _(connection: Connection, message: str) -> None:
    assert wait_until(lambda: service(connection, "service-monitor").message == message)


@then(parsers.parse('service-monitor has logged "{event}" once'))
def _(running: Running, event: str) -> None:
    assert wait_until(lambda: event in running.events())
    assert running.events().count(event) == 1


@then("the picture shows PostgreSQL and the disk of the library")
def _(connection: Connection) -> None:
    overview = read_overview(connection)
    assert overview.database is not None
    assert overview.database.details["round_trip_ms"] > 0
    library = next(volume for volume in overview.volumes if volume.instance == "library")
    assert library.details["free_bytes"] > 0


@then("it ends with exit code 0 and has said goodbye")
def _(running: Running, connection: Connection) -> None:
    assert running.process.wait(timeout=PATIENCE_SECONDS) == 0
    assert service(connection, "service-monitor").status == "stopped"
