"""Notices when the clock by which files wait has been set."""

import time
from collections.abc import Sequence

import structlog
from photo_factory.database import Connection

from librarian import claims

LOGGER = structlog.get_logger()
SMALLEST_JUMP_SECONDS = 2.0


class ClockGuard:
    """Compares the database's clock with one that cannot be set.

    Files wait by the database's clock, so that several librarians agree. Set forward, it would
    end the wait of a file that is still being written; set back, files would wait for hours.
    After either, what waits does so anew, for the short time that it would have waited anyway.

    Args:
        stability_seconds: How long an unchanged file waits.
    """

    def __init__(self, stability_seconds: float) -> None:
        self._stability_seconds = stability_seconds
        self._offset: float | None = None

    def look(self, connection: Connection, inboxes: Sequence[str]) -> bool:
        """Compare; returns whether the clock has been set since the last look."""
        offset = claims.database_clock(connection) - time.monotonic()
        jump = 0.0 if self._offset is None else offset - self._offset
        is_first, self._offset = self._offset is None, offset
        if is_first:
            claims.restart_future_waits(connection, inboxes, self._stability_seconds)
            return False
        if abs(jump) < SMALLEST_JUMP_SECONDS:
            return False
        LOGGER.warning("the clock was set", by_seconds=round(jump, 1))
        claims.restart_waits(connection, inboxes, self._stability_seconds)
        return True
