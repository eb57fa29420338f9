"""Files that must survive: names that are never overwritten, files that are really on disk.

The order of writes is that of docs/design.md: bytes and folder are on disk before a row says so,
and the source goes only after the row is committed.
"""

import ctypes
import errno
import fcntl
import hashlib
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

INCOMING_FOLDER = ".incoming"
"""Below the library: files that are being copied in from another file system."""
MOST_CLASHES = 100_000
RELEASE_PREFIX = ".pf-release-"
LONGEST_NAME_BYTES = 255
AT_FDCWD = -100
RENAME_NOREPLACE = 1
CHUNK_BYTES = 1 << 20
NO_HARD_LINKS = {errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS}


class SourceChangedError(Exception):
    """The source is no longer the file that was hashed."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells a file from another one, or from itself after a change."""

    device: int
    inode: int
    size_bytes: int
    modified_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> "Identity":
        """The identity that a stat result shows; device and inode as signed 64-bit patterns."""
        return cls(
            ctypes.c_int64(status.st_dev).value,
            ctypes.c_int64(status.st_ino).value,
            status.st_size,
            status.st_mtime_ns,
        )


@dataclass(frozen=True, slots=True)
class Original:
    """A file to be stored, and the hash that its bytes must have."""

    source: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an original now stands.

    Attributes:
        path: Relative to the library.
        was_adopted: It stood there already, with the same content and no row: a crash left it.
    """

    path: str
    was_adopted: bool


def sync_file(path: Path) -> None:
    """Wait until a file's bytes are on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Wait until a folder's entries are on disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(root: Path, relative: str) -> Path:
    """Create a folder below a root, durably: each new level is on disk in its parent."""
    folder = root
    for part in Path(relative).parts:
        parent, folder = folder, folder / part
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        sync_folder(parent)
    return folder


def publish(scratch: Path, root: Path, target: str) -> None:
    """Move a finished derivative to its final name below a root, durably.

    Doing it again is harmless: an earlier try may have moved the file before its row was written.
    """
    final = root / target
    if not scratch.exists() and final.exists():
        return
    sync_file(scratch)
    folder = make_folder(root, str(Path(target).parent))
    scratch.replace(final)
    sync_folder(folder)


def hash_file(path: Path, alive: Callable[[], None] = lambda: None) -> str:
    """SHA-256 of a file, in hexadecimal; `alive` is called every now and then."""
    digest = hashlib.sha256()
    buffer = memoryview(bytearray(CHUNK_BYTES))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            digest.update(buffer[:count])
            alive()
    return digest.hexdigest()


def place(
    original: Original, library: Path, folder: str, name: str, may_use: Callable[[str], bool]
) -> Placement:
    """Give an original its final name in the library, never overwriting anything.

    On one file system the file is linked; elsewhere it is copied, compared and renamed without
    replacing. The file's bytes are on disk afterwards; the entry in its folder is once the caller
    has called `sync_folder` on it (once per batch).

    Args:
        original: The file in the inbox, which is left where it is, and its hash.
        library: Root of the originals.
        folder: Below the root, such as 2024/2024-05-17.
        name: Wanted name; on a clash _1, _2, … is put before its suffix.
        may_use: Asked before anything is put at a path: whether no row in the database has it.
            It also remembers the intention, so that a crash leaves nothing unaccounted for.

    Raises:
        SourceChangedError: The source's bytes are no longer those that were hashed.
        OSError: The library cannot be written, or is full.
    """
    target_folder = make_folder(library, folder)
    for candidate in candidate_names(name):
        path = f"{folder}/{candidate}"
        if not may_use(path):
            continue
        target = target_folder / candidate
        try:
            _link_or_copy(original, target, library)
        except FileExistsError:
            if not holds(target, original.sha256):
                continue
            sync_file(target)
            return Placement(path, was_adopted=True)
        return Placement(path, was_adopted=False)
    message = f"no free name for {name} in {target_folder}"
    raise FileExistsError(message)


def candidate_names(name: str) -> Iterator[str]:
    """The name, then with _1, _2, … before its suffix, each within the file system's limit.

    The stem is shortened where the name would grow too long, whole characters at a time.
    """
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 - Path would take ".jpg" for a stem
    suffix = _shorten(suffix, 32)
    yield _shorten(stem, LONGEST_NAME_BYTES - len(suffix.encode())) + suffix
    for number in range(1, MOST_CLASHES):
        tail = f"_{number}{suffix}"
        yield _shorten(stem, LONGEST_NAME_BYTES - len(tail.encode())) + tail


