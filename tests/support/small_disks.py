"""A disk that tests fill up and make read-only: a real one where mounting is allowed."""

import errno
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, Protocol

import pytest
from file_systems import refusing

Kind = Literal["mounted", "pretended"]
BOTH: tuple[Kind, ...] = ("mounted", "pretended")
PROGRAMS = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
FREE_BLOCKS = 4
"""Place of f_bavail in what statvfs(2) answers."""
CHANGES = {"link": 2, "rename": 2, "replace": 2, "mkdir": 1, "unlink": 1, "rmdir": 1, "utime": 1}
"""Calls that change a disk, by the number of paths that they take."""


class Disk(Protocol):
    """What tests do with a disk.

    Attributes:
        root: Its folder.
    """

    root: Path

    def leave(self, room_bytes: int) -> None:
        """Fill it up to so much room."""

    def make_room(self) -> None:
        """Take away what fills it up."""

    def set_writable(self, *, is_writable: bool) -> None:
        """Let it be written again, or no more."""


@contextmanager
def small_disk(kind: Kind, root: Path, size_bytes: int) -> Iterator[Disk]:
    """A disk of its own on a new folder; pretended where the system lets nobody mount."""
    root.mkdir()
    options = ("-t", "tmpfs", "-o", f"size={size_bytes}", "tmpfs", str(root))
    if kind == "mounted" and _command("mount", *options):
        try:
            yield _MountedDisk(root)
        finally:
            _command("umount", "--lazy", str(root))
        return
    with pytest.MonkeyPatch.context() as patch:
        yield _PretendedDisk(root, size_bytes, patch)


def _command(*words: str) -> bool:
    try:
        done = subprocess.run(words, env=PROGRAMS, check=False, capture_output=True)
    except FileNotFoundError:
        return False
    return done.returncode == 0


class _MountedDisk:
    """A file system in memory."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._filler = root / "filler"

    def leave(self, room_bytes: int) -> None:
        self._filler.unlink(missing_ok=True)
        disk = os.statvfs(self.root)
        self._filler.write_bytes(bytes(max(0, disk.f_bavail * disk.f_frsize - room_bytes)))

    def make_room(self) -> None:
        self._filler.unlink()

    def set_writable(self, *, is_writable: bool) -> None:
        state = "rw" if is_writable else "ro"
        assert _command("mount", "-o", f"remount,{state}", str(self.root))


class _PretendedDisk:
    """A folder below which the calls of this process answer as such a disk would."""

    def __init__(self, root: Path, size_bytes: int, patch: pytest.MonkeyPatch) -> None:
        self.root = root
        self._size_bytes = self._most_bytes = size_bytes
        self._is_writable = True
        for name in CHANGES:
            patch.setattr(os, name, self._changing(name, getattr(os, name)))
        patch.setattr(os, "open", self._opening(os.open))
        patch.setattr(os, "write", self._writing(os.write))
        patch.setattr(os, "statvfs", self._telling_room(os.statvfs))

    def leave(self, room_bytes: int) -> None:
        self._most_bytes = self._used() + room_bytes

    def make_room(self) -> None:
        self._most_bytes = self._size_bytes

    def set_writable(self, *, is_writable: bool) -> None:
        self._is_writable = is_writable

    def _used(self) -> int:
        found = [path.stat() for path in self.root.rglob("*") if path.is_file()]
        return sum({one.st_ino: one.st_size for one in found}.values())

    def _holds(self, path: object) -> bool:
        return isinstance(path, str | Path) and Path(path).is_relative_to(self.root)

    def _changing(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def changing(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - stands in for any call
            are_here = [self._holds(path) for path in args[: CHANGES[name]]]
            if any(are_here) != all(are_here):
                refusing(errno.EXDEV)()
            is_there = name == "mkdir" and os.path.lexists(args[0])  # that comes first in Linux
            if any(are_here) and not self._is_writable and not is_there:
                refusing(errno.EROFS)()
            return call(*args, **kwargs)

        return changing

    def _opening(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def opening(path: Any, flags: int, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as above
            is_change = flags & (os.O_CREAT | os.O_WRONLY | os.O_RDWR)
            if is_change and self._holds(path) and not self._is_writable:
                refusing(errno.EROFS)()
            return call(path, flags, *args, **kwargs)

        return opening

    def _writing(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def writing(descriptor: int, data: Any) -> Any:  # noqa: ANN401 - as above
            is_here = self._holds(Path(f"/proc/self/fd/{descriptor}").readlink())
            if is_here and self._used() + len(data) > self._most_bytes:
                refusing(errno.ENOSPC)()
            return call(descriptor, data)

        return writing

    def _telling_room(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def telling(path: Any) -> os.statvfs_result:  # noqa: ANN401 - as above
            found: os.statvfs_result = call(path)
            if not self._holds(path):
                return found
            values = list(found)
            values[FREE_BLOCKS] = max(0, self._most_bytes - self._used()) // found.f_frsize
            return os.statvfs_result(values)

        return telling
