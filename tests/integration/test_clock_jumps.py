"""A clock that is set ends no wait early and makes none last for hours."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from inbox_rows import Row, insert_row
from librarian import clock
from librarian.clock import ClockGuard
from photo_factory.database import Connection

pytestmark = pytest.mark.integration

STABILITY_SECONDS = 5.0
HOUR = 3600.0


@dataclass
class SteadyClock:
    """A clock that nobody can set, beside which the database's may have been."""

    set_back_by: float = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.set_back_by


@pytest.fixture
def steady(monkeypatch: pytest.MonkeyPatch) -> Iterator[SteadyClock]:
    """Setting the machine's clock would disturb all others, so the steady one goes astray."""
    one = SteadyClock()
    with monkeypatch.context() as patched:
        patched.setattr(clock, "time", one)
        yield one


def waits(connection: Connection) -> dict[str, int]:
    """How long each file still waits, by its path, in whole seconds, rounded up."""
    rows = connection.execute(
        "SELECT path, ceil(extract(epoch FROM next_try_at - now()))::integer FROM inbox_files"
    )
    return dict(rows.fetchall())


@pytest.mark.parametrize("hours", [-30.0, -1.0, 1.0, 30.0])
def test_after_a_jump_what_waits_waits_anew_and_no_longer_than_usual(
    steady: SteadyClock, connection: Connection, hours: float
) -> None:
    guard = ClockGuard(STABILITY_SECONDS)
    assert not guard.look(connection, ["inbox"])
    insert_row(connection, Row("due too early", next_in=-hours * HOUR))
    insert_row(connection, Row("due too late", next_in=abs(hours) * HOUR))
    steady.set_back_by = hours * HOUR
    assert guard.look(connection, ["inbox"])
    assert waits(connection) == {"due too early": 5, "due too late": 5}
    assert not guard.look(connection, ["inbox"])


def test_a_clock_that_is_merely_trimmed_changes_nothing(
    steady: SteadyClock, connection: Connection
) -> None:
    """As NTP does, all the time."""
    guard = ClockGuard(STABILITY_SECONDS)
    guard.look(connection, ["inbox"])
    insert_row(connection, Row("a.jpg", next_in=60))
    for _ in range(5):
        steady.set_back_by += 0.5
        assert not guard.look(connection, ["inbox"])
    assert waits(connection) == {"a.jpg": 60}


@pytest.mark.usefixtures("steady")
def test_what_was_seen_before_the_clock_was_set_back_is_found_at_the_start(
    connection: Connection,
) -> None:
    """The machine started with a clock that was a day ahead; it was put right while it was off."""
    insert_row(connection, Row("ahead", age=-24 * HOUR, next_in=24 * HOUR))
    insert_row(connection, Row("usual", age=1, next_in=60))
    assert not ClockGuard(STABILITY_SECONDS).look(connection, ["inbox"])
    assert waits(connection) == {"ahead": 5, "usual": 60}


def test_only_what_waits_in_these_inboxes_waits_anew(
    steady: SteadyClock, connection: Connection
) -> None:
    guard = ClockGuard(STABILITY_SECONDS)
    guard.look(connection, ["inbox"])
    insert_row(connection, Row("in hand", state="ingesting", next_in=60))
    connection.execute("UPDATE inbox_files SET owner = gen_random_uuid()")
    insert_row(connection, Row("failed", state="failed", next_in=60, code="truncated"))
    insert_row(connection, Row("elsewhere", inbox="camera", next_in=60))
    steady.set_back_by = HOUR
    assert guard.look(connection, ["inbox"])
    assert waits(connection) == {"in hand": 60, "failed": 60, "elsewhere": 60}
