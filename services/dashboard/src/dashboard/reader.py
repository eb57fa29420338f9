"""The dashboard's way to the database: few connections, kept open, opened anew after an outage."""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TypeVar

import psycopg
import structlog
from photo_factory.database import Connection, connect
from photo_factory.settings import Settings

LOGGER = structlog.get_logger()
CONNECTIONS = 4
"""Queries at once. Further ones wait: pages are cached, and thumbnails take under a millisecond."""

ResultT = TypeVar("ResultT")


class DatabaseAway(Exception):  # noqa: N818 - a state of the world, shown as one
    """The database cannot answer.

    Attributes:
        since: When it was first found away.
        is_unprepared: It answers, but its tables are missing or older than this dashboard.
    """

    def __init__(self, since: datetime, *, is_unprepared: bool) -> None:
        super().__init__("the database cannot answer")
        self.since = since
        self.is_unprepared = is_unprepared


class Reader:
    """Runs queries for pages and routes, from any thread."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._slots = threading.Semaphore(CONNECTIONS)
        self._lock = threading.Lock()
        self._idle: list[Connection] = []
        self._away_since: datetime | None = None

    def read(self, query: Callable[[Connection], ResultT]) -> ResultT:
        """Run a query; on a connection that died while it was idle, run it once more.

        Raises:
            DatabaseAway: The database cannot be reached or cannot answer this query.
        """
        with self._slots:
            try:
                result = self._attempt(query)
            except (psycopg.Error, ValueError) as error:
                raise self._away(error) from error
        self._back()
        return result

    def close(self) -> None:
        """Close the connections that are idle."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _attempt(self, query: Callable[[Connection], ResultT]) -> ResultT:
        kept = self._take()
        if kept is not None:
            with suppress(psycopg.OperationalError, psycopg.InterfaceError):
                return self._run(kept, query)
            if not kept.closed:
                kept.close()
        return self._run(connect(self._settings.database_address(), "dashboard"), query)

    def _take(self) -> Connection | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _run(self, connection: Connection, query: Callable[[Connection], ResultT]) -> ResultT:
        try:
            result = query(connection)
        except BaseException:
            connection.close()
            raise
        with self._lock:
            self._idle.append(connection)
        return result

    def _away(self, error: Exception) -> DatabaseAway:
        self.close()
        with self._lock:
            is_new = self._away_since is None
            since = self._away_since or datetime.now(UTC)
            self._away_since = since
        if is_new:
            LOGGER.warning("the database cannot answer", error=str(error).strip())
        is_unprepared = isinstance(error, psycopg.ProgrammingError)
        return DatabaseAway(since, is_unprepared=is_unprepared)

    def _back(self) -> None:
        with self._lock:
            since, self._away_since = self._away_since, None
        if since is not None:
            LOGGER.info("the database answers again", away_since=since.isoformat())


_shared: list[Reader] = []


def share(reader: Reader) -> None:
    """Make the reader known to the pages, which Streamlit runs as scripts without arguments."""
    _shared[:] = [reader]


def shared_reader() -> Reader:
    """The reader of this process."""
    return _shared[0]
