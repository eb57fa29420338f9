"""The monitor's loop: look at PostgreSQL, the disks and the heartbeats; clear away old history."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import structlog
from photo_factory.database import Connection
from photo_factory.heartbeat import Status
from photo_factory.overview import read_services
from photo_factory.pulse import Pulse

from service_monitor import queries
from service_monitor.observation import judge_database, observe_volume
from service_monitor.settings import MonitorSettings
from service_monitor.watch import Watch

LOGGER = structlog.get_logger()
PRUNE_SECONDS = 3600.0
SILENT_DAYS = 7
"""Status rows of instances that have been silent for longer are removed."""


class Monitor:
    """Watches what the other services cannot see of themselves.

    Args:
        settings: The service's settings.
        pulse: Shows life between two batches of a long clearing.
        clock: Seconds that never run backwards.
    """

    def __init__(
        self,
        settings: MonitorSettings,
        pulse: Pulse,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._pulse = pulse
        self._clock = clock
        self._watch = Watch()
        self._started_at = datetime.now(UTC)
        self._last_look_at: datetime | None = None
        self._look_due = self._prune_due = clock()

    def turn(self, connection: Connection) -> float:
        """Look if it is time to; a notice of new work alone is no reason."""
        if self._clock() >= self._look_due:
            self._look(connection)
            self._look_due = self._clock() + self._settings.monitor_seconds
        if self._clock() >= self._prune_due:
            self._prune(connection)
            self._prune_due = self._clock() + PRUNE_SECONDS
        return max(0.0, self._look_due - self._clock())

    def status(self) -> Status:
        """Degraded while a service is down."""
        down = self._watch.down
        verb = "is" if len(down) == 1 else "are"
        return Status(
            state="degraded" if down else "healthy",
            message=f"{', '.join(down)} {verb} down." if down else "",
            last_work_at=self._last_look_at,
            details={"down": list(down)},
        )

    def close(self, connection: Connection | None) -> None:
        """Nothing is held between two turns."""

    def _look(self, connection: Connection) -> None:
        seen = [judge_database(queries.read_database(connection))]
        seen += [observe_volume(purpose, folder) for purpose, folder in self._volumes().items()]
        for observation in seen:
            queries.record(
                connection, observation, self._settings.monitor_seconds, self._started_at
            )
        for notice in self._watch.observe(read_services(connection)):
            log = LOGGER.warning if notice.is_trouble else LOGGER.info
            log(
                notice.event,
                watched=notice.service,
                instance=notice.instance,
                silent_seconds=notice.age_seconds,
            )
        self._last_look_at = datetime.now(UTC)

    def _volumes(self) -> dict[str, Path]:
        return {
            "inbox": self._settings.inbox,
            "library": self._settings.library,
            "derivatives": self._settings.derivatives,
            "data": self._settings.data,
        }

    def _prune(self, connection: Connection) -> None:
        days = self._settings.history_days
        removed = {
            "heartbeats": self._in_batches(connection, queries.prune_heartbeats, days),
            "metrics": self._in_batches(connection, queries.prune_metrics, days),
            "instances": self._in_batches(connection, queries.forget_silent, SILENT_DAYS),
        }
        if any(removed.values()):
            LOGGER.info("history cleared", **removed)

    def _in_batches(
        self, connection: Connection, delete: Callable[[Connection, int], int], days: int
    ) -> int:
        total = 0
        while not self._pulse.is_stopping:
            count = delete(connection, days)
            total += count
            if count < queries.BATCH_ROWS:
                break
            self._pulse.alive()
        return total
