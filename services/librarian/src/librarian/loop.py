"""The librarian's turns: guard the folders, see what is new, take in what has waited enough."""

import time
from datetime import UTC, datetime
from uuid import uuid4

from photo_factory import storage
from photo_factory.database import Connection
from photo_factory.heartbeat import Status
from photo_factory.pulse import Pulse

from librarian import claims
from librarian.clock import ClockGuard
from librarian.guard import LIBRARY, Guard
from librarian.ingest import Ingest
from librarian.lookout import Lookout
from librarian.settings import LibrarianSettings
from librarian.troubles import Troubles

GUARD_SECONDS = 10.0
SHORTEST_SLEEP_SECONDS = 0.05
LOOK_SECONDS = 1.0
"""While files are in hand, new ones are looked for so often and no more."""


class LibrarianLoop:
    """The loop of one librarian.

    Args:
        settings: Common settings and the librarian's.
        pulse: Woken by events of the inboxes.
    """

    def __init__(self, settings: LibrarianSettings, pulse: Pulse) -> None:
        self._settings = settings
        self._pulse = pulse
        self._owner = uuid4()
        self._guard = Guard(settings, settings.inboxes)
        self._ingest = Ingest(settings, settings.inboxes, self._guard, pulse, self._owner)
        self._lookouts = {
            inbox.name: Lookout(inbox, settings, pulse.wake, self._show_life)
            for inbox in settings.inboxes
        }
        self._clock = ClockGuard(settings.stability_seconds)
        self._troubles = Troubles(settings, self._lookouts)
        self._connection: Connection | None = None
        self._known_missing: dict[str, str] = {}
        self._watch_due = self._look_due = 0.0
        self._last_work_at: datetime | None = None

    def status(self) -> Status:
        """Paused while a folder is away or full, degraded while something else is wrong."""
        state, message = self._troubles.verdict()
        noticing = {name: lookout.noticing for name, lookout in self._lookouts.items()}
        details = {"noticing": noticing}
        return Status(state, message, self._ingest.in_hand, self._last_work_at, details)

    def turn(self, connection: Connection) -> float:
        """Guard, look, and move what is in hand one step on."""
        if connection is not self._connection:
            self._begin(connection)
        active = [inbox.name for inbox in self._guard.active(connection)]
        for name in self._lookouts.keys() - set(active):
            self._lookouts[name].stop()
            self._look_due = 0.0
        if self._guard.missing != self._known_missing:
            self._watch_due = 0.0
            self._known_missing = self._guard.missing
        if LIBRARY in self._guard.missing:
            self._troubles.look(connection, active, self._guard.missing, self._ingest.problem)
            return GUARD_SECONDS
        if time.monotonic() >= self._watch_due:
            self._watch_over(connection, active)
        self._look(connection, active)
        if self._ingest.turn(connection, active):
            self._last_work_at = datetime.now(UTC)
            return 0.0
        self._look_due = 0.0
        return self._seconds_to_next_turn(connection, active)

    def close(self, connection: Connection | None) -> None:
        """Stop watching, give back what is in hand, end the threads and ExifTools."""
        for lookout in self._lookouts.values():
            lookout.stop()
        self._troubles.close()
        self._ingest.close(connection)

    def _show_life(self) -> None:
        self._pulse.alive()  # looked up late: the service's frame sets it after this loop is made

    def _begin(self, connection: Connection) -> None:
        """On a new connection: show that this librarian lives; mend what dead ones have left."""
        claims.hold_owner_lock(connection, self._owner)
        self._connection = connection
        self._watch_due = 0.0

    def _watch_over(self, connection: Connection, active: list[str]) -> None:
        """What need not be looked at in every turn."""
        self._clock.look(connection, active)
        claims.recover(connection, self._owner)
        self._ingest.mend(connection)
        storage.sweep_incoming(self._settings.library)
        self._troubles.look(connection, active, self._guard.missing, self._ingest.problem)
        self._watch_due = time.monotonic() + GUARD_SECONDS

    def _look(self, connection: Connection, active: list[str]) -> None:
        if time.monotonic() < self._look_due:
            return
        for name in active:
            self._lookouts[name].look(connection)
        if not self._pulse.is_paused:
            self._ingest.put_right(connection)
        self._look_due = time.monotonic() + LOOK_SECONDS

    def _seconds_to_next_turn(self, connection: Connection, active: list[str]) -> float:
        waits = [self._lookouts[name].seconds_to_scan for name in active]
        waits.append(max(0.0, self._watch_due - time.monotonic()))
        to_file = claims.seconds_to_next(connection, active)
        if to_file is not None and not self._pulse.is_paused:
            waits.append(max(to_file, self._ingest.intake.seconds_to_trial))
        return max(SHORTEST_SLEEP_SECONDS, min(waits))
