"""Unpacks media of archives, little by little, onto the library's disk, for the engine to link.

A thread unpacks in the order of the archives; it waits while enough lies unpacked or the disk is
short of room. What the engine has stored or refused is removed. The folder is locked for as long
as its process lives; one that nobody has locked was left by a killed process, and is swept.
"""

import errno
import fcntl
import os
import shutil
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Condition, Thread
from typing import BinaryIO
from uuid import uuid4

from photo_factory.database import Connection
from photo_factory.imports import IMPORT_PREFIX
from photo_factory.storage import INCOMING_FOLDER, Identity, make_folder, sync_folder

from librarian import bulk_queries
from librarian.bulk_sources import RefusedError
from librarian.inbox import Sighting
from librarian.inboxes import Inbox, Mode
from librarian.takeout.archives import DamagedError, Fault, Member, Part

MOST_FILES = 2000
"""More than the engine has in hand, so that it never waits for the next file."""
MOST_BYTES = 1 << 30
MOST_READY = 10_000
"""What is known already lies nowhere, and is yet to be counted."""
CHUNK_BYTES = 1 << 20
LOOK_SECONDS = 0.25
PATIENCE_SECONDS = 60.0
UNDATED_NS = 315_532_800 * 10**9
"""1980-01-01, the zero of zip: of members whose archive tells no time. The same in every run, for
size and time say whether a file is known."""
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
FOLDER_PREFIX = "takeout-"


