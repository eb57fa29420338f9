"""Runs an export, or its rehearsal, from the first check to the last line."""

import errno
import shutil
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from photo_factory import storage
from photo_factory.database import Connection
from photo_factory.roots import RootMissingError, verify_root
from photo_factory.settings import Settings
from photo_factory.storage import INCOMING_FOLDER, Incoming

from cli.commands.progress import progress
from cli.commands.session import FINDINGS, database, fail, load_settings
from cli.commands.wording import printable
from cli.export import queries
from cli.export.copying import Exporter, Result
from cli.export.ledger import Ledger
from cli.export.order import Filters, Order
from cli.export.originals import Originals
from cli.export.pieces import Shot, shots
from cli.export.queries import Asset
from cli.export.target import (
    KEEP_FREE_BYTES,
    Amount,
    RefusedError,
    check_room,
    check_target,
    measure,
)
from cli.export.view import Tally, View, view
from cli.export.writer import Writer
from cli.verification.original import reason

EXIFTOOL = "exiftool"
NOT_INSTALLED = (
    "ExifTool is not installed, so no tags can be written. "
    "Install it (Debian, Ubuntu: apt install libimage-exiftool-perl)."
)


def run(order: Order) -> int:
    """Do what was asked; returns the exit code."""
    settings = load_settings()
    if order.making.needs_exiftool and shutil.which(EXIFTOOL) is None:
        fail(NOT_INSTALLED)
    try:
        target = check_target(order.target, settings)
        with database(settings) as connection:
            verify_root(connection, "library", settings.library)
            ids = _choose(connection, order.filters, settings.library)
            if not ids:
                fail("No photo or video is like that. Nothing was written.")
            tally = _Task(order, settings, connection, target, ids).run()
    except (RefusedError, RootMissingError) as error:
        fail(
            f"Nothing can be exported: {error}"
            if isinstance(error, RootMissingError)
            else str(error)
        )
    return 0 if tally.is_complete and not tally.files["failed"] else FINDINGS


def _choose(connection: Connection, filters: Filters, library: Path) -> "array[int]":
    unknown = queries.unknown_assets(connection, filters.assets, library)
    if unknown:
        fail(f"The library has no photo or video {printable(unknown[0])}. Give an id or a path.")
    if filters.album is not None and not queries.has_album(connection, filters.album):
        fail(f"There is no album {printable(filters.album)}.")
    return queries.choose(connection, filters, library)


class _Task:
    """One call of the command."""

    def __init__(
        self,
        order: Order,
        settings: Settings,
        connection: Connection,
        target: Path,
        ids: "array[int]",
    ) -> None:
        self._order = order
        self._library = settings.library
        self._connection = connection
        self._target = target
        self._ids = ids
        self._view: View = view(order)
        self._tally = Tally(len(ids))

    def run(self) -> Tally:
        """Export, and say so; a target that can take no more ends it early."""
        amount = measure(self._assets(), self._target, self._order.making)
        if not self._order.is_dry_run:
            check_room(self._target, amount.missing)
        self._view.begin(self._order, self._target, len(self._ids))
        began = time.monotonic()
        try:
            self._rehearse(amount) if self._order.is_dry_run else self._export(amount)
            self._tally.is_complete = True
        except OSError as error:
            self._tally.trouble = _trouble(error, self._target)
        finally:
            self._tally.seconds = time.monotonic() - began
            self._view.end(self._tally)
        return self._tally

    def _assets(self) -> Iterator[Asset]:
        keeps = self._order.making.keep_coordinates
        return queries.read(self._connection, self._ids, keeps_coordinates=keeps)

    def _rehearse(self, amount: Amount) -> None:
        with Ledger(self._target) as ledger:
            exporter = self._exporter(Incoming(self._target), Writer(EXIFTOOL), ledger)
            self._each(
                "Comparing", amount, lambda shot: exporter.rehearse(shot, self._order.making)
            )

    def _export(self, amount: Amount) -> None:
        self._target.mkdir(exist_ok=True)
        storage.sweep_incoming(self._target)
        try:
            with (
                Incoming(self._target, KEEP_FREE_BYTES) as incoming,
                Writer(EXIFTOOL) as writer,
                Ledger(self._target) as ledger,
            ):
                incoming.open()
                exporter = self._exporter(incoming, writer, ledger)
                self._each(
                    "Copying", amount, lambda shot: exporter.export(shot, self._order.making)
                )
        finally:
            with suppress(OSError):  # another export may be at work there
                (self._target / INCOMING_FOLDER).rmdir()

    def _exporter(self, incoming: Incoming, writer: Writer, ledger: Ledger) -> Exporter:
        originals = Originals(self._library, lambda one: queries.paths_now(self._connection, one))
        return Exporter(originals, self._target, incoming, writer, ledger)

    def _each(self, what: str, amount: Amount, work: Callable[[Shot], list[Result]]) -> None:
        with progress(what, "bytes", amount.originals) as advance:
            for shot in shots(self._assets()):
                for result in work(shot):
                    self._tally.add(result)
                    self._view.add(result)
                advance(sum(asset.size_bytes for asset in shot.assets))


def _trouble(error: OSError, target: Path) -> str:
    if error.errno == errno.ENOSPC:
        return f"{target} is full. Make room, and run the same command again."
    return f"{target} cannot be written: {reason(error)}."
