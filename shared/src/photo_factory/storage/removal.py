"""Files that leave their place: released from the inbox, put aside, healed, brought back."""

import errno
import os
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from photo_factory.storage.content import Identity, Original, SourceChangedError
from photo_factory.storage.copying import INCOMING_FOLDER, Incoming, sweep_incoming
from photo_factory.storage.durability import make_folder, sync_folder
from photo_factory.storage.names import link_without_replacing, numbered

RELEASE_PREFIX = ".pf-release-"


def release(path: Path, expected: Identity, key: int, stored: Path) -> bool:
    """Remove a file from the inbox, but only the very one that was stored.

    It is first renamed: a file that another program puts under the old name at this moment is
    not the one that is removed.

    Args:
        path: The file in the inbox.
        expected: What was stored.
        key: Marks the renamed file as this one's, so that a release that was cut short between
            the two steps is taken up again.
        stored: The library's copy. It must still stand there once the file is renamed: on pooled
            file systems the two may be one and the same file, seen by two ways.

    Returns:
        False if the file there is another one by now, or the library's went with it; it is left
        alone.

    Raises:
        OSError: The folder cannot be written.
    """
    aside = path.with_name(f"{RELEASE_PREFIX}{key}")
    try:
        if not aside.exists():
            if Identity.of(path.lstat()) != expected:
                return False
            path.rename(aside)
    except (FileNotFoundError, NotADirectoryError):
        return True
    if Identity.of(aside.lstat()) != expected or not stored.is_file():
        link_without_replacing(aside, path)
        aside.unlink(missing_ok=True)
        return False
    aside.unlink()
    return True


def set_aside(path: Path, expected: Identity, folder: Path) -> Path | None:
    """Move a file into the quarantine, under a name of its own that ends in the old one.

    Returns:
        Where it is now; None if another file stands there by now, which is left alone.

    Raises:
        OSError: It cannot be moved; it is where it was.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / numbered(f"{uuid4()}-{path.stem}", path.suffix, 0)
    if Identity.of(path.lstat()) != expected:
        return None
    try:
        path.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy_aside(path, target)
        if Identity.of(path.lstat()) != expected:
            target.unlink()
            return None
        path.unlink()
    sync_folder(folder)
    sync_folder(path.parent)
    return target


def replace_damaged(original: Original, library: Path, path: str, quarantine: Path) -> None:
    """Put a healthy copy where the library's original is missing or damaged.

    A damaged file is moved aside into the quarantine, never deleted, and only once the healthy
    copy is on the library's disk.

    Raises:
        SourceChangedError: The source's bytes are not those that were hashed.
        OSError: A file cannot be moved or written.
    """
    target = library / path
    folder = make_folder(library, str(Path(path).parent))
    with Incoming(library) as incoming:
        incoming.open()
        copy = _checked_copy(incoming, original)
        with suppress(FileNotFoundError):
            set_aside(target, Identity.of(target.lstat()), quarantine)
        link_without_replacing(copy, target)
    sync_folder(folder)


def bring_back(leftover: Path, source: Path) -> None:
    """Return to the inbox what a crash left in the library while its source went away.

    Raises:
        FileExistsError: Something stands in the inbox under that name again.
    """
    source.parent.mkdir(parents=True, exist_ok=True)
    try:
        link_without_replacing(leftover, source)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy_back(leftover, source)
    leftover.unlink(missing_ok=True)
    sync_folder(source.parent)


def _checked_copy(incoming: Incoming, original: Original) -> Path:
    descriptor = os.open(original.source, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        copy, sha256 = incoming.copy(descriptor)
    finally:
        os.close(descriptor)
    if sha256 != original.sha256:
        message = f"{original.source} is no longer the file that was hashed"
        raise SourceChangedError(message)
    return copy


def _copy_aside(path: Path, target: Path) -> None:
    """Copy onto another file system, under a hidden name until it is whole and on disk."""
    sweep_incoming(target.parent)  # what an attempt has left that was killed
    with Incoming(target.parent) as incoming:
        incoming.open()
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            copy, _ = incoming.copy(descriptor)
        finally:
            os.close(descriptor)
        link_without_replacing(copy, target)
    with suppress(OSError):  # in use by another process
        (target.parent / INCOMING_FOLDER).rmdir()


def _copy_back(leftover: Path, source: Path) -> None:
    if os.path.lexists(source):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(source))
    _copy_aside(leftover, source)