class _Stopped(Exception):  # noqa: N818 - no error: the import is being ended
    """Nothing more shall be unpacked."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may lie unpacked; a single larger file may as well, alone."""

    files: int = MOST_FILES
    size_bytes: int = MOST_BYTES
    keep_free_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which members are to be imported.

    Attributes:
        wants: Whether one is.
        sizes: The sizes of all of them; called by another thread.
        known: Path, size and time of those that an earlier import took in.
    """

    wants: Callable[[Member], bool]
    sizes: Callable[[], Iterator[int]]
    known: frozenset[tuple[bytes, int, int]]


class Spool:
    """The supply of what lies in archives.

    Args:
        library: Root of the originals.
        name: Of the import.
        parts: The archives.
        wanted: What to unpack.
        limits: How much may lie unpacked.

    Attributes:
        failed: Members that could not be unpacked, and why.
    """

    names: frozenset[bytes] | None = None
    is_own = True

    def __init__(
        self, library: Path, name: str, parts: Sequence[Part], wanted: Wanted, limits: Limits
    ) -> None:
        self._library = library
        self._name = name
        self._parts = parts
        self._wanted = wanted
        self._limits = limits
        self._changed = Condition()
        self._lying: dict[bytes, int] = {}
        self._lying_bytes = 0
        self._shown: set[bytes] = set()
        self._ready: deque[Sighting] = deque()
        self._trouble: BaseException | None = None
        self._has_ended = self._is_stopped = False
        self._look_due = 0.0
        self.failed: list[tuple[Member, Fault]] = []
        sweep(library)
        self.root, self._lock = _make_folder(library)
        self._thread = Thread(target=self._run, name="unpack", daemon=True)

    @property
    def name(self) -> str:
        """The import's."""
        return self._name

    def inbox(self, mode: Mode) -> Inbox:
        """The folder as the engine takes it; its files are removed here and not by the engine."""
        kind = "" if mode == "keep" else "move:"
        return Inbox(f"{IMPORT_PREFIX}{kind}{self._name}", self.root, mode)

    def sizes(self) -> Iterator[int]:
        """How large each file is that there is to import."""
        return self._wanted.sizes()

    def flow(self, mode: Mode) -> Iterator[Sighting | None]:
        """Begin to unpack; the files as they come, None while there is none.

        Raises:
            RefusedError: There is no room, or it cannot go on.
        """
        del mode
        self._thread.start()
        while True:
            with self._changed:
                if self._ready:
                    found: Sighting | None = self._ready.popleft()
                elif not self._has_ended:
                    found = None
                elif self._trouble is not None:
                    raise RefusedError(str(self._trouble)) from self._trouble
                else:
                    return
            yield found

    def shown(self, batch: Sequence[Sighting]) -> None:
        """The engine has these: as soon as it has done with one, that is removed."""
        self._shown.update(one.path for one in batch if one.path in self._lying)

    def settle(self, connection: Connection) -> None:
        """Remove what the engine has done with; at times only."""
        if not self._shown or time.monotonic() < self._look_due:
            return
        self._look_due = time.monotonic() + LOOK_SECONDS
        name = self.inbox("keep").name
        before = bulk_queries.still_before(connection, name, list(self._shown))
        for path in self._shown - before:
            (self.root / os.fsdecode(path)).unlink(missing_ok=True)
            self._shown.discard(path)
            with self._changed:
                self._lying_bytes -= self._lying.pop(path)
                self._changed.notify_all()

    def stop(self) -> None:
        """Unpack no further."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def close(self) -> None:
        """Remove the folder; what was not stored is unpacked again the next time."""
        self.stop()
        shutil.rmtree(self.root, ignore_errors=True)
        os.close(self._lock)

    def _run(self) -> None:
        try:
            for part in self._parts:
                for member, stream in part.members():
                    self._go_on()
                    if self._wanted.wants(member):
                        self._take(member, stream)
        except _Stopped:
            pass
        except (RefusedError, OSError) as error:
            self._trouble = error
        finally:
            with self._changed:
                self._has_ended = True

    def _go_on(self) -> None:
        if self._is_stopped:
            raise _Stopped

    def _take(self, member: Member, stream: BinaryIO) -> None:
        path = os.fsencode(member.path)
        time_ns = modified_ns(member)
        if (path, member.size_bytes, time_ns) in self._wanted.known:
            self._offer(Sighting(path, Identity(0, 0, member.size_bytes, time_ns)))
            return
        self._await_place(path, member.size_bytes)
        self._await_room(member.size_bytes)
        target = self.root / member.path
        try:
            found = self._unpack(member, stream, target, time_ns)
        except DamagedError as error:
            self.failed.append((member, error.fault))
            return
        with self._changed:
            self._lying[path] = member.size_bytes
            self._lying_bytes += member.size_bytes
        self._offer(Sighting(path, found))

    def _offer(self, found: Sighting) -> None:
        with self._changed:
            while len(self._ready) >= MOST_READY:
                self._go_on()
                self._changed.wait(LOOK_SECONDS)
            self._ready.append(found)

    def _await_place(self, path: bytes, size_bytes: int) -> None:
        """Wait till few enough files lie unpacked, and no other of this name."""
        limits = self._limits
        with self._changed:
            while self._lying and (
                path in self._lying
                or len(self._lying) >= limits.files
                or self._lying_bytes + size_bytes > limits.size_bytes
            ):
                self._go_on()
                self._changed.wait(LOOK_SECONDS)

    def _await_room(self, size_bytes: int) -> None:
        """Wait till the disk has room; not for ever, if nothing is left that makes some."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._has_room(size_bytes):
            if self._lying:
                deadline = time.monotonic() + PATIENCE_SECONDS
            elif time.monotonic() > deadline:
                raise RefusedError(self._room_message(size_bytes))
            with self._changed:
                self._go_on()
                self._changed.wait(LOOK_SECONDS)

    def _has_room(self, size_bytes: int) -> bool:
        disk = os.statvfs(self.root)
        return disk.f_bavail * disk.f_frsize - size_bytes >= self._limits.keep_free_bytes

    def _room_message(self, size_bytes: int) -> str:
        free = f"there is no room in the library {self._library} for {size_bytes / 1e6:.1f} MB"
        return f"{free} more ({self._limits.keep_free_bytes / 1e6:.0f} MB are kept free)."

    def _unpack(self, member: Member, stream: BinaryIO, target: Path, time_ns: int) -> Identity:
        """Write a member's bytes; what they are is the engine's to find out.

        Raises:
            DamagedError: They cannot be had.
            RefusedError: The disk cannot take them.
        """
        writing = self._create(member, target)
        try:
            while chunk := stream.read(CHUNK_BYTES):
                self._go_on()
                self._write(member, writing, chunk)
            os.utime(writing, ns=(time_ns, time_ns))
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        finally:
            os.close(writing)
        return Identity.of(target.lstat())

    def _create(self, member: Member, target: Path) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            return os.open(target, flags, 0o644)
        except OSError as error:
            if error.errno in NO_ROOM:
                raise RefusedError(self._room_message(member.size_bytes)) from error
            message = (
                f"{member.path} in {member.part} cannot be unpacked onto the library's disk under "
                f"its name ({error.strerror}). Unpack it elsewhere and import that folder."
            )
            code = "name_not_possible"
            raise DamagedError(Fault(member.part, member.path, code, message)) from error

    def _write(self, member: Member, writing: int, chunk: bytes) -> None:
        left = memoryview(chunk)
        try:
            while left:
                left = left[os.write(writing, left) :]
        except OSError as error:
            if error.errno in NO_ROOM:
                raise RefusedError(self._room_message(member.size_bytes)) from error
            raise


def modified_ns(member: Member) -> int:
    """The time that a member's file gets: the archive's, in whole seconds."""
    if member.modified is None:
        return UNDATED_NS
    return int(member.modified.timestamp()) * 10**9


def sweep(library: Path) -> None:
    """Remove the folders of killed imports."""
    incoming = library / INCOMING_FOLDER
    for folder in incoming.glob(f"{FOLDER_PREFIX}*") if incoming.is_dir() else ():
        with suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
            finally:
                os.close(descriptor)


def _make_folder(library: Path) -> tuple[Path, int]:
    """A folder that is locked from the first instant under its name; resolved, and its lock."""
    parent = make_folder(library, INCOMING_FOLDER).resolve()
    making = parent / f".{uuid4()}"
    making.mkdir()
    lock = os.open(making, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    fcntl.flock(lock, fcntl.LOCK_EX)
    folder = parent / f"{FOLDER_PREFIX}{uuid4()}"
    making.rename(folder)
    sync_folder(parent)
    return folder, lock
