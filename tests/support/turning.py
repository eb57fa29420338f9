"""Turns a librarian's loop until something holds, as its service would."""

import time
from collections.abc import Callable

from librarian.loop import LibrarianLoop
from photo_factory.alerts import open_alerts
from photo_factory.database import Connection

DEADLINE_SECONDS = 60.0
LONGEST_SLEEP_SECONDS = 0.05


def turn_until(
    librarian: LibrarianLoop, connection: Connection, is_met: Callable[[], bool]
) -> None:
    """Turn until a condition holds; it is asked before the first turn as well."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not is_met():
        assert time.monotonic() < deadline, librarian.status()
        time.sleep(min(LONGEST_SLEEP_SECONDS, librarian.turn(connection)))


def turn_for(librarian: LibrarianLoop, connection: Connection, seconds: float) -> None:
    """Turn for a while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(min(LONGEST_SLEEP_SECONDS, librarian.turn(connection)))


def alerts(connection: Connection) -> set[str]:
    """The codes of what a person is told, but for ExifTool, which these tests hide."""
    return {alert.code for alert in open_alerts(connection)} - {"exiftool_missing"}


def is_paused(librarian: LibrarianLoop) -> Callable[[], bool]:
    """Whether its heartbeat says so."""
    return lambda: librarian.status().state == "paused"
