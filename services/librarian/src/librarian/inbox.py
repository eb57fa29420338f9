"""Looks at the inbox: which files are there, and which names are none of our business."""

import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from photo_factory.storage import RELEASE_PREFIX, Identity

IGNORED = re.compile(
    rb"""
    # Hidden: .syncthing.*.tmp, .stfolder, .stversions, Android's .pending-<n>-* (still in writing)
    # and .trashed-*, macOS's ._* and .DS_Store, rsync's .NAME.XXXXXX, QNAP's .@__thumb, markers.
    \.(?!pf-release-).*
    | ~syncthing~.*\.tmp       # Syncthing on Windows
    # Downloads and copies that go on: Firefox, Chrome, Safari, Opera, Edge, WinSCP, torrents, ...
    | .*\.(part|crdownload|download|opdownload|partial|filepart|tmp|fdmdownload|dtapart|aria2
           |!ut|!qb|bc!|!sync)
    # Windows
    | Thumbs\.db(:encryptable)? | ehthumbs(_vista)?\.db | desktop\.ini
    | \$RECYCLE\.BIN | RECYCLER | System\ Volume\ Information
    # Synology, QNAP, and what file servers keep for Macs
    | @eaDir | \#recycle | \#snapshot | @tmp | @Recycle | @Recently-Snapshot
    | Network\ Trash\ Folder | Temporary\ Items | TheVolumeSettingsFolder | Icon\r
    | lost\+found              # the root of an ext4 disk has one, which nobody can read
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
"""Names of files and folders that are left alone and not shown.

Sources: the documentation of Syncthing (temporary files), Android (MediaStore), Synology and QNAP
(indexes, recycle bins), and of browsers. Syncthing's conflict copies, such as
a.sync-conflict-20240102-150405-ABCDEFG.jpg, are no such names: each may be somebody's only photo.
"""

REFUSED = {
    "symlink": "it is a symbolic link. Links are not followed; put the file itself here.",
    "not_a_regular_file": "it is a device, pipe or socket and cannot be taken in.",
    "unreadable": "the folder cannot be read: the librarian's user has no right to, its path is "
    "too long, or the disk is failing.",
}
UNKNOWN = Identity(0, 0, 0, 0)
"""Of a folder that does not even tell what it is."""


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


def raw_path(inbox: Path, path: bytes) -> bytes:
    """The same in bytes, which costs a tenth of a Path."""
    return os.fsencode(inbox) + b"/" + path if path else os.fsencode(inbox)


def printable(path: bytes) -> str:
    """A path for people: undecodable bytes and control characters are escaped."""
    text = path.decode("utf-8", "backslashreplace")
    if text.isprintable():
        return text
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
        status = os.lstat(raw_path(inbox, path))
    except OSError:
        return None
    if stat.S_ISDIR(status.st_mode):
        return None
    return Sighting(path, Identity.of(status), _refusal(status.st_mode))


def is_folder(inbox: Path, path: bytes) -> bool:
    """Whether a folder of the inbox stands at a path, and no link to one."""
    if is_ignored(path):
        return False
    try:
        return stat.S_ISDIR(os.lstat(raw_path(inbox, path)).st_mode)
    except OSError:
        return False


def is_gone(inbox: Path, path: bytes) -> bool:
    """Whether what was seen at a path is certainly there no more.

    A folder that cannot be read was seen as such; once it can be, there is nothing to see to.
    """
    if is_ignored(path):
        return True
    found = raw_path(inbox, path)
    try:
        is_dir = stat.S_ISDIR(os.lstat(found).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False  # the folder above it cannot be read, or the disk is failing
    return is_dir and os.access(found, os.R_OK | os.X_OK, effective_ids=True)


def folders_behind_links(inbox: Path, paths: Iterable[bytes]) -> set[bytes]:
    """Those of the folders of some paths that are reached through a link, and so lie elsewhere."""
    known = {b"": False}
    folders = {path.rpartition(b"/")[0] for path in paths}
    for folder in folders:
        end = 0
        while end < len(folder):
            parent = folder[: max(end - 1, 0)]
            end = folder.find(b"/", end) + 1 or len(folder) + 1
            here = folder[: end - 1]
            if here not in known:
                known[here] = known[parent] or os.path.islink(raw_path(inbox, here))  # noqa: PTH114
    return {folder for folder in folders if known[folder]}


def list_folder(inbox: Path, folder: bytes) -> Iterator[Sighting | bytes]:
    """What is in one folder of the inbox: files, and the paths of the folders below it.

    A folder that cannot be read is itself what is seen.

    Raises:
        FileNotFoundError: It went away.
        NotADirectoryError: It is no folder (any more).
    """
    prefix = folder + b"/" if folder else b""
    try:
        with os.scandir(raw_path(inbox, folder)) as entries:
            for entry in entries:
                if not IGNORED.fullmatch(entry.name):
                    found = _look_at_entry(entry, prefix + entry.name)
                    if found is not None:
                        yield found
    except (FileNotFoundError, NotADirectoryError):
        raise
    except OSError:
        yield _closed(inbox, folder)


def _look_at_entry(entry: "os.DirEntry[bytes]", path: bytes) -> Sighting | bytes | None:
    """A file, or the path of a folder; None for what went away since the folder was listed."""
    if entry.is_dir(follow_symlinks=False):
        return path
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    return Sighting(path, Identity.of(status), _refusal(status.st_mode))


def _closed(inbox: Path, folder: bytes) -> Sighting:
    try:
        identity = Identity.of(os.lstat(raw_path(inbox, folder)))
    except OSError:
        identity = UNKNOWN
    return Sighting(folder, identity, "unreadable")


def walk(inbox: Path, below: bytes = b"") -> Iterator[Sighting]:
    """Everything in the inbox, or in one folder of it, without following links."""
    folders = [below]
    while folders:
        try:
            for found in list_folder(inbox, folders.pop()):
                if isinstance(found, bytes):
                    folders.append(found)
                else:
                    yield found
        except (FileNotFoundError, NotADirectoryError):
            continue  # it went away meanwhile


def _refusal(mode: int) -> str | None:
    if stat.S_ISLNK(mode):
        return "symlink"
    return None if stat.S_ISREG(mode) else "not_a_regular_file"
