"""A person lets a service rest and go on; the pulse and the heartbeat know of it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from photo_factory.database import PENDING, Connection, connect
from photo_factory.heartbeat import Status
from photo_factory.overview import STAGES
from photo_factory.pauses import (
    PAUSABLE,
    PauseWatch,
    find_pause,
    is_paused,
    pause,
    resume,
)
from photo_factory.pulse import Pulse

SINCE = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.mark.integration
def test_a_pause_is_remembered_with_who_and_since_when(connection: Connection) -> None:
    assert not is_paused(connection, "librarian")
    assert pause(connection, "librarian", "anna")
    found = find_pause(connection, "librarian")
    assert found is not None
    assert (found.service, found.by) == ("librarian", "anna")
    assert abs((datetime.now(UTC) - found.since).total_seconds()) < 60
    assert is_paused(connection, "librarian")
    assert not is_paused(connection, "geocoder")
    (value,) = connection.execute("SELECT value FROM settings").fetchone() or (None,)
    assert value.keys() == {"since", "by"}


@pytest.mark.integration
def test_a_second_pause_leaves_the_first_as_it_is(connection: Connection) -> None:
    pause(connection, "librarian", "anna")
    first = find_pause(connection, "librarian")
    assert not pause(connection, "librarian", "ben")
    assert find_pause(connection, "librarian") == first


@pytest.mark.integration
def test_a_service_goes_on_once(connection: Connection) -> None:
    pause(connection, "librarian", "anna")
    pause(connection, "geocoder", "anna")
    assert resume(connection, "librarian")
    assert not resume(connection, "librarian")
    assert not is_paused(connection, "librarian")
    assert is_paused(connection, "geocoder")


@pytest.mark.integration
def test_a_pause_that_somebody_wrote_by_hand_counts(connection: Connection) -> None:
    connection.execute("INSERT INTO settings (key, value) VALUES ('pause.geocoder', 'true')")
    found = find_pause(connection, "geocoder")
    assert found is not None
    assert found.by == "somebody"


@pytest.mark.integration
@pytest.mark.parametrize("change", ["pause", "resume"])
def test_services_are_told_at_once(connection: Connection, database_url: str, change: str) -> None:
    connection.execute(f"LISTEN {PENDING}")
    with connect(database_url, "test") as other:
        if change == "pause":
            pause(other, "librarian", "anna")
        else:
            resume(other, "librarian")
    assert [notice.channel for notice in connection.notifies(timeout=5, stop_after=1)] == [PENDING]


@pytest.mark.integration
def test_the_watch_sets_the_pulse_and_tells_of_changes_alone(connection: Connection) -> None:
    pulse = Pulse()
    watch = PauseWatch("geocoder", pulse)
    assert (watch.look(connection), pulse.is_paused) == (False, False)
    pause(connection, "geocoder", "anna")
    assert (watch.look(connection), pulse.is_paused) == (True, True)
    assert (watch.look(connection), pulse.is_paused) == (False, True)
    resume(connection, "geocoder")
    assert (watch.look(connection), pulse.is_paused) == (True, False)


@pytest.mark.integration
def test_long_work_does_not_ask_at_every_sign_of_life(connection: Connection) -> None:
    pulse = Pulse()
    watch = PauseWatch("geocoder", pulse)
    watch.look_if_stale(connection)
    pause(connection, "geocoder", "anna")
    watch.look_if_stale(connection)
    assert not pulse.is_paused
    watch.look(connection)
    assert pulse.is_paused


@pytest.mark.integration
def test_the_heartbeat_of_a_paused_service_says_so_first(connection: Connection) -> None:
    watch = PauseWatch("geocoder", Pulse())
    working = Status("healthy", "", 3, SINCE, {"a": 1})
    assert watch.worded(working) is working
    pause(connection, "geocoder", "anna")
    connection.execute(
        "UPDATE settings SET value = value || %s", ['{"since": "2026-05-04T12:00Z"}']
    )
    watch.look(connection)
    when = SINCE.astimezone().strftime("%Y-%m-%d %H:%M %Z")
    sentence = f"Paused by anna since {when}; resume with photo-factory resume geocoder."
    assert watch.worded(working) == replace(working, state="paused", message=sentence)
    trouble = Status("degraded", "Its data is damaged.")
    assert watch.worded(trouble).message == f"{sentence} Its data is damaged."


@pytest.mark.unit
def test_every_stage_can_be_paused() -> None:
    assert ("librarian", *STAGES) == PAUSABLE
