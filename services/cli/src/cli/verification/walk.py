"""Lists the library's files, folder by folder, however many there are."""

import os
from collections.abc import Iterator
from pathlib import Path

from cli.verification.original import Finding, reason

NAMES_AT_ONCE = 1000
FOREIGN = {
    "lost+found",
    "thumbs.db",
    "desktop.ini",
    "@eadir",
    "#recycle",
    "@recycle",
    "$recycle.bin",
    "system volume information",
}
"""What file systems, NAS and other computers keep on a disk for themselves, in lower case."""


def files_below(library: Path) -> Iterator[list[str] | Finding]:
    """Paths relative to the library, in lists of one folder; a finding for a closed folder.

    Names that begin with a dot are left out, the marker and half-copied files among them. So are
    links to folders: what lies behind one is found by its rows alone.
    """
    folders = [""]
    while folders:
        folder = folders.pop()
        try:
            yield from _files_in(library, folder, folders)
        except (FileNotFoundError, NotADirectoryError):
            continue  # it went away meanwhile
        except OSError as error:
            yield Finding("unreadable", folder or ".", message=reason(error))


def _files_in(library: Path, folder: str, subfolders: list[str]) -> Iterator[list[str]]:
    names: list[str] = []
    with os.scandir(library / folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name.casefold() in FOREIGN:
                continue
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_dir(follow_symlinks=False):
                subfolders.append(path)
            elif not Path(entry).is_dir():
                names.append(path)
            if len(names) == NAMES_AT_ONCE:
                yield names
                names = []
    if names:
        yield names
