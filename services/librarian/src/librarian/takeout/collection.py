"""A Takeout as a person gives it: its parts, its name, where its media lie, which are wanted."""

import os
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from photo_factory.database import Connection, connect
from photo_factory.imports import IMPORT_PREFIX

from librarian.bulk_sources import RefusedError, Source, find_sources
from librarian.inbox import Sighting, is_ignored, printable
from librarian.settings import LibrarianSettings
from librarian.takeout import takeout_queries
from librarian.takeout.archives import NUMBERED, Member, Part, Parts, open_parts
from librarian.takeout.attachment import Medium
from librarian.takeout.folder_part import FolderPart
from librarian.takeout.index import Index
from librarian.takeout.names import is_note
from librarian.takeout.paths import ROOT, UnsafePathError, safe_path
from librarian.takeout.spool import Wanted, modified_ns

SERVICE = "cli"
TRASHED = "Takeout:Trashed"


@dataclass(frozen=True, slots=True)
class TakeoutFolder(Source):
    """An unpacked part, of which only the wanted media are imported.

    Attributes:
        prefix: What stands before its paths in the tree of all parts.
        wants: Whether a medium is wanted, by its path in the tree.
    """

    prefix: str = ""
    wants: Callable[[str], bool] = field(default=bool, compare=False)

    def files(self) -> Iterator[Sighting]:
        """Its wanted media."""
        return (found for found in Source.files(self) if self._is_wanted(found.path))

    def tree_path(self, path: bytes) -> str | None:
        """Where a file of it stands in the tree; None if it can stand nowhere."""
        try:
            return safe_path(self.prefix + os.fsdecode(path))
        except UnsafePathError:
            return None

    def _is_wanted(self, path: bytes) -> bool:
        tree = self.tree_path(path)
        return tree is not None and self.wants(tree)


