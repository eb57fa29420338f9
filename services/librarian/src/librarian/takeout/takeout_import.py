"""Imports a Takeout: reads all parts, takes their media in, then attaches what Google says of them.

It is turned like a `bulk.Import`, which does the middle of it, and can be killed at any point: what
is stored is in the ledger, what is attached has its row, and the rest is done by the next run.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from threading import Thread

from photo_factory.database import Connection
from photo_factory.pulse import Pulse

from librarian import bulk_queries
from librarian.bulk import Import
from librarian.bulk_flow import Supply
from librarian.bulk_report import Count, FileResult, Progress, Report
from librarian.bulk_sources import RefusedError
from librarian.guard import LIBRARY, Guard
from librarian.queries import InboxFile
from librarian.settings import LibrarianSettings
from librarian.takeout import takeout_queries
from librarian.takeout.attachment import Attachment, take_back
from librarian.takeout.collection import Collection
from librarian.takeout.spool import Limits, Spool
from librarian.takeout.takeout_report import TakeoutReport, describe_index

REST_SECONDS = 0.1
SCRATCH = ".notes"


class _Stopped(Exception):  # noqa: N818 - no error: a person has stopped it
    """The parts shall not be read further."""


class Reading:
    """Reads all parts in a thread.

    Args:
        collection: What to read.
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._is_stopped = False
        self._error: BaseException | None = None
        self.members = 0
        self._thread = Thread(target=self._run, name="index", daemon=True)
        self._thread.start()

    def has_ended(self) -> bool:
        """Whether all is read.

        Raises:
            BaseException: What has ended it.
        """
        if self._thread.is_alive():
            return False
        if self._error is not None:
            raise self._error
        return True

    def stop(self) -> None:
        """Read no further."""
        self._is_stopped = True
        self._thread.join()

    def _run(self) -> None:
        try:
            self._collection.read(self._go_on)
        except _Stopped:
            pass
        except BaseException as error:  # noqa: BLE001 - it is raised again in the main thread
            self._error = error

    def _go_on(self) -> None:
        self.members += 1
        if self._is_stopped:
            raise _Stopped


