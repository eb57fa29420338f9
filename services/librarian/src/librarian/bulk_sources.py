"""What a bulk import may read: folders and files outside of what the installation itself keeps.

A folder may be reached by several paths: through links, and through mounts of one folder at
another place, as containers have them. So not the paths are compared but the places behind them.
"""

import os
import re
import stat
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from photo_factory.imports import IMPORT_PREFIX
from photo_factory.roots import MARKER

from librarian.inbox import Sighting, absolute, is_ignored, look, printable, walk
from librarian.inboxes import Inbox, Mode
from librarian.settings import LibrarianSettings

MOUNTS = Path("/proc/self/mountinfo")
Place = tuple[str, PurePath]
"""A device and a path on it; without a device, a path as it is used here."""


class RefusedError(Exception):
    """This cannot be imported; the message is a sentence for the person who asked for it."""


@dataclass(frozen=True, slots=True)
class Source:
    """A folder to import from.

    Attributes:
        root: Absolute, without links.
        names: Only these files in it; None means all that is below it.
    """

    root: Path
    names: frozenset[bytes] | None = None

    @property
    def is_own(self) -> bool:
        """Never: its files are another's."""
        return False

    def inbox(self, mode: Mode) -> Inbox:
        """The folder as the engine takes it.

        What is copied and what is moved have names of their own, so that nothing is removed from
        a source because an earlier command was allowed to.
        """
        kind = "" if mode == "keep" else "move:"
        return Inbox(f"{IMPORT_PREFIX}{kind}{self.name}", self.root, mode)

    @property
    def name(self) -> str:
        """The folder's path for people, and fit for the database."""
        return printable(os.fsencode(self.root))

    def files(self) -> Iterator[Sighting]:
        """What there is to import; links are not followed, and names of no photo left out."""
        if self.names is None:
            yield from walk(self.root)
            return
        for name in sorted(self.names):
            found = look(self.root, name)
            if found is not None:
                yield found

    def files_to_move(self) -> Iterator[Sighting]:
        """The same, up to the first that lies in the folder of an installation.

        Raises:
            RefusedError: One does. It may be this installation's library by a path that nothing
                tells, such as one disk of a pool: moving would empty it.
        """
        checked: set[bytes] = set()
        for found in self.files():
            folder = found.path.rpartition(b"/")[0]
            while folder not in checked:
                checked.add(folder)
                _refuse_root(absolute(self.root, folder))
                folder = folder.rpartition(b"/")[0]
            yield found

    def flow(self, mode: Mode) -> Iterator[Sighting | None]:
        """What there is to import in this mode."""
        return iter(self.files_to_move() if mode == "move" else self.files())

    def sizes(self) -> Iterator[int]:
        """How large each file is that there is to import."""
        return (found.identity.size_bytes for found in self.files())

    def shown(self, batch: Sequence[Sighting]) -> None:
        """Do nothing: the files stay where they are."""


def find_sources(
    paths: Iterable[Path], settings: LibrarianSettings, mode: Mode
) -> tuple[Source, ...]:
    """The sources behind some paths, those within others left out.

    Raises:
        RefusedError: One of them is missing, cannot be read, or must not be imported.
    """
    folders: set[Path] = set()
    files: dict[Path, set[bytes]] = defaultdict(set)
    for path in paths:
        found = _resolve(path)
        if found.is_dir():
            folders.add(found)
        else:
            files[found.parent].add(os.fsencode(found.name))
    folders = {one for one in folders if not folders.intersection(one.parents)}
    sources = [Source(folder) for folder in folders]
    sources += [
        Source(folder, frozenset(names))
        for folder, names in files.items()
        if not folders.intersection((folder, *folder.parents))
    ]
    own = _own_folders(settings)
    for source in sources:
        _check_place(source, own)
        _check_access(source, mode)
    return tuple(sorted(sources, key=lambda source: source.root))


