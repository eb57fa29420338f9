"""One asset in full, as `photo-factory show` reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from photo_factory.database import Connection
from psycopg.rows import dict_row

ASSETS = """
SELECT asset.id, asset.path, encode(asset.sha256, 'hex') AS sha256, asset.original_name,
    asset.source, asset.media_type, asset.mime_type, asset.size_bytes, asset.ingested_at,
    asset.captured_local, asset.utc_offset_minutes, asset.captured_at, asset.captured_source,
    asset.captured_confidence, asset.offset_source, asset.captured_candidates,
    asset.capture_rules, asset.file_modified_at, asset.is_astray, asset.location,
    place.name AS place_name, place.region AS place_region, place.country AS place_country,
    asset.width, asset.height, asset.orientation, asset.duration_seconds, asset.camera_make,
    asset.camera_model, asset.lens, asset.exposure_seconds, asset.f_number, asset.iso,
    asset.focal_length_mm, asset.focal_length_35mm, asset.video_codec, asset.audio_codec,
    asset.frame_rate, asset.dynamic_range, asset.color_profile, asset.rating, asset.title,
    asset.caption, asset.keywords, asset.people, asset.is_favorite, asset.is_archived,
    asset.special_types, asset.role, asset.group_id
FROM media_assets asset LEFT JOIN places place ON place.id = asset.place_id
WHERE asset.id = ANY(%s)
ORDER BY asset.id
"""
SIDECARS = """
SELECT asset_id, kind, path, size_bytes, fault,
    tags IS NOT NULL AS is_read, added_at
FROM sidecars WHERE asset_id = ANY(%s) ORDER BY id
"""
MEMBERS = """
SELECT asset.id AS asset_id, other.id, other.path, other.role
FROM media_assets asset
JOIN media_assets other ON other.group_id = asset.group_id AND other.id <> asset.id
WHERE asset.id = ANY(%s) ORDER BY other.id
"""
ALBUMS = """
SELECT member.asset_id, album.id, album.title, album.source
FROM album_assets member JOIN albums album ON album.id = member.album_id
WHERE member.asset_id = ANY(%s) ORDER BY album.title, album.id
"""
CORRECTIONS = """
SELECT asset_id, captured_local, utc_offset_minutes, author, made_at, undone_at, is_applied
FROM corrections WHERE asset_id = ANY(%s) ORDER BY id
"""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FullAsset:
    """A row of media_assets with all that hangs on it, under the names of the columns."""

    row: Row
    sidecars: Sequence[Row]
    members: Sequence[Row]
    albums: Sequence[Row]
    corrections: Sequence[Row]


def read_full(connection: Connection, ids: Sequence[int]) -> list[FullAsset]:
    """Everything about these assets, at one instant, in the order of their ids."""
    wanted = [list(ids)]
    with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        rows = cursor.execute(ASSETS, wanted).fetchall()
        sidecars = cursor.execute(SIDECARS, wanted).fetchall()
        members = cursor.execute(MEMBERS, wanted).fetchall()
        albums = cursor.execute(ALBUMS, wanted).fetchall()
        corrections = cursor.execute(CORRECTIONS, wanted).fetchall()
    return [
        FullAsset(
            row,
            _of(row, sidecars),
            _of(row, members),
            _of(row, albums),
            _of(row, corrections),
        )
        for row in rows
    ]


def _of(asset: Row, rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["asset_id"] == asset["id"]]
