"""Gives originals their names in the library: beside their companions, never over another file."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from pathlib import Path

from photo_factory import storage
from photo_factory.database import Connection
from photo_factory.storage import Identity

from librarian import groups, queries
from librarian.capture.evidence import CaptureTime, no_tags
from librarian.companions import split_name
from librarian.examination import Examined, Wait, library_trouble
from librarian.flushing import flush
from librarian.groups import Plan
from librarian.inbox import base_name, library_name
from librarian.metadata import Metadata
from librarian.queries import InboxFile

MOST_CLASHES = 100_000
CHANGED_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Described:
    """An examined file, what it says of itself, when it was taken, and with whom it belongs.

    Attributes:
        takeout: What Google says of it; empty if it does not come from there.
    """

    examined: Examined
    metadata: Metadata
    time: CaptureTime
    plan: Plan
    takeout: Mapping[str, object] = field(default_factory=no_tags)

    @property
    def name_parts(self) -> tuple[str, str]:
        """Stem and suffix of the name that it shall have."""
        return split_name(library_name(base_name(self.examined.file.path_bytes)))


@dataclass(frozen=True, slots=True)
class Placed:
    """A described file and where it stands now.

    Attributes:
        path: Relative to the library.
        was_adopted: It stood there already, with the same content and no row: a crash left it.
    """

    described: Described
    path: str
    was_adopted: bool


@dataclass(frozen=True, slots=True)
class Shelf:
    """Files that get one stem, for they are one picture; mostly a single one.

    Attributes:
        number: Put behind the stem where names clash.
        plainness: How much the stem is simplified for a disk that refuses names; see
            `storage.plain_stem`.
    """

    folder: str
    stem: str
    files: tuple[Described, ...]
    number: int = 0
    plainness: int = 0

    def paths(self) -> list[str]:
        """Their paths in the library, with the number behind the stem unless it is 0."""
        suffixes = [one.name_parts[1] for one in self.files]
        stem = storage.plain_stem(self.stem, self.plainness)
        return [
            f"{self.folder}/{storage.numbered(stem, suffix, self.number, suffixes)}"
            for suffix in suffixes
        ]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one batch.

    Attributes:
        clashing: Shelves of which a name is in use, or one that the disk cannot have.
        unlinkable: Inboxes from which the file system refused to link: their files must be copied.
    """

    placed: list[Placed]
    waiting: list[tuple[Examined, Wait]]
    clashing: list[Shelf]
    unlinkable: set[str]


def prepare(
    connection: Connection,
    described: Sequence[Described],
    settle: Callable[[InboxFile, str, str], None],
) -> list[Shelf]:
    """Write down where each original is to go, so that a crash leaves nothing unaccounted for.

    Args:
        connection: Where to write.
        described: What is to be placed.
        settle: Called with a file, its hash and its new path before an earlier intention is
            given up for that.
    """
    shelves = list(_shelves(described))
    intended = [
        (one.examined, path)
        for shelf in shelves
        for one, path in zip(shelf.files, shelf.paths(), strict=True)
    ]
    for one, path in intended:
        settle(one.file, one.sha256, path)
    queries.intend(connection, [(one.file.id, path) for one, path in intended])
    return shelves


def put(library: Path, shelves: Sequence[Shelf], taken: AbstractSet[str]) -> Outcome:
    """Give originals their names; all of it is on disk when this returns.

    Args:
        library: Root of the originals.
        shelves: Prepared.
        taken: Paths that rows have, though perhaps no file.
    """
    outcome = Outcome([], [], [], set())
    used = set(taken)
    try:
        files = (one.examined for shelf in shelves for one in shelf.files)
        flush(library, [one.copy for one in files if one.copy is not None], [])
        storage.make_folders(library, {shelf.folder for shelf in shelves})
        for shelf in shelves:
            paths = shelf.paths()
            is_used = bool(used.intersection(paths))
            again = shelf if is_used else _put_shelf(library, shelf, paths, outcome)
            outcome.clashing.extend([] if again is None else [again])
            used.update(paths)
        stored = [library / one.path for one in outcome.placed]
        flush(library, stored, {path.parent for path in stored})
    except OSError as error:
        return _failed(library, shelves, error)
    return outcome


