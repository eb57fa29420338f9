"""The dashboard's own heartbeat."""

import threading

from photo_factory.heartbeat import Heartbeat, Status
from photo_factory.service import instance_name

from dashboard.reader import DatabaseAway, Reader
from dashboard.settings import DashboardSettings

LONGEST_PAUSE_SECONDS = 15.0
"""While PostgreSQL is away, and for the health file."""


class Presence:
    """Sends heartbeats from a thread of its own until it is stopped."""

    def __init__(self, reader: Reader, settings: DashboardSettings) -> None:
        self._reader = reader
        self._health_file = settings.health_file
        self._heartbeat = Heartbeat(
            "dashboard", instance_name(settings), settings.dashboard_heartbeat_seconds
        )
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Send the first heartbeat at once and go on in the background."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread and tell the others that the dashboard was stopped on purpose."""
        self._stopping.set()
        self._thread.join(timeout=2)
        try:
            self._reader.read(self._heartbeat.goodbye)
        except DatabaseAway:
            return  # nobody is there to be told

    def _run(self) -> None:
        is_stopping = False
        while not is_stopping:
            try:
                self._reader.read(lambda c: self._heartbeat.beat_if_due(c, Status("healthy")))
                pause = min(LONGEST_PAUSE_SECONDS, max(0.1, self._heartbeat.seconds_to_next()))
            except DatabaseAway:
                pause = LONGEST_PAUSE_SECONDS
            if self._health_file is not None:
                self._health_file.touch()
            is_stopping = self._stopping.wait(pause)