class TakeoutImport:
    """One import of a Takeout: `turn` until that returns None, then as `bulk.Import`.

    Args:
        settings: The librarian's.
        collection: What to import.
        pulse: Woken when a huge file is done.
        limits: How much may lie unpacked; usual ones if None.
    """

    def __init__(
        self,
        settings: LibrarianSettings,
        collection: Collection,
        pulse: Pulse,
        limits: Limits | None = None,
    ) -> None:
        self._settings = settings
        self._collection = collection
        self._pulse = pulse
        self._limits = limits or Limits(keep_free_bytes=settings.keep_free_bytes)
        self._guard = Guard(settings, ())
        self._connection: Connection | None = None
        self._reading: Reading | None = None
        self._spool: Spool | None = None
        self._import: Import | None = None
        self._attachment: Attachment | None = None
        self._has_closed_import = self._is_attached = False
        self._trouble: str | None = None

    @property
    def progress(self) -> Progress:
        """How far the present step is."""
        if self._attachment is not None and self._collection.index is not None:
            done = Count(self._attachment.tally.media)
            total = Count(max(done.files, len(self._collection.index.media)))
            return Progress(done, total, Count(), is_counted=True)
        if self._import is not None:
            return self._import.progress
        read = Count(0 if self._reading is None else self._reading.members)
        return Progress(read, read, Count(), is_counted=False)

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
            self._hold(connection)
        if self._attachment is not None:
            return self._attach(connection, self._attachment)
        if self._import is not None:
            return self._take_in(connection, self._import)
        if self._reading is None:
            self._reading = Reading(self._collection)
        if not self._reading.has_ended():
            return REST_SECONDS
        self._import = self._begin_import()
        return 0.0

    def wind_down(self, connection: Connection) -> None:
        """Finish what has been begun, as far as that is quick; to be called after a stop."""
        if self._spool is not None:
            self._spool.stop()
        if self._import is not None and not self._has_closed_import:
            self._import.wind_down(connection)

    def close(self, connection: Connection | None) -> None:
        """Give back what is in hand, and end the threads and ExifTools."""
        if self._reading is not None:
            self._reading.stop()
        self._close_import(connection)
        if self._spool is not None:
            self._spool.close()
        if self._collection.index is not None:
            self._collection.index.close()

    def report(self, connection: Connection) -> Report:
        """What became of all files together; read from what is committed."""
        if self._import is None:
            return Report(Count(), Count(), {}, is_complete=False, trouble=self._trouble)
        whole = self._import.report(connection)
        failed = sum((Count(1, one.size_bytes) for one in self._failed()), Count())
        return replace(
            whole,
            found=whole.found + failed,
            verdicts={**whole.verdicts, "failed": whole.verdicts["failed"] + failed},
            is_complete=whole.is_complete and self._is_attached,
            trouble=whole.trouble or self._trouble,
        )

    def takeout(self, connection: Connection) -> TakeoutReport:
        """What was in the Takeout, and what came of it."""
        collection = self._collection
        names = tuple(part.name for part in collection.parts.parts)
        if collection.index is None:
            faults = tuple(collection.parts.faults)
            return TakeoutReport(names, collection.parts.missing, faults=faults)
        whole = describe_index(collection.index, names, len(collection.left_out))
        tally = None if self._attachment is None else self._attachment.tally
        return replace(
            whole,
            attached=None if tally is None else tally.stored,
            redated=0 if tally is None else tally.redated,
            memberships=0 if tally is None else tally.memberships,
            dates=takeout_queries.date_sources(connection, collection.inboxes),
        )

    def results(self, connection: Connection) -> Iterator[FileResult]:
        """What became of each file but those known already and those of other kinds."""
        if self._import is not None:
            yield from self._import.results(connection)
        yield from self._failed()

    def tidy(self, connection: Connection) -> None:
        """Forget what was left alone; what failed stays, for it explains itself."""
        if self._import is not None:
            self._import.tidy(connection)

    def _hold(self, connection: Connection) -> None:
        """Let nobody else import this Takeout; the first time, clear up after a killed import."""
        collection, is_first = self._collection, self._connection is None
        if not bulk_queries.lock(connection, collection.name, is_first=is_first):
            message = f"Another import of {collection.name} is running."
            raise RefusedError(message)
        if not self._has_library(connection):
            if is_first:
                message = f"Nothing can be imported: {self._trouble}"
                raise RefusedError(message)
        elif is_first:
            take_back(connection, self._settings.library, collection.inbox)
        self._connection = connection

    def _has_library(self, connection: Connection) -> bool:
        self._guard.active(connection)
        self._trouble = self._guard.missing.get(LIBRARY)
        return self._trouble is None

    def _begin_import(self) -> Import:
        collection = self._collection
        sources: list[Supply] = list(collection.folders)
        self._spool = Spool(
            self._settings.library,
            collection.name,
            collection.archives,
            collection.wanted(),
            self._limits,
        )
        sources.append(self._spool)
        return Import(self._settings, sources, "keep", self._pulse, self._tags)

    def _tags(self, file: InboxFile) -> Mapping[str, object]:
        tree = self._collection.tree_path(file.inbox, file.path_bytes)
        index = self._collection.index
        return {} if tree is None or index is None else index.tags_for(tree)

    def _take_in(self, connection: Connection, work: Import) -> float | None:
        delay = work.turn(connection)
        if self._spool is not None:
            self._spool.settle(connection)
        if delay is not None:
            return delay
        self._close_import(connection)
        if not work.is_complete:
            return None
        self._attachment = self._begin_attachment()
        return 0.0

    def _begin_attachment(self) -> Attachment:
        collection, spool = self._collection, self._spool
        assert collection.index is not None and spool is not None  # noqa: S101, PT018 - made before
        return Attachment(
            self._settings,
            collection.index,
            collection.media,
            collection.inbox,
            spool.root / SCRATCH,
        )

    def _attach(self, connection: Connection, work: Attachment) -> float | None:
        if not self._has_library(connection):
            return None
        try:
            is_going_on = work.turn(connection)
            if self._import is not None:
                self._import.put_right(connection)
            if is_going_on:
                return 0.0
        except OSError as error:
            library = self._settings.library
            self._trouble = f"the library {library} cannot be written: {error.strerror}"
            return None
        self._is_attached = True
        return None

    def _close_import(self, connection: Connection | None) -> None:
        if self._import is not None and not self._has_closed_import:
            if self._spool is not None:
                self._spool.stop()
            self._import.close(connection)
            self._has_closed_import = True

    def _failed(self) -> Iterator[FileResult]:
        """What could not be unpacked."""
        for member, fault in [] if self._spool is None else self._spool.failed:
            yield FileResult(
                "failed",
                f"{member.part}/{member.path}",
                member.size_bytes,
                code=fault.code,
                message=fault.message,
            )
