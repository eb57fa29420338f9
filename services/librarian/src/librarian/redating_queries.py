"""The SQL of deciding anew: what is known of assets, and the columns that follow from it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from photo_factory.database import Connection, Cursor
from psycopg.rows import class_row

from librarian.capture.evidence import Confidence, OffsetSource
from librarian.derived import DERIVED

# Of two XMP files of one photo, a.jpg.xmp comes before a.xmp; then, as of all sidecars, the newest.
LOAD = """
SELECT a.id, a.path, a.original_name, a.media_type, a.role, a.group_id::text AS group_id,
    a.metadata, a.location, a.ingested_at, a.file_modified_at, a.captured_local, a.captured_at,
    a.utc_offset_minutes, a.captured_source, a.captured_confidence, a.offset_source,
    s.tags AS sidecar, t.tags AS takeout, c.captured_local AS corrected_local,
    c.utc_offset_minutes AS corrected_offset_minutes
FROM media_assets a
LEFT JOIN LATERAL (
    SELECT tags FROM sidecars
    WHERE asset_id = a.id AND kind = 'xmp' AND tags IS NOT NULL
    ORDER BY starts_with(lower(original_name), lower(a.original_name)) DESC, id DESC LIMIT 1
) AS s ON true
LEFT JOIN LATERAL (
    SELECT tags FROM sidecars
    WHERE asset_id = a.id AND kind = 'takeout' AND tags IS NOT NULL ORDER BY id DESC LIMIT 1
) AS t ON true
LEFT JOIN LATERAL (
    SELECT captured_local, utc_offset_minutes FROM corrections
    WHERE asset_id = a.id AND undone_at IS NULL ORDER BY id DESC LIMIT 1
) AS c ON true
WHERE a.id = ANY(%s) ORDER BY a.id
"""
LOCKED = f"{LOAD} FOR NO KEY UPDATE OF a"

STILLS = """
SELECT id FROM media_assets
WHERE role = 'primary' AND group_id IN (
    SELECT group_id FROM media_assets WHERE id = ANY(%s) AND role = 'live_video'
)
"""

NAMES = ", ".join(DERIVED)
STORE = f"""
UPDATE media_assets a SET ({NAMES}) = (SELECT {", ".join(f"d.{name}" for name in DERIVED)}),
    is_geocoded = a.is_geocoded AND (
        a.location IS NOT DISTINCT FROM d.location OR a.geocoded_by IS NOT DISTINCT FROM 'user'),
    place_id = CASE WHEN a.location IS NOT DISTINCT FROM d.location
        OR a.geocoded_by = 'user' THEN a.place_id END,
    is_astray = a.is_astray OR d.is_astray, updated_at = now()
FROM json_to_recordset(%s::json) AS d (id bigint, is_astray boolean,
    {", ".join(f"{name} {kind}" for name, kind in DERIVED.items())})
WHERE a.id = d.id AND ({", ".join(f"a.{name}" for name in DERIVED)})
    IS DISTINCT FROM ({", ".join(f"d.{name}" for name in DERIVED)})
RETURNING a.id
"""  # noqa: S608 - constants of this file

OPEN_CORRECTIONS = """
SELECT id, asset_id FROM corrections WHERE NOT is_applied ORDER BY id LIMIT %s
FOR UPDATE SKIP LOCKED
"""
"""Locked, so that one that is undone meanwhile is not marked as applied."""

ASTRAY = """
SELECT id, path, role, captured_local FROM media_assets
WHERE is_astray AND id <> ALL(%s) ORDER BY id LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored of an asset that date, place and details follow from."""

    id: int
    path: str
    original_name: str
    media_type: str
    role: str
    group_id: str | None
    metadata: dict[str, Any]
    location: dict[str, Any] | None
    ingested_at: datetime
    file_modified_at: datetime | None
    captured_local: datetime
    captured_at: datetime | None
    utc_offset_minutes: int | None
    captured_source: str
    captured_confidence: Confidence
    offset_source: OffsetSource | None
    sidecar: dict[str, Any] | None = field(default=None)
    takeout: dict[str, Any] | None = field(default=None)
    corrected_local: datetime | None = None
    corrected_offset_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Astray:
    """An original that does not lie where its date says."""

    id: int
    path: str
    role: str
    captured_local: datetime


def load(connection: Connection, asset_ids: Iterable[int], *, is_locked: bool) -> list[Known]:
    """What is known of assets, by id; locked, nobody else decides of them until the commit."""
    with connection.cursor(row_factory=class_row(Known)) as cursor:
        return cursor.execute(LOCKED if is_locked else LOAD, (list(asset_ids),)).fetchall()


def with_stills(connection: Connection, asset_ids: Iterable[int]) -> list[int]:
    """These assets, and the stills of the Live Photos' videos among them."""
    ids = list(asset_ids)
    found = connection.execute(STILLS, (ids,)).fetchall()
    return sorted({*ids, *(asset_id for (asset_id,) in found)})


def live_videos(connection: Connection, asset_ids: Sequence[int]) -> list[int]:
    """The videos of Live Photos among these assets and their groups."""
    found = connection.execute(
        "SELECT id FROM media_assets WHERE role = 'live_video' AND group_id IN "
        "(SELECT group_id FROM media_assets WHERE id = ANY(%s) AND group_id IS NOT NULL)",
        (list(asset_ids),),
    )
    return [asset_id for (asset_id,) in found]


def store(cursor: Cursor, rows: Sequence[dict[str, object]]) -> list[int]:
    """Write what differs; returns the ids of the assets that have changed."""
    return [row[0] for row in cursor.execute(STORE, (json.dumps(rows, default=str),))]


def open_corrections(cursor: Cursor, limit: int) -> list[tuple[int, int]]:
    """Corrections (id, asset) that the rows of their assets do not show yet; locks them."""
    return cursor.execute(OPEN_CORRECTIONS, (limit,)).fetchall()


def mark_applied(cursor: Cursor, correction_ids: Sequence[int]) -> None:
    """The rows of the assets show these corrections now, or that they were undone."""
    cursor.execute(
        "UPDATE corrections SET is_applied = true WHERE id = ANY(%s)", (list(correction_ids),)
    )


def astray(connection: Connection, put_off: Iterable[int], limit: int) -> list[Astray]:
    """Originals that are to be moved, but for some that are put off."""
    with connection.cursor(row_factory=class_row(Astray)) as cursor:
        return cursor.execute(ASTRAY, (list(put_off), limit)).fetchall()


def settle(connection: Connection, asset_id: int, captured_local: datetime) -> None:
    """An original lies where its date says, unless that has changed meanwhile."""
    connection.execute(
        "UPDATE media_assets SET is_astray = false WHERE id = %s AND captured_local = %s",
        (asset_id, captured_local),
    )
