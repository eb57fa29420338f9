"""A part of a Takeout that is a .tgz or .tar, read once from its first byte to its last."""

import gzip
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol, Self, cast

from librarian.takeout.members import Desk, Member, instant

MOST_HEADER_BYTES = 1 << 20
"""Headers of long names are read whole; Google's are some hundred bytes."""
LONG_HEADERS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)
MOST_READS_AT_END = 64
DAMAGED = (tarfile.TarError, OSError, EOFError, zlib.error, ValueError, OverflowError)
LEFT_BYTES = 1 << 20
WRONG_SUMS = ("CRC check failed", "Incorrect length")
"""How the messages of gzip begin about the one checksum that stands at a .tgz's end."""


class _Readable(Protocol):
    """What is read here of a file, packed or not."""

    def read(self, size: int, /) -> bytes: ...


class TarPart:
    """A .tar, packed by gzip or not.

    Args:
        path: The file.
        is_packed: Whether it is packed by gzip.
        desk: Where it registers its members.
    """

    def __init__(self, path: Path, desk: Desk, *, is_packed: bool) -> None:
        self._path, self._desk, self._is_packed = path, desk, is_packed

    @property
    def name(self) -> str:
        """The file's name."""
        return self._desk.part

    def members(self) -> Iterator[tuple[Member, BinaryIO]]:
        """All files in the order of the archive; ends with a fault where it is damaged.

        A .tgz has one checksum, at its end: with the fault checksum_wrong all that was read of it
        is doubtful, which a first pass (librarian.takeout.index) tells before anything is kept.
        """
        try:
            with self._path.open("rb") as file:
                yield from self._read(gzip.GzipFile(fileobj=file) if self._is_packed else file)
        except DAMAGED as error:
            if isinstance(error, gzip.BadGzipFile) and str(error).startswith(WRONG_SUMS):
                message = (
                    f"{self.name} was changed on its way: its checksum is wrong, and any file in "
                    "it may be. Download it again."
                )
                self._desk.report(None, "checksum_wrong", message)
                return
            message = (
                f"{self.name} is damaged or was not downloaded to its end ({error}). What stands "
                "before that place is read, the rest is missing. Download it again."
            )
            self._desk.report(None, "archive_damaged", message)

    def _read(self, file: _Readable) -> Iterator[tuple[Member, BinaryIO]]:
        source = _Source(file)
        file_object = cast("BinaryIO", source)  # tarfile calls nothing but read
        with tarfile.open(fileobj=file_object, mode="r|", tarinfo=_Header) as archive:
            place = 0
            while (entry := archive.next()) is not None:
                archive.members.clear()  # type: ignore[attr-defined] # typeshed has it not; it grows
                if self._is_wanted(entry):
                    yield from self._member(archive, place, entry)
                place += 1
        self._check_end(source)

    def _check_end(self, source: "_Source") -> None:
        """Zeros fill an archive up; then comes gzip's checksum, which is compared by reading it."""
        while piece := source.read(LEFT_BYTES):
            if piece.strip(b"\0"):
                message = "there is more behind the mark of its end"
                raise tarfile.ReadError(message)

    def _is_wanted(self, entry: tarfile.TarInfo) -> bool:
        if entry.isdir():
            return False
        if entry.issym() or entry.islnk():
            refused = ("member_link", "is a link; it is left out")
        elif not entry.isreg() or entry.issparse():
            refused = ("member_special", "is no ordinary file; it is left out")
        else:
            return True
        self._desk.report_member(entry.name, *refused)
        return False

    def _member(
        self, archive: tarfile.TarFile, place: int, entry: tarfile.TarInfo
    ) -> Iterator[tuple[Member, BinaryIO]]:
        modified = instant(entry.mtime)
        member = self._desk.register(entry.name, place, entry.size, modified)
        source = archive.extractfile(entry) if member is not None else None
        if member is None or source is None:
            return
        stream = self._desk.stream(source, member)
        yield member, stream
        stream.close()


class _Source:
    """The archive's bytes, for tarfile, which may ask for ever at the end of a damaged one."""

    def __init__(self, file: _Readable) -> None:
        self._file = file
        self._reads_at_end = 0

    def read(self, size: int) -> bytes:
        piece = self._file.read(size)
        if not piece:
            self._reads_at_end += 1
            if self._reads_at_end > MOST_READS_AT_END:
                message = "it ends in the middle of a header"
                raise EOFError(message)
        return piece


class _Header(tarfile.TarInfo):
    """A header that, when it is damaged, does not pass for the archive's end as tarfile has it."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Read a header.

        Raises:
            tarfile.ReadError: It is none, or one that would fill the memory.
        """
        try:
            header = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if len(buf) == tarfile.BLOCKSIZE and not any(buf):
                raise  # the mark of the end
            raise tarfile.ReadError(str(error)) from error
        if header.type in LONG_HEADERS and not 0 <= header.size <= MOST_HEADER_BYTES:
            message = "a header is larger than any name needs"
            raise tarfile.ReadError(message)
        return header
