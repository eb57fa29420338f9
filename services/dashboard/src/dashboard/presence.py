"""The dashboard's own signs of life: heartbeats, and the file that a health check looks at."""

import asyncio
import threading
from pathlib import Path

import structlog
from photo_factory.heartbeat import Heartbeat, Status
from photo_factory.service import instance_name

from dashboard.reader import DatabaseAway, Reader
from dashboard.settings import DashboardSettings

LOGGER = structlog.get_logger()
LONGEST_PAUSE_SECONDS = 15.0
"""Between two looks whether a heartbeat is due or PostgreSQL is back, and for the health file."""
GOODBYE_SECONDS = 3.0


class Presence:
    """Sends heartbeats from a thread of its own until it is stopped."""

    def __init__(self, reader: Reader, settings: DashboardSettings) -> None:
        self._reader = reader
        self._heartbeat = Heartbeat(
            "dashboard", instance_name(settings), settings.dashboard_heartbeat_seconds
        )
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Send the first heartbeat at once and go on in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Tell the others that the dashboard was stopped on purpose, if that is quickly told."""
        self._stopping.set()
        self._thread.join(GOODBYE_SECONDS)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._stopping.wait(self._beat())
        try:
            self._reader.read(self._heartbeat.goodbye)
        except DatabaseAway:
            LOGGER.info("the database was not told of the stop")

    def _beat(self) -> float:
        """Send a heartbeat if it is due; returns the seconds until the next look."""
        try:
            self._reader.read(lambda c: self._heartbeat.beat_if_due(c, Status("healthy")))
        except DatabaseAway:
            return LONGEST_PAUSE_SECONDS
        except Exception:  # the edge of the loop: the heartbeat must go on
            LOGGER.exception("heartbeat failed")
            return LONGEST_PAUSE_SECONDS
        return min(LONGEST_PAUSE_SECONDS, max(0.1, self._heartbeat.seconds_to_next()))


async def show_life(health_file: Path) -> None:
    """Touch the file for as long as the server's event loop turns, which serves every page."""
    while True:
        health_file.touch()  # noqa: ASYNC240 - a file in memory; where it hangs, so do we
        await asyncio.sleep(LONGEST_PAUSE_SECONDS)
