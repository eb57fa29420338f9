"""Takes folders outside the inboxes into the library, with the engine of the librarian's service.

It runs in a process of its own, beside the service or without it. Each folder is an inbox that is
gone through once: what is copied is remembered in the ledger `seen`, so that doing it again, or
going on after a stop, reads nothing twice; what is moved is removed as the inbox's files are.
"""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import get_args
from uuid import uuid4

from photo_factory import storage
from photo_factory.database import Connection
from photo_factory.pulse import Pulse

from librarian import bulk_queries, claims, queries, sightings
from librarian.bulk_flow import Extent, Supply, Walk
from librarian.bulk_queries import Kind, LeftFile, Marks, Open, StoredFile
from librarian.bulk_report import Count, FileResult, Progress, Report, Verdict
from librarian.bulk_sources import RefusedError
from librarian.grouping import Notes
from librarian.guard import LIBRARY, Guard
from librarian.inbox import Sighting
from librarian.inboxes import Mode
from librarian.ingest import Ingest
from librarian.intake import LIBRARY_CODES
from librarian.settings import LibrarianSettings

AS_IT_IS = {"incomplete_seconds": 0.0, "other_files": "leave"}
"""A source is no place where files arrive, so none is waited for; nothing in it is put aside."""
LOOKAHEAD = 4000
"""Files at most that stand in `inbox_files` at a time: the service, which looks there for its own
files, shall not have to look past a hundred thousand of others."""
FEED_SECONDS = 0.3
LOOK_SECONDS = 0.25
MEND_SECONDS = 10.0
REST_SECONDS = 0.1
PATIENCE_SECONDS = 60.0
"""So long an import waits for files in use or for room on the disk while nothing else goes on."""
NOTICED_SECONDS = 2.0
STORED: tuple[Kind, ...] = ("new", "duplicate", "sidecar")
IN_USE = "it was changing, or a program had it open for writing"


