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
XML_TYPES = ("XMP", "XML")
"""Of files, as ExifTool names them."""

DATED_BY = "ExifIFD:DateTimeOriginal"
"""What the quick reader has found in every photo that it has read."""

# An original that has been altered since says something else, and then nothing of it is kept: above
# all it is not moved to another day. `verify` tells of it.
DESCRIBE = """
WITH d AS (
    SELECT r.*, r.is_read AND coalesce(
        a.metadata ->> %(dated)s = coalesce(r.metadata ->> %(dated)s, ''), true) AS is_same
    FROM json_to_recordset(%(rows)s::json) AS r (id bigint, path text, is_read boolean,
        metadata jsonb, width integer, height integer, orientation smallint, camera_make text,
        camera_model text, lens text, content_identifier text, burst_identifier text,
        has_embedded_video boolean)
    JOIN media_assets a ON a.id = r.id
), same AS (
    SELECT * FROM d WHERE is_same
), kept AS (
    UPDATE media_assets a SET is_described = true
    FROM d WHERE a.id = d.id AND a.path = d.path AND NOT a.is_described
        AND NOT d.is_same
    RETURNING a.id
), described AS (
    UPDATE media_assets a
    SET metadata = d.metadata,
        width = coalesce(d.width, a.width), height = coalesce(d.height, a.height),
        orientation = coalesce(d.orientation, a.orientation),
        camera_make = coalesce(d.camera_make, a.camera_make),
        camera_model = coalesce(d.camera_model, a.camera_model), lens = coalesce(d.lens, a.lens),
        content_identifier = coalesce(a.content_identifier, d.content_identifier),
        burst_identifier = coalesce(a.burst_identifier, d.burst_identifier),
        has_embedded_video = a.has_embedded_video OR d.has_embedded_video,
        is_described = true, updated_at = now()
    FROM same AS d WHERE a.id = d.id AND a.path = d.path AND NOT a.is_described
    RETURNING a.id
)
SELECT id FROM kept UNION ALL SELECT id FROM described
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
        return [(one, sidecar_tags(found)) for one, found in zip(unread, read, strict=True)]

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
    given = {"rows": json.dumps(rows), "dated": DATED_BY}
    with connection.cursor() as cursor:
        return [row[0] for row in cursor.execute(DESCRIBE, given)]


def sidecar_tags(found: Metadata) -> Tags | None:
    """What an XMP file says; None if it cannot be read.

    ExifTool takes some that it cannot read for plain text, and of some in UTF-16 it says nothing.
    """
    tags = found.tags
    is_xmp = any(name.startswith("XMP-") for name in tags)
    is_strange = tags.get("File:FileType") not in XML_TYPES or "ExifTool:Warning" in tags
    is_silent = is_strange or str(tags.get("File:MIMEEncoding", "")).startswith("utf-16")
    is_faulty = "ExifTool:Error" in tags or (is_silent and not is_xmp)
    return None if is_faulty or found.source != "exiftool" else tags


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
