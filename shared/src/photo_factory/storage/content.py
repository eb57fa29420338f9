"""What a file is: its identity for the system, and the hash of its bytes."""

import ctypes
import hashlib
import os
import stat
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

CHUNK_BYTES = 1 << 20
"""Read at once; large enough that the system's calls cost nothing beside the hash."""
LATEST_NS = (1 << 63) - 1

_buffers = threading.local()


class SourceChangedError(Exception):
    """The source is no longer the file that was hashed."""


class SourceUnreadableError(OSError):
    """The source cannot be read; other errors of a copy are those of its target."""


def nothing_to_tell() -> None:
    """Stand in for a caller that need not hear of progress."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells a file from another one, or from itself after a change."""

    device: int
    inode: int
    size_bytes: int
    modified_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> "Identity":
        """The identity that a stat result shows, fit for PostgreSQL's bigint.

        Device and inode become signed 64-bit patterns; times end with the year 2262.
        """
        modified_ns = max(-LATEST_NS, min(status.st_mtime_ns, LATEST_NS))
        return cls(_signed(status.st_dev), _signed(status.st_ino), status.st_size, modified_ns)


@dataclass(frozen=True, slots=True)
class Original:
    """A file to be stored, and the hash that its bytes must have."""

    source: Path
    sha256: str


def hash_file(path: Path, alive: Callable[[], None] = nothing_to_tell) -> str:
    """SHA-256 of a file, in hexadecimal; `alive` is called every now and then."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return hash_open(descriptor, alive)
    finally:
        os.close(descriptor)


def hash_open(descriptor: int, alive: Callable[[], None] = nothing_to_tell) -> str:
    """The same for a file that is open, from where it stands to its end.

    Raises:
        SourceUnreadableError: It cannot be read.
    """
    digest = hashlib.sha256()
    while chunk := read_source(descriptor):
        digest.update(chunk)
        alive()
    return digest.hexdigest()


def holds(path: Path, sha256: str, alive: Callable[[], None] = nothing_to_tell) -> bool:
    """Whether a regular file stands there whose bytes have that hash."""
    try:
        return stat.S_ISREG(path.lstat().st_mode) and hash_file(path, alive) == sha256
    except (FileNotFoundError, NotADirectoryError):
        return False


def chunk_buffer() -> memoryview:
    """This thread's buffer of `CHUNK_BYTES`: a fresh one for each file would cost page faults."""
    buffer: memoryview | None = getattr(_buffers, "chunk", None)
    if buffer is None:
        buffer = _buffers.chunk = memoryview(bytearray(CHUNK_BYTES))
    return buffer


def read_source(descriptor: int) -> memoryview:
    """The next chunk of an open file, empty at its end; overwritten by the next call.

    Raises:
        SourceUnreadableError: It cannot be read.
    """
    buffer = chunk_buffer()
    try:
        return buffer[: os.readv(descriptor, [buffer])]
    except OSError as error:
        raise SourceUnreadableError(error.errno, error.strerror) from error


def _signed(number: int) -> int:
    return ctypes.c_int64(number).value if number >= 1 << 63 else number
