"""Takes files into the library in an order of writes that cannot lose one.

Hash, prove or place, sync, record, and only then remove from the inbox. Killed at any point, the
file is still in the inbox or already recorded, and the next turn goes on from there.
"""

import contextlib
import errno
import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg
import structlog
from photo_factory import queue, storage
from photo_factory.database import PENDING, Connection
from photo_factory.pulse import Pulse
from photo_factory.queue import Tally
from photo_factory.storage import Original, Placement

from librarian import queries
from librarian.capture_time import CaptureTime, decide
from librarian.examination import Examined, Gone, Refusal, Wait, examine
from librarian.inbox import absolute, base_name, library_name, printable
from librarian.location import location
from librarian.metadata import Metadata, MetadataReader
from librarian.queries import InboxFile, KnownAsset, NewAsset
from librarian.settings import LibrarianSettings

LOGGER = structlog.get_logger()
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
RETRY_SECONDS = 30.0
MOST_ATTEMPTS = 20
STAGE = "librarian"
"""The name under which the librarian counts in stage_metrics."""


@dataclass(frozen=True, slots=True)
class Described:
    """An examined file, its metadata and its time."""

    examined: Examined
    metadata: Metadata
    time: CaptureTime

    @property
    def folder(self) -> str:
        """The day's folder in the library."""
        return f"{self.time.local.year:04}/{self.time.local.date().isoformat()}"

    @property
    def name(self) -> str:
        """The name that it shall have there."""
        return library_name(self.examined.file.path_bytes)

    @property
    def wanted_path(self) -> str:
        """Where it goes unless that name is in use."""
        return f"{self.folder}/{next(storage.candidate_names(self.name))}"


