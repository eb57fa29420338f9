"""Tells what a bulk import would do, and does nothing: no file, folder or row is written.

Every file is read to its end, for only its hash tells whether the library has it already.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path, PurePosixPath
from typing import get_args

from photo_factory import roots
from photo_factory.database import Connection
from photo_factory.pulse import Pulse
from photo_factory.storage import Incoming, hash_open

from librarian import bulk_queries, groups, queries, sidecars
from librarian.batches import chunks
from librarian.bulk import AS_IT_IS, IN_USE
from librarian.bulk_flow import AT_ONCE, Extent
from librarian.bulk_report import Count, FileResult, Progress, Report, Verdict
from librarian.bulk_sources import RefusedError, Source
from librarian.companions import MEDIA_SUFFIXES
from librarian.description import FILES_PER_CALL, Readers, quick_metadata
from librarian.examination import Examined, ExaminedSidecar, Examiner, Gone, Refusal, Wait
from librarian.examination import Verdict as Finding
from librarian.grouping import describe_batch
from librarian.guard import LIBRARY
from librarian.inbox import Sighting, printable
from librarian.inboxes import Mode
from librarian.metadata import Metadata
from librarian.queries import InboxFile
from librarian.recording import key_of, original_name
from librarian.settings import LibrarianSettings

FILES_AT_ONCE = 192
MOST_HANDS = 4
LONG_AGO_SECONDS = 1e9
"""No file is waited for: what looks unfinished counts as damaged at once."""


class _Stopped(Exception):  # noqa: N818 - no error: a person has stopped it
    """It was asked to stop while a thread read a file."""


class _Onlooker(Examiner):
    """Examines files as the librarian does, and copies none of them."""

    def _take_content(
        self, file: InboxFile, descriptor: int, status: os.stat_result
    ) -> tuple[Path | None, str] | Wait:
        del file, status
        return None, hash_open(descriptor, self._alive)


@dataclass(frozen=True, slots=True)
class _Lonely:
    """A sidecar whose photo has not been met yet."""

    path: str
    size_bytes: int
    key: str
    digest: bytes


class Rehearsal:
    """One dry run: `begin`, go through `results` to the end, read `report`, `close`.

    Args:
        settings: The librarian's.
        sources: What would be taken in.
        mode: As for an import.
        pulse: Says when to stop.
    """

    def __init__(
        self, settings: LibrarianSettings, sources: Sequence[Source], mode: Mode, pulse: Pulse
    ) -> None:
        self._settings = settings.model_copy(update=AS_IT_IS)
        self._sources = sources
        self._mode = mode
        self._pulse = pulse
        hands = min(MOST_HANDS, os.cpu_count() or 1)
        self._readers = Readers(hands)
        self._hands = ThreadPoolExecutor(hands, "rehearsal")
        inboxes = {inbox.name: inbox for inbox in (one.inbox(mode) for one in sources)}
        unused = Incoming(self._settings.library)
        self._examiner = _Onlooker(self._settings, inboxes, set(), unused, self._go_on)
        self._extent: Extent | None = None
        self._found = self._known = Count()
        self._verdicts: dict[Verdict, Count] = dict.fromkeys(get_args(Verdict), Count())
        self._other: dict[str, Count] = {}
        self._hashes: set[bytes] = set()
        self._owners: dict[str, bytes] = {}
        self._lonely: list[_Lonely] = []
        self._numbers = count(1)
        self._is_complete = False

    @property
    def progress(self) -> Progress:
        """How far it is."""
        extent = self._extent
        counted = Count() if extent is None else Count(extent.files, extent.size_bytes)
        total = counted if counted.files > self._found.files else self._found
        return Progress(self._found, total, self._known, extent is not None and extent.is_known)

    @property
    def report(self) -> Report:
        """What would become of all files together."""
        return Report(
            found=self._found,
            known=self._known,
            verdicts=self._verdicts,
            other=self._other,
            is_complete=self._is_complete,
        )

    def begin(self, connection: Connection) -> None:
        """Make sure that it can be done; from now on the connection only reads.

        Raises:
            RefusedError: The library is not the one that the database knows.
        """
        connection.execute("SET default_transaction_read_only = on")
        try:
            roots.verify_root(connection, LIBRARY, self._settings.library)
        except (roots.RootMissingError, OSError) as error:
            message = f"Nothing can be imported: {error}"
            raise RefusedError(message) from None
        self._extent = Extent(self._sources)

    def results(
        self, connection: Connection, tell: Callable[[], None] = lambda: None
    ) -> Iterator[FileResult]:
        """Read everything; what would become of each file, as soon as it is known.

        Args:
            connection: As given to `begin`.
            tell: Called whenever `progress` has grown.
        """
        try:
            for result in self._all(connection, tell):
                self._verdicts[result.verdict] += Count(1, result.size_bytes)
                yield result
            self._is_complete = not self._pulse.is_stopping
        except _Stopped:
            return

    def close(self) -> None:
        """End the threads and ExifTools."""
        if self._extent is not None:
            self._extent.stop()
        self._hands.shutdown(wait=True, cancel_futures=True)
        self._readers.close()

    def _go_on(self) -> None:
        if self._pulse.is_stopping:
            raise _Stopped

    def _all(self, connection: Connection, tell: Callable[[], None]) -> Iterator[FileResult]:
        for source in self._sources:
            files = source.files_to_move() if self._mode == "move" else source.files()
            while batch := list(islice(files, AT_ONCE)):
                for chunk in self._unknown(connection, source, batch):
                    self._go_on()
                    yield from self._judge(connection, source, chunk)
                    self._found += _sizes(chunk)
                    tell()
        yield from self._judge_lonely()

    def _unknown(
        self, connection: Connection, source: Source, batch: Sequence[Sighting]
    ) -> Iterator[Sequence[Sighting]]:
        """What has to be read, companions side by side."""
        name = source.inbox(self._mode).name
        seen = bulk_queries.seen(connection, name, batch) if self._mode == "keep" else set()
        known = _sizes([one for one in batch if one.path in seen])
        self._known, self._found = self._known + known, self._found + known
        fresh = sorted((one for one in batch if one.path not in seen), key=lambda one: one.path)
        yield from chunks(fresh, FILES_AT_ONCE)

    def _judge(
        self, connection: Connection, source: Source, seen: Sequence[Sighting]
    ) -> Iterator[FileResult]:
        inbox = source.inbox(self._mode)
        files = []
        for one in seen:
            file = self._file(inbox.name, one)
            if one.refusal is None:
                files.append(file)
            else:
                yield self._failure(source, file, one.refusal, one.message or "")
        found = list(zip(files, self._hands.map(self._examiner.examine, files), strict=True))
        for file, finding in found:
            yield from self._judge_unfit(source, file, finding)
        media = [finding for _, finding in found if isinstance(finding, Examined)]
        yield from self._judge_media(connection, source, media)
        attached = [finding for _, finding in found if isinstance(finding, ExaminedSidecar)]
        yield from self._judge_sidecars(connection, source, attached)

    def _judge_unfit(
        self, source: Source, file: InboxFile, finding: Finding
    ) -> Iterator[FileResult]:
        suffix = PurePosixPath(file.path).suffix.lower()
        if isinstance(finding, Refusal):
            if finding.code == "not_media" and suffix not in MEDIA_SUFFIXES:
                before = self._other.get(suffix, Count())
                self._other[suffix] = before + Count(1, file.size_bytes)
                return
            yield self._failure(source, file, finding.code, finding.message)
        elif isinstance(finding, Wait):
            message = finding.reason or f"{file.path}: {IN_USE}"
            yield FileResult("left", _path(source, file), file.size_bytes, message=message)
        elif isinstance(finding, Gone):
            message = f"{file.path}: it has gone meanwhile"
            yield FileResult("left", _path(source, file), file.size_bytes, message=message)

    def _judge_media(
        self, connection: Connection, source: Source, media: Sequence[Examined]
    ) -> Iterator[FileResult]:
        known = queries.assets_with(connection, [one.sha256 for one in media])
        fresh = []
        for one in media:
            digest = bytes.fromhex(one.sha256)
            self._owners.setdefault(key_of(one.file), digest)
            if one.sha256 in known or digest in self._hashes:
                asset = known.get(one.sha256)
                yield FileResult(
                    "duplicate",
                    _path(source, one.file),
                    one.file.size_bytes,
                    stored_as=None if asset is None else asset.path,
                )
            else:
                self._hashes.add(digest)
                fresh.append(one)
        now = datetime.now(UTC)
        read = self._read(fresh, now)
        for described in describe_batch(connection, read, now, self._settings.home):
            file = described.examined.file
            yield FileResult(
                "new",
                _path(source, file),
                file.size_bytes,
                folder=described.plan.folder or groups.day_folder(described.time.local),
                date_source=described.time.source,
            )

    def _read(self, fresh: Sequence[Examined], now: datetime) -> list[tuple[Examined, Metadata]]:
        """The tags of files: by the quick reader where it can tell, else by ExifTool."""
        quick = [(one, quick_metadata(one, now)) for one in fresh]
        slow = [one for one, metadata in quick if metadata is None]
        calls = chunks([one.source for one in slow], FILES_PER_CALL)
        answers = [found for part in self._hands.map(self._readers.read, calls) for found in part]
        asked = dict(zip((one.file.id for one in slow), answers, strict=True))
        return [(one, metadata or asked[one.file.id]) for one, metadata in quick]

    def _judge_sidecars(
        self, connection: Connection, source: Source, found: Sequence[ExaminedSidecar]
    ) -> Iterator[FileResult]:
        """Those of stored photos at once; the photo of another may come later."""
        asked = [(one.file.id, key_of(one.file), original_name(one.file)) for one in found]
        homes = sidecars.match(connection, asked)
        stored = queries.stored_sidecars(
            connection,
            [(homes[one.file.id].asset_id, one.sha256) for one in found if one.file.id in homes],
        )
        for one in found:
            path, size_bytes = _path(source, one.file), one.file.size_bytes
            home = homes.get(one.file.id)
            if home is None:
                digest = bytes.fromhex(one.sha256)
                self._lonely.append(_Lonely(path, size_bytes, key_of(one.file), digest))
            elif same := stored.get((home.asset_id, one.sha256)):
                yield FileResult("duplicate", path, size_bytes, stored_as=same)
            else:
                yield FileResult("sidecar", path, size_bytes, folder=home.folder)

    def _judge_lonely(self) -> Iterator[FileResult]:
        met: set[tuple[bytes, bytes]] = set()
        for one in self._lonely:
            owner = self._owners.get(one.key)
            if owner is None:
                message = "its photo or video is neither here nor in the library"
                yield FileResult("left", one.path, one.size_bytes, message=message)
                continue
            verdict: Verdict = "duplicate" if (owner, one.digest) in met else "sidecar"
            met.add((owner, one.digest))
            yield FileResult(verdict, one.path, one.size_bytes)

    def _failure(self, source: Source, file: InboxFile, code: str, message: str) -> FileResult:
        path = _path(source, file)
        return FileResult("failed", path, file.size_bytes, code=code, message=message)

    def _file(self, inbox: str, found: Sighting) -> InboxFile:
        """What the examination takes; no row stands behind it."""
        identity = found.identity
        return InboxFile(
            id=next(self._numbers),
            inbox=inbox,
            path_bytes=found.path,
            path=printable(found.path),
            device=identity.device,
            inode=identity.inode,
            size_bytes=identity.size_bytes,
            modified_ns=identity.modified_ns,
            state="waiting",
            attempts=1,
            asset_id=None,
            intended_path=None,
            unchanged_seconds=LONG_AGO_SECONDS,
        )


def _path(source: Source, file: InboxFile) -> str:
    return f"{source.name}/{file.path}"


def _sizes(found: Iterable[Sighting]) -> Count:
    total = Count()
    for one in found:
        total += Count(1, one.identity.size_bytes)
    return total
