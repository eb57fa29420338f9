"""Sees what is in an inbox: by events where there are any, by scans for what events miss."""

import time
from collections.abc import Callable, Sequence
from typing import Literal

import psycopg
from photo_factory.database import Connection

from librarian import inbox, mounts, sightings
from librarian.events import NEVER, Events
from librarian.inbox import Sighting
from librarian.inboxes import Inbox
from librarian.settings import LibrarianSettings
from librarian.survey import Survey

PATHS_AT_ONCE = 1000
SLICE_SECONDS = 0.5
"""So long a scan goes on within one look; the rest is done in the next ones."""
FULL_SECONDS = 86_400.0
"""A file that is changed in place does not touch its folder's time: all is listed so often."""
SCAN_REST = 20.0
"""A scan for changes that took a second is followed by so many without one, but at most by
PF_SCAN_SECONDS."""
REVISIT_REST = 100.0
"""The same, without an end, for going through the rows of files that wait or have failed."""
MOST_MOVED = 20
"""Of folders moved away at once; going through all rows is cheaper from there on."""


class Lookout:
    """Writes what it sees in one inbox into `inbox_files`.

    It is to be asked to look only while the inbox's folder is known to be the right one.

    Args:
        watched: The inbox.
        settings: How and how often to look.
        wake: Called from another thread when there is something to look at.
        alive: Called every now and then during long work.
    """

    def __init__(
        self,
        watched: Inbox,
        settings: LibrarianSettings,
        wake: Callable[[], None],
        alive: Callable[[], None],
    ) -> None:
        self._inbox = watched
        self._settings = settings
        self._alive = alive
        self._events = Events(watched, settings, wake)
        self._survey = Survey(watched.root, self._events.add)
        self._root: tuple[int, int] | None = None
        self._full_seconds = FULL_SECONDS
        self._is_scanning = self._is_full = False
        self._listing_seconds = 0.0
        self._revisited_id: int | None = None
        self._scan_due = self._full_due = self._revisit_due = 0.0

    @property
    def noticing(self) -> Literal["events", "scans"]:
        """How new files are noticed at present."""
        return "events" if self._events.are_on else "scans"

    @property
    def warning(self) -> str | None:
        """A sentence while events are wanted and cannot be had."""
        return self._events.warning

    @property
    def seconds_to_scan(self) -> float:
        """When to look again at the latest."""
        if self._has_work:
            return 0.0
        to_scan = max(0.0, self._scan_due - time.monotonic())
        return min(to_scan, self._events.seconds_to_retry)

    def scan_now(self) -> None:
        """List every folder, beginning with the next look, or after the scan that goes on."""
        self._scan_due = self._full_due = self._revisit_due = 0.0

    def stop(self) -> None:
        """Watch no longer and forget all; the next look begins anew, with every folder."""
        self._events.stop()
        self._survey = Survey(self._inbox.root, self._events.add)
        self._root = None
        self._is_scanning, self._revisited_id = False, None
        self.scan_now()

    def look(self, connection: Connection) -> None:
        """Write down what events have named and, if it is due, what a scan finds.

        A long scan is spread over several looks.

        Raises:
            psycopg.Error: The database is away; what was seen is found again by a scan.
        """
        if not self._is_set_up():
            return
        try:
            self._look_at_changes(connection)
            self._scan(connection)
        except psycopg.Error:
            self.scan_now()
            raise

    def _is_set_up(self) -> bool:
        """Begin, or begin anew where the folder is another one than at the last look."""
        root = self._root_now()
        if self._root is not None and (root != self._root or self._events.are_cut_off):
            self.stop()  # is it the right folder still? That is asked before the next look
            return False
        if root is None:
            self._scan_due = time.monotonic() + self._settings.poll_scan_seconds
            return False
        if self._root is None or self._events.seconds_to_retry == 0:
            self._root = root
            self._begin()
            self._scan_due = 0.0  # in a scan, each folder comes to be watched
        return True

    def _root_now(self) -> tuple[int, int] | None:
        try:
            status = self._inbox.root.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def _begin(self) -> None:
        kind = mounts.file_system(self._inbox.root)
        is_trusted = mounts.keeps_folder_times(kind)
        self._full_seconds = FULL_SECONDS if is_trusted else self._settings.scan_seconds
        self._events.start(kind)

    def _look_at_changes(self, connection: Connection) -> None:
        changes = self._events.take()
        if not changes.is_complete:
            self.scan_now()
        for start in range(0, len(changes.paths), PATHS_AT_ONCE):
            self._look_at(connection, changes.paths[start : start + PATHS_AT_ONCE])
        if len(changes.moved_away) > MOST_MOVED:
            self._scan_due = self._revisit_due = 0.0
        elif self._root_now() == self._root:
            sightings.forget_below(connection, self._inbox.name, changes.moved_away)

    def _look_at(self, connection: Connection, paths: Sequence[bytes]) -> None:
        """Write down what stands at some paths, and what does no more; folders are listed later.

        What is reached through a link lies elsewhere, and counts as gone.
        """
        root = self._inbox.root
        elsewhere = inbox.folders_behind_links(root, paths)
        files, gone = [], []
        for path in paths:
            is_here = path.rpartition(b"/")[0] not in elsewhere
            found = inbox.look(root, path) if is_here else None
            if found is not None:
                files.append(found)
                continue
            if not is_here or inbox.is_gone(root, path):
                gone.append(path)
            if is_here and inbox.is_folder(root, path):
                self._survey.list_folder(path)
        self._write(connection, files)
        if self._root_now() == self._root:  # nothing counts as gone because the whole inbox is
            sightings.forget_paths(connection, self._inbox.name, gone)

    def _write(self, connection: Connection, seen: Sequence[Sighting]) -> None:
        sightings.observe(connection, self._inbox.name, seen, self._settings.stability_seconds)
        self._alive()

    def _scan(self, connection: Connection) -> None:
        self._start_scan_if_due()
        began = time.monotonic()
        while self._has_work and time.monotonic() - began < SLICE_SECONDS:
            if self._survey.has_work:
                self._go_on(connection)
            else:
                self._revisit(connection)
        if self._is_scanning and not self._has_work:
            self._end_scan()

    @property
    def _has_work(self) -> bool:
        return self._survey.has_work or self._revisited_id is not None

    def _start_scan_if_due(self) -> None:
        now = time.monotonic()
        if self._is_scanning or now < self._scan_due:
            return
        self._is_scanning, self._listing_seconds = True, 0.0
        self._scan_due = NEVER
        if now >= self._revisit_due:
            self._revisited_id, self._revisit_due = 0, now
        self._is_full = now >= self._full_due
        if self._is_full:
            self._full_due = now + self._full_seconds
            self._survey.list_all()
        else:
            self._survey.list_changed()

    def _go_on(self, connection: Connection) -> None:
        began = time.monotonic()
        self._write(connection, self._survey.next_batch())
        self._listing_seconds += time.monotonic() - began

    def _revisit(self, connection: Connection) -> None:
        """Look again at some of what waits or has failed: unchanged folders are not listed."""
        began = time.monotonic()
        rows = sightings.remembered_after(
            connection, self._inbox.name, self._revisited_id or 0, PATHS_AT_ONCE
        )
        self._look_at(connection, [path for _, path in rows])
        self._revisited_id = rows[-1][0] if rows else None
        now = time.monotonic()
        self._revisit_due = max(now, self._revisit_due) + REVISIT_REST * (now - began)

    def _end_scan(self) -> None:
        self._is_scanning = False
        self._events.confirm()
        settings = self._settings
        wait = settings.scan_seconds if self._events.are_on else settings.poll_scan_seconds
        if not self._is_full:
            wait = max(wait, min(SCAN_REST * self._listing_seconds, settings.scan_seconds))
        self._scan_due = min(self._scan_due, time.monotonic() + wait)  # at once, if asked for
