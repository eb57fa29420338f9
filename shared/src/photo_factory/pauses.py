"""Pauses: a person lets a service rest, and later go on.

A pause is a row of the table settings, so it outlives restarts and holds for all copies of a
service. The frame of every service looks for it (`photo_factory.service`) and tells the loop
through the pulse; the loop begins nothing new while it lasts.
"""

import time
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from psycopg.rows import class_row

from photo_factory.database import PENDING, Connection
from photo_factory.heartbeat import Status
from photo_factory.pulse import Pulse

LOGGER = structlog.get_logger()

PAUSABLE = ("librarian", "geocoder", "thumbnailer", "backup")
"""The services that do work on photos; the others only watch and show."""

FRESH_SECONDS = 2.0
"""So old may be what a long turn knows of its pause."""

PAUSE = """
INSERT INTO settings (key, value)
VALUES ('pause.' || %(service)s, jsonb_build_object('since', now(), 'by', %(by)s::text))
ON CONFLICT (key) DO NOTHING
"""

RESUME = "DELETE FROM settings WHERE key = 'pause.' || %(service)s"

FIND = """
SELECT %(service)s AS service, coalesce(value ->> 'by', 'somebody') AS by,
    coalesce((value ->> 'since')::timestamptz, updated_at) AS since
FROM settings WHERE key = 'pause.' || %(service)s
"""


@dataclass(frozen=True, slots=True)
class Pause:
    """That a service rests."""

    service: str
    by: str
    since: datetime

    @property
    def sentence(self) -> str:
        """Who did it, when, and how to end it; the time in this process's time zone."""
        when = self.since.astimezone().strftime("%Y-%m-%d %H:%M %Z")
        end = f"resume with photo-factory resume {self.service}"
        return f"Paused by {self.by} since {when}; {end}."


def pause(connection: Connection, service: str, by: str) -> bool:
    """Let a service rest, and tell it at once; returns False if it was paused already.

    Args:
        connection: Where to write.
        service: Its name, as in its heartbeats.
        by: Who wants it, for people to read.
    """
    return _change(connection, PAUSE, {"service": service, "by": by})


def resume(connection: Connection, service: str) -> bool:
    """Let a service go on, and tell it at once; returns False if it was not paused."""
    return _change(connection, RESUME, {"service": service})


def _change(connection: Connection, statement: str, values: dict[str, str]) -> bool:
    with connection.transaction():
        is_changed = connection.execute(statement, values).rowcount > 0
        connection.execute("SELECT pg_notify(%s, '')", [PENDING])
    return is_changed


def is_paused(connection: Connection, service: str) -> bool:
    """Whether a person has let the service rest."""
    return find_pause(connection, service) is not None


def find_pause(connection: Connection, service: str) -> Pause | None:
    """The pause of a service, if it is paused."""
    with connection.cursor(row_factory=class_row(Pause)) as cursor:
        return cursor.execute(FIND, {"service": service}).fetchone()


class PauseWatch:
    """Keeps a service's pulse and its heartbeat true to its pause.

    Args:
        service: Its name.
        pulse: Its `is_paused` is set.
    """

    def __init__(self, service: str, pulse: Pulse) -> None:
        self._service = service
        self._pulse = pulse
        self._pause: Pause | None = None
        self._stale_at = 0.0

    def look(self, connection: Connection) -> bool:
        """Read the pause, by its key; returns whether it has begun or ended since the last look."""
        before, self._pause = self._pause, find_pause(connection, self._service)
        self._stale_at = time.monotonic() + FRESH_SECONDS
        self._pulse.is_paused = self._pause is not None
        is_changed = (before is None) != (self._pause is None)
        if is_changed and self._pause is not None:
            LOGGER.info("paused", by=self._pause.by)
        elif is_changed:
            LOGGER.info("resumed")
        return is_changed

    def look_if_stale(self, connection: Connection) -> None:
        """The same in the middle of long work, every two seconds at most."""
        if time.monotonic() >= self._stale_at:
            self.look(connection)

    def worded(self, status: Status) -> Status:
        """What the heartbeat says: the pause first, then what else is wrong with the service."""
        if self._pause is None:
            return status
        trouble = f" {status.message}" if status.message and status.state != "healthy" else ""
        return replace(status, state="paused", message=f"{self._pause.sentence}{trouble}")
