"""Runs an import, or its rehearsal, from the first check to the last line."""

import select
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

import psycopg
import structlog
import typer
from librarian.bulk import Import
from librarian.bulk_rehearsal import Rehearsal
from librarian.bulk_sources import RefusedError, Source, find_sources
from librarian.settings import LibrarianSettings
from librarian.takeout.collection import Collection
from librarian.takeout.takeout_import import TakeoutImport
from librarian.takeout.takeout_rehearsal import TakeoutRehearsal
from photo_factory.database import Connection
from photo_factory.pulse import Pulse
from photo_factory.settings import Settings, load

from cli.bulk.display import Display
from cli.bulk.order import Order
from cli.bulk.view import Ending, View, view
from cli.commands.session import (
    FINDINGS,
    DatabaseUnavailableError,
    database,
    fail,
    open_database,
    tolerate_odd_names,
)

OUTAGE_SECONDS = 60.0
"""So long an import waits for a database that is being restarted."""
RETRY_SECONDS = 1.0


def run(order: Order) -> int:
    """Do what was asked; returns the exit code."""
    tolerate_odd_names()
    settings = load(LibrarianSettings)
    _log_to_standard_error(settings)
    pulse = Pulse()
    try:
        task = _Task(order, settings, pulse)
        with _stopping(pulse), database(settings) as connection:
            ending = task.rehearse(connection) if order.is_dry_run else task.do(connection)
    except RefusedError as error:
        fail(str(error))
    return 0 if ending.is_well else FINDINGS


class _Task:
    """One call of the command."""

    def __init__(self, order: Order, settings: LibrarianSettings, pulse: Pulse) -> None:
        self._order = order
        self._settings = settings
        self._collection: Collection | None = None
        self._sources: Sequence[Source] = ()
        if order.is_takeout:
            self._collection = Collection(order.paths, settings, with_trash=order.with_trash)
        else:
            self._sources = find_sources(order.paths, settings, order.mode)
        self._pulse = pulse
        self._view: View = view(order)
        self._began = time.monotonic()
        self._is_begun = False

    def rehearse(self, connection: Connection) -> Ending:
        """Tell of each file as soon as it has been read."""
        rehearsal = self._rehearsal()
        try:
            rehearsal.begin(connection)
            self._begin()
            with Display("Reading") as display:
                results = rehearsal.results(connection, lambda: display.update(rehearsal.progress))
                for result in results:
                    self._view.add(result)
        finally:
            rehearsal.close()
        takeout = rehearsal.takeout if isinstance(rehearsal, TakeoutRehearsal) else None
        room = _room(self._settings.library)
        return self._end(Ending(rehearsal.report, self._seconds, room, takeout))

    def do(self, connection: Connection) -> Ending:
        """Import, and tell at the end what has been committed."""
        work = self._work()
        with _Line(self._settings, connection) as line:
            try:
                with Display("Importing") as display:
                    self._turn(work, line, display)
            finally:
                work.close(line.connection)
            self._begin()
            for result in work.results(line.connection):
                self._view.add(result)
            takeout = work.takeout(line.connection) if isinstance(work, TakeoutImport) else None
            ending = Ending(work.report(line.connection), self._seconds, takeout=takeout)
            work.tidy(line.connection)
        return self._end(ending)

    def _work(self) -> Import | TakeoutImport:
        if self._collection is not None:
            return TakeoutImport(self._settings, self._collection, self._pulse)
        return Import(self._settings, self._sources, self._order.mode, self._pulse)

    def _rehearsal(self) -> Rehearsal | TakeoutRehearsal:
        if self._collection is not None:
            return TakeoutRehearsal(self._settings, self._collection, self._pulse)
        return Rehearsal(self._settings, self._sources, self._order.mode, self._pulse)

    def _turn(self, work: Import | TakeoutImport, line: "_Line", display: Display) -> None:
        while not self._pulse.is_stopping:
            try:
                delay = work.turn(line.connection)
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                line.mend(error)
                continue
            line.has_answered()
            self._begin()
            display.update(work.progress)
            if delay is None:
                return
            select.select([self._pulse.fileno()], [], [], delay)
            self._pulse.drain()
        typer.echo("Finishing what has been begun. Ctrl-C once more ends it at once.", err=True)
        work.wind_down(line.connection)

    def _begin(self) -> None:
        """Say what will be done, once; not before it is known that it can be."""
        if not self._is_begun:
            names = [source.name for source in self._sources]
            if self._collection is not None:
                names = [part.name for part in self._collection.parts.parts]
            self._view.begin(self._order, names, self._settings.library)
            self._is_begun = True

    def _end(self, ending: Ending) -> Ending:
        self._view.end(ending)
        return ending

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._began


class _Line:
    """A connection that is opened again when the database was away for a while.

    Args:
        settings: Where the database is.
        connection: The first one; whoever opened it closes it.
    """

    def __init__(self, settings: Settings, connection: Connection) -> None:
        self._settings = settings
        self._first = self.connection = connection
        self._trouble_since: float | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.connection is not self._first:
            self.connection.close()

    def mend(self, error: psycopg.Error) -> None:
        """Wait a little, and connect if need be; raises the error if it has lasted too long."""
        now = time.monotonic()
        self._trouble_since = self._trouble_since or now
        if now - self._trouble_since > OUTAGE_SECONDS:
            raise error
        time.sleep(RETRY_SECONDS)
        if self.connection.closed:
            with suppress(DatabaseUnavailableError):
                self.connection = open_database(self._settings)

    def has_answered(self) -> None:
        """The trouble is over, if there was any."""
        self._trouble_since = None


@contextmanager
def _stopping(pulse: Pulse) -> Iterator[None]:
    """Ctrl-C and SIGTERM end the import at the next safe point; a second time, at once."""

    def stop(number: int, frame: FrameType | None) -> None:
        del frame
        pulse.is_stopping = True
        pulse.wake()
        signal.signal(number, signal.SIG_DFL)

    former = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    # A broken file lease would end the process.
    former[signal.SIGIO] = signal.signal(signal.SIGIO, signal.SIG_IGN)
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _log_to_standard_error(settings: Settings) -> None:
    """What the engine logs is for services: the command says it in its own words at the end."""
    is_wanted = "log_level" in settings.model_fields_set
    name = settings.log_level if is_wanted else "critical"
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(name),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


def _room(folder: Path) -> int | None:
    """Free bytes where a folder is or will be."""
    try:
        existing = next(one for one in (folder, *folder.parents) if one.exists())
        return shutil.disk_usage(existing).free
    except OSError:
        return None
