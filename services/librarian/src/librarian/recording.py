"""Commits what has been placed or proven, and only then lets the inbox's files go."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from photo_factory import queue, storage
from photo_factory.database import PENDING, Connection, Cursor
from photo_factory.queue import Tally
from psycopg.errors import LockNotAvailable

from librarian import groups, queries, redating, relocation, sidecars
from librarian.companions import burst_by_name, companion_key
from librarian.derived import derive
from librarian.duplicates import Proof
from librarian.examination import ExaminedSidecar, Refusal, Wait
from librarian.inbox import absolute, base_name, printable
from librarian.inboxes import Inbox
from librarian.placing import Described, Placed
from librarian.queries import InboxFile, KnownAsset, NewAsset, Postponement
from librarian.settings import LibrarianSettings

LOGGER = structlog.get_logger()
STAGE = "librarian"
"""The name under which the librarian counts in stage_metrics."""
REPLACED = "the file was replaced while it was taken in"


@dataclass(frozen=True, slots=True)
class PlacedSidecar:
    """A sidecar and where it stands now.

    Attributes:
        was_stored: The same bytes were there and recorded before: this one is a duplicate.
    """

    examined: ExaminedSidecar
    asset_id: int
    path: str
    was_stored: bool


@dataclass(frozen=True, slots=True)
class Removable:
    """A recorded file of an inbox, and the path at which the library has its bytes."""

    file: InboxFile
    path: str


@dataclass(frozen=True, slots=True)
class Removal:
    """What became of a recorded file in its inbox.

    Attributes:
        fault: Why it cannot be removed.
    """

    is_gone: bool
    fault: str | None = None


class Recorder:
    """Writes down what became of files.

    Args:
        library: Root of the originals.
        inboxes: By name.
        home: Zone for times known in UTC only.
    """

    def __init__(
        self, library: Path, inboxes: Mapping[str, Inbox], home: ZoneInfo | None = None
    ) -> None:
        self._library = library
        self._inboxes = inboxes
        self._home = home

    def record(
        self, connection: Connection, placed: Sequence[Placed], busy_seconds: float
    ) -> list[Removable]:
        """Commit the rows of new assets; returns the files that may be removed from now on."""
        if not placed:
            return []
        with connection.transaction(), connection.cursor() as cursor:
            ids = queries.insert_assets(cursor, [new_asset(one) for one in placed])
            stored = [(one.described, ids[one.path]) for one in placed if one.path in ids]
            queue.feed_assets(cursor, list(ids.values()))
            files = [(one.examined.file, asset_id) for one, asset_id in stored]
            self._let_go(cursor, files)
            size = sum(file.size_bytes for file, _ in files)
            count(cursor, Tally(done=len(files), bytes=size, busy_seconds=busy_seconds))
            cursor.execute(f"NOTIFY {PENDING}")
            paired = [asset_id for one, asset_id in stored if one.plan.group_id is not None]
            moves = groups.link_late(cursor, paired)  # last, for it holds a lock till the commit
        with connection.cursor() as cursor:
            sidecars.wake(cursor, {key_of(one.examined.file) for one, _ in stored})
        for one, asset_id in stored:
            LOGGER.debug("stored", asset=asset_id, source=one.examined.file.path)
        if stored:
            LOGGER.info("stored", files=len(stored), bytes=size)
        lost = [one for one in placed if one.path not in ids]
        self._take_back(
            connection,
            [(one.described.examined.file, one.path) for one in lost if not one.was_adopted],
        )
        self.postpone(
            connection,
            [
                (file, Wait(file.identity, 0.0))
                for one in lost
                if one.was_adopted and (file := one.described.examined.file)
            ],
        )
        self.move(connection, moves)
        self._date_videos(connection, paired)
        self.join_late(connection, [asset_id for one, asset_id in stored if _may_have_missed(one)])
        if moves:
            return self.to_remove(connection, files)
        paths = {one.described.examined.file.id: one.path for one in placed}
        return [Removable(file, paths[file.id]) for file, _ in files if not self._is_kept(file)]

    def join_late(self, connection: Connection, asset_ids: Sequence[int]) -> None:
        """More is known of some assets: find the companions that could not be told before."""
        if not asset_ids:
            return
        with connection.transaction(), connection.cursor() as cursor:
            moves = groups.link_late(cursor, asset_ids)
        self.move(connection, moves)
        self._date_videos(connection, asset_ids)

    def _date_videos(self, connection: Connection, asset_ids: Sequence[int]) -> None:
        if asset_ids:
            redating.redecide_videos(connection, asset_ids, datetime.now(UTC), self._home)

    def join_astray(self, connection: Connection) -> None:
        """Put beside their companions what a killed librarian had not got round to moving."""
        self.join_late(connection, groups.find_astray(connection))

    def move(self, connection: Connection, moves: Iterable[groups.Move]) -> None:
        """Put assets beside companions that came after them, in the folder of another day."""
        for one in moves:
            try:
                path = relocation.relocate(
                    connection, self._library, one.asset_id, one.folder, one.name
                )
            except (OSError, LookupError, LockNotAvailable) as error:
                LOGGER.warning("not moved", asset=one.asset_id, reason=str(error))
            else:
                LOGGER.info("moved", asset=one.asset_id, path=path)

    def settle_duplicates(self, connection: Connection, proofs: Sequence[Proof]) -> list[Removable]:
        """Record duplicates whose bytes the library has been proven to hold; returns them."""
        if not proofs:
            return []
        with connection.transaction(), connection.cursor() as cursor:
            own = {one.examined.file.id for one in proofs if self._is_own(one)}
            queries.insert_duplicates(
                cursor,
                [
                    (file, one.asset, original_name(file), key_of(file))
                    for one in proofs
                    if (file := one.examined.file).id not in own
                ],
            )
            self._let_go(cursor, [(one.examined.file, one.asset.id) for one in proofs])
        for one in proofs:
            if one.was_healed:
                LOGGER.error("healed", path=one.asset.path, source=one.examined.file.path)
        LOGGER.info("duplicates", files=len(proofs))
        files = [one.examined.file for one in proofs]
        with connection.cursor() as cursor:
            sidecars.wake(cursor, {key_of(file) for file in files})
        return [
            Removable(one.examined.file, one.asset.path)
            for one in proofs
            if not self._is_kept(one.examined.file)
        ]

    def _is_own(self, proof: Proof) -> bool:
        """Whether the asset is of this very file, stored before but not removed yet."""
        return proof.is_same_file or proof.examined.file.asset_id == proof.asset.id

    def record_sidecars(
        self, connection: Connection, placed: Sequence[PlacedSidecar]
    ) -> list[Removable]:
        """Commit the rows of sidecars; returns the files that may be removed from now on."""
        if not placed:
            return []
        new = [_new_sidecar(one) for one in placed if not one.was_stored]
        doubles = [one for one in placed if one.was_stored]
        with connection.transaction(), connection.cursor() as cursor:
            ids = sidecars.record(cursor, new)
            queries.insert_duplicates(cursor, [_sidecar_double(one) for one in doubles])
            settled = [one for one in placed if one.was_stored or one.path in ids]
            self._let_go(cursor, [(one.examined.file, one.asset_id) for one in settled])
        LOGGER.info("sidecars stored", files=len(ids))
        lost = [one for one in placed if not one.was_stored and one.path not in ids]
        self._take_back(connection, [(one.examined.file, one.path) for one in lost])
        return [
            Removable(one.examined.file, one.path)
            for one in settled
            if not self._is_kept(one.examined.file)
        ]

    def _let_go(self, cursor: Cursor, stored: Sequence[tuple[InboxFile, int]]) -> None:
        """From the commit on, a file may be removed, or is remembered as seen."""
        moved = [(file.id, asset_id) for file, asset_id in stored if not self._is_kept(file)]
        kept = [(file.id, asset_id) for file, asset_id in stored if self._is_kept(file)]
        if moved:
            queries.let_go(cursor, moved)
        if kept:
            queries.remember_seen(cursor, kept)

    def _is_kept(self, file: InboxFile) -> bool:
        return self._inboxes[file.inbox].mode == "keep"

    def to_remove(
        self, connection: Connection, stored: Sequence[tuple[InboxFile, int]]
    ) -> list[Removable]:
        """What may be removed of recorded files (with their asset), and where the library has it.

        It is asked for, for a companion may just have been moved.
        """
        paths = queries.paths_of(connection, [asset_id for _, asset_id in stored])
        return [
            Removable(file, paths[asset_id])
            for file, asset_id in stored
            if asset_id in paths and not self._is_kept(file)
        ]

    def remove(self, files: Iterable[Removable]) -> list[tuple[InboxFile, Removal]]:
        """Remove recorded files from their inboxes; touches no row, for threads to call."""
        return [(one.file, self._remove(one)) for one in files]

    def _remove(self, one: Removable) -> Removal:
        file = one.file
        source = absolute(self._inboxes[file.inbox].root, file.path_bytes)
        try:
            is_gone = storage.release(source, file.identity, file.id, self._library / one.path)
        except OSError as error:
            return Removal(is_gone=False, fault=error.strerror)
        return Removal(is_gone)

    def forget(self, connection: Connection, found: Sequence[tuple[InboxFile, Removal]]) -> None:
        """Delete the rows of what has been removed."""
        queries.forget(connection, [file.id for file, removal in found if removal.is_gone])
        for file, removal in found:
            if removal.fault is not None:
                message = (
                    f"{file.path}: it is stored in the library but cannot be removed from the "
                    f"inbox ({removal.fault}). Give the librarian's user the right to, then retry."
                )
                self.refuse(connection, file, "inbox_not_writable", message)
            elif not removal.is_gone:  # another file stands there by now; it gets its own turn
                self.postpone(connection, [(file, Wait(file.identity, 1.0, REPLACED))])

    def refuse(self, connection: Connection, file: InboxFile, code: str, message: str) -> None:
        """Hand a file over to a person."""
        queries.fail(connection, file.id, code, message)
        with connection.cursor() as cursor:
            count(cursor, Tally(failed=1))
        LOGGER.warning("refused", path=file.path, code=code, message=message)

    def turn_away(
        self,
        connection: Connection,
        file: InboxFile,
        refusal: Refusal,
        settings: LibrarianSettings,
    ) -> None:
        """Refuse a file; what is no photo or video goes to the quarantine if that is set."""
        goes = refusal.code == "not_media" and settings.other_files == "quarantine"
        if not goes or self._is_kept(file):
            self.refuse(connection, file, refusal.code, refusal.message)
            return
        source = absolute(self._inboxes[file.inbox].root, file.path_bytes)
        try:
            found = storage.set_aside(source, file.identity, settings.quarantine)
        except OSError as error:
            message = f"{refusal.message} It cannot be moved to the quarantine: {error.strerror}."
            self.refuse(connection, file, refusal.code, message)
            return
        if found is None:
            self.postpone(connection, [(file, Wait(file.identity, 1.0, REPLACED))])
            return
        name = printable(os.fsencode(found.name))
        message = f"{refusal.message} It is in the quarantine now: {name}"
        queries.put_aside(connection, file.id, refusal.code, message)
        LOGGER.warning("put aside", path=file.path, quarantine=name)

    def postpone(self, connection: Connection, waits: Iterable[tuple[InboxFile, Wait]]) -> None:
        """Let files wait again."""
        queries.postpone(
            connection,
            [
                Postponement(file, wait.identity, wait.delay_seconds, wait.reason, wait.code)
                for file, wait in waits
            ],
        )

    def _take_back(self, connection: Connection, lost: Sequence[tuple[InboxFile, str]]) -> None:
        """Another librarian was faster with the same bytes: remove our second copy.

        The source is still in the inbox; its next turn finds the asset and proves it.
        """
        taken = queries.taken(connection, [path for _, path in lost]) if lost else set()
        for _, path in lost:
            if path not in taken:
                (self._library / path).unlink(missing_ok=True)
        self.postpone(connection, [(file, Wait(file.identity, 0.0)) for file, _ in lost])


def _may_have_missed(one: Described) -> bool:
    """Whether to look again for companions, recorded after it was planned or by another librarian.

    For what the quick reader described this is done when all its tags are read.
    """
    return one.plan.group_id is None and one.metadata.source != "quick"


def _new_sidecar(placed: PlacedSidecar) -> sidecars.NewSidecar:
    one = placed.examined
    return sidecars.NewSidecar(
        asset_id=placed.asset_id,
        kind=one.kind,
        path=placed.path,
        sha256=one.sha256,
        original_name=original_name(one.file),
        source=f"{one.file.inbox}/{one.file.path}",
        size_bytes=one.file.size_bytes,
    )


def _sidecar_double(placed: PlacedSidecar) -> tuple[InboxFile, KnownAsset, str, str]:
    file = placed.examined.file
    asset = KnownAsset(placed.asset_id, placed.examined.sha256, placed.path)
    return file, asset, original_name(file), key_of(file)


def key_of(file: InboxFile) -> str:
    """The key under which a file and its companions find one another."""
    return companion_key(file.inbox, file.path_bytes)


def original_name(file: InboxFile) -> str:
    """The file's name in the inbox, for people."""
    return printable(base_name(file.path_bytes))


