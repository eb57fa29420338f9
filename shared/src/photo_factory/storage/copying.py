"""Copies into the library from another file system, or of a file that stays where it is."""

import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self
from uuid import uuid4

from photo_factory.storage.content import (
    Identity,
    SourceChangedError,
    hash_open,
    nothing_to_tell,
    read_source,
)
from photo_factory.storage.durability import make_folder, sync_folder
from photo_factory.storage.names import NO_HARD_LINKS

INCOMING_FOLDER = ".incoming"
"""Below the library: files that are being copied in, in one folder per process."""
FLUSHED_AT_ONCE_BYTES = 8 << 20
"""A larger copy is put on disk by the thread that made it, so that it holds up no small one."""
FICLONE = 0x40049409
"""ioctl_ficlone(2): share the blocks of another file (btrfs, XFS); a later change of it shows
in that file only."""


class Incoming:
    """This process's folder for half copied files, locked for as long as the process lives.

    Args:
        library: Root of the originals.
        keep_free_bytes: Room that is to be left on the library's disk.
        alive: Called during long copies, by their threads; what it raises ends the copy.
    """

    def __init__(
        self,
        library: Path,
        keep_free_bytes: int = 0,
        alive: Callable[[], None] = nothing_to_tell,
    ) -> None:
        self._library = library
        self._alive = alive
        self._keep_free_bytes = keep_free_bytes
        self._folder: Path | None = None
        self._lock: int | None = None
        self._fault: OSError | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def open(self) -> None:
        """Make and lock the folder, once; called before the first copy, by one thread.

        Raises:
            OSError: The library cannot be written; so will `copy`, until this succeeds.
        """
        if self._folder is not None and self._folder.is_dir():
            return
        self.close()
        try:
            self._make()
        except OSError as error:
            self._folder, self._fault = None, error
            raise

    def _make(self) -> None:
        parent = make_folder(self._library, INCOMING_FOLDER)
        making = parent / f".{uuid4()}"
        making.mkdir()
        self._lock = os.open(making, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._folder = parent / str(uuid4())
        making.rename(self._folder)  # under this name it is locked from its first instant
        sync_folder(parent)

    def copy(
        self,
        descriptor: int,
        suffix: str = "",
        *,
        is_flushed_later: bool = False,
        is_read_back: bool = True,
    ) -> tuple[Path, str]:
        """Copy an open file: it is read once, hashed on the way, and on disk afterwards.

        Threads may copy at the same time.

        Args:
            descriptor: The source, at its beginning.
            suffix: Of the copy's name, which is otherwise random.
            is_flushed_later: The caller puts small copies on disk, many at once.
            is_read_back: The copy is hashed as well, for its source will be removed.

        Returns:
            The copy and its SHA-256.

        Raises:
            SourceChangedError: It changed meanwhile, or the copy is not what was read.
            SourceUnreadableError: It cannot be read.
            OSError: The library cannot be written; ENOSPC also if too little room would be left.
        """
        if self._folder is None:
            if self._fault is not None:
                raise OSError(self._fault.errno, self._fault.strerror, str(self._library))
            message = "open() comes first"
            raise RuntimeError(message)
        before = os.fstat(descriptor)
        self._check_room(before.st_size)
        target = self._folder / f"{uuid4()}{suffix}"
        writing = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        try:
            sha256 = _copy_and_hash(descriptor, writing, self._alive)
            os.utime(writing, ns=(before.st_atime_ns, before.st_mtime_ns))
            if not is_flushed_later or before.st_size > FLUSHED_AT_ONCE_BYTES:
                os.fsync(writing)
            if Identity.of(os.fstat(descriptor)) != Identity.of(before):
                _refuse_copy()
            os.lseek(writing, 0, os.SEEK_SET)
            if is_read_back and hash_open(writing, self._alive) != sha256:
                _refuse_copy()
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        finally:
            os.close(writing)
        return target, sha256

    def clear(self) -> None:
        """Remove copies that nobody has taken; only while none is being made or waits."""
        if self._folder is not None:
            with suppress(OSError):
                for entry in self._folder.iterdir():
                    entry.unlink(missing_ok=True)

    def close(self) -> None:
        """Remove the folder and what is left in it."""
        if self._folder is not None:
            with suppress(OSError):
                shutil.rmtree(self._folder)
            self._folder = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _check_room(self, size_bytes: int) -> None:
        disk = os.statvfs(self._library)
        left = disk.f_bavail * disk.f_frsize - size_bytes
        if left < self._keep_free_bytes:
            reason = os.strerror(errno.ENOSPC)
            if left >= 0:  # other programs show room, and a person wonders
                reason = f"{self._keep_free_bytes / 1e6:,.1f} MB of its disk are kept free"
            raise OSError(errno.ENOSPC, reason, str(self._library))


def can_link(folder: Path, name: str, library: Path) -> bool:
    """Whether a file in a folder can be hard-linked into the library; tried, not guessed.

    Bind mounts of one file system look alike and still refuse.

    Args:
        folder: Where files come from.
        name: A file in it that is linked for the trial, and not changed.
        library: Root of the originals.
    """
    trial = make_folder(library, INCOMING_FOLDER) / f".trial-{uuid4()}"
    try:
        os.link(folder / name, trial, follow_symlinks=False)
    except OSError as error:
        if error.errno in NO_HARD_LINKS or isinstance(error, FileNotFoundError):
            return False
        raise
    trial.unlink(missing_ok=True)  # another librarian may have swept it away
    return True


def sweep_incoming(library: Path) -> None:
    """Remove what killed processes had half copied into the library."""
    folder = library / INCOMING_FOLDER
    for entry in folder.iterdir() if folder.is_dir() else ():
        # Locked: its process lives. Gone: another process sweeps as well. Else the disk cannot be
        # written, of which those hear who want to put something there.
        with suppress(OSError):
            descriptor = os.open(entry, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
            finally:
                os.close(descriptor)


def _copy_and_hash(reading: int, writing: int, alive: Callable[[], None]) -> str:
    """Share the blocks where the file system can, else copy; the source is read once."""
    try:
        fcntl.ioctl(writing, FICLONE, reading)
    except OSError:
        digest = hashlib.sha256()
        while chunk := read_source(reading):
            digest.update(chunk)
            _write_all(writing, chunk)
            alive()
        return digest.hexdigest()
    return hash_open(reading, alive)


def _refuse_copy() -> NoReturn:
    message = "it changed while it was copied"
    raise SourceChangedError(message)


def _write_all(descriptor: int, data: memoryview) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
