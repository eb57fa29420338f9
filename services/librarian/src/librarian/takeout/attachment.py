"""Puts Google's JSON beside the photos that it speaks of, fills albums, and decides dates anew.

Order of writes for each batch: the JSON's bytes onto the library's disk, an intention, the name
beside the original, all of it synced, then one transaction with the rows of JSON and albums, the
decisions that follow, and the end of the intentions. Killed before that commit, the next run takes
back what has a name and no row; doing it all again changes nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path, PurePosixPath

import structlog
from photo_factory import storage
from photo_factory.database import Connection, Cursor
from photo_factory.storage import Identity

from librarian import queries, redating
from librarian.flushing import flush
from librarian.inbox import library_name, printable
from librarian.settings import LibrarianSettings
from librarian.takeout import takeout_queries
from librarian.takeout.index import Album, Index
from librarian.takeout.names import is_video
from librarian.takeout.takeout_queries import Intention, NewNote, Stored

LOGGER = structlog.get_logger()
BATCH = 200
KEY_PREFIX = ".notes/"
"""Begins what stands in `inbox_files` for a JSON that is being put into the library. No medium of
a Takeout has such a path, for names with a dot before them are left alone."""
LIVE_VIDEO = "live_video"


@dataclass(frozen=True, slots=True)
class Medium:
    """A photo or video of the Takeout.

    Attributes:
        tree: Its path in the tree of all parts.
        inbox: Under which the engine takes it in.
        path: The same there.
    """

    tree: str
    inbox: str
    path: bytes


@dataclass(frozen=True, slots=True)
class _Note:
    """A JSON and the asset that it speaks of."""

    asset: Stored
    tree: str
    body: bytes
    digest: str
    tags: dict[str, object]

    @property
    def key(self) -> str:
        return f"{KEY_PREFIX}{self.asset.id}/{self.digest[:16]}"


@dataclass(slots=True)
class Tally:
    """What has been done so far.

    Attributes:
        media: Looked at.
        stored: JSON files put beside their originals.
        memberships: Places of assets in albums that are new.
        redated: Assets whose date is another one now.
        albums: Ids of the albums, by folder in the tree.
    """

    media: int = 0
    stored: int = 0
    memberships: int = 0
    redated: int = 0
    albums: dict[str, int] = field(default_factory=dict)


class Attachment:
    """Attaches what an index knows to what the library has; a batch at each `turn`.

    Args:
        settings: The librarian's.
        index: Of the Takeout.
        media: Yields all of it that is wanted; called twice, for stills come first.
        inbox: The import's name, under which it keeps what it cannot attach yet.
        scratch: A folder on the library's disk that nobody else uses.

    Attributes:
        tally: What has been done.
    """

    def __init__(
        self,
        settings: LibrarianSettings,
        index: Index,
        media: Callable[[], Iterator[Medium]],
        inbox: str,
        scratch: Path,
    ) -> None:
        self._settings = settings
        self._index = index
        self._inbox = inbox
        self._scratch = scratch
        self._albums = {album.folder: album for album in index.albums}
        # A film of a Live Photo finds its still's JSON stored.
        self._batches = _batches(media)
        self._batch: list[Medium] | None = None
        self.tally = Tally()

    def turn(self, connection: Connection) -> bool:
        """Attach the next batch; False if there was none.

        Raises:
            OSError: The library cannot be written.
        """
        if self._batch is None:
            self._batch = next(self._batches, None)
        if self._batch is None:
            self._keep_rest(connection)
            return False
        self._attach(connection, self._batch)
        self._batch = None
        return True

    def _attach(self, connection: Connection, batch: Sequence[Medium]) -> None:
        found = takeout_queries.assets(connection, [(one.inbox, one.path) for one in batch])
        stored = [(batch[at].tree, asset) for at, asset in sorted(found.items())]
        spoken = list(self._notes(stored))
        notes = {note.key: note for note in spoken}
        wanted = [(note.asset.id, note.digest) for note in notes.values()]
        known = takeout_queries.noted(connection, wanted)
        new = [one for one in notes.values() if (one.asset.id, one.digest) not in known]
        placed = self._place(connection, new)
        missed = [one.tree for at, one in enumerate(batch) if at not in found]
        with connection.transaction(), connection.cursor() as cursor:
            redated = self._record(connection, cursor, placed)
            albums, memberships = self._fill_albums(cursor, stored)
            self._keep(cursor, spoken, missed)
        self.tally.media += len(batch)
        self.tally.stored += len(placed)
        self.tally.redated += redated
        self.tally.albums |= albums
        self.tally.memberships += memberships

    def _notes(self, stored: Iterable[tuple[str, Stored]]) -> Iterator[_Note]:
        for tree, asset in stored:
            found = self._index.note_for(tree)
            if found is not None:
                digest = sha256(found[1]).hexdigest()
                yield _Note(asset, *found, digest, dict(self._index.tags_for(tree)))

    def _keep(self, cursor: Cursor, spoken: Sequence[_Note], missed: Iterable[str]) -> None:
        """Keep JSON whose medium is not stored, or that lies in the library under another path.

        A later part may have a medium that shares it, when its own part is gone.
        """
        sources = takeout_queries.note_sources(cursor, [note.asset.id for note in spoken])
        lying = {note.tree for note in spoken if _source(self._inbox, note.tree) in sources}
        kept = {note.tree: note.body for note in spoken if note.tree not in lying}
        kept |= dict(found for tree in missed if (found := self._index.note_for(tree)) is not None)
        takeout_queries.drop(cursor, self._inbox, sorted(lying))
        takeout_queries.keep(cursor, self._inbox, sorted(kept.items()))

    def _place(self, connection: Connection, notes: Sequence[_Note]) -> list[tuple[_Note, str]]:
        """Give each JSON a name beside its original; all of it is on disk when this returns."""
        if not notes:
            return []
        copies = [self._write(note) for note in notes]
        flush(self._settings.library, copies, [])
        placed = []
        taken = queries.taken(connection, [_beside(note.asset) for note in notes])
        intentions = [
            Intention(note.key, Identity.of(copy.lstat()), _beside(note.asset))
            for note, copy in zip(notes, copies, strict=True)
        ]
        takeout_queries.intend(connection, self._inbox, intentions)
        for note, copy, first in zip(notes, copies, intentions, strict=True):
            placed.append((note, self._put(connection, note, copy, first, first.path in taken)))
        files = [self._settings.library / path for _, path in placed]
        flush(self._settings.library, files, {file.parent for file in files})
        return placed

    def _write(self, note: _Note) -> Path:
        self._scratch.mkdir(exist_ok=True)
        copy = self._scratch / f"{note.asset.id}-{note.digest[:16]}"
        copy.write_bytes(note.body)
        return copy

    def _put(
        self,
        connection: Connection,
        note: _Note,
        copy: Path,
        first: Intention,
        is_taken: bool,  # noqa: FBT001 - of the first name; the others are asked for here
    ) -> str:
        home = PurePosixPath(first.path)
        storage.make_folder(self._settings.library, str(home.parent))
        for number, name in enumerate(storage.candidate_names(home.name)):
            path = str(home.with_name(name))
            if number > 0:
                is_taken = bool(queries.taken(connection, [path]))
            if is_taken:
                continue
            if number > 0:
                intention = Intention(note.key, first.identity, path)
                takeout_queries.intend(connection, self._inbox, [intention])
            target = self._settings.library / path
            try:
                storage.link_without_replacing(copy, target)
            except FileExistsError:
                if not storage.holds(target, note.digest):
                    continue
            copy.unlink(missing_ok=True)
            return path
        message = f"no free name for {home}"
        raise FileExistsError(message)

    def _record(
        self, connection: Connection, cursor: Cursor, placed: Sequence[tuple[_Note, str]]
    ) -> int:
        """Commit what has its name, and what follows from it; returns how many dates change."""
        if not placed:
            return 0
        rows = [_row(self._inbox, note, path) for note, path in placed]
        recorded = takeout_queries.record(cursor, rows)
        takeout_queries.forget(cursor, self._inbox, [note.key for note, _ in placed])
        for path in {path for _, path in placed} - recorded:
            (self._settings.library / path).unlink(missing_ok=True)
        ids = sorted({note.asset.id for note, _ in placed})
        now = datetime.now(UTC)
        return len(redating.redecide(connection, ids, now, self._settings.home))

    def _fill_albums(
        self, cursor: Cursor, stored: Iterable[tuple[str, Stored]]
    ) -> tuple[dict[str, int], int]:
        """Put assets into the albums whose folders they lay in; returns ids, and what is new."""
        ids = dict(self.tally.albums)
        members = []
        for tree, asset in stored:
            album = self._albums.get(tree.rpartition("/")[0])
            if album is not None:
                if album.folder not in ids:
                    ids[album.folder] = _make_album(cursor, album)
                members.append((ids[album.folder], asset.id))
        return ids, takeout_queries.add_members(cursor, members) if members else 0

    def _keep_rest(self, connection: Connection) -> None:
        """Keep JSON without a medium, for the part that may come with it."""
        bodies = iter(self._index.unmatched_note_bodies())
        while batch := list(islice(bodies, BATCH)):
            with connection.transaction(), connection.cursor() as cursor:
                takeout_queries.keep(cursor, self._inbox, batch)


def take_back(connection: Connection, library: Path, inbox: str) -> None:
    """Remove JSON that a killed import has put into the library and could not record.

    Args:
        connection: Of the import, which holds the lock on its name.
        library: Root of the originals.
        inbox: The import's name.
    """
    begun = takeout_queries.begun(connection, inbox, KEY_PREFIX)
    if not begun:
        return
    recorded = queries.taken(connection, [one.intended_path for one in begun])
    for one in begun:
        if one.intended_path in recorded:
            continue
        file = library / one.intended_path
        with suppress(OSError):  # nothing stands there: the import was killed before
            found = Identity.of(file.lstat())
            # Another's file that stands under the name has another inode. Devices are numbered
            # anew when they are mounted.
            if (found.inode, found.modified_ns) == (one.inode, one.modified_ns):
                file.unlink()
                LOGGER.info("taken back", path=one.intended_path)
    with connection.transaction():
        connection.execute("DELETE FROM inbox_files WHERE id = ANY(%s)", ([o.id for o in begun],))


def _batches(media: Callable[[], Iterator[Medium]]) -> Iterator[list[Medium]]:
    for films in (False, True):
        wanted = (one for one in media() if is_video(one.tree.rpartition("/")[2]) is films)
        while batch := list(islice(wanted, BATCH)):
            yield batch


def _make_album(cursor: Cursor, album: Album) -> int:
    is_titled = album.title != album.folder.rpartition("/")[2]
    source = f"takeout:{album.folder}"
    return takeout_queries.album(
        cursor, source, album.title, album.description, is_titled=is_titled
    )


def _beside(asset: Stored) -> str:
    """Where the JSON of an asset goes if the name is free: IMG_1.jpg has IMG_1.jpg.json."""
    home = PurePosixPath(asset.path)
    return str(home.with_name(library_name(f"{home.name}.json".encode())))


def _row(inbox: str, note: _Note, path: str) -> NewNote:
    source = _source(inbox, note.tree)
    return NewNote(
        asset_id=note.asset.id,
        path=path,
        sha256=note.digest,
        original_name=source.rpartition("/")[2],
        source=source,
        size_bytes=len(note.body),
        tags=note.tags,
    )


def _source(inbox: str, tree: str) -> str:
    return f"{inbox}/{printable(tree.encode())}"
