"""What is wrong with the librarian as a whole is said, and unsaid when it is over."""

import time
from collections.abc import Iterator

import pytest
from inbox_rows import Row, insert_row
from librarian.lookout import Lookout
from librarian.settings import LibrarianSettings
from librarian.troubles import Troubles
from photo_factory.alerts import open_alerts
from photo_factory.database import Connection

pytestmark = pytest.mark.integration


@pytest.fixture
def troubles(settings: LibrarianSettings) -> Iterator[Troubles]:
    lookouts = {
        inbox.name: Lookout(inbox, settings, lambda: None, lambda: None)
        for inbox in settings.inboxes
    }
    one = Troubles(settings, lookouts)
    yield one
    one.close()


def alerts(connection: Connection) -> dict[str, tuple[str, str]]:
    """Severity and code of what is wrong now, by key."""
    return {one.key: (one.severity, one.code) for one in open_alerts(connection)}


def look(
    troubles: Troubles,
    connection: Connection,
    missing: dict[str, str] | None = None,
    exiftool_problem: str | None = None,
) -> tuple[str, str]:
    troubles.look(connection, ["inbox"], missing or {}, exiftool_problem)
    return troubles.verdict()


def test_all_is_well_until_something_is_wrong(troubles: Troubles, connection: Connection) -> None:
    assert look(troubles, connection) == ("healthy", "")
    assert alerts(connection) == {}


def test_a_folder_that_is_away_is_a_standstill_until_it_is_back(
    troubles: Troubles, connection: Connection
) -> None:
    sentence = "the library folder /library has no marker file."
    for _ in range(3):
        assert look(troubles, connection, {"library": sentence}) == ("paused", sentence)
    assert alerts(connection) == {"librarian.root.library": ("critical", "root_missing")}
    assert look(troubles, connection) == ("healthy", "")
    assert alerts(connection) == {}
    assert connection.execute("SELECT count(*) FROM alerts").fetchone() == (1,)


@pytest.mark.parametrize("code", ["disk_full", "library_read_only"])
def test_files_that_wait_for_the_librarys_disk_are_one_alert(
    troubles: Troubles, connection: Connection, code: str
) -> None:
    for number in range(3):
        insert_row(connection, Row(f"{number}.jpg", code=code, message=f"{number}.jpg waits."))
    state, message = look(troubles, connection)
    assert (state, message) == ("paused", "2.jpg waits.")
    assert alerts(connection) == {f"librarian.library.{code}": ("critical", code)}
    connection.execute("UPDATE inbox_files SET error_code = NULL")
    assert look(troubles, connection) == ("healthy", "")
    assert alerts(connection) == {}


def test_a_file_that_is_wrong_in_itself_is_no_trouble_of_the_librarian(
    troubles: Troubles, connection: Connection
) -> None:
    insert_row(connection, Row("half.jpg", state="failed", code="truncated"))
    insert_row(connection, Row("elsewhere.jpg", inbox="camera", code="disk_full"))
    assert look(troubles, connection) == ("healthy", "")


def test_a_missing_exiftool_is_a_warning(troubles: Troubles, connection: Connection) -> None:
    assert look(troubles, connection, None, "ExifTool is gone.") == (
        "degraded",
        "ExifTool is gone.",
    )
    assert alerts(connection) == {"librarian.exiftool": ("warning", "exiftool_missing")}


def test_several_troubles_are_all_told_and_end_one_by_one(
    troubles: Troubles, connection: Connection
) -> None:
    state, message = look(troubles, connection, {"inbox": "It is away."}, "ExifTool is gone.")
    assert (state, message) == ("paused", "It is away. ExifTool is gone.")
    assert len(alerts(connection)) == 2
    assert look(troubles, connection, None, "ExifTool is gone.")[0] == "degraded"
    assert list(alerts(connection)) == ["librarian.exiftool"]


def test_alerts_of_other_services_are_left_alone(
    troubles: Troubles, connection: Connection
) -> None:
    connection.execute(
        "INSERT INTO alerts (key, service, severity, code, message) VALUES "
        "('backup.x', 'backup', 'critical', 'root_missing', 'Away.')"
    )
    look(troubles, connection)
    assert list(alerts(connection)) == ["backup.x"]


def ask_syncthing(troubles: Troubles, connection: Connection) -> None:
    """Let the time for it come, and wait for the answer."""
    troubles._ask_due = 0.0  # noqa: SLF001 - the time
    deadline = time.monotonic() + 10
    look(troubles, connection)
    while troubles._answer is not None:  # noqa: SLF001 - its thread
        assert time.monotonic() < deadline
        time.sleep(0.01)
        look(troubles, connection)


def test_a_folder_of_syncthing_of_which_nothing_is_known_is_a_danger(
    troubles: Troubles, settings: LibrarianSettings, connection: Connection
) -> None:
    """Its usual type is Send & Receive: what is stored would be deleted on the phone."""
    (settings.inbox / ".stfolder").mkdir(parents=True)
    ask_syncthing(troubles, connection)
    ask_syncthing(troubles, connection)
    state, message = troubles.verdict()
    assert state == "degraded"
    assert "set PF_SYNCTHING_URL" in message
    assert "deletes them on the phone" in message
    expected = {"librarian.syncthing_doubt": ("warning", "syncthing_folder_unknown")}
    assert alerts(connection) == expected
    (settings.inbox / ".stfolder").rmdir()
    ask_syncthing(troubles, connection)
    assert (troubles.verdict(), alerts(connection)) == (("healthy", ""), {})


def test_a_syncthing_that_is_just_starting_is_no_danger_yet(
    troubles: Troubles, settings: LibrarianSettings, connection: Connection
) -> None:
    (settings.inbox / ".stfolder").mkdir(parents=True)
    ask_syncthing(troubles, connection)
    assert look(troubles, connection) == ("healthy", "")
    assert alerts(connection) == {}
