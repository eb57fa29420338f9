"""One pass over all parts of a Takeout, then everything is known of it but the pictures' bytes."""

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from librarian.takeout.archives import DamagedError, Fault, Member, Parts
from librarian.takeout.folders import Galleries, is_archive_folder, is_trash_folder
from librarian.takeout.matching import Matcher, Matching
from librarian.takeout.metadata import AlbumNote, PhotoNote, parse
from librarian.takeout.names import is_media, is_note
from librarian.takeout.paths import readable, within_root

MOST_NOTE_BYTES = 4 << 20
"""A photo's JSON has about one kilobyte, of a well tagged one some ten."""
NOT_A_NOTE = "it is not the JSON of a photo or an album"


@dataclass(frozen=True, slots=True)
class Album:
    """A folder that stands for an album; two of one title stay two.

    Attributes:
        folder: Its path in the tree, which tells albums apart.
        title: As the person wrote it; without an album's JSON the folder's name.
        description: "" if there is none.
        media: Paths of its copies, sorted.
    """

    folder: str
    title: str
    description: str
    media: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the body of a JSON lies in the file of all."""

    offset: int
    size_bytes: int


class Index:
    """What a Takeout says of its media; made by `build`, to be closed.

    Attributes:
        media: Sizes in bytes of all media by path, in the order of the parts; None for those that
            only an earlier run saw.
        albums: Sorted by folder.
        trashed: Paths of media that lay in Google's trash.
        unmatched_media: Paths of media that no JSON speaks of, each with the reason.
        unmatched_notes: Paths of JSON that speak of no medium here, each with the reason. They are
            kept: a missing part may bring their media.
        other: How many members are neither media nor JSON of Google Photos.
        missing: Names of parts that must exist and are not here.
        faults: Of the parts, and of JSON that cannot be read.
    """

    def __init__(self, parts: Parts, scratch: Path | None = None) -> None:
        self.media: dict[str, int | None] = {}
        self.albums: tuple[Album, ...] = ()
        self.trashed: frozenset[str] = frozenset()
        self.unmatched_media: dict[str, str] = {}
        self.unmatched_notes: dict[str, str] = {}
        self.other = 0
        self.missing = parts.missing
        self.faults = parts.faults
        self._bodies: BinaryIO = tempfile.TemporaryFile(dir=scratch)  # noqa: SIM115 - closed by close
        self._places: dict[str, _Place] = {}
        self._album_notes: dict[str, AlbumNote] = {}
        self._strangers: dict[str, Fault | None] = {}
        self._matcher = Matcher()
        self._galleries = Galleries()
        self._matching = Matching({}, {}, {})

    @classmethod
    def build(
        cls,
        parts: Parts,
        alive: Callable[[], None],
        *,
        known_media: Iterable[str] = (),
        known_notes: Iterable[tuple[str, bytes]] = (),
        scratch: Path | None = None,
    ) -> Self:
        """Read all parts once, keep what their JSON says, and match it.

        Args:
            parts: Nothing of their media is kept.
            alive: Called for each member, so that somebody may see that this is still going on.
            known_media: Paths of media that earlier runs saw, in parts that may be gone by now.
            known_notes: Paths and bodies of JSON of earlier runs.
            scratch: Folder for one unnamed temporary file with all JSON; the system's if None.
        """
        index = cls(parts, scratch)
        for part in parts.parts:
            for member, stream in part.members():
                alive()
                index._take(member, stream)
        for path in known_media:
            index._add_media(path, None)
        for path, body in known_notes:
            index._add_note(path, body)
        index._finish()
        return index

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the temporary file back; the tags are gone with it."""
        self._bodies.close()

    def tags_for(self, path: str) -> Mapping[str, object]:
        """The tags `Takeout:…` of a medium; empty if no JSON speaks of it."""
        found = self.note_for(path)
        note = parse(found[1]) if found else None
        tags = dict(note.tags) if isinstance(note, PhotoNote) else {}
        folder = path.rpartition("/")[0]
        if is_trash_folder(folder):
            tags["Takeout:Trashed"] = True
        if is_archive_folder(folder):
            tags["Takeout:Archived"] = True
        return tags

    def note_for(self, path: str) -> tuple[str, bytes] | None:
        """The path and the body of the JSON that speaks of a medium."""
        found = self._matching.notes.get(_split(path))
        if found is None:
            return None
        note_path = _join(*found)
        return note_path, self._body(note_path)

    def unmatched_note_bodies(self) -> Iterable[tuple[str, bytes]]:
        """Paths and bodies of the JSON of photos without a medium, to be kept for later runs."""
        for path in self.unmatched_notes:
            if path in self._places:
                yield path, self._body(path)

    def _take(self, member: Member, stream: BinaryIO) -> None:
        name = member.path.rpartition("/")[2]
        if is_media(name):
            self._add_media(member.path, member.size_bytes)
        elif not is_note(name):
            self.other += 1
        elif member.size_bytes > MOST_NOTE_BYTES:
            message = (
                f"{member.path} in {member.part} is too large for the JSON of a photo "
                f"({member.size_bytes:,} bytes) and is not read."
            )
            fault = Fault(member.part, member.path, "note_too_large", message)
            self._strangers[member.path] = fault
        else:
            try:
                self._add_note(member.path, stream.read())
            except DamagedError:
                return  # it stands in the faults

    def _add_media(self, path: str, size_bytes: int | None) -> None:
        if path not in self.media:
            self.media[path] = size_bytes
            folder, name = _split(path)
            self._matcher.add_media(folder, name)
            self._galleries.add_media(folder)

    def _add_note(self, path: str, body: bytes) -> None:
        folder, name = _split(path)
        if path in self._places or path in self._strangers:
            return
        note = parse(body)
        if isinstance(note, PhotoNote):
            self._places[path] = _Place(self._bodies.seek(0, 2), len(body))
            self._bodies.write(body)
            self._matcher.add_note(folder, name, readable(note.title))
            self._galleries.add_note(folder, note)
        elif isinstance(note, AlbumNote):
            self._album_notes.setdefault(folder, note)
        else:
            self._strangers[path] = None

    def _body(self, path: str) -> bytes:
        place = self._places[path]
        self._bodies.seek(place.offset)
        return self._bodies.read(place.size_bytes)

    def _finish(self) -> None:
        folders = {path.rpartition("/")[0] for path in self.media}
        years = self._galleries.year_folders()
        self._matching = self._matcher.match(years)
        for key, reason in self._matching.unmatched_media.items():
            self.unmatched_media[_join(*key)] = reason
        for key, reason in self._matching.unmatched_notes.items():
            self.unmatched_notes[_join(*key)] = reason
        self._explain_strangers()
        in_trash = {folder for folder in folders if is_trash_folder(folder)}
        self.trashed = frozenset(path for path in self.media if _split(path)[0] in in_trash)
        self.albums = tuple(self._make_albums())

    def _explain_strangers(self) -> None:
        """JSON of other services, and of Google Photos itself, is nobody's concern."""
        for path, fault in self._strangers.items():
            if not self._galleries.is_inside(_split(path)[0]):
                self.other += 1
            elif fault is not None:
                self.faults.append(fault)
            else:
                self.unmatched_notes[path] = NOT_A_NOTE

    def _make_albums(self) -> Iterable[Album]:
        media: dict[str, list[str]] = defaultdict(list)
        for path in self.media:
            media[_split(path)[0]].append(path)
        for folder in sorted(self._galleries.album_folders()):
            # Another export's folder of this path may be beside it, with the same JSON read once.
            note = self._album_notes.get(folder) or self._album_notes.get(within_root(folder))
            title = note.title if note and note.title else folder.rpartition("/")[2]
            description = note.description if note else ""
            yield Album(folder, title, description, tuple(sorted(media[folder])))


def _split(path: str) -> tuple[str, str]:
    folder, _, name = path.rpartition("/")
    return folder, name


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