class Ingest:
    """Takes in one batch after the other.

    Args:
        settings: Where the folders are.
        reader: Reads metadata.
        pulse: Told during long work that the librarian is alive.
        owner: This process.

    Attributes:
        trouble: Why the last original could not be stored, if the reason is the library's disk.
    """

    def __init__(
        self, settings: LibrarianSettings, reader: MetadataReader, pulse: Pulse, owner: UUID
    ) -> None:
        self._settings = settings
        self._reader = reader
        self._pulse = pulse
        self._owner = owner
        self.trouble: str | None = None

    def take_in(self, connection: Connection, files: Sequence[InboxFile]) -> None:
        """Take files in, each to its end: stored, known already, waiting, or for a person.

        An unexpected error fails the file that caused it and no other: the batch is given back,
        its files come again one by one, and the one that fails alone is to blame.
        """
        try:
            self._take_in(
                connection, [file for file in files if not self._is_deadly(connection, file)]
            )
        except (psycopg.OperationalError, psycopg.InterfaceError):
            raise
        except Exception as error:
            LOGGER.exception("batch failed", files=len(files))
            if len(files) > 1:
                queries.give_back(connection, [file.id for file in files])
                return
            message = f"{files[0].path}: an unexpected error: {type(error).__name__}: {error}"
            self._refuse(connection, files[0], "bug", printable(message.encode(errors="replace")))

    def _is_deadly(self, connection: Connection, file: InboxFile) -> bool:
        """Set a file aside on which the librarian itself keeps dying."""
        if file.attempts <= MOST_ATTEMPTS:
            return False
        message = f"{file.path}: the librarian died {file.attempts - 1} times while it was at it."
        self._refuse(connection, file, "worker_died", message)
        return True

    def _take_in(self, connection: Connection, files: Sequence[InboxFile]) -> None:
        started = time.perf_counter()
        self._release(connection, [file for file in files if file.state == "releasing"])
        waiting = [file for file in files if file.state != "releasing"]
        examined = self._examine(connection, waiting)
        fresh = self._settle_known(connection, examined)
        described = self._describe(connection, fresh)
        placed = self._place(connection, described)
        self._record(connection, placed, time.perf_counter() - started)

    def _examine(self, connection: Connection, files: Sequence[InboxFile]) -> list[Examined]:
        alive = self._keeper(connection, [file.id for file in files])
        found: dict[str, Examined] = {}
        for file in files:
            verdict = examine(file, self._settings, alive)
            if isinstance(verdict, Examined) and verdict.sha256 in found:
                # The same bytes twice in one batch: the second is a duplicate once the first is in.
                verdict = Wait(file.identity, 0.0)
            match verdict:
                case Examined():
                    found[verdict.sha256] = verdict
                case Wait(identity, delay, reason):
                    queries.postpone(connection, file, identity, delay, reason)
                case Refusal(code, message):
                    self._refuse(connection, file, code, message)
                case Gone():
                    self._forget(connection, file)
        return list(found.values())

    def _forget(self, connection: Connection, file: InboxFile) -> None:
        """The file has gone. If a crash left it in the library without a row, it comes back."""
        leftover = self._leftover(connection, file)
        if leftover is not None:
            with contextlib.suppress(FileExistsError):
                storage.bring_back(leftover, absolute(self._settings.inbox, file.path_bytes))
                LOGGER.warning("brought back", path=file.path, leftover=file.intended_path)
        queries.forget(connection, [file.id])

    def _leftover(self, connection: Connection, file: InboxFile) -> Path | None:
        """What an earlier attempt at the file, cut short, may have left in the library."""
        if file.intended_path is None or queries.is_taken(connection, file.intended_path):
            return None
        leftover = self._settings.library / file.intended_path
        return leftover if leftover.is_file() else None

    def _refuse(self, connection: Connection, file: InboxFile, code: str, message: str) -> None:
        queries.fail(connection, file.id, code, message)
        with connection.cursor() as cursor:
            queue.count(cursor, STAGE, Tally(failed=1))
        LOGGER.warning("refused", path=file.path, code=code, message=message)

    def _keeper(self, connection: Connection, ids: Sequence[int]) -> Callable[[], None]:
        """A function that keeps the lease and the heartbeat during long work."""
        renew_at = time.monotonic() + queries.LEASE_SECONDS / 3

        def alive() -> None:
            nonlocal renew_at
            if time.monotonic() >= renew_at:
                queries.renew(connection, self._owner, ids)
                self._pulse.alive()
                renew_at = time.monotonic() + queries.LEASE_SECONDS / 3

        return alive

    def _settle_known(self, connection: Connection, examined: Sequence[Examined]) -> list[Examined]:
        """Deal with bytes that the library has already; returns those that it has not."""
        known = queries.assets_with(connection, [one.sha256 for one in examined])
        for one in examined:
            if one.sha256 in known:
                self._settle_one(connection, one, known[one.sha256])
        return [one for one in examined if one.sha256 not in known]

    def _settle_one(self, connection: Connection, one: Examined, asset: KnownAsset) -> None:
        """Release a duplicate once the library's copy is proven; heal that copy if it is not."""
        alive = self._keeper(connection, [one.file.id])
        stored = self._settings.library / asset.path
        if not storage.holds(stored, asset.sha256, alive):
            try:
                storage.replace_damaged(
                    Original(one.source, one.sha256),
                    self._settings.library,
                    asset.path,
                    self._settings.quarantine,
                )
            except OSError as error:
                self._postpone_for_disk(connection, one.file, error)
                return
            LOGGER.error("healed", path=asset.path, source=one.file.path)
        leftover = self._leftover(connection, one.file)
        if leftover is not None and storage.holds(leftover, one.sha256, alive):
            leftover.unlink()  # the same bytes stand, proven and recorded, at the asset's path
        with connection.transaction(), connection.cursor() as cursor:
            is_leftover = one.file.asset_id == asset.id or stored.samefile(one.source)
            if not is_leftover:  # of this very file, stored before but not removed
                name = printable(base_name(one.file.path_bytes))
                queries.insert_duplicate(cursor, one.file, asset, name)
            queries.let_go(cursor, one.file.id, asset.id)
        LOGGER.info("duplicate", path=one.file.path, of=asset.path)
        self._release(connection, [one.file])

    def _describe(self, connection: Connection, examined: Sequence[Examined]) -> list[Described]:
        described = []
        now = datetime.now(UTC)
        alive = self._keeper(connection, [one.file.id for one in examined])
        read = self._reader.read([one.source for one in examined], alive)
        for one, metadata in zip(examined, read, strict=True):
            modified = datetime.fromtimestamp(one.file.modified_ns / 1e9, UTC)
            name = os.fsdecode(base_name(one.file.path_bytes))
            when = decide(metadata.tags, name, modified, now, self._settings.home)
            described.append(Described(one, metadata, when))
        return described

    def _place(
        self, connection: Connection, described: Sequence[Described]
    ) -> list[tuple[Described, Placement]]:
        """Give each original its place; all of it is on disk when this returns."""
        placed = []
        wanted = {one.examined.file.id: one.wanted_path for one in described}
        queries.intend(connection, list(wanted.items()))
        for one in described:
            examined = one.examined
            try:
                placement = storage.place(
                    Original(examined.source, examined.sha256),
                    self._settings.library,
                    one.folder,
                    one.name,
                    self._chooser(connection, examined.file, one.wanted_path),
                )
            except FileNotFoundError:
                queries.postpone(connection, examined.file, examined.file.identity, 0.0, None)
            except storage.SourceChangedError as error:
                self._wait(connection, examined.file, str(error))
            except OSError as error:
                self._postpone_for_disk(connection, examined.file, error)
            else:
                placed.append((one, placement))
                self.trouble = None
        for folder in {str(Path(placement.path).parent) for _, placement in placed}:
            storage.sync_folder(self._settings.library / folder)
        return placed

    def _chooser(
        self, connection: Connection, file: InboxFile, intended: str
    ) -> Callable[[str], bool]:
        """Says whether a path is free, and remembers the intention to use it."""

        def may_use(path: str) -> bool:
            if queries.is_taken(connection, path):
                return False
            if path != intended:
                queries.intend(connection, [(file.id, path)])
            return True

        return may_use

    def _wait(self, connection: Connection, file: InboxFile, reason: str) -> None:
        delay = self._settings.stability_seconds
        queries.postpone(connection, file, file.identity, delay, reason)

    def _postpone_for_disk(self, connection: Connection, file: InboxFile, error: OSError) -> None:
        """The library cannot be written: nothing is the file's fault, so it just waits."""
        reason = f"the library {self._settings.library} cannot be written: {error.strerror}"
        if error.errno in NO_ROOM or isinstance(error, PermissionError):
            self.trouble = reason
        queries.postpone(connection, file, file.identity, RETRY_SECONDS, reason)
        LOGGER.warning("not stored", path=file.path, reason=reason)

    def _record(
        self,
        connection: Connection,
        placed: Sequence[tuple[Described, Placement]],
        busy_seconds: float,
    ) -> None:
        """Commit the rows, then let the inbox's copies go."""
        if not placed:
            return
        stored: dict[int, tuple[Described, Placement]] = {}
        lost: list[tuple[Described, Placement]] = []
        with connection.transaction(), connection.cursor() as cursor:
            for one, placement in placed:
                asset_id = queries.insert_asset(cursor, _row(one, placement))
                if asset_id is None:
                    lost.append((one, placement))
                    continue
                stored[asset_id] = (one, placement)
                queries.let_go(cursor, one.examined.file.id, asset_id)
            queue.feed_assets(cursor, list(stored))
            size = sum(one.examined.file.size_bytes for one, _ in stored.values())
            tally = Tally(done=len(stored), bytes=size, busy_seconds=busy_seconds)
            queue.count(cursor, STAGE, tally)
            cursor.execute(f"NOTIFY {PENDING}")
        for asset_id, (one, placement) in stored.items():
            LOGGER.info(
                "stored", asset=asset_id, path=placement.path, source=one.examined.file.path
            )
        self._release(connection, [one.examined.file for one, _ in stored.values()])
        self._withdraw(connection, lost)

    def _withdraw(
        self, connection: Connection, lost: Iterable[tuple[Described, Placement]]
    ) -> None:
        """Another librarian was faster with the same bytes: take our second copy back.

        The source is still in the inbox; its next turn finds the asset and proves it.
        """
        for one, placement in lost:
            path = self._settings.library / placement.path
            if not placement.was_adopted and not queries.is_taken(connection, placement.path):
                path.unlink(missing_ok=True)
            file = one.examined.file
            queries.postpone(connection, file, file.identity, 0.0, None)

    def _release(self, connection: Connection, files: Iterable[InboxFile]) -> None:
        """Remove from the inbox what is recorded."""
        gone = []
        for file in files:
            source = absolute(self._settings.inbox, file.path_bytes)
            try:
                is_gone = storage.release(source, file.identity, file.id)
            except OSError as error:
                message = (
                    f"{file.path}: it is stored in the library but cannot be removed from the "
                    f"inbox ({error.strerror}). Give the librarian's user the right to, then retry."
                )
                self._refuse(connection, file, "inbox_not_writable", message)
                continue
            if is_gone:
                gone.append(file.id)
            else:  # another file stands there by now; it gets its own turn
                self._wait(connection, file, "the file was replaced while it was taken in")
        if gone:
            queries.forget(connection, gone)


def _row(one: Described, placement: Placement) -> NewAsset:
    file, metadata, when = one.examined.file, one.metadata, one.time
    where = location(metadata.tags)
    return NewAsset(
        sha256=one.examined.sha256,
        path=placement.path,
        original_name=printable(base_name(file.path_bytes)),
        source=f"{queries.INBOX}/{file.path}",
        media_type=one.examined.kind.media_type,
        mime_type=one.examined.kind.mime_type,
        size_bytes=file.size_bytes,
        captured_at=when.utc,
        captured_local=when.local,
        utc_offset_minutes=when.offset_minutes,
        captured_source=when.source,
        width=metadata.width,
        height=metadata.height,
        duration_seconds=metadata.duration_seconds,
        orientation=metadata.orientation,
        camera_make=metadata.camera_make,
        camera_model=metadata.camera_model,
        lens=metadata.lens,
        location=None
        if where is None
        else {
            "latitude": where.latitude,
            "longitude": where.longitude,
            "altitude": where.altitude,
            "source": where.source,
        },
        metadata=metadata.tags,
    )
