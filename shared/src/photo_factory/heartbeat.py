"""Heartbeats: what a service says of itself, in one row for look-ups and in a series."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from psycopg.types.json import Jsonb

from photo_factory import __version__
from photo_factory.database import Connection

State = Literal["healthy", "degraded", "paused", "not_configured"]

UPSERT = """
WITH beat AS (
    INSERT INTO system_status AS s (service, instance, status, message, version, interval_seconds,
        started_at, last_seen_at, last_work_at, items_in_hand, memory_bytes, details)
    VALUES (%(service)s, %(instance)s, %(status)s, %(message)s, %(version)s, %(interval)s,
        %(started_at)s, now(), %(last_work_at)s, %(items)s, %(memory)s, %(details)s)
    ON CONFLICT (service, instance) DO UPDATE SET
        status = excluded.status, message = excluded.message, version = excluded.version,
        interval_seconds = excluded.interval_seconds, started_at = excluded.started_at,
        last_seen_at = excluded.last_seen_at,
        last_work_at = coalesce(excluded.last_work_at, s.last_work_at),
        items_in_hand = excluded.items_in_hand, memory_bytes = excluded.memory_bytes,
        details = excluded.details
)
INSERT INTO system_status_history (service, instance, status, items_in_hand, memory_bytes, details)
VALUES (%(service)s, %(instance)s, %(status)s, %(items)s, %(memory)s, %(details)s)
"""

MESSAGE_SECONDS = 5.0
"""A message that changes all the time is written no more often."""


@dataclass(frozen=True, slots=True)
class Status:
    """What a service says of itself."""

    state: State
    message: str = ""
    items_in_hand: int = 0
    last_work_at: datetime | None = None
    details: Mapping[str, object] = field(default_factory=dict)


class Heartbeat:
    """Writes the heartbeat of one instance of a service.

    Args:
        service: Name of the service.
        instance: Name of this copy of it.
        interval_seconds: Longest time between two heartbeats.
    """

    def __init__(self, service: str, instance: str, interval_seconds: float) -> None:
        self._service = service
        self._instance = instance
        self._interval_seconds = interval_seconds
        self._started_at = datetime.now(UTC)
        self._due = 0.0
        self._last_state = self._last_message = ""
        self._message_due = 0.0

    def beat_if_due(self, connection: Connection, status: Status) -> None:
        """Write a heartbeat when the interval has passed, or state or message have changed."""
        now = time.monotonic()
        is_news = status.state != self._last_state or (
            status.message != self._last_message and now >= self._message_due
        )
        if now >= self._due or is_news:
            self.beat(connection, status)

    def seconds_to_next(self) -> float:
        """Seconds until the next heartbeat is due."""
        return max(0.0, self._due - time.monotonic())

    def beat(self, connection: Connection, status: Status) -> None:
        """Write a heartbeat now."""
        self._write(connection, status, status.state)
        self._due = time.monotonic() + self._interval_seconds
        self._last_state, self._last_message = status.state, status.message
        self._message_due = time.monotonic() + MESSAGE_SECONDS

    def goodbye(self, connection: Connection) -> None:
        """Say that this instance was stopped on purpose."""
        self._write(connection, Status("healthy"), "stopped")

    def _write(self, connection: Connection, status: Status, state: str) -> None:
        connection.execute(
            UPSERT,
            {
                "service": self._service,
                "instance": self._instance,
                "status": state,
                "message": status.message,
                "version": __version__,
                "interval": self._interval_seconds,
                "started_at": self._started_at,
                "last_work_at": status.last_work_at,
                "items": status.items_in_hand,
                "memory": resident_bytes(),
                "details": Jsonb(dict(status.details)),
            },
        )


def resident_bytes() -> int | None:
    """Memory of this process in RAM; None where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 - hot and tiny
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None
