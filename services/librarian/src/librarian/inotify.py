"""The kernel's inotify, without anything on top.

Why no library is between: docs/adr/0006-own-inotify.md.
"""

import ctypes
import errno
import os
import struct
from contextlib import suppress
from typing import NamedTuple, NoReturn

IN_ATTRIB = 0x4
IN_CLOSE_WRITE = 0x8
IN_MOVED_FROM = 0x40
IN_MOVED_TO = 0x80
IN_CREATE = 0x100
IN_DELETE = 0x200
IN_DELETE_SELF = 0x400
IN_MOVE_SELF = 0x800
IN_UNMOUNT = 0x2000
IN_Q_OVERFLOW = 0x4000
IN_IGNORED = 0x8000
IN_ONLYDIR = 0x0100_0000
IN_DONT_FOLLOW = 0x0200_0000
IN_EXCL_UNLINK = 0x0400_0000
IN_ISDIR = 0x4000_0000

READ_BYTES = 1 << 18
HEADER = struct.Struct("iIII")
LIBC = ctypes.CDLL(None, use_errno=True)
LIMITS = {
    errno.ENOSPC: "fs.inotify.max_user_watches",
    errno.EMFILE: "fs.inotify.max_user_instances",
    errno.ENOMEM: "fs.inotify.max_user_watches",
}


class Event(NamedTuple):
    """Something that happened to a watched folder, or to what is in it.

    Attributes:
        watch: Number of the folder's watch; -1 if events were lost (IN_Q_OVERFLOW).
        mask: Of IN_*.
        name: In the folder; empty for the folder itself.
    """

    watch: int
    mask: int
    name: bytes


class WatchLimitError(OSError):
    """The kernel grants no more.

    Attributes:
        setting: The sysctl that sets the limit.
    """

    def __init__(self, setting: str) -> None:
        super().__init__(f"the limit {setting} is reached")
        self.setting = setting


class Inotify:
    """An instance with its watches.

    Raises:
        WatchLimitError: This user has too many instances.
    """

    def __init__(self) -> None:
        self._descriptor = LIBC.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._descriptor < 0:
            _raise_last_error("inotify")

    def fileno(self) -> int:
        """The descriptor that becomes readable when there are events."""
        return int(self._descriptor)

    def add(self, folder: bytes, mask: int) -> int:
        """Watch a folder; a folder that is watched already keeps its number.

        Raises:
            WatchLimitError: This user has too many watches.
            OSError: The folder is none, has gone, or may not be read.
        """
        watch = LIBC.inotify_add_watch(self._descriptor, folder, mask | IN_ONLYDIR)
        if watch < 0:
            _raise_last_error(os.fsdecode(folder))
        return int(watch)

    def remove(self, watch: int) -> None:
        """Watch a folder no longer; one that has gone has lost its watch already."""
        LIBC.inotify_rm_watch(self._descriptor, watch)

    def read(self) -> list[Event]:
        """What has happened since the last call, in order."""
        try:
            buffer = os.read(self._descriptor, READ_BYTES)
        except BlockingIOError:
            return []
        events, position = [], 0
        while position < len(buffer):
            watch, mask, _, length = HEADER.unpack_from(buffer, position)
            position += HEADER.size
            events.append(Event(watch, mask, buffer[position : position + length].rstrip(b"\0")))
            position += length
        return events

    def close(self) -> None:
        """Give back the instance with all its watches."""
        with suppress(OSError):
            os.close(self._descriptor)


def _raise_last_error(what: str) -> NoReturn:
    code = ctypes.get_errno()
    if code in LIMITS:
        raise WatchLimitError(LIMITS[code])
    raise OSError(code, os.strerror(code), what)
