"""Looks at the inbox: which files are there, and which names are none of our business."""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from photo_factory.storage import RELEASE_PREFIX, Identity

IGNORED = re.compile(
    rb"""
    \.(?!pf-release-).*        # hidden files, markers, .syncthing.*.tmp, ._*, .DS_Store, .trashed-*
    | ~syncthing~.*\.tmp       # Syncthing on Windows
    | .*\.(part|crdownload|tmp|partial|filepart)
    | Thumbs\.db | desktop\.ini
    | @eaDir | \#recycle | @Recycle | \$RECYCLE\.BIN | System\ Volume\ Information
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
"""Names of files and folders that are left alone and not shown.

Sources: the documentation of Syncthing (temporary files), Synology and QNAP (indexes, recycle
bins), and of browsers (downloads that go on).
"""

REFUSED = {
    "symlink": "it is a symbolic link. Links are not followed; put the file itself here.",
    "not_a_regular_file": "it is a device, pipe or socket and cannot be taken in.",
    "unreadable": "the folder cannot be read. Give the librarian's user the right to read it.",
}


@dataclass(frozen=True, slots=True)
class Sighting:
    """A name in the inbox.

    Attributes:
        path: Below the inbox, as the file system has it.
        refusal: Code from REFUSED if it is nothing that can be taken in.
    """

    path: bytes
    identity: Identity
    refusal: str | None = None

    @property
    def message(self) -> str | None:
        """The sentence for the user about a refusal."""
        if self.refusal is None:
            return None
        return f"{printable(self.path)}: {REFUSED[self.refusal]}"


def absolute(inbox: Path, path: bytes) -> Path:
    """The path as the system's calls take it; undecodable bytes survive the way there and back."""
    return inbox / os.fsdecode(path)


def printable(path: bytes) -> str:
    """A path for people: undecodable bytes and control characters are escaped."""
    text = path.decode("utf-8", "backslashreplace")
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def base_name(path: bytes) -> bytes:
    """The last part of a path."""
    return path.rpartition(b"/")[2]


def library_name(path: bytes) -> str:
    """The name that a file from the inbox gets in the library, before any suffix for a clash.

    The name is kept as it is, but for bytes that are no UTF-8 and control characters, which
    programs that show or back up the library trip over: each becomes an underscore.
    """
    name = base_name(path)
    if name.startswith(RELEASE_PREFIX.encode()):
        name = b"recovered-" + name.removeprefix(RELEASE_PREFIX.encode())
    text = name.decode("utf-8", "replace").replace("\ufffd", "_")
    return re.sub(r"[\x00-\x1f\x7f-\x9f/\\]", "_", text)


def release_key(path: bytes) -> int | None:
    """The row that a half released file belongs to, if the path is one."""
    match = re.fullmatch(RELEASE_PREFIX.encode() + rb"(\d{1,18})", base_name(path))
    return int(match[1]) if match else None


def is_ignored(path: bytes) -> bool:
    """Whether a path has a part that is none of our business."""
    return any(IGNORED.fullmatch(part) for part in path.split(b"/"))


def look(inbox: Path, path: bytes) -> Sighting | None:
    """What stands at a path of the inbox; None for nothing, a folder, or an ignored name."""
    if is_ignored(path):
        return None
    try:
        status = absolute(inbox, path).lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if stat.S_ISDIR(status.st_mode):
        return None
    return Sighting(path, Identity.of(status), _refusal(status.st_mode))


def is_there(inbox: Path, path: bytes) -> bool:
    """Whether what was seen at a path is there still: a file, or a folder that cannot be read."""
    found = absolute(inbox, path)
    if found.is_dir() and not found.is_symlink():
        return not os.access(found, os.R_OK | os.X_OK, effective_ids=True)
    return os.path.lexists(found)


def walk(inbox: Path, below: bytes = b"") -> Iterator[Sighting]:
    """Everything in the inbox, or in one folder of it, without following links."""
    folders = [below]
    while folders:
        folder = folders.pop()
        here = absolute(inbox, folder)
        try:
            entries = list(os.scandir(os.fsencode(here)))
        except (FileNotFoundError, NotADirectoryError):
            continue  # it went away meanwhile
        except PermissionError:
            yield Sighting(folder, Identity.of(here.lstat()), "unreadable")
            continue
        for entry in entries:
            path = folder + b"/" + entry.name if folder else entry.name
            if entry.is_dir(follow_symlinks=False):
                if not is_ignored(path):
                    folders.append(path)
            elif (sighting := look(inbox, path)) is not None:
                yield sighting


def _refusal(mode: int) -> str | None:
    if stat.S_ISLNK(mode):
        return "symlink"
    return None if stat.S_ISREG(mode) else "not_a_regular_file"