class Import:
    """One bulk import: `turn` until that returns None, then `close`, `report`, `results`, `tidy`.

    It does not heed the pause of the service: a person has asked for it.

    Args:
        settings: The librarian's.
        sources: What to take in; see `bulk_sources.find_sources` and `takeout.spool`.
        mode: keep leaves the sources as they are; move removes what is stored.
        pulse: Woken when a huge file is done.
        notes: Tells what is known of files from elsewhere, for their dates.
    """

    def __init__(
        self,
        settings: LibrarianSettings,
        sources: Sequence[Supply],
        mode: Mode,
        pulse: Pulse,
        notes: Notes | None = None,
    ) -> None:
        self._settings = settings.model_copy(update=AS_IT_IS)
        self._sources = sources
        self._mode = mode
        self._inboxes = {source: source.inbox(mode) for source in sources}
        self._names = [inbox.name for inbox in self._inboxes.values()]
        self._places = {source.root: _place(source.root) for source in sources}
        self._owner = uuid4()
        self._guard = Guard(self._settings, ())
        self._ingest = Ingest(
            self._settings, list(self._inboxes.values()), self._guard, pulse, self._owner
        )
        self._ingest.describes_backlog = False  # the service does it when it has time
        self._ingest.notes = notes
        self._walks = deque(
            Walk(inbox.name, source, source.flow(mode)) for source, inbox in self._inboxes.items()
        )
        self._batch: list[Sighting] = []
        self._connection: Connection | None = None
        self._marks: Marks | None = None
        self._extent: Extent | None = None
        self._fed = self._known = Count()
        self._other: dict[str, Count] = {}
        self._open = Open(0, 0, None)
        self._room = LOOKAHEAD
        self._look_due = self._mend_due = self._settled_at = 0.0
        self._settled_files = -1
        self._is_complete = self._has_waited = False
        self._trouble: str | None = None

    @property
    def progress(self) -> Progress:
        """How far it is."""
        extent = self._extent
        is_counted = extent is not None and extent.is_known
        counted = Count() if extent is None else Count(extent.files, extent.size_bytes)
        # While it is being counted, and if files come meanwhile, more may have been fed.
        total = counted if counted.files > self._fed.files else self._fed
        done = self._fed - Count(self._open.files, self._open.size_bytes)
        is_resting = self._open.files > 0 == self._ingest.in_hand
        is_resting = is_resting and self._seconds_at_rest > NOTICED_SECONDS
        reason = (self._open.reason or IN_USE) if is_resting else None
        return Progress(done, total, self._known, is_counted, reason)

    @property
    def is_complete(self) -> bool:
        """Whether everything was seen and dealt with."""
        return self._is_complete

    def turn(self, connection: Connection) -> float | None:
        """Move everything one step on.

        Args:
            connection: In autocommit mode; another one after the first was lost.

        Returns:
            The seconds until the next turn at the latest; None if this was the last one.

        Raises:
            RefusedError: It cannot begin: the library is not there, or another import is at it.
        """
        if connection is not self._connection:
            self._begin(connection)
        if not self._has_folders(connection):
            return None
        self._mend(connection)
        self._feed(connection)
        if self._trouble is not None:
            return None
        is_busy = self._ingest.turn(connection, self._names)
        if time.monotonic() >= self._look_due or not is_busy:
            self._look(connection)
            if self._has_ended(connection):
                return None
        return 0.0 if is_busy else REST_SECONDS

    def wind_down(self, connection: Connection) -> None:
        """Finish what has been begun, as far as that is quick; to be called after a stop."""
        deadline = time.monotonic() + self._settings.grace_seconds
        while self._ingest.in_hand and time.monotonic() < deadline:
            if not self._ingest.turn(connection, self._names):
                time.sleep(REST_SECONDS)

    def put_right(self, connection: Connection) -> None:
        """Move all that lies under another day than its own; also after `close`."""
        while self._ingest.put_right(connection):
            pass

    def _has_ended(self, connection: Connection) -> bool:
        """Whether all is done, or what is left has not been to be had for too long."""
        self._is_complete = not self._walks and self._open.files == 0
        if self._is_complete:
            return True
        if self._open.files == 0:  # the next file is being made
            return False
        if self._ingest.in_hand or self._seconds_at_rest < PATIENCE_SECONDS:
            return False
        standstills = queries.trouble_codes(connection, self._names)
        self._has_waited = not LIBRARY_CODES & standstills.keys()
        self._trouble = next(iter(standstills.values()), None)
        return True

    @property
    def _seconds_at_rest(self) -> float:
        """Since a file was last settled."""
        return time.monotonic() - self._settled_at

    def _begin(self, connection: Connection) -> None:
        """On the first connection start anew; on a later one only show again that it lives."""
        is_first = self._marks is None
        self._guard.active(connection)
        if is_first and self._guard.missing:
            raise RefusedError(f"Nothing can be imported: {self._guard.missing[LIBRARY]}")  # noqa: EM102, TRY003 - the guard's own sentence
        for source in self._sources:
            if not bulk_queries.lock(connection, source.name, is_first=is_first):
                message = f"Another import from {source.name} is running."
                raise RefusedError(message)
        claims.hold_owner_lock(connection, self._owner)
        if is_first:
            self._start(connection)
        self._connection = connection
        self._mend_due = 0.0

    def _start(self, connection: Connection) -> None:
        library_device = self._settings.library.stat().st_dev
        for source, inbox in self._inboxes.items():
            is_foreign = self._mode == "keep" and not source.is_own
            if is_foreign or source.root.stat().st_dev != library_device:
                self._guard.copied.add(inbox.name)
            other = source.inbox("move" if self._mode == "keep" else "keep")
            bulk_queries.restart(connection, inbox.name, other.name, _paths(source))
            if source.is_own:
                bulk_queries.hold_back(connection, inbox.name)
        self._known = Count(*bulk_queries.releasing(connection, self._names))
        self._marks = bulk_queries.marks(connection)
        self._extent = Extent(self._sources)
        self._settled_at = time.monotonic()

    def _has_folders(self, connection: Connection) -> bool:
        """Whether library and sources are still the folders that they were at the start."""
        self._guard.active(connection)
        gone = [root for root, place in self._places.items() if _place(root) != place]
        if self._guard.missing:
            self._trouble = self._guard.missing[LIBRARY]
        elif gone:
            self._trouble = f"{gone[0]} has gone. Is the disk, card or share still connected?"
        return self._trouble is None

    def _mend(self, connection: Connection) -> None:
        """Take over what killed librarians and imports have left."""
        if time.monotonic() < self._mend_due:
            return
        claims.recover(connection, self._owner)
        self._ingest.mend(connection)
        storage.sweep_incoming(self._settings.library)
        self._mend_due = time.monotonic() + MEND_SECONDS

    def _feed(self, connection: Connection) -> None:
        """Show the engine more files, as long as it has not too many before it."""
        until = time.monotonic() + FEED_SECONDS
        while self._walks and self._room > 0 and time.monotonic() < until:
            walk = self._walks[0]
            try:
                self._batch = self._batch or walk.take()
            except RefusedError as error:
                self._trouble = str(error)
                return
            if self._batch:
                self._show(connection, walk, self._batch)
                self._batch = []
            elif walk.has_ended:
                self._end_walk(connection)
            else:
                self._walks.rotate(-1)
                return

    def _show(self, connection: Connection, walk: Walk, batch: Sequence[Sighting]) -> None:
        is_kept = self._mode == "keep"
        seen = bulk_queries.seen(connection, walk.name, batch) if is_kept else set()
        fresh = [one for one in batch if one.path not in seen]
        sightings.observe(connection, walk.name, fresh, 0.0)
        walk.supply.shown(batch)
        self._fed += _count(batch)
        self._known += _count([one for one in batch if one.path in seen])
        self._room -= len(fresh)

    def _end_walk(self, connection: Connection) -> None:
        if self._walks[0].supply.is_own:
            bulk_queries.let_on(connection, self._walks[0].name)
        self._walks.popleft()

    def _look(self, connection: Connection) -> None:
        """See what is left to do."""
        for suffix, files, size_bytes in bulk_queries.forget_others(connection, self._names):
            self._other[suffix] = self._other.get(suffix, Count()) + Count(files, size_bytes)
        self._open = bulk_queries.still_open(connection, self._names)
        self._room = LOOKAHEAD - self._open.files
        settled_files = self._fed.files - self._open.files
        now = time.monotonic()
        if settled_files != self._settled_files:
            self._settled_files, self._settled_at = settled_files, now
        self._look_due = now + LOOK_SECONDS

    def close(self, connection: Connection | None) -> None:
        """Give back what is in hand, and end the threads and ExifTools."""
        if self._extent is not None:
            self._extent.stop()
        self._ingest.close(connection)
        if connection is not None and not connection.closed and self._marks is not None:
            self._look(connection)

    def report(self, connection: Connection) -> Report:
        """What became of all files together; read from what is committed."""
        verdicts: dict[Verdict, Count] = dict.fromkeys(get_args(Verdict), Count())
        for source in self._sources if self._marks else ():
            for kind in STORED:
                verdicts[kind] += self._count_stored(connection, source, kind)
            for one in self._read_left(connection, source):
                verdicts[one.verdict] += Count(1, one.size_bytes)
        return Report(
            found=self._fed,
            known=self._known,
            verdicts=verdicts,
            other=self._other,
            is_complete=self._is_complete,
            trouble=self._trouble,
        )

    def results(self, connection: Connection) -> Iterator[FileResult]:
        """What became of each file but those known already and those of other kinds."""
        for source in self._sources if self._marks else ():
            name = self._inboxes[source].name
            for kind in STORED:
                mark = getattr(self._marks, kind)
                for one in bulk_queries.read_stored(connection, kind, name, mark):
                    yield _stored(source, kind, one)
            yield from self._read_left(connection, source)

    def tidy(self, connection: Connection) -> None:
        """Forget what was left alone; what failed stays, for it explains itself."""
        bulk_queries.forget_waiting(connection, self._names)

    def _count_stored(self, connection: Connection, source: Supply, kind: Kind) -> Count:
        name, mark = self._inboxes[source].name, getattr(self._marks, kind)
        return Count(*bulk_queries.count_stored(connection, kind, name, mark))

    def _read_left(self, connection: Connection, source: Supply) -> Iterator[FileResult]:
        name = self._inboxes[source].name
        for one in bulk_queries.read_left(connection, ["failed"], name, _paths(source)):
            yield _left(source, "failed", one, one.message)
        for one in bulk_queries.read_left(connection, ["waiting"], name, _paths(source)):
            # What has no reason was not reached, unless it was waited for in vain.
            if one.message or self._has_waited:
                yield _left(source, "left", one, one.message or f"{one.path}: {IN_USE}")


def _place(folder: Path) -> tuple[int, int] | None:
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _paths(source: Supply) -> list[bytes] | None:
    return None if source.names is None else sorted(source.names)


def _count(found: Sequence[Sighting]) -> Count:
    return Count(len(found), sum(one.identity.size_bytes for one in found))


def _stored(source: Supply, kind: Kind, one: StoredFile) -> FileResult:
    return FileResult(
        verdict=kind,
        path=f"{source.name}/{one.path}",
        size_bytes=one.size_bytes,
        folder=str(PurePosixPath(one.stored_as).parent) if kind == "new" else None,
        stored_as=one.stored_as,
        date_source=one.date_source,
    )


def _left(source: Supply, verdict: Verdict, one: LeftFile, message: str) -> FileResult:
    return FileResult(
        verdict=verdict,
        path=f"{source.name}/{one.path}",
        size_bytes=one.size_bytes,
        code=one.code or None,
        message=message,
    )
