"""Puts sidecars beside the photo or video that they belong to, or lets them wait for it."""

import os
from collections.abc import Sequence
from pathlib import Path

from photo_factory import storage
from photo_factory.database import Connection
from photo_factory.storage import Identity, Original

from librarian import queries, sidecars
from librarian.companions import split_name
from librarian.examination import ExaminedSidecar, Wait, library_trouble
from librarian.queries import InboxFile, Postponement
from librarian.recording import PlacedSidecar, key_of, original_name
from librarian.sidecars import SidecarHome

LOOK_AGAIN_SECONDS = 6 * 3600.0
"""It is woken when its photo is stored; this is only for photos that came by another way."""
WAITS = "waits for the photo or video that it belongs to"


def put_sidecars(
    connection: Connection,
    library: Path,
    quarantine: Path,
    found: Sequence[ExaminedSidecar],
    copied: set[str],
) -> tuple[list[PlacedSidecar], list[tuple[InboxFile, Wait]]]:
    """Put sidecars whose photo is there beside it; the others wait for theirs.

    Args:
        connection: Reads, and writes down where each is to go.
        library: Root of the originals.
        quarantine: Where a damaged copy is put aside.
        found: Examined sidecars.
        copied: Grows by the inboxes from which the file system refuses to link.

    Returns:
        Those that have their place, and those that cannot be put anywhere now.
    """
    if not found:
        return [], []
    asked = [(one.file.id, key_of(one.file), original_name(one.file)) for one in found]
    homes = sidecars.match(connection, asked)
    _let_wait(connection, [one for one in found if one.file.id not in homes])
    at_home = [(one, homes[one.file.id]) for one in found if one.file.id in homes]
    known = queries.stored_sidecars(
        connection, [(home.asset_id, one.sha256) for one, home in at_home]
    )
    placer = _Placer(connection, library, quarantine)
    placed: list[PlacedSidecar] = []
    waits: list[tuple[InboxFile, Wait]] = []
    for one, home in at_home:
        try:
            placed.append(placer.put(one, home, known.get((home.asset_id, one.sha256))))
        except FileNotFoundError:
            waits.append((one.file, Wait(one.file.identity, 0.0)))
        except storage.SourceChangedError as error:
            waits.append((one.file, Wait(one.file.identity, 1.0, str(error))))
        except OSError as error:
            if one.copy is None and error.errno in storage.NO_HARD_LINKS:
                copied.add(one.file.inbox)
                waits.append((one.file, Wait(one.file.identity, 0.0)))
            else:
                waits.append((one.file, library_trouble(one.file, library, error)))
    for folder in {(library / one.path).parent for one in placed}:
        storage.sync_folder(folder)
    return placed, waits


def _let_wait(connection: Connection, lonely: Sequence[ExaminedSidecar]) -> None:
    if not lonely:
        return
    queries.postpone(
        connection,
        [
            Postponement(
                one.file,
                one.file.identity,
                LOOK_AGAIN_SECONDS,
                f"{original_name(one.file)} {WAITS}",
                companion_key=key_of(one.file),
            )
            for one in lonely
        ],
    )
    asked = [(one.file.id, key_of(one.file), original_name(one.file)) for one in lonely]
    sidecars.wake_matched(connection, asked)


class _Placer:
    """Gives sidecars names in the library that neither a row nor a file has."""

    def __init__(self, connection: Connection, library: Path, quarantine: Path) -> None:
        self._connection = connection
        self._library = library
        self._quarantine = quarantine

    def put(
        self, one: ExaminedSidecar, home: SidecarHome, stored_path: str | None
    ) -> PlacedSidecar:
        """Put it into the folder of its photo, unless the same bytes are proven to be there."""
        if stored_path is None:
            return PlacedSidecar(one, home.asset_id, self._put_new(one, home), was_stored=False)
        if not storage.holds(self._library / stored_path, one.sha256):
            source = Original(one.copy or one.source, one.sha256)
            storage.replace_damaged(source, self._library, stored_path, self._quarantine)
        return PlacedSidecar(one, home.asset_id, stored_path, was_stored=True)

    def _put_new(self, one: ExaminedSidecar, home: SidecarHome, plainness: int = 0) -> str:
        """Put it there; under a plainer name if the disk cannot have its own."""
        storage.make_folder(self._library, home.folder)
        stem, suffix = split_name(home.name)
        for name in storage.candidate_names(storage.plain_stem(stem, plainness) + suffix):
            path = f"{home.folder}/{name}"
            if queries.taken(self._connection, [path]):
                continue
            queries.intend(self._connection, [(one.file.id, path)])
            target = self._library / path
            try:
                self._link(one, target)
            except FileExistsError:
                if not storage.holds(target, one.sha256):
                    continue
                storage.sync_file(target)
            except OSError as error:
                if error.errno not in storage.NO_SUCH_NAME or plainness == storage.PLAINEST:
                    raise
                return self._put_new(one, home, plainness + 1)
            return path
        message = f"no free name for {home.name} in {home.folder}"
        raise FileExistsError(message)

    def _link(self, one: ExaminedSidecar, target: Path) -> None:
        if one.copy is not None:
            storage.sync_file(one.copy)
            storage.link_without_replacing(one.copy, target)
            return
        os.link(one.source, target, follow_symlinks=False)
        storage.sync_file(target)
        if Identity.of(target.lstat()) != one.file.identity:
            target.unlink()
            message = "it was replaced while it was taken in"
            raise storage.SourceChangedError(message)
