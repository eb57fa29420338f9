"""Reading while PostgreSQL comes and goes."""

import threading
from pathlib import Path

import psycopg
import pytest
from dashboard.reader import CONNECTIONS, DatabaseAway, Reader
from dashboard.settings import DashboardSettings
from photo_factory.database import Connection

pytestmark = pytest.mark.integration

BACKENDS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'photo-factory dashboard'
"""
END_BACKENDS = BACKENDS.replace("count(*)", "pg_terminate_backend(pid)")


def one(connection: Connection) -> int:
    (number,) = connection.execute("SELECT 1").fetchone() or (0,)
    return int(number)


def test_connections_are_kept_and_few(reader: Reader, connection: Connection) -> None:
    threads = [threading.Thread(target=reader.read, args=(one,)) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (open_now,) = connection.execute(BACKENDS).fetchone() or (0,)
    assert 1 <= open_now <= CONNECTIONS


def test_a_connection_that_died_while_idle_is_replaced(
    reader: Reader, connection: Connection
) -> None:
    """A restart of PostgreSQL between two looks is not even seen."""
    assert reader.read(one) == 1
    connection.execute(END_BACKENDS)
    assert reader.read(one) == 1


def test_an_outage_keeps_its_beginning_and_ends_by_itself(
    tmp_path: Path, database_url: str
) -> None:
    """Local mode writes the address when its PostgreSQL is up."""
    settings = DashboardSettings.model_validate({"data_dir": tmp_path})
    reader = Reader(settings)
    with pytest.raises(DatabaseAway) as first:
        reader.read(one)
    with pytest.raises(DatabaseAway) as second:
        reader.read(one)
    assert first.value.since == second.value.since
    settings.state.mkdir()
    settings.local_database_url_file.write_text(database_url)
    assert reader.read(one) == 1
    reader.close()


def test_missing_tables_are_told_apart_from_an_outage(
    reader: Reader, connection: Connection
) -> None:
    connection.execute("DROP TABLE media_assets CASCADE")
    with pytest.raises(DatabaseAway) as caught:
        reader.read(lambda c: c.execute("SELECT id FROM media_assets"))
    assert caught.value.is_unprepared
    assert isinstance(caught.value.__cause__, psycopg.errors.UndefinedTable)
