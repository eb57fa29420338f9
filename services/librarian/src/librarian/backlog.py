"""Reads all tags of assets that were stored by the few that decide date, place and pair.

It is done when no file is due, so that it holds up none.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from photo_factory import queue
from photo_factory.database import PENDING, Connection

from librarian import queries
from librarian.batches import chunks
from librarian.capture.location import location
from librarian.description import FILES_PER_CALL, Readers
from librarian.metadata import Metadata
from librarian.pipeline import Pipeline
from librarian.recording import Recorder

AT_ONCE = 50

DESCRIBE = """
UPDATE media_assets a
SET metadata = CASE WHEN d.is_read THEN d.metadata ELSE a.metadata END,
    width = coalesce(d.width, a.width), height = coalesce(d.height, a.height),
    orientation = coalesce(d.orientation, a.orientation),
    camera_make = coalesce(d.camera_make, a.camera_make),
    camera_model = coalesce(d.camera_model, a.camera_model), lens = coalesce(d.lens, a.lens),
    location = coalesce(a.location, d.location),
    content_identifier = coalesce(a.content_identifier, d.content_identifier),
    burst_identifier = coalesce(a.burst_identifier, d.burst_identifier),
    has_embedded_video = a.has_embedded_video OR d.has_embedded_video,
    is_described = true, updated_at = now()
FROM json_to_recordset(%s::json) AS d (id bigint, path text, is_read boolean, metadata jsonb,
    width integer, height integer, orientation smallint, camera_make text, camera_model text,
    lens text, location jsonb, content_identifier text, burst_identifier text,
    has_embedded_video boolean)
WHERE a.id = d.id AND a.path = d.path AND NOT a.is_described
RETURNING a.id
"""


class Backlog:
    """Starts the reading of what is left, a batch at a time.

    Args:
        library: Root of the originals.
        readers: The ExifTools.
        recorder: Joins companions that all tags have made known.
    """

    def __init__(self, library: Path, readers: Readers, recorder: Recorder) -> None:
        self._library = library
        self._readers = readers
        self._recorder = recorder

    def begin(self, connection: Connection, pipeline: Pipeline) -> None:
        """Have the next batch read, if there is one."""
        assets = queries.undescribed(connection, AT_ONCE)
        calls = [partial(self._read, chunk) for chunk in chunks(assets, FILES_PER_CALL)]
        if calls:
            pipeline.start("backlog", [], calls, self._store)

    def _read(self, assets: Sequence[tuple[int, str]]) -> list[tuple[int, str, Metadata]]:
        read = self._readers.read([self._library / path for _, path in assets])
        return [(*asset, found) for asset, found in zip(assets, read, strict=True)]

    def _store(self, connection: Connection, read: list[tuple[int, str, Metadata]]) -> None:
        self._recorder.join_late(connection, store_descriptions(connection, read))


def store_descriptions(
    connection: Connection, read: Sequence[tuple[int, str, Metadata]]
) -> list[int]:
    """Keep what has been read of assets (id, path); returns those that were waiting for it.

    Nobody asks again for a file that could not be read: what is known of it stays. One that was
    moved meanwhile is read again at its new path.
    """
    rows = [_row(asset_id, path, metadata) for asset_id, path, metadata in read]
    with connection.transaction(), connection.cursor() as cursor:
        ids = [row[0] for row in cursor.execute(DESCRIBE, (json.dumps(rows),))]
        queue.feed_assets(cursor, ids)  # a place may have been found
        cursor.execute(f"NOTIFY {PENDING}")
    return ids


def _row(asset_id: int, path: str, metadata: Metadata) -> dict[str, object]:
    where = location(metadata.tags)
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
        "location": None if where is None else asdict(where),
        "content_identifier": metadata.content_identifier,
        "burst_identifier": metadata.burst_identifier,
        "has_embedded_video": metadata.has_embedded_video,
    }
