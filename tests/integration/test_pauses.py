"""Services that a person lets rest: they finish what they have begun, and later go on."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from asset_rows import insert_assets
from photo_factory.database import Connection
from photo_factory.pauses import pause, resume
from photo_factory.pulse import Pulse
from photo_factory.settings import Settings
from photo_factory.worker import StageLoop
from sample_stages import STAGE

pytestmark = pytest.mark.integration
SUPPORT = Path(__file__).parents[1] / "support"
SLOW = [f"slow-{number}" for number in range(8)]
"""A second each, for two children."""


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(data_dir=tmp_path, database_url=database_url, grace_seconds=10)


@pytest.fixture
def pulse() -> Pulse:
    return Pulse()


@pytest.fixture
def loop(settings: Settings, pulse: Pulse, connection: Connection) -> Iterator[StageLoop[str]]:
    loop = StageLoop(STAGE, settings, pulse)
    yield loop
    loop.close(connection)


@pytest.fixture
def start(settings: Settings, database_url: str) -> Iterator[Callable[[str], None]]:
    """Start a service of tests/support as a process."""
    started: list[subprocess.Popen[bytes]] = []

    def run(script: str) -> None:
        environment = {
            **os.environ,
            "PF_DATA_DIR": str(settings.data),
            "PF_DATABASE_URL": database_url,
            "PF_POLL_SECONDS": "60",
            "PF_HEALTH_FILE": str(settings.data / "health"),
            "PYTHONPATH": str(SUPPORT),
        }
        started.append(subprocess.Popen([sys.executable, SUPPORT / script], env=environment))

    yield run
    for process in started:
        process.terminate()
        process.wait(20)


def wait_until(is_met: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not is_met():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def turn_until(
    loop: StageLoop[str], connection: Connection, is_met: Callable[[], bool], seconds: float = 30
) -> None:
    deadline = time.monotonic() + seconds
    while not is_met():
        assert time.monotonic() < deadline
        loop.turn(connection)
        time.sleep(0.02)


def work(connection: Connection) -> list[tuple[Any, ...]]:
    """State and attempts of all that is left."""
    return connection.execute("SELECT state, attempts FROM stage_work ORDER BY asset_id").fetchall()


def done(connection: Connection) -> int:
    row = connection.execute("SELECT count(*) FROM media_assets WHERE is_thumbnailed").fetchone()
    assert row is not None
    return int(row[0])


def heartbeat(connection: Connection, service: str = "thumbnailer") -> tuple[Any, ...]:
    row = connection.execute(
        "SELECT status, message, items_in_hand FROM system_status WHERE service = %s", [service]
    ).fetchone()
    return row or ("none", "", 0)


def test_a_paused_worker_claims_nothing_and_does_not_spin(
    loop: StageLoop[str], pulse: Pulse, connection: Connection, settings: Settings
) -> None:
    """Work that is due would else call for the next turn at once."""
    insert_assets(connection, ["good-1"])
    pulse.is_paused = True
    assert loop.turn(connection) == settings.poll_seconds
    assert work(connection) == [("ready", 0)]
    pulse.is_paused = False
    turn_until(loop, connection, lambda: done(connection) == 1)


def test_what_has_begun_is_finished_and_the_rest_given_back(
    loop: StageLoop[str], pulse: Pulse, connection: Connection
) -> None:
    insert_assets(connection, SLOW)
    turn_until(loop, connection, lambda: done(connection) > 0)
    pulse.is_paused = True
    turn_until(loop, connection, lambda: loop.status().items_in_hand == 0)
    left = work(connection)
    assert 0 < len(left) < len(SLOW)
    assert left == [("ready", 0)] * len(left)
    assert done(connection) == len(SLOW) - len(left)
    pulse.is_paused = False
    turn_until(loop, connection, lambda: done(connection) == len(SLOW))
    assert work(connection) == []


def test_the_leases_of_what_is_being_finished_are_kept(
    loop: StageLoop[str], pulse: Pulse, connection: Connection, settings: Settings
) -> None:
    """The file that hangs is in hand for longer than its lease would last."""
    insert_assets(connection, ["hang-1"])
    scratch = settings.derivatives / ".scratch"  # a child that begins makes its folder there
    turn_until(loop, connection, lambda: any(scratch.glob("*/*")))
    pulse.is_paused = True
    end = time.monotonic() + STAGE.lease_seconds + 0.5
    while time.monotonic() < end:
        loop.turn(connection)
        time.sleep(0.05)
        row = connection.execute("SELECT state, run_at > now() FROM stage_work").fetchone()
        assert row == ("leased", True)


def test_a_service_rests_and_goes_on_at_a_word(
    start: Callable[[str], None], connection: Connection, settings: Settings
) -> None:
    """It polls once a minute; the notice is what it hears at once."""
    insert_assets(connection, SLOW)
    start("sample_stages.py")
    wait_until(lambda: done(connection) > 0)
    pause(connection, "thumbnailer", "anna")
    wait_until(lambda: heartbeat(connection)[0] == "paused", 10)
    message = heartbeat(connection)[1]
    assert message.startswith("Paused by anna since ")
    assert message.endswith("; resume with photo-factory resume thumbnailer.")
    wait_until(lambda: {state for state, _ in work(connection)} == {"ready"}, 10)
    rested = done(connection)
    (settings.data / "health").unlink()
    connection.execute("NOTIFY stage_work")  # new photos come in meanwhile
    wait_until((settings.data / "health").exists, 10)
    time.sleep(1.5)
    assert done(connection) == rested < len(SLOW)
    resume(connection, "thumbnailer")
    wait_until(lambda: heartbeat(connection)[0] == "healthy", 10)
    wait_until(lambda: done(connection) == len(SLOW))


def test_a_pause_outlives_a_restart(start: Callable[[str], None], connection: Connection) -> None:
    pause(connection, "thumbnailer", "anna")
    insert_assets(connection, ["good-1"])
    start("sample_stages.py")
    wait_until(lambda: heartbeat(connection)[0] == "paused")
    time.sleep(0.5)
    assert work(connection) == [("ready", 0)]


def test_long_work_hears_of_a_pause_before_its_end(
    start: Callable[[str], None], connection: Connection
) -> None:
    start("long_turn.py")
    wait_until(lambda: heartbeat(connection, "librarian")[0] == "healthy")
    pause(connection, "librarian", "anna")
    wait_until(lambda: heartbeat(connection, "librarian")[0] == "stopped", 10)
    said = connection.execute("SELECT DISTINCT status FROM system_status_history").fetchall()
    assert {row[0] for row in said} == {"healthy", "paused", "stopped"}
