"""The frame around every service's loop: connection, wake-ups, heartbeat, orderly stop."""

import os
import select
import signal
import socket
import time
from types import FrameType
from typing import Protocol

import psycopg
import structlog

from photo_factory import log
from photo_factory.database import PENDING, Connection, connect
from photo_factory.heartbeat import Heartbeat, Status
from photo_factory.pauses import PauseWatch
from photo_factory.pulse import Pulse
from photo_factory.settings import Settings

LOGGER = structlog.get_logger()
LONGEST_PAUSE_SECONDS = 30.0


class Loop(Protocol):
    """What a service does, one turn at a time.

    Its turns go on while a person has paused the service, so that leases are kept and results are
    recorded: a loop that takes in work looks at `Pulse.is_paused` before it does. What the
    heartbeat says of a pause is said here.
    """

    def turn(self, connection: Connection) -> float:
        """Do what is due; return the seconds until the next turn at the latest."""
        ...

    def status(self) -> Status:
        """What the heartbeat shall say."""
        ...

    def close(self, connection: Connection | None) -> None:
        """Finish or give back what is in hand; no connection while the database is away."""
        ...


def instance_name(settings: Settings) -> str:
    """The name under which this copy of a service sends its heartbeats."""
    return settings.instance or socket.gethostname()


def run(name: str, settings: Settings, loop: Loop, pulse: Pulse | None = None) -> int:
    """Run a service until it is asked to stop.

    Returns:
        The exit code: 0 after an orderly stop, 2 if the settings name no database.
    """
    log.configure(settings, name)
    try:
        address = settings.database_address()
    except ValueError as error:
        LOGGER.error("cannot start", reason=str(error))  # noqa: TRY400 - a sentence, no traceback
        return 2
    frame = _Frame(name, settings, address, loop, pulse or Pulse())
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, frame.stop)
    frame.run()
    return 0


class _Frame:
    """One service at work."""

    def __init__(
        self, name: str, settings: Settings, address: str, loop: Loop, pulse: Pulse
    ) -> None:
        self._name = name
        self._settings = settings
        self._address = address
        self._loop = loop
        self._pulse = pulse
        self._heartbeat = Heartbeat(name, instance_name(settings), settings.heartbeat_seconds)
        self._pauses = PauseWatch(name, self._pulse)
        self._connection: Connection | None = None
        self._is_notified = False
        self._failures = 0
        self._trouble = ""
        pulse.alive = self._show_life

    def stop(self, signal_number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - signal's
        """Ask the loop to end after the present turn."""
        self._pulse.is_stopping = True
        self._pulse.wake()

    def run(self) -> None:
        LOGGER.info("service started", pid=os.getpid())
        while not self._pulse.is_stopping:
            self._sleep(self._attempt_turn())
        self._close()
        LOGGER.info("service stopped")

    def _attempt_turn(self) -> float:
        """One turn at the edge where every error ends; returns the seconds to sleep."""
        try:
            connection = self._connected()
            has_news = self._pauses.look(connection)
            delay = self._loop.turn(connection)
            self._beat(connection, is_urgent=has_news)
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            return self._back_off(self._outage(), error)
        except Exception as error:  # the edge of the loop: the service must live on
            LOGGER.exception("turn failed")
            return self._back_off("an unexpected error", error)
        if self._trouble:
            LOGGER.info("recovered", after=self._trouble)
        self._failures, self._trouble = 0, ""
        self._touch_health_file()
        return min(delay, self._heartbeat.seconds_to_next())

    def _beat(self, connection: Connection, *, is_urgent: bool = False) -> None:
        status = self._pauses.worded(self._loop.status())
        if is_urgent:
            self._heartbeat.beat(connection, status)
        else:
            self._heartbeat.beat_if_due(connection, status)

    def _outage(self) -> str:
        """Whether the connection is gone, or the server just could not do what was asked."""
        if self._connection is None or self._connection.closed:
            return "the database cannot be reached"
        return "the database did not answer in time or asks to try again"

    def _connected(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = connect(self._address, self._name)
            self._connection.add_notify_handler(lambda _: self._note())
            self._connection.execute(f"LISTEN {PENDING}")
        return self._connection

    def _note(self) -> None:
        self._is_notified = True

    def _back_off(self, trouble: str, error: Exception) -> float:
        """Log the beginning of an outage once; returns a growing pause."""
        if not self._trouble:
            LOGGER.warning("service interrupted", reason=trouble, error=str(error).strip())
        self._trouble = trouble
        self._failures += 1
        self._touch_health_file()  # the process is well, whatever the database is
        if self._connection is not None and self._connection.broken:
            self._connection = None
        return min(LONGEST_PAUSE_SECONDS, 0.25 * 2.0 ** min(self._failures, 10))

    def _sleep(self, seconds: float) -> None:
        """Wait for a notice of the database, a wake-up, or the time."""
        if self._is_notified or self._pulse.is_stopping:
            self._is_notified = False
            return
        descriptors = [self._pulse.fileno()]
        connection = self._connection
        if connection is not None and not connection.closed and not self._trouble:
            descriptors.append(connection.fileno())
        readable, _, _ = select.select(descriptors, [], [], max(0.0, seconds))
        self._pulse.drain()
        if connection is not None and len(readable) > 0 and len(descriptors) > 1:
            self._read_notices(connection)

    def _read_notices(self, connection: Connection) -> None:
        try:
            connection.pgconn.consume_input()
            while connection.pgconn.notifies():
                pass
        except psycopg.OperationalError as error:
            connection.close()
            self._back_off("the connection to the database was lost", error)

    def _show_life(self) -> None:
        """Heartbeat from inside a long turn."""
        self._touch_health_file()
        if self._connection is not None:
            self._pauses.look_if_stale(self._connection)
            self._beat(self._connection)

    def _touch_health_file(self) -> None:
        if self._settings.health_file is not None:
            self._settings.health_file.touch()

    def _close(self) -> None:
        started = time.monotonic()
        try:
            self._loop.close(self._connection)
            if self._connection is not None and not self._connection.closed:
                self._heartbeat.goodbye(self._connection)
                self._connection.close()
        except psycopg.Error as error:
            LOGGER.warning("could not say goodbye to the database", error=str(error).strip())
        LOGGER.info("closed", seconds=round(time.monotonic() - started, 2))
