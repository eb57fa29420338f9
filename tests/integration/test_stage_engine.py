"""The worker loop on a real PostgreSQL and with real child processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from asset_rows import insert_assets
from photo_factory.database import Connection, connect
from photo_factory.pulse import Pulse
from photo_factory.queue import Failure, StageQueue
from photo_factory.roots import ensure_root
from photo_factory.settings import Settings
from photo_factory.stage import Stage
from photo_factory.worker import StageLoop
from sample_stages import CHUNKED, STAGE

pytestmark = pytest.mark.integration
SUPPORT = Path(__file__).parents[1] / "support"


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(data_dir=tmp_path, database_url=database_url, grace_seconds=10)


@pytest.fixture
def start_loop(
    settings: Settings, connection: Connection
) -> Iterator[Callable[..., StageLoop[str]]]:
    loops: list[StageLoop[str]] = []

    def start(stage: Stage[str] = STAGE) -> StageLoop[str]:
        loops.append(StageLoop(stage, settings, Pulse()))
        return loops[-1]

    yield start
    for loop in loops:
        loop.close(connection)


def run_until(
    loop: StageLoop[str], connection: Connection, is_met: Callable[[], bool], seconds: float = 30
) -> None:
    deadline = time.monotonic() + seconds
    while not is_met():
        assert time.monotonic() < deadline, states(connection)
        loop.turn(connection)
        time.sleep(0.02)


def states(connection: Connection) -> dict[str, tuple[Any, ...]]:
    rows = connection.execute(
        "SELECT a.original_name, w.state, w.error_code, w.attempts, w.failures, w.error_message "
        "FROM stage_work w JOIN media_assets a ON a.id = w.asset_id WHERE w.stage = 'thumbnailer'"
    )
    return {row[0]: row[1:] for row in rows}


def flagged(connection: Connection) -> set[str]:
    rows = connection.execute("SELECT original_name FROM media_assets WHERE is_thumbnailed")
    return {row[0] for row in rows}


def settled(connection: Connection) -> bool:
    return all(state[0] in {"dead", "skipped"} for state in states(connection).values())


def test_every_outcome_ends_where_it_belongs(
    start_loop: Callable[..., StageLoop[str]], connection: Connection, settings: Settings
) -> None:
    """Good files are done; each bad one ends alone, with its code, and stops nothing."""
    good = [f"good-{number}.jpg" for number in range(20)]
    bad = [
        "permanent-1",
        "transient-1",
        "bug-1",
        "crash-1",
        "hang-1",
        "skip-1",
        "poison-1",
        "unreadable-1",
    ]
    insert_assets(connection, [*good[:10], *bad, *good[10:]])
    run_until(start_loop(), connection, lambda: settled(connection), 90)

    assert flagged(connection) == set(good)
    found = {name: state[:2] for name, state in states(connection).items()}
    assert found == {
        "permanent-1": ("dead", "codec_unsupported"),
        "transient-1": ("dead", "share_away"),
        "bug-1": ("dead", "bug"),
        "crash-1": ("dead", "process_crashed"),
        "hang-1": ("dead", "time_limit_exceeded"),
        "poison-1": ("dead", "bug"),
        "skip-1": ("skipped", None),
        "unreadable-1": ("dead", "original_unreadable"),
    }
    assert states(connection)["permanent-1"][3] == 1
    assert states(connection)["transient-1"][3] == 3
    assert "division by a cat" in states(connection)["bug-1"][4]
    made = {path.stem for path in (settings.derivatives / "thumb").iterdir()}
    recorded = connection.execute("SELECT lens FROM media_assets WHERE is_thumbnailed").fetchall()
    assert made == {row[0] for row in recorded}


def test_only_the_guilty_file_of_a_chunk_is_blamed(
    start_loop: Callable[..., StageLoop[str]], connection: Connection
) -> None:
    insert_assets(connection, ["good-1", "crash-1", "good-2", "good-3"])
    run_until(start_loop(CHUNKED), connection, lambda: settled(connection), 60)
    assert flagged(connection) == {"good-1", "good-2", "good-3"}
    assert states(connection)["crash-1"][:2] == ("dead", "process_crashed")


def test_two_workers_never_hold_the_same_asset(connection: Connection) -> None:
    insert_assets(connection, [f"good-{number}" for number in range(50)])
    first, second = StageQueue(STAGE, uuid4()), StageQueue(STAGE, uuid4())
    one = {claim.asset.id for claim in first.claim(connection, 30)}
    two = {claim.asset.id for claim in second.claim(connection, 30)}
    assert (len(one), len(two)) == (30, 20)
    assert not one & two


def test_a_worker_that_lost_its_lease_cannot_record(connection: Connection) -> None:
    """Fencing: the late worker's renewal, completion and failure all hit nothing."""
    insert_assets(connection, ["good-1"])
    late, new = StageQueue(STAGE, uuid4()), StageQueue(STAGE, uuid4())
    (lost,) = late.claim(connection, 1)
    connection.execute("UPDATE stage_work SET run_at = now()")
    (won,) = new.claim(connection, 1)
    assert late.renew(connection, [lost]) == set()
    with connection.transaction(), connection.cursor() as cursor:
        assert late.hold(cursor, [lost]) == set()
        late.fail(cursor, lost, Failure("permanent", "late", "too late"))
    assert states(connection)["good-1"][:2] == ("leased", None)
    assert new.renew(connection, [won]) == {won.asset.id}


def test_releasing_gives_the_attempt_back(connection: Connection) -> None:
    insert_assets(connection, ["good-1"])
    queue = StageQueue(STAGE, uuid4())
    queue.release(connection, queue.claim(connection, 1))
    assert states(connection)["good-1"][:4] == ("ready", None, 0, 0)


