"""Decides whether a file of the inbox can be taken in now, and what it is."""

import contextlib
import errno
import fcntl
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from photo_factory.media import HEAD_BYTES, Kind, identify, incompleteness
from photo_factory.storage import Identity, hash_file

from librarian.inbox import absolute
from librarian.queries import InboxFile
from librarian.settings import LibrarianSettings


@dataclass(frozen=True, slots=True)
class Examined:
    """A complete, unchanging media file and its hash."""

    file: InboxFile
    source: Path
    sha256: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now: it has changed, is being written, or looks unfinished."""

    identity: Identity
    delay_seconds: float
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """It needs a person; it stays where it is."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Gone:
    """Nothing stands there any more."""


def examine(
    file: InboxFile, settings: LibrarianSettings, alive: Callable[[], None]
) -> Examined | Wait | Refusal | Gone:
    """Look at a file that is due.

    It is hashed only if it is a complete media file that nobody has open for writing, and counts
    only if it was the same file before and after.

    Args:
        file: As it was when it was last seen.
        settings: How long an unfinished file may wait.
        alive: Called during long work.
    """
    source = absolute(settings.inbox, file.path_bytes)
    try:
        before = source.lstat()
        if Identity.of(before) != file.identity or _is_being_written(source):
            return Wait(Identity.of(before), settings.stability_seconds)
        verdict = _inspect(file, source, settings)
        if not isinstance(verdict, Kind):
            return verdict
        sha256 = hash_file(source, alive)
        after = Identity.of(source.lstat())
    except (FileNotFoundError, NotADirectoryError):
        return Gone()
    except OSError as error:
        return _unreadable(file, error)
    if after != file.identity:
        return Wait(after, settings.stability_seconds)
    return Examined(file, source, sha256, verdict)


def _inspect(file: InboxFile, source: Path, settings: LibrarianSettings) -> Kind | Wait | Refusal:
    """What the file is, or why it cannot be taken in."""
    if not stat.S_ISREG(source.lstat().st_mode):
        return Refusal("not_a_regular_file", f"{file.path}: it is no ordinary file.")
    if file.size_bytes == 0:
        return Refusal(
            "empty_file", f"{file.path}: the file is empty (0 bytes). Copy it here once more."
        )
    with source.open("rb") as opened:
        head = opened.read(HEAD_BYTES)
    kind = identify(head, source.suffix.lower())
    if kind is None:
        return Refusal(
            "not_media",
            f"{file.path}: its content is no photo or video that Photo Factory knows. "
            "It stays in the inbox.",
        )
    lack = incompleteness(source, kind)
    if lack is None:
        return kind
    if file.unchanged_seconds < settings.incomplete_seconds:
        left = settings.incomplete_seconds - file.unchanged_seconds
        return Wait(file.identity, max(left, 1.0), f"looks unfinished: {lack}")
    return Refusal(
        "truncated",
        f"{file.path}: the file is not complete: {lack}. Copy it here once more; "
        "if the source is damaged as well, it stays in the inbox.",
    )


def _is_being_written(source: Path) -> bool:
    """Whether a program has the file open for writing, where the system can tell.

    A read lease is granted only if nobody has (Linux, fcntl(2)); it is given back at once. A
    copy that pauses for longer than the stability delay is noticed by this alone.
    """
    descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN  # anything else: this file system cannot tell
    else:
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        return False
    finally:
        os.close(descriptor)


def _unreadable(file: InboxFile, error: OSError) -> Refusal:
    if error.errno == errno.ELOOP:
        return Refusal("symlink", f"{file.path}: it is a symbolic link. Links are not followed.")
    return Refusal(
        "unreadable",
        f"{file.path}: it cannot be read ({error.strerror}). Check its permissions and the disk.",
    )