class Collection:
    """The parts of one Takeout.

    Args:
        paths: As the person named them.
        settings: The librarian's.
        with_trash: Whether what lay in Google's trash is wanted.

    Raises:
        RefusedError: There is no part, or a folder must not be imported.
    """

    def __init__(
        self, paths: Sequence[Path], settings: LibrarianSettings, *, with_trash: bool = False
    ) -> None:
        self._settings = settings
        self._with_trash = with_trash
        self.parts: Parts = open_parts(paths)
        if not self.parts.parts:
            faults = [fault.message for fault in self.parts.faults]
            raise RefusedError(" ".join(faults) or "There is nothing to import.")
        self.name = _name(paths, self.parts)
        self.inbox = f"{IMPORT_PREFIX}{self.name}"
        is_unpacked = any(isinstance(part, FolderPart) for part in self.parts.parts)
        roots = [path for path in paths if is_unpacked and path.expanduser().is_dir()]
        prefixes = {root.expanduser().resolve(): _prefix(root) for root in roots}
        sources = find_sources(roots, settings, "keep") if roots else ()
        self.folders = tuple(
            TakeoutFolder(one.root, None, prefixes[one.root], self.wants) for one in sources
        )
        self._by_inbox = {folder.inbox("keep").name: folder for folder in self.folders}
        self.index: Index | None = None
        self.left_out: frozenset[str] = frozenset()
        self._known: frozenset[tuple[bytes, int, int]] = frozenset()
        self._in_folders: frozenset[str] = frozenset()

    @property
    def archives(self) -> tuple[Part, ...]:
        """The parts that have to be unpacked; not those in which any file may be damaged."""
        doubtful = {fault.part for fault in self.parts.faults if fault.code == "checksum_wrong"}
        parts = (part for part in self.parts.parts if not isinstance(part, FolderPart))
        return tuple(part for part in parts if part.name not in doubtful)

    @property
    def inboxes(self) -> list[str]:
        """All names under which its media stand in the ledger `seen`."""
        return [self.inbox, *self._by_inbox]

    def read(self, alive: Callable[[], None]) -> None:
        """Read all parts once; slow, for a thread.

        Args:
            alive: Called for each member; what it raises ends the reading.
        """
        with connect(self._settings.database_address(), SERVICE) as connection:
            self._known = frozenset(takeout_queries.seen_media(connection, self.inbox))
            present: set[str] = set()
            parts = tuple(_WatchedPart(part, present) for part in self.parts.parts)
            index = self.index = Index.build(
                replace(self.parts, parts=parts),
                alive,
                known_media=[os.fsdecode(path) for path, _, _ in self._known],
                known_notes=self._earlier_notes(connection, present),
            )
        if not self._with_trash:
            tagged = (path for path in index.media if TRASHED in index.tags_for(path))
            self.left_out = index.trashed.union(tagged)
        trees = (folder.tree_path(one.path) for folder in self.folders for one in folder.files())
        self._in_folders = frozenset(tree for tree in trees if tree is not None)

    def _earlier_notes(
        self, connection: Connection, present: Container[str]
    ) -> Iterator[tuple[str, bytes]]:
        """JSON of earlier runs: kept, or beside its originals; another medium may share it."""
        yield from takeout_queries.kept_notes(connection, self.inbox)
        for tree, path in takeout_queries.attached_notes(connection, self.inbox):
            if tree not in present:
                with suppress(OSError):  # what the library lacks is for `verify` to say
                    yield tree, (self._settings.library / path).read_bytes()

    def wants(self, tree: str) -> bool:
        """Whether a path in the tree is that of a medium that is to be imported."""
        return self.index is not None and tree in self.index.media and tree not in self.left_out

    def is_known(self, member: Member) -> bool:
        """Whether an earlier run has taken a member in, as far as the ledger tells at once.

        Of unpacked folders it is not asked.
        """
        path = os.fsencode(member.path)
        return (path, member.size_bytes, modified_ns(member)) in self._known

    def wanted(self) -> Wanted:
        """What is to be unpacked of the archives."""
        return Wanted(self._wants_member, self._archived_sizes, self._known)

    def tree_path(self, inbox: str, path: bytes) -> str | None:
        """Where a file of the engine's stands in the tree."""
        folder = self._by_inbox.get(inbox)
        return os.fsdecode(path) if folder is None else folder.tree_path(path)

    def media(self) -> Iterator[Medium]:
        """All wanted media: of folders, of archives, and of parts that came earlier."""
        for inbox, folder in self._by_inbox.items():
            for found in folder.files():
                tree = folder.tree_path(found.path)
                if tree is not None:
                    yield Medium(tree, inbox, found.path)
        for tree in self._archived():
            yield Medium(tree, self.inbox, os.fsencode(tree))

    def _archived(self) -> Iterator[str]:
        media = {} if self.index is None else self.index.media
        return (tree for tree in media if tree not in self._in_folders and self.wants(tree))

    def _archived_sizes(self) -> Iterator[int]:
        media = {} if self.index is None else self.index.media
        sizes = (media[tree] for tree in self._archived())
        return (size for size in sizes if size is not None)

    def _wants_member(self, member: Member) -> bool:
        return self.wants(member.path) and not is_ignored(os.fsencode(member.path))


@dataclass(frozen=True, slots=True)
class _WatchedPart:
    """A part that notes which JSON it has.

    Attributes:
        present: Paths in the tree.
    """

    part: Part
    present: set[str]

    @property
    def name(self) -> str:
        return self.part.name

    def members(self) -> Iterator[tuple[Member, BinaryIO]]:
        for member, stream in self.part.members():
            if is_note(member.path.rpartition("/")[2]):
                self.present.add(member.path)
            yield member, stream


def _prefix(root: Path) -> str:
    """What stands before the paths below a folder if it is itself a piece of the tree."""
    parts = Path(os.path.abspath(root.expanduser())).parts[-3:]  # noqa: PTH100 - as it was named
    return "/".join((*parts[parts.index(ROOT) :], "")) if ROOT in parts else ""


def _name(paths: Sequence[Path], parts: Parts) -> str:
    """What an export is called in every run: by Google's own stamp, else by the folder it is in."""
    names = [name for path in paths for name in (path.name, path.absolute().parent.name)]
    names += [part.name for part in parts.parts]
    stamps = [match["export"] for name in names if (match := NUMBERED.fullmatch(name))]
    if stamps:
        return f"takeout:{min(stamps).lower()}"
    found = [path.expanduser().resolve() for path in paths]
    folders = [path if path.is_dir() else path.parent for path in found]
    return f"takeout:{printable(os.fsencode(os.path.commonpath(folders)))}"