def _shorten(text: str, most_bytes: int) -> str:
    return text.encode()[:most_bytes].decode(errors="ignore")


def bring_back(leftover: Path, source: Path) -> None:
    """Return to the inbox what a crash left in the library while its source went away.

    Raises:
        FileExistsError: Something stands in the inbox under that name again.
    """
    source.parent.mkdir(parents=True, exist_ok=True)
    _rename_without_replacing(leftover, source)
    leftover.unlink(missing_ok=True)
    sync_folder(source.parent)


def holds(path: Path, sha256: str, alive: Callable[[], None] = lambda: None) -> bool:
    """Whether a regular file stands there whose bytes have that hash."""
    try:
        return stat.S_ISREG(path.lstat().st_mode) and hash_file(path, alive) == sha256
    except FileNotFoundError:
        return False


def replace_damaged(original: Original, library: Path, path: str, quarantine: Path) -> None:
    """Put a healthy copy where the library's original is missing or damaged.

    A damaged file is moved aside into the quarantine, never deleted.

    Raises:
        OSError: A file cannot be moved or written.
    """
    target = library / path
    folder = make_folder(library, str(Path(path).parent))
    if os.path.lexists(target):
        quarantine.mkdir(parents=True, exist_ok=True)
        shutil.move(target, quarantine / f"{uuid4()}-{_shorten(target.name, 200)}")
    _link_or_copy(original, target, library)
    sync_folder(folder)


def _link_or_copy(original: Original, target: Path, library: Path) -> None:
    sync_file(original.source)
    try:
        os.link(original.source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in NO_HARD_LINKS:
            raise
    else:
        return
    incoming = make_folder(library, INCOMING_FOLDER) / str(uuid4())
    try:
        _copy(original, incoming)
        _rename_without_replacing(incoming, target)
    finally:
        incoming.unlink(missing_ok=True)


def sweep_incoming(library: Path) -> None:
    """Remove what killed processes had half copied into the library from another file system."""
    folder = library / INCOMING_FOLDER
    for entry in folder.iterdir() if folder.is_dir() else ():
        # Locked: a copy goes on. Gone: another process sweeps as well.
        with suppress(BlockingIOError, FileNotFoundError), entry.open("rb") as half:
            fcntl.flock(half, fcntl.LOCK_EX | fcntl.LOCK_NB)
            entry.unlink()


def _copy(original: Original, target: Path) -> None:
    """Copy and hash in one pass; the target is on disk afterwards."""
    digest = hashlib.sha256()
    with original.source.open("rb", buffering=0) as reading, target.open("xb") as writing:
        fcntl.flock(writing, fcntl.LOCK_EX)  # tells `sweep_incoming` that someone is at it
        while chunk := reading.read(CHUNK_BYTES):
            digest.update(chunk)
            writing.write(chunk)
        writing.flush()
        times = os.fstat(reading.fileno())
        os.utime(writing.fileno(), ns=(times.st_atime_ns, times.st_mtime_ns))
        os.fsync(writing.fileno())
    if digest.hexdigest() != original.sha256:
        message = f"{original.source} changed while it was copied"
        raise SourceChangedError(message)


def _rename_without_replacing(source: Path, target: Path) -> None:
    """Rename, failing with FileExistsError where something stands at the target."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in NO_HARD_LINKS:
            raise
    else:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    names = (os.fsencode(source), os.fsencode(target))
    if libc.renameat2(AT_FDCWD, names[0], AT_FDCWD, names[1], RENAME_NOREPLACE) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), str(source), None, str(target))


def release(path: Path, expected: Identity, key: int) -> bool:
    """Remove a file from the inbox, but only the very one that was stored.

    It is first renamed: a file that another program puts under the old name at this moment is
    not the one that is removed.

    Args:
        path: The file in the inbox.
        expected: What was stored.
        key: Marks the renamed file as this one's, so that a release that was cut short between
            the two steps is taken up again.

    Returns:
        False if the file there is another one by now; it is left alone.

    Raises:
        OSError: The folder cannot be written.
    """
    aside = path.with_name(f"{RELEASE_PREFIX}{key}")
    try:
        if not aside.exists():
            if Identity.of(path.lstat()) != expected:
                return False
            path.rename(aside)
    except FileNotFoundError:
        return True
    if Identity.of(aside.lstat()) != expected:
        _rename_without_replacing(aside, path)
        aside.unlink(missing_ok=True)
        return False
    aside.unlink()
    return True
