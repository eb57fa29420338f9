"""Opens what a person downloaded from Google Takeout: parts in any order, unpacked or not.

Nothing is unpacked to disk, and no archive is trusted: what is unsafe, damaged or unreadable in it
becomes a fault, and the rest goes on.
"""

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from librarian.takeout.folder_part import FolderPart
from librarian.takeout.members import DamagedError, Desk, Fault, Member, Part, Tree
from librarian.takeout.paths import ROOT
from librarian.takeout.tar_part import TarPart
from librarian.takeout.zip_part import ZipPart

__all__ = ["DamagedError", "Fault", "Member", "Part", "Parts", "open_parts"]

SUFFIX = re.compile(r"\.(?:zip|tgz|tar\.gz|tar)\Z", re.IGNORECASE)
NUMBERED = re.compile(
    r"(?P<export>takeout-\d{8}T\d{6}Z)(?:-(?P<batch>\d{1,4}))?-(?P<number>\d{3,5})"
    r"(?: ?\(\d+\))?(?P<suffix>\.\w+(?:\.gz)?)?",
    re.IGNORECASE,
)
"""takeout-20240101T000000Z-001.zip, …Z-1-001.zip; browsers add (1) to a second download."""
MOST_NUMBERS = 10_000
"""A name with a higher number is no reason to list all that are below it."""
TAR_MAGIC_AT, HEAD_BYTES = 257, 512


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a Takeout.

    Attributes:
        parts: In the order of their names.
        faults: What cannot be read; grows while members are read.
        missing: Names of parts that must exist, by the numbers of the others, and are not here.
            The last ones of an export are not known by this.
    """

    parts: tuple[Part, ...]
    faults: list[Fault]
    missing: tuple[str, ...]


def open_parts(paths: Iterable[Path]) -> Parts:
    """Find the parts at paths: archives, unpacked folders, and folders that hold either.

    What is no part becomes a fault. Paths within the tree are the same whatever the order.
    """
    tree = Tree()
    found = sorted(
        dict.fromkeys(part for path in paths for part in _find(path, tree)),
        key=lambda path: (path.name, str(path)),
    )
    found = list({_sameness(path): path for path in reversed(found)}.values())[::-1]
    parts = [_open(number, path, tree) for number, path in enumerate(found)]
    names = [name for path in found for name in (path.name, path.parent.name)]
    return Parts(
        tuple(part for part in parts if part is not None), tree.faults, tuple(_missing(names))
    )


def _find(path: Path, tree: Tree) -> Iterator[Path]:
    """The parts at a path: itself, or what a folder of downloads holds."""
    path = Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 - links stay as they are named
    try:
        archives = [] if not path.is_dir() else [one for one in path.iterdir() if _is_archive(one)]
        if not archives:
            yield path
            return
        folders = [one for one in path.iterdir() if not one.is_symlink() and one.is_dir()]
        unpacked = [one for one in folders if one.name == ROOT or (one / ROOT).is_dir()]
    except OSError as error:
        message = f"{path.name} cannot be read ({error.strerror})."
        tree.report(Fault(path.name, None, "folder_unreadable", message))
        return
    named = [one for one in archives if NUMBERED.fullmatch(one.name)]
    yield from named or archives
    yield from unpacked
    for other in archives if named else []:
        if other not in named:
            message = f"{other.name} has no name of a Takeout. If it is one, name it itself."
            tree.report(Fault(other.name, None, "not_a_part", message))


def _sameness(path: Path) -> object:
    """Equal for a part that was downloaded twice: in a .tgz nothing says so of single files."""
    match = NUMBERED.fullmatch(path.name)
    if match is None or not path.is_file():
        return path
    key = (match["export"], match["batch"], match["number"], match["suffix"])
    return (*key, path.stat().st_size)


def _is_archive(path: Path) -> bool:
    return bool(SUFFIX.search(path.name)) and not path.name.startswith(".") and path.is_file()


def _open(number: int, path: Path, tree: Tree) -> Part | None:
    match = NUMBERED.fullmatch(path.name) or NUMBERED.fullmatch(path.parent.name)
    name = path.name or str(path)
    desk = Desk(tree, name, number, match["export"] if match else name)
    if path.is_dir():
        return FolderPart(path, _prefix(path), desk)
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        message = f"{name} cannot be read ({error.strerror})."
        desk.report(None, "archive_unreadable", message)
        return None
    if head.startswith((b"PK\3\4", b"PK\5\6")):
        return ZipPart(path, desk)
    if head.startswith(b"\x1f\x8b") or head[TAR_MAGIC_AT:].startswith(b"ustar"):
        return TarPart(path, desk, is_packed=head.startswith(b"\x1f\x8b"))
    message = f"{name} is neither a .zip nor a .tgz, whatever its name says. Download it again."
    desk.report(None, "not_an_archive", message)
    return None


def _prefix(folder: Path) -> str:
    """What a folder is below Takeout, if a person named only a piece of the tree."""
    parts = folder.parts[-3:]
    return "/".join((*parts[parts.index(ROOT) :], "")) if ROOT in parts else ""


def _missing(names: Iterable[str]) -> Iterator[str]:
    """The gaps in the numbers of parts; a second number counts the batches of one export."""
    series: dict[tuple[str, str | None], set[int]] = defaultdict(set)
    batches: dict[str, set[int]] = defaultdict(set)
    suffixes: dict[str, str] = {}
    for name in names:
        match = NUMBERED.fullmatch(name)
        if match is None:
            continue
        export, batch = match["export"], match["batch"]
        series[export, batch].add(int(match["number"]))
        suffixes[export] = match["suffix"] or suffixes.get(export, "")
        if batch is not None:
            batches[export].add(int(batch))
    for (export, batch), numbers in sorted(series.items(), key=str):
        start = export if batch is None else f"{export}-{batch}"
        for number in _gaps(numbers):
            yield f"{start}-{number:03}{suffixes[export]}"
    for export, known in sorted(batches.items()):
        for batch_number in _gaps(known):
            yield f"{export}-{batch_number}-001{suffixes[export]}"


def _gaps(numbers: set[int]) -> Iterator[int]:
    highest = min(max(numbers), MOST_NUMBERS)
    return (number for number in range(1, highest) if number not in numbers)