def count(cursor: Cursor, tally: Tally) -> None:
    """Add to the librarian's metrics."""
    queue.count(cursor, STAGE, tally)


def new_asset(placed: Placed) -> NewAsset:
    """The row of a placed original."""
    one = placed.described
    file, nature, metadata = one.examined.file, one.examined.nature, one.metadata
    kind = nature.kind
    return NewAsset(
        sha256=one.examined.sha256,
        path=placed.path,
        original_name=original_name(file),
        source=f"{file.inbox}/{file.path}",
        media_type=kind.media_type,
        mime_type=kind.mime_type,
        size_bytes=file.size_bytes,
        file_modified_at=file.modified_at,
        width=metadata.width,
        height=metadata.height,
        duration_seconds=metadata.duration_seconds,
        orientation=metadata.orientation,
        camera_make=metadata.camera_make,
        camera_model=metadata.camera_model,
        lens=metadata.lens,
        metadata=metadata.tags,
        role=one.plan.role,
        group_id=one.plan.group_id,
        companion_key=key_of(file),
        content_identifier=metadata.content_identifier,
        burst_identifier=metadata.burst_identifier or burst_by_name(original_name(file)),
        is_misnamed=nature.is_misnamed,
        is_described=metadata.source == "exiftool",
        has_embedded_video=metadata.has_embedded_video,
        derived=derive(
            one.time,
            kind.media_type,
            metadata.tags,
            takeout=one.takeout,
            name=original_name(file),
            is_quick=metadata.source == "quick",
        ),
    )