def test_an_asset_that_kills_its_workers_is_set_aside(connection: Connection) -> None:
    insert_assets(connection, ["good-1"])
    queue = StageQueue(STAGE, uuid4())
    for _ in range(STAGE.retry.max_attempts):
        assert len(queue.claim(connection, 1)) == 1
        connection.execute("UPDATE stage_work SET run_at = now()")
    assert queue.claim(connection, 1) == []
    assert queue.bury(connection) == 1
    assert states(connection)["good-1"][:2] == ("dead", "worker_died")


def test_work_that_was_never_queued_is_found_from_the_flags(connection: Connection) -> None:
    insert_assets(connection, ["good-1"])
    connection.execute("DELETE FROM stage_work")
    queue = StageQueue(STAGE, uuid4())
    assert queue.feed(connection) == 1
    assert queue.feed(connection) == 0


class Service:
    """A worker in a process of its own."""

    def __init__(self, settings: Settings, database_url: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, SUPPORT / "sample_stages.py"],
            env={
                **os.environ,
                "PF_DATA_DIR": str(settings.data),
                "PF_DATABASE_URL": database_url,
                "PF_POLL_SECONDS": "30",
                "PF_GRACE_SECONDS": "10",
                "PYTHONPATH": str(SUPPORT),
            },
        )

    def stop(self, signal_number: int = signal.SIGTERM) -> int:
        """Send a signal and wait; returns the exit code."""
        self.process.send_signal(signal_number)
        return self.process.wait(20)


@pytest.fixture
def start_service(settings: Settings, database_url: str) -> Iterator[Callable[[], Service]]:
    started: list[Service] = []

    def start() -> Service:
        started.append(Service(settings, database_url))
        return started[-1]

    yield start
    for service in started:
        if service.process.poll() is None:
            service.stop(signal.SIGKILL)


def wait_until(is_met: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not is_met():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def status(connection: Connection) -> str | None:
    row = connection.execute(
        "SELECT status FROM system_status WHERE service = 'thumbnailer'"
    ).fetchone()
    return None if row is None else row[0]


def test_a_notice_wakes_a_worker_that_polls_every_half_minute(
    start_service: Callable[[], Service], connection: Connection
) -> None:
    start_service()
    wait_until(lambda: status(connection) == "healthy")
    time.sleep(0.5)
    insert_assets(connection, ["good-1"])
    connection.execute("NOTIFY stage_work")
    wait_until(lambda: flagged(connection) == {"good-1"}, 10)
    assert flagged(connection) == {"good-1"}


def test_sigterm_finishes_what_has_begun_and_gives_back_the_rest(
    start_service: Callable[[], Service], connection: Connection
) -> None:
    insert_assets(connection, [f"slow-{number}" for number in range(8)])
    service = start_service()
    wait_until(lambda: any(state[0] == "leased" for state in states(connection).values()))
    time.sleep(1.0)
    assert service.stop() == 0
    left = states(connection).values()
    assert len(left) + len(flagged(connection)) == 8
    assert {state[0] for state in left} == {"ready"}
    assert {state[2] for state in left} == {0}
    assert status(connection) == "stopped"


def test_a_killed_worker_loses_and_doubles_nothing(
    start_service: Callable[[], Service], connection: Connection, settings: Settings
) -> None:
    """After SIGKILL its leases run out and another worker does the rest; no child survives."""
    insert_assets(connection, [f"slow-{number}" for number in range(6)])
    service = start_service()
    wait_until(lambda: any(state[0] == "leased" for state in states(connection).values()))
    time.sleep(0.8)
    service.stop(signal.SIGKILL)
    start_service()
    wait_until(lambda: len(flagged(connection)) == 6)
    assert states(connection) == {}
    assert len(list((settings.derivatives / "thumb").iterdir())) == 6


def test_a_worker_survives_the_loss_of_its_connection(
    start_service: Callable[[], Service], connection: Connection
) -> None:
    insert_assets(connection, [f"slow-{number}" for number in range(6)])
    start_service()
    wait_until(lambda: any(state[0] == "leased" for state in states(connection).values()))
    for _ in range(5):
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'photo-factory thumbnailer'"
        )
        time.sleep(0.3)
    wait_until(lambda: len(flagged(connection)) == 6)
    assert states(connection) == {}


def test_a_statement_may_not_wait_for_ever_for_a_lock(database_url: str) -> None:
    with connect(database_url, "one") as one, connect(database_url, "two") as two:
        one.execute("BEGIN")
        one.execute("LOCK TABLE stage_work")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            two.execute("SELECT 1 FROM stage_work")


@pytest.mark.parametrize("root", ["library", "derivatives"])
def test_a_share_that_went_away_pauses_the_stage(
    start_loop: Callable[..., StageLoop[str]],
    connection: Connection,
    settings: Settings,
    root: str,
) -> None:
    """Its empty mount point has no marker: nothing is claimed, read or written."""
    ensure_root(connection, "library", settings.library)
    loop = start_loop()
    loop.turn(connection)
    folder: Path = getattr(settings, root)
    folder.rename(folder.with_name("unmounted"))
    folder.mkdir()
    insert_assets(connection, ["good-1"])
    loop.turn(connection)
    assert loop.status().state == "paused"
    assert states(connection)["good-1"][:4] == ("ready", None, 0, 0)
    assert list(folder.iterdir()) == []

    folder.rmdir()
    folder.with_name("unmounted").rename(folder)
    run_until(loop, connection, lambda: flagged(connection) == {"good-1"})
    assert loop.status().state == "healthy"
