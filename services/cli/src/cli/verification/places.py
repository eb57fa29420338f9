"""Lists the files of folders that may hold healthy copies, whatever else lies there."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cli.verification.original import reason


@dataclass(frozen=True, slots=True)
class Candidate:
    """A regular file, as it was when its folder was listed."""

    path: Path
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Unread:
    """A folder or file that could not be read; a copy may lie there."""

    path: Path
    message: str


def candidates(places: Iterable[Path]) -> Iterator[Candidate | Unread]:
    """Every regular file of the places, folder by folder, hidden ones as well.

    Links that lie in a place are not followed. A place itself may be a link, or a single file.
    """
    for place in places:
        if place.is_dir():
            yield from _below(place)
        else:
            yield from _file(place)


def _below(place: Path) -> Iterator[Candidate | Unread]:
    folders = [str(place)]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    elif entry.is_file(follow_symlinks=False):
                        yield from _file(Path(entry.path))
        except OSError as error:
            yield Unread(Path(folder), reason(error))


def _file(path: Path) -> Iterator[Candidate | Unread]:
    try:
        yield Candidate(path, path.lstat().st_size)
    except FileNotFoundError:
        return  # it went away meanwhile
    except OSError as error:
        yield Unread(path, reason(error))
