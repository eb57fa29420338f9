"""Reads all tags of assets that were stored by the few that decide date, place and pair, and XMP.

It is done when no file is due, so that it holds up none.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

from photo_factory.database import Connection

from librarian import queries, sidecars
from librarian.batches import chunks
from librarian.description import FILES_PER_CALL, Readers
from librarian.metadata import Metadata
from librarian.pipeline import Pipeline
from librarian.recording import Recorder
from librarian.redating import redecide
from librarian.settings import LibrarianSettings
from librarian.sidecars import Unread
from librarian.tag_values import Tags

AT_ONCE = 50

DESCRIBE = """
UPDATE media_assets a
SET metadata = CASE WHEN d.is_read THEN d.metadata ELSE a.metadata END,
    width = coalesce(d.width, a.width), height = coalesce(d.height, a.height),
    orientation = coalesce(d.orientation, a.orientation),
    camera_make = coalesce(d.camera_make, a.camera_make),
    camera_model = coalesce(d.camera_model, a.camera_model), lens = coalesce(d.lens, a.lens),
    content_identifier = coalesce(a.content_identifier, d.content_identifier),
    burst_identifier = coalesce(a.burst_identifier, d.burst_identifier),
    has_embedded_video = a.has_embedded_video OR d.has_embedded_video,
    is_described = true, updated_at = now()
FROM json_to_recordset(%s::json) AS d (id bigint, path text, is_read boolean, metadata jsonb,
    width integer, height integer, orientation smallint, camera_make text, camera_model text,
    lens text, content_identifier text, burst_identifier text,
    has_embedded_video boolean)
WHERE a.id = d.id AND a.path = d.path AND NOT a.is_described
RETURNING a.id
"""


class Backlog:
    """Starts the reading of what is left, a batch at a time.

    Args:
        settings: Where the library is, and the zone at home.
        readers: The ExifTools.
        recorder: Joins companions that all tags have made known.
    """

    def __init__(self, settings: LibrarianSettings, readers: Readers, recorder: Recorder) -> None:
        self._settings = settings
        self._readers = readers
        self._recorder = recorder

    def begin(self, connection: Connection, pipeline: Pipeline) -> None:
        """Have the next batch read, if there is one; of assets, or else of sidecars."""
        assets = queries.undescribed(connection, AT_ONCE)
        if assets:
            calls = [partial(self._read, chunk) for chunk in chunks(assets, FILES_PER_CALL)]
            pipeline.start("backlog", [], calls, self._store)
            return
        unread = sidecars.unread(connection, AT_ONCE)
        if unread:
            call = partial(self._read_sidecars, unread)
            pipeline.start("backlog", [], [call], self._store_sidecars)

    def _read(self, assets: Sequence[tuple[int, str]]) -> list[tuple[int, str, Metadata]]:
        library = self._settings.library
        read = self._readers.read([library / path for _, path in assets])
        return [(*asset, found) for asset, found in zip(assets, read, strict=True)]

    def _store(self, connection: Connection, read: list[tuple[int, str, Metadata]]) -> None:
        with connection.transaction():
            ids = store_descriptions(connection, read)
            self._decide_anew(connection, ids)
        self._recorder.join_late(connection, ids)

    def _read_sidecars(self, unread: Sequence[Unread]) -> list[tuple[Unread, Tags | None]]:
        library = self._settings.library
        read = self._readers.read([library / one.path for one in unread])
        return [(one, _sidecar_tags(found)) for one, found in zip(unread, read, strict=True)]

    def _store_sidecars(
        self, connection: Connection, read: list[tuple[Unread, Tags | None]]
    ) -> None:
        with connection.transaction():
            sidecars.store_tags(connection, read)
            self._decide_anew(connection, [one.asset_id for one, _ in read])

    def _decide_anew(self, connection: Connection, asset_ids: Sequence[int]) -> None:
        redecide(connection, asset_ids, datetime.now(UTC), self._settings.home)


def store_descriptions(
    connection: Connection, read: Sequence[tuple[int, str, Metadata]]
) -> list[int]:
    """Keep what has been read of assets (id, path); returns those that were waiting for it.

    Nobody asks again for a file that could not be read: what is known of it stays. One that was
    moved meanwhile is read again at its new path.
    """
    rows = [_row(asset_id, path, metadata) for asset_id, path, metadata in read]
    with connection.cursor() as cursor:
        return [row[0] for row in cursor.execute(DESCRIBE, (json.dumps(rows),))]


def _sidecar_tags(found: Metadata) -> Tags | None:
    """What an XMP file says; None if it cannot be read."""
    is_xmp = any(name.startswith("XMP-") for name in found.tags)
    is_faulty = "ExifTool:Error" in found.tags or ("ExifTool:Warning" in found.tags and not is_xmp)
    return None if is_faulty or found.source != "exiftool" else found.tags


def _row(asset_id: int, path: str, metadata: Metadata) -> dict[str, object]:
    return {
        "id": asset_id,
        "path": path,
        "is_read": metadata.source == "exiftool",
        "metadata": metadata.tags,
        "width": metadata.width,
        "height": metadata.height,
        "orientation": metadata.orientation,
        "camera_make": metadata.camera_make,
        "camera_model": metadata.camera_model,
        "lens": metadata.lens,
        "content_identifier": metadata.content_identifier,
        "burst_identifier": metadata.burst_identifier,
        "has_embedded_video": metadata.has_embedded_video,
    }