def put_beside(connection: Connection, library: Path, outcome: Outcome) -> Outcome:
    """The same for shelves whose names are in use: one number after the other is tried.

    Returns:
        All of the batch; nothing in it clashes any more.
    """
    shelves = outcome.clashing
    for number in range(1, MOST_CLASHES):
        if not shelves:
            break
        tried = [replace(shelf, number=number) for shelf in shelves]
        intended = [
            (one.examined.file.id, path)
            for shelf in tried
            for one, path in zip(shelf.files, shelf.paths(), strict=True)
        ]
        taken = queries.taken(connection, [path for _, path in intended])
        queries.intend(connection, intended)
        found = put(library, tried, taken)
        outcome.placed.extend(found.placed)
        outcome.waiting.extend(found.waiting)
        outcome.unlinkable.update(found.unlinkable)
        shelves = found.clashing
    return replace(outcome, clashing=[])


def _shelves(described: Sequence[Described]) -> Iterator[Shelf]:
    """Files that are planned to share a stem stand together."""
    together: dict[int, list[Described]] = {}
    for one in described:
        together.setdefault(one.plan.cluster, []).append(one)
    for files in together.values():
        folders = (one.plan.folder for one in files if one.plan.folder is not None)
        stems = (one.plan.stem for one in files if one.plan.stem is not None)
        folder = next(folders, groups.day_folder(files[0].time.local))
        yield Shelf(folder, next(stems, files[0].name_parts[0]), tuple(files))


def _failed(library: Path, shelves: Sequence[Shelf], error: OSError) -> Outcome:
    """Nothing of the batch counts as stored; what was placed is adopted at the next attempt."""
    files = [one.examined for shelf in shelves for one in shelf.files]
    waiting = [(one, library_trouble(one.file, library, error)) for one in files]
    return Outcome([], waiting, [], set())


def _put_shelf(library: Path, shelf: Shelf, paths: Sequence[str], outcome: Outcome) -> Shelf | None:
    """Put all files of a shelf at these paths; returns it if they need other names."""
    placed: list[Placed] = []
    waiting: list[tuple[Examined, Wait]] = []
    for one, path in zip(shelf.files, paths, strict=True):
        try:
            placed.append(Placed(one, path, _link(one.examined, library / path)))
        except FileExistsError:
            _undo(library, placed)
            return shelf
        except (OSError, storage.SourceChangedError) as error:
            if _is_refused_name(error) and shelf.plainness < storage.PLAINEST:
                _undo(library, placed)
                return replace(shelf, plainness=shelf.plainness + 1)
            waiting.append((one.examined, _explain(library, one.examined, error)))
            if isinstance(error, OSError) and error.errno in storage.NO_HARD_LINKS:
                outcome.unlinkable.add(one.examined.file.inbox)
    outcome.placed.extend(placed)
    outcome.waiting.extend(waiting)
    return None


def _is_refused_name(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno in storage.NO_SUCH_NAME


def _explain(library: Path, examined: Examined, error: Exception) -> Wait:
    """Why a file could not be put at a free name."""
    file = examined.file
    if not isinstance(error, OSError):
        return Wait(file.identity, CHANGED_SECONDS, str(error))
    is_unlinkable = examined.copy is None and error.errno in storage.NO_HARD_LINKS
    if isinstance(error, FileNotFoundError) or is_unlinkable:
        return Wait(file.identity, 0.0)
    return library_trouble(file, library, error)


def _link(examined: Examined, target: Path) -> bool:
    """Give the file its name; returns whether it had it already.

    Raises:
        FileExistsError: Another file has it.
        storage.SourceChangedError: The file is no longer the one that was hashed.
    """
    try:
        if examined.copy is not None:
            storage.link_without_replacing(examined.copy, target)
            return False
        os.link(examined.source, target, follow_symlinks=False)
    except FileExistsError:
        if not storage.holds(target, examined.sha256):
            raise
        storage.sync_file(target)
        return True
    if Identity.of(target.lstat()) != examined.file.identity:
        target.unlink()
        message = "it was replaced while it was taken in"
        raise storage.SourceChangedError(message)
    return False


def _undo(library: Path, placed: Iterable[Placed]) -> None:
    """Take names back that were given for nothing; the bytes are where they came from."""
    for one in placed:
        target = library / one.path
        copy = one.described.examined.copy
        if one.was_adopted:
            continue
        if copy is not None and not copy.exists():
            storage.link_without_replacing(target, copy)
        target.unlink(missing_ok=True)