def _resolve(path: Path) -> Path:
    """The folder or file that is meant; a link to a folder is followed, for a person named it."""
    shown = printable(os.fsencode(path))
    try:
        found = path.expanduser().resolve(strict=True)
        mode = found.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        message = f"There is no folder or file {shown}."
        raise RefusedError(message) from None
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle, in Python 3.11
        reason = error.strerror if isinstance(error, OSError) else "its links form a circle"
        message = f"{shown} cannot be read: {reason}."
        raise RefusedError(message) from None
    if stat.S_ISDIR(mode):
        return found
    if path.is_symlink():
        message = f"{shown} is a symbolic link. Links are not followed; name the file itself."
    elif not stat.S_ISREG(mode):
        message = f"{shown} is neither a folder nor an ordinary file."
    elif is_ignored(os.fsencode(found.name)):
        message = (
            f"{shown} has a name that is always left alone (hidden, temporary, or a system's "
            "own). Give the file another name if it is a photo."
        )
    else:
        return found
    raise RefusedError(message)


def _own_folders(settings: LibrarianSettings) -> dict[str, Path]:
    """The folders of this installation, by what they are."""
    inboxes = {f"the inbox {inbox.name}": inbox.root for inbox in settings.inboxes}
    return {
        "the library": settings.library,
        "the folder of the derivatives": settings.derivatives,
        "the quarantine": settings.quarantine,
        **inboxes,
    }


def _check_place(source: Source, own: Mapping[str, Path]) -> None:
    mounts = read_mounts()
    asked = places(source.root, mounts, is_whole=source.names is None)
    for what, folder in own.items():
        kept = places(folder.resolve(), mounts)
        is_around = source.names is None and _is_any_inside(kept, asked)
        if is_around or _is_any_inside(asked, kept):
            message = (
                f"{source.name} is, or overlaps with, {what} of this installation ({folder}). "
                "Nothing can be imported from there."
            )
            raise RefusedError(message)


def _is_any_inside(inner: Iterable[Place], outer: Collection[Place]) -> bool:
    return any(
        device == other_device and path.is_relative_to(other_path)
        for device, path in inner
        for other_device, other_path in outer
    )


@dataclass(frozen=True, slots=True)
class Mount:
    """A folder of a file system, and where it is mounted."""

    device: str
    folder: PurePath
    point: PurePath


def read_mounts(table: Path = MOUNTS) -> list[Mount]:
    """What is mounted where (proc_pid_mountinfo(5)); empty where the system does not tell."""
    try:
        lines = table.read_bytes().splitlines()
    except OSError:
        return []
    rows = (line.split(b" ", 5) for line in lines)
    return [Mount(row[2].decode(), _path(row[3]), _path(row[4])) for row in rows]


def places(folder: Path, mounts: Sequence[Mount], *, is_whole: bool = True) -> set[Place]:
    """Where a folder lies: its path, what that is on its device, and what is mounted below it.

    Args:
        folder: Absolute, without links.
        mounts: In their order; of two on one point, the later one lies on top.
        is_whole: Whether what is mounted below it counts.
    """
    found: set[Place] = {("", folder)}
    holding: Mount | None = None
    for mount in mounts:
        is_nearer = holding is None or len(mount.point.parts) >= len(holding.point.parts)
        if folder.is_relative_to(mount.point) and is_nearer:
            holding = mount
        elif is_whole and mount.point.is_relative_to(folder):
            found.add((mount.device, mount.folder))
    if holding is not None:
        found.add((holding.device, holding.folder / folder.relative_to(holding.point)))
    return found


def _path(field: bytes) -> PurePath:
    r"""The kernel writes space, tab, newline and backslash as \040, \011, \012 and \134."""
    return PurePath(
        os.fsdecode(re.sub(rb"\\([0-7]{3})", lambda match: bytes([int(match[1], 8)]), field))
    )


def _check_access(source: Source, mode: Mode) -> None:
    if not os.access(source.root, os.R_OK | os.X_OK, effective_ids=True):
        message = f"{source.name} cannot be read. Give user {os.geteuid()} the right to."
        raise RefusedError(message)
    if mode == "keep":
        return
    for folder in (source.root, *source.root.parents):
        _refuse_root(folder)
    if not os.access(source.root, os.W_OK | os.X_OK, effective_ids=True):
        message = (
            f"{source.name} cannot be written, so nothing can be moved out of it. "
            "Use --copy, or give the right to write there."
        )
        raise RefusedError(message)


def _refuse_root(folder: Path) -> None:
    if (folder / MARKER).exists():
        message = (
            f"{printable(os.fsencode(folder))} is a folder of a Photo Factory installation (it has "
            f"a {MARKER}). Nothing is moved out of it; it can be copied: --copy."
        )
        raise RefusedError(message)
