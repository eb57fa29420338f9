"""The librarian's turns: guard the folders, see what is new, take in what has waited enough."""

import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from uuid import uuid4

import psycopg
import structlog
from photo_factory import roots, storage
from photo_factory.database import Connection
from photo_factory.heartbeat import State, Status
from photo_factory.pulse import Pulse

from librarian import inbox, queries
from librarian.inbox import Sighting
from librarian.ingest import Ingest
from librarian.metadata import MetadataReader
from librarian.settings import LibrarianSettings
from librarian.watch import Watch, raises_events

LOGGER = structlog.get_logger()
BATCH_FILES = 32
SIGHTINGS_AT_ONCE = 500
GUARD_SECONDS = 10.0


class LibrarianLoop:
    """The loop of one librarian.

    Args:
        settings: Common settings and the librarian's.
        pulse: Woken by events of the inbox.
    """

    def __init__(self, settings: LibrarianSettings, pulse: Pulse) -> None:
        self._settings = settings
        self._pulse = pulse
        self._owner = uuid4()
        self._reader = MetadataReader()
        self._ingest = Ingest(settings, self._reader, pulse, self._owner)
        self._watch: Watch | None = None
        self._has_events = False
        self._scan_due = 0.0
        self._sweep_due = True
        self._paused: str | None = None
        self._in_hand = 0
        self._last_work_at: datetime | None = None

    def status(self) -> Status:
        """Paused while a folder is away or full, degraded without ExifTool."""
        if reason := self._paused or self._ingest.trouble:
            return Status("paused", reason, 0, self._last_work_at)
        details = {"noticing": "events" if self._has_events else "scans"}
        state: State = "healthy" if self._reader.problem is None else "degraded"
        message = self._reader.problem or ""
        return Status(state, message, self._in_hand, self._last_work_at, details)

    def turn(self, connection: Connection) -> float:
        """See what is new and take in one batch."""
        if not self._roots_are_there(connection):
            return GUARD_SECONDS
        self._look_at_changes(connection)
        self._scan_if_due(connection)
        files = queries.claim(connection, self._owner, BATCH_FILES)
        if not files:
            return self._seconds_to_next_turn(connection)
        self._in_hand = len(files)
        try:
            self._ingest.take_in(connection, files)
        finally:
            self._in_hand = 0
        self._last_work_at = datetime.now(UTC)
        return 0.0

    def close(self, connection: Connection | None) -> None:  # noqa: ARG002 - nothing is in hand
        """Stop watching and end ExifTool."""
        self._stop_watching()
        self._reader.close()

    def _roots_are_there(self, connection: Connection) -> bool:
        """The guard: without its marker a folder is not touched, and nothing counts as gone."""
        try:
            roots.ensure_root(connection, "library", self._settings.library)
            roots.ensure_root(connection, "inbox", self._settings.inbox)
        except (roots.RootMissingError, OSError) as error:
            if self._paused is None:
                LOGGER.error("paused", reason=str(error))  # noqa: TRY400 - expected
            self._paused = str(error)
            self._stop_watching()
            return False
        if self._sweep_due:
            storage.sweep_incoming(self._settings.library)
            self._sweep_due = False
        if self._paused is not None:
            LOGGER.info("resumed")
            self._paused, self._scan_due = None, 0.0
        return True

    def _stop_watching(self) -> None:
        if self._watch is not None:
            self._watch.stop()
            self._watch = None

    def _look_at_changes(self, connection: Connection) -> None:
        if self._watch is None:
            self._watch = Watch(self._settings.inbox, self._pulse.wake)
            mode = self._settings.watch_mode
            wants = mode == "events" or (mode == "auto" and raises_events(self._settings.inbox))
            self._has_events = wants and self._watch.start()
            self._scan_due = 0.0  # after the watches stand, so that nothing falls between
        paths = self._watch.take_paths()
        try:
            self._observe(connection, self._sightings(paths))
            gone = [path for path in paths if not inbox.is_there(self._settings.inbox, path)]
            queries.forget_paths(connection, gone)
        except psycopg.Error:
            self._scan_due = 0.0  # the events are used up; a scan finds what they named
            raise

    def _sightings(self, paths: Iterable[bytes]) -> Iterator[Sighting]:
        for path in paths:
            sighting = inbox.look(self._settings.inbox, path)
            if sighting is not None:
                yield sighting
            elif not inbox.is_ignored(path):
                yield from inbox.walk(self._settings.inbox, path)

    def _observe(self, connection: Connection, sightings: Iterator[Sighting]) -> None:
        while batch := list(islice(sightings, SIGHTINGS_AT_ONCE)):
            new = self._without_half_released(connection, batch)
            queries.observe(connection, new, self._settings.stability_seconds)
            self._pulse.alive()

    def _without_half_released(
        self, connection: Connection, sightings: Sequence[Sighting]
    ) -> list[Sighting]:
        """Leave out files whose release was cut short: their own row sees to them."""
        keys = {sighting.path: inbox.release_key(sighting.path) for sighting in sightings}
        asides = [key for key in keys.values() if key is not None]
        known = queries.in_release(connection, asides) if asides else set()
        return [sighting for sighting in sightings if keys[sighting.path] not in known]

    def _scan_if_due(self, connection: Connection) -> None:
        if time.monotonic() < self._scan_due:
            return
        self._observe(connection, inbox.walk(self._settings.inbox))
        self._forget_what_went_away(connection)
        wait = self._settings.scan_seconds if self._has_events else self._settings.poll_scan_seconds
        self._scan_due = time.monotonic() + wait

    def _forget_what_went_away(self, connection: Connection) -> None:
        last_id = 0
        while rows := queries.remembered_after(connection, last_id, SIGHTINGS_AT_ONCE):
            gone = [
                file_id for file_id, path in rows if not inbox.is_there(self._settings.inbox, path)
            ]
            if gone:
                queries.forget(connection, gone)
            last_id = rows[-1][0]

    def _seconds_to_next_turn(self, connection: Connection) -> float:
        to_scan = max(0.0, self._scan_due - time.monotonic())
        to_file = queries.seconds_to_next(connection)
        return to_scan if to_file is None else min(to_scan, max(0.05, to_file))
