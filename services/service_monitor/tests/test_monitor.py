"""A turn of the monitor leaves in PostgreSQL what it saw, and clears away what is old."""

from pathlib import Path

import pytest
from photo_factory.database import Connection
from photo_factory.heartbeat import Heartbeat, Status
from photo_factory.overview import read_overview
from photo_factory.pulse import Pulse
from psycopg import sql
from service_monitor.monitor import PRUNE_SECONDS, Monitor
from service_monitor.queries import BATCH_ROWS
from service_monitor.settings import MonitorSettings

pytestmark = pytest.mark.integration


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        """The seconds that this clock shows."""
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def monitor(tmp_path: Path, clock: Clock) -> Monitor:
    for name in ("inbox", "library"):
        (tmp_path / name).mkdir()
    return Monitor(MonitorSettings(data_dir=tmp_path), Pulse(), clock)


def count(connection: Connection, table: str) -> int:
    """The number of rows of a table."""
    question = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
    row = connection.execute(question).fetchone()
    assert row is not None
    return int(row[0])


def test_a_turn_records_the_database_and_every_volume(
    connection: Connection, monitor: Monitor
) -> None:
    assert monitor.turn(connection) == 30
    overview = read_overview(connection)
    assert overview.database is not None
    assert overview.database.status == "healthy"
    assert overview.database.details["max_connections"] > 0
    assert overview.database.details["size_bytes"] > 0
    assert set(overview.database.details) == {
        "round_trip_ms",
        "connections",
        "max_connections",
        "size_bytes",
        "server_version",
        "oldest_transaction_seconds",
    }
    volumes = {volume.instance: volume for volume in overview.volumes}
    assert set(volumes) == {"inbox", "library", "derivatives", "data"}
    assert volumes["library"].details["total_bytes"] > 0
    assert volumes["derivatives"].status == "degraded"


def test_a_notice_of_new_work_is_no_reason_to_look_again(
    connection: Connection, monitor: Monitor, clock: Clock
) -> None:
    monitor.turn(connection)
    connection.execute("DELETE FROM system_status")
    clock.seconds += 10
    assert monitor.turn(connection) == 20
    assert count(connection, "system_status") == 0
    clock.seconds += 20
    monitor.turn(connection)
    assert count(connection, "system_status") == 5


def test_a_service_that_is_down_is_named_until_it_is_back(
    connection: Connection, monitor: Monitor, clock: Clock
) -> None:
    heartbeat = Heartbeat("librarian", "here", interval_seconds=10)
    heartbeat.beat(connection, Status("healthy"))
    connection.execute("UPDATE system_status SET last_seen_at = now() - interval '1 minute'")
    monitor.turn(connection)
    assert (monitor.status().state, monitor.status().message) == ("degraded", "librarian is down.")
    heartbeat.beat(connection, Status("healthy"))
    clock.seconds += 30
    monitor.turn(connection)
    assert (monitor.status().state, monitor.status().message) == ("healthy", "")


def test_old_history_is_cleared_in_batches_and_young_history_is_kept(
    connection: Connection, monitor: Monitor
) -> None:
    connection.execute(
        "INSERT INTO system_status_history (service, instance, status, recorded_at) "
        "SELECT 'librarian', 'here', 'healthy', now() - interval '61 days' "
        "FROM generate_series(1, %s)",
        (BATCH_ROWS + 10,),
    )
    connection.execute(
        "INSERT INTO system_status_history (service, instance, status, recorded_at) "
        "VALUES ('librarian', 'here', 'healthy', now() - interval '59 days')"
    )
    connection.execute(
        "INSERT INTO stage_metrics (stage, minute) VALUES "
        "('thumbnailer', now() - interval '61 days'), ('thumbnailer', now())"
    )
    monitor.turn(connection)
    assert count(connection, "system_status_history") == 1
    assert count(connection, "stage_metrics") == 1


def test_instances_silent_for_a_week_are_removed(connection: Connection, monitor: Monitor) -> None:
    Heartbeat("librarian", "old", 60).beat(connection, Status("healthy"))
    connection.execute("UPDATE system_status SET last_seen_at = now() - interval '8 days'")
    Heartbeat("librarian", "new", 60).beat(connection, Status("healthy"))
    monitor.turn(connection)
    rows = connection.execute("SELECT instance FROM system_status WHERE service = 'librarian'")
    assert rows.fetchall() == [("new",)]


def test_history_is_cleared_at_most_once_an_hour(
    connection: Connection, monitor: Monitor, clock: Clock
) -> None:
    monitor.turn(connection)
    connection.execute(
        "INSERT INTO stage_metrics (stage, minute) VALUES ('x', now() - interval '61 days')"
    )
    clock.seconds += PRUNE_SECONDS - 1
    monitor.turn(connection)
    assert count(connection, "stage_metrics") == 1
    clock.seconds += 1
    monitor.turn(connection)
    assert count(connection, "stage_metrics") == 0
