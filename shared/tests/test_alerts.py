"""Alerts open once, keep their beginning, and end when their state has ended."""

import threading
from pathlib import Path

import pytest
from photo_factory.alerts import (
    REMEDIES,
    Alert,
    open_alerts,
    raise_alert,
    remedy,
    resolve_alert,
    resolve_alerts,
)
from photo_factory.database import Connection, connect
from photo_factory.overview import read_overview

RUNBOOKS = Path(__file__).parents[2] / "docs" / "runbooks"
ROOT = "librarian.root.library"
DISK = "librarian.disk.library"


def raise_root(connection: Connection, message: str = "The library is not mounted.") -> None:
    raise_alert(connection, ROOT, "librarian", "critical", "root_missing", message)


def raise_watch(connection: Connection, key: str = "librarian.watch") -> None:
    raise_alert(connection, key, "librarian", "warning", "watch_limit", "Too many folders.")


def rows(connection: Connection) -> int:
    row = connection.execute("SELECT count(*) FROM alerts").fetchone()
    assert row is not None
    return int(row[0])


def age(connection: Connection) -> None:
    """Let an hour pass."""
    connection.execute("UPDATE alerts SET raised_at = raised_at - interval '1 hour'")


@pytest.mark.integration
def test_an_alert_that_is_raised_again_is_the_same_and_began_when_it_began(
    connection: Connection,
) -> None:
    raise_root(connection)
    age(connection)
    (first,) = open_alerts(connection)
    raise_root(connection)
    assert open_alerts(connection) == (first,)
    assert rows(connection) == 1
    assert (first.key, first.service, first.severity) == (ROOT, "librarian", "critical")
    assert (first.code, first.message) == ("root_missing", "The library is not mounted.")


@pytest.mark.integration
def test_an_alert_that_is_raised_again_with_nothing_new_writes_nothing(
    connection: Connection,
) -> None:
    """Services say what they see at every look."""
    raise_root(connection)
    before = connection.execute("SELECT ctid FROM alerts").fetchall()
    raise_root(connection)
    assert connection.execute("SELECT ctid FROM alerts").fetchall() == before


@pytest.mark.integration
def test_a_new_message_replaces_the_old_one(connection: Connection) -> None:
    raise_root(connection)
    age(connection)
    began = open_alerts(connection)[0].raised_at
    raise_root(connection, "It carries another marker.")
    (alert,) = open_alerts(connection)
    assert (alert.message, alert.raised_at) == ("It carries another marker.", began)


@pytest.mark.integration
def test_an_alert_that_has_ended_stays_on_record_and_can_begin_anew(
    connection: Connection,
) -> None:
    raise_root(connection)
    assert resolve_alert(connection, ROOT)
    assert not resolve_alert(connection, ROOT)
    assert open_alerts(connection) == ()
    raise_root(connection)
    assert len(open_alerts(connection)) == 1
    assert rows(connection) == 2


@pytest.mark.integration
def test_a_service_ends_all_its_alerts_but_those_that_last(connection: Connection) -> None:
    raise_root(connection)
    raise_watch(connection)
    raise_alert(connection, "backup.away", "backup", "critical", "not_writable", "Away.")
    assert resolve_alerts(connection, "librarian", {ROOT}) == 1
    assert [alert.key for alert in open_alerts(connection)] == [ROOT, "backup.away"]
    assert resolve_alerts(connection, "librarian", set()) == 1
    assert [alert.key for alert in open_alerts(connection)] == ["backup.away"]


@pytest.mark.integration
def test_critical_alerts_come_first_and_of_these_the_longest(connection: Connection) -> None:
    raise_watch(connection)
    age(connection)
    raise_root(connection)
    age(connection)
    raise_alert(connection, DISK, "librarian", "critical", "disk_full", "Full.")
    found: tuple[Alert, ...] = open_alerts(connection)
    assert [alert.key for alert in found] == [ROOT, DISK, "librarian.watch"]
    assert read_overview(connection).alerts == found


@pytest.mark.integration
def test_two_services_that_see_the_same_at_once_open_one_alert(
    connection: Connection, database_url: str
) -> None:
    start = threading.Barrier(4)

    def see() -> None:
        with connect(database_url, "test") as own:
            for _ in range(20):
                start.wait()
                raise_root(own)

    threads = [threading.Thread(target=see) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rows(connection) == 1


@pytest.mark.unit
def test_every_alert_with_a_remedy_has_its_page() -> None:
    pages = {page.stem for page in RUNBOOKS.glob("*.md")}
    assert set(REMEDIES) <= pages


@pytest.mark.unit
def test_an_alert_of_a_later_version_leads_to_its_page() -> None:
    assert remedy("moon_missing") == "The page docs/runbooks/moon_missing.md says what to do."
    assert remedy("disk_full") == REMEDIES["disk_full"]
