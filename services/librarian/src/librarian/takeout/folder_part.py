"""A Takeout, or one part of it, that was unpacked into a folder."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from librarian.takeout.members import Desk, Member, instant


class FolderPart:
    """A folder and what is below it; links are not followed.

    Args:
        root: The folder.
        prefix: What stands before the paths below it, "" or ending with "/".
        desk: Where it registers its members.
    """

    def __init__(self, root: Path, prefix: str, desk: Desk) -> None:
        self._root, self._prefix, self._desk = root, prefix, desk

    @property
    def name(self) -> str:
        """The folder's name."""
        return self._desk.part

    def members(self) -> Iterator[tuple[Member, BinaryIO]]:
        """All files in the order of their names, which is the same each time."""
        for place, path in enumerate(self._files()):
            yield from self._member(place, path)

    def _files(self) -> Iterator[Path]:
        for folder, folders, names in os.walk(self._root, onerror=self._unreadable):
            folders.sort()
            for name in list(folders):
                if os.path.islink(os.path.join(folder, name)):  # noqa: PTH114, PTH118 - many
                    self._report(Path(folder, name), "member_link", "is a link; it is left out")
            for name in sorted(names):
                yield Path(folder, name)

    def _member(self, place: int, path: Path) -> Iterator[tuple[Member, BinaryIO]]:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            self._refuse(path, error)
            return
        with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                self._report(path, "member_special", "is no ordinary file; it is left out")
                return
            name = self._prefix + self._below(path)
            modified = instant(found.st_mtime)
            member = self._desk.register(name, place, found.st_size, modified)
            if member is None:
                return
            stream = self._desk.stream(file, member)
            yield member, stream
            stream.close()

    def _refuse(self, path: Path, error: OSError) -> None:
        if path.is_symlink():
            self._report(path, "member_link", "is a link; it is left out")
        else:
            self._report(path, "member_unreadable", f"cannot be read ({error.strerror})")

    def _report(self, path: Path, code: str, reason: str) -> None:
        self._desk.report_member(self._below(path), code, reason)

    def _below(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix()

    def _unreadable(self, error: OSError) -> None:
        path = Path(os.fsdecode(error.filename or self._root))
        shown = self._below(path) if path != self._root else None
        self._desk.report(
            shown,
            "folder_unreadable",
            f"The folder {shown or self._desk.part} cannot be read ({error.strerror}).",
        )
