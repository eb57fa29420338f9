"""A part of a Takeout that is a .zip."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from librarian.takeout.members import Desk, Member, instant

ENCRYPTED, NAMED_IN_UTF8 = 0x1, 0x800
BOUNDED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Google uses these. With others one read of zipfile may fill the memory."""
NO_TIME = (1980, 1, 1, 0, 0, 0)
EXTENDED_TIME = 0x5455
"""Info-ZIP's extra field: the modification as seconds since 1970, where the usual has no zone."""
DAMAGED = (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError)
DAMAGED_TABLE = (*DAMAGED, struct.error, zlib.error, OverflowError, IndexError)


class ZipPart:
    """A .zip, read in the order in which its members lie in it.

    Args:
        path: The file.
        desk: Where it registers its members.
    """

    def __init__(self, path: Path, desk: Desk) -> None:
        self._path, self._desk = path, desk

    @property
    def name(self) -> str:
        """The file's name."""
        return self._desk.part

    def members(self) -> Iterator[tuple[Member, BinaryIO]]:
        """All files, from the first byte of the archive to the last."""
        try:
            archive = zipfile.ZipFile(self._path)
        except DAMAGED_TABLE as error:
            message = (
                f"{self.name} is damaged or was not downloaded to its end, for the list of its "
                f"files cannot be read ({error}). Download it again."
            )
            self._desk.report(None, "archive_damaged", message)
            return
        with archive:
            end = 0
            entries = sorted(archive.infolist(), key=lambda entry: entry.header_offset)
            for place, entry in enumerate(entries):
                overlaps = entry.header_offset < end
                end = max(end, entry.header_offset + max(entry.compress_size, 0))
                if self._is_wanted(entry, overlaps=overlaps):
                    yield from self._member(archive, place, entry)

    def _is_wanted(self, entry: zipfile.ZipInfo, *, overlaps: bool) -> bool:
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if entry.orig_filename.endswith("/"):
            return False
        if overlaps:
            refused = ("member_overlaps", "shares its bytes with another member; it is left out")
        elif entry.flag_bits & ENCRYPTED:
            refused = ("member_encrypted", "is encrypted; unpack it and give the folder")
        elif kind == stat.S_IFLNK:
            refused = ("member_link", "is a link; it is left out")
        elif kind not in (0, stat.S_IFREG):
            refused = ("member_special", "is no ordinary file; it is left out")
        elif entry.CRC and not entry.file_size:  # nothing would be read, so nothing compared
            refused = ("member_damaged", "declares no bytes but has some; download the part again")
        elif entry.compress_type not in BOUNDED:
            reason = "is packed by a method that Takeout does not use; it is left out"
            refused = ("method_unknown", reason)
        else:
            return True
        self._desk.report_member(_name(entry), *refused)
        return False

    def _member(
        self, archive: zipfile.ZipFile, place: int, entry: zipfile.ZipInfo
    ) -> Iterator[tuple[Member, BinaryIO]]:
        member = self._desk.register(
            _name(entry), place, entry.file_size, _modified(entry), entry.CRC
        )
        if member is None:
            return
        try:
            source = archive.open(entry)
        except DAMAGED_TABLE as error:
            reason = f"cannot be read ({error}); download the part again"
            self._desk.report_member(member.path, "member_damaged", reason)
            return
        with source:
            stream = self._desk.stream(source, member)
            yield member, stream
            stream.close()


def _name(entry: zipfile.ZipInfo) -> str:
    """The name with all that it has, for zipfile cuts at a zero byte.

    Without the flag for UTF-8 it is code page 437 by the standard, but many programs write UTF-8
    all the same, and hardly any text of that code page is also UTF-8.
    """
    name = entry.orig_filename
    if entry.flag_bits & NAMED_IN_UTF8 or name.isascii():
        return name
    try:
        return name.encode("cp437").decode()
    except UnicodeError:
        return name


def _modified(entry: zipfile.ZipInfo) -> datetime | None:
    """When a member was changed; without a zone in the archive it is read as UTC."""
    seconds = _extended_time(entry.extra)
    if seconds is not None:
        return instant(seconds)
    if entry.date_time == NO_TIME:
        return None
    try:
        return datetime(*entry.date_time, tzinfo=UTC)
    except ValueError:
        return None


def _extended_time(extra: bytes) -> int | None:
    while len(extra) >= 4:  # noqa: PLR2004 - the head of a field
        kind, size = struct.unpack_from("<HH", extra)
        body, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == EXTENDED_TIME and len(body) >= 5 and body[0] & 1:  # noqa: PLR2004 - flags, time
            return int(struct.unpack_from("<i", body, 1)[0])
    return None
