"""Tells what an import of a Takeout would do, and writes nothing: no file in the library, no row.

Each medium is read to its end, for only its hash tells whether the library has it already. What it
is, whether it is damaged and which day it belongs to is not told: that takes more than its bytes as
they stream by.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO, get_args

from photo_factory import roots
from photo_factory.database import Connection
from photo_factory.pulse import Pulse

from librarian import queries
from librarian.bulk_report import Count, FileResult, Progress, Report, Verdict
from librarian.bulk_sources import RefusedError
from librarian.guard import LIBRARY
from librarian.settings import LibrarianSettings
from librarian.takeout.archives import DamagedError, Member
from librarian.takeout.collection import Collection
from librarian.takeout.takeout_report import TakeoutReport, describe_index

BATCH = 200
CHUNK_BYTES = 1 << 20


class _Stopped(Exception):  # noqa: N818 - no error: a person has stopped it
    """It was asked to stop."""


@dataclass(frozen=True, slots=True)
class _Hashed:
    """A medium and its hash."""

    member: Member
    sha256: str


class TakeoutRehearsal:
    """One dry run: `begin`, go through `results` to the end, read `report` and `takeout`, `close`.

    Args:
        settings: The librarian's.
        collection: What would be imported.
        pulse: Says when to stop.
    """

    def __init__(self, settings: LibrarianSettings, collection: Collection, pulse: Pulse) -> None:
        self._settings = settings
        self._collection = collection
        self._pulse = pulse
        self._found = self._known = self._total = Count()
        self._verdicts: dict[Verdict, Count] = dict.fromkeys(get_args(Verdict), Count())
        self._hashes: set[bytes] = set()
        self._is_complete = False

    @property
    def progress(self) -> Progress:
        """How far it is."""
        is_counted = self._total.files > 0
        return Progress(self._found, self._total, self._known, is_counted)

    @property
    def report(self) -> Report:
        """What would become of all files together, as far as that can be told."""
        return Report(self._found, self._known, self._verdicts, is_complete=self._is_complete)

    @property
    def takeout(self) -> TakeoutReport:
        """What is in the Takeout, and what would be attached."""
        collection = self._collection
        names = tuple(part.name for part in collection.parts.parts)
        if collection.index is None:
            return TakeoutReport(names, collection.parts.missing)
        return describe_index(collection.index, names, len(collection.left_out))

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

    def results(
        self, connection: Connection, tell: Callable[[], None] = lambda: None
    ) -> Iterator[FileResult]:
        """Read everything; what would become of each medium, as soon as it is known.

        Args:
            connection: As given to `begin`.
            tell: Called whenever `progress` has grown.
        """
        try:
            self._collection.read(self._go_on)
            self._total = self._sizes()
            for result in self._all(connection, tell):
                self._verdicts[result.verdict] += Count(1, result.size_bytes)
                yield result
            self._is_complete = True
        except _Stopped:
            return

    def close(self) -> None:
        """Forget what was read."""
        if self._collection.index is not None:
            self._collection.index.close()

    def _go_on(self) -> None:
        if self._pulse.is_stopping:
            raise _Stopped

    def _sizes(self) -> Count:
        index = self._collection.index
        media = {} if index is None else index.media
        sizes = [
            size
            for path, size in media.items()
            if size is not None and self._collection.wants(path)
        ]
        return Count(len(sizes), sum(sizes))

    def _all(self, connection: Connection, tell: Callable[[], None]) -> Iterator[FileResult]:
        batch: list[_Hashed] = []
        for part in self._collection.parts.parts:
            for member, stream in part.members():
                self._go_on()
                if not self._collection.wants(member.path):
                    continue
                self._found += Count(1, member.size_bytes)
                if self._collection.is_known(member):
                    self._known += Count(1, member.size_bytes)
                    continue
                try:
                    batch.append(_Hashed(member, self._hash(stream)))
                except DamagedError as error:
                    yield _result("failed", member, code=error.fault.code, message=str(error))
                if len(batch) >= BATCH:
                    yield from self._judge(connection, batch)
                    batch = []
                tell()
        yield from self._judge(connection, batch)

    def _hash(self, stream: BinaryIO) -> str:
        digest = sha256()
        while chunk := stream.read(CHUNK_BYTES):
            self._go_on()
            digest.update(chunk)
        return digest.hexdigest()

    def _judge(self, connection: Connection, batch: Sequence[_Hashed]) -> Iterator[FileResult]:
        known = queries.assets_with(connection, [one.sha256 for one in batch])
        for one in batch:
            digest = bytes.fromhex(one.sha256)
            asset = known.get(one.sha256)
            if asset is not None:
                yield _result("duplicate", one.member, stored_as=asset.path)
            elif digest in self._hashes:
                yield _result("duplicate", one.member)
            else:
                self._hashes.add(digest)
                yield _result("new", one.member)


def _result(
    verdict: Verdict,
    member: Member,
    *,
    stored_as: str | None = None,
    code: str | None = None,
    message: str | None = None,
) -> FileResult:
    return FileResult(
        verdict,
        f"{member.part}/{member.path}",
        member.size_bytes,
        stored_as=stored_as,
        code=code,
        message=message,
    )
