"""What the page of one asset reads. Each statement finds its few rows by an index."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from photo_factory.database import Connection
from psycopg.rows import class_row

from dashboard.queries import Work, read_clock

MEMBERS = 60
"""Of a group; a burst may have hundreds of photos."""
ALBUMS = 40
SIDECARS = 20
CORRECTIONS = 20

ASSET = """
SELECT a.id, a.path, a.original_name, a.source, a.media_type, a.mime_type, a.size_bytes,
    a.captured_at, a.captured_local, a.utc_offset_minutes, a.captured_source,
    a.captured_confidence, a.offset_source, a.captured_candidates, a.capture_rules, a.is_astray,
    a.is_described, a.is_geocoded, a.has_embedded_video,
    a.width, a.height, a.duration_seconds, a.camera_make, a.camera_model, a.lens,
    CASE WHEN NOT EXISTS (SELECT FROM assets_in_zones z WHERE z.asset_id = a.id)
        THEN a.location END AS location,
    a.exposure_seconds, a.f_number, a.iso, a.focal_length_mm, a.focal_length_35mm,
    a.video_codec, a.audio_codec, a.frame_rate, a.dynamic_range, a.color_profile,
    a.rating, a.title, a.caption, a.keywords, a.people, a.is_favorite, a.is_archived,
    a.special_types, a.role, a.group_id, a.ingested_at,
    p.name AS place, p.region, p.country,
    extract(epoch FROM t.created_at)::bigint AS thumb_made,
    extract(epoch FROM v.created_at)::bigint AS preview_made,
    coalesce(v.width, t.width) AS picture_width, coalesce(v.height, t.height) AS picture_height,
    w.state AS work, w.error_message AS reason
FROM media_assets a
LEFT JOIN places p ON p.id = a.place_id
LEFT JOIN derivatives t ON t.asset_id = a.id AND t.kind = 'thumb'
LEFT JOIN derivatives v ON v.asset_id = a.id AND v.kind = 'preview'
LEFT JOIN stage_work w ON w.asset_id = a.id AND w.stage = 'thumbnailer'
WHERE a.id = %(id)s
"""

GROUP = """
SELECT id, original_name AS name, media_type, role FROM media_assets
WHERE group_id = %(group_id)s ORDER BY role <> 'primary', captured_local, id LIMIT %(limit)s
"""

SIDECARS_OF = """
SELECT kind, path, original_name AS name, size_bytes, added_at, fault, tags IS NOT NULL AS is_read
FROM sidecars WHERE asset_id = %(id)s ORDER BY id DESC LIMIT %(limit)s
"""

ALBUMS_OF = """
SELECT b.title FROM album_assets m JOIN albums b ON b.id = m.album_id
WHERE m.asset_id = %(id)s ORDER BY b.title, b.id LIMIT %(limit)s
"""

# Without the condition of the partial index: what was taken back is shown as well.
CORRECTIONS_OF = """
SELECT captured_local, utc_offset_minutes, author, made_at, undone_at, is_applied
FROM corrections WHERE asset_id = %(id)s ORDER BY id DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class AssetRow:
    """An asset as its page shows it; names are those of the columns.

    Attributes:
        capture_rules: Version of the rules that decided its date; 0 if reasons were not kept then.
        thumb_made: When its thumbnail was made, in seconds since 1970; None if there is none.
        preview_made: The same of its preview.
        picture_width: Of the larger of the two that there is.
        work: State of its row for the thumbnailer; None if there is no such row.
        reason: Why the thumbnailer failed on it or skipped it.
    """

    id: int
    path: str
    original_name: str
    source: str
    media_type: str
    mime_type: str
    size_bytes: int
    captured_at: datetime | None
    captured_local: datetime
    utc_offset_minutes: int | None
    captured_source: str
    captured_confidence: str
    offset_source: str | None
    captured_candidates: list[Mapping[str, Any]]
    capture_rules: int
    is_astray: bool
    is_described: bool
    is_geocoded: bool
    has_embedded_video: bool
    width: int | None
    height: int | None
    duration_seconds: float | None
    camera_make: str | None
    camera_model: str | None
    lens: str | None
    location: Mapping[str, Any] | None
    exposure_seconds: float | None
    f_number: float | None
    iso: int | None
    focal_length_mm: float | None
    focal_length_35mm: float | None
    video_codec: str | None
    audio_codec: str | None
    frame_rate: float | None
    dynamic_range: str | None
    color_profile: str | None
    rating: int | None
    title: str | None
    caption: str | None
    keywords: list[str]
    people: list[Mapping[str, Any]]
    is_favorite: bool
    is_archived: bool
    special_types: list[str]
    role: str
    group_id: UUID | None
    ingested_at: datetime
    place: str | None
    region: str | None
    country: str | None
    thumb_made: int | None
    preview_made: int | None
    picture_width: int | None
    picture_height: int | None
    work: Work | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class GroupMember:
    """An asset of the same group, the shown one among them."""

    id: int
    name: str
    media_type: str
    role: str


@dataclass(frozen=True, slots=True)
class SidecarRow:
    """A file that says something about the asset.

    Attributes:
        fault: Why it cannot be read.
        is_read: It was read, and said something.
    """

    kind: str
    path: str
    name: str
    size_bytes: int
    added_at: datetime
    fault: str | None
    is_read: bool


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """A date that a person has given.

    Attributes:
        is_applied: The librarian has acted upon it, or upon its being taken back.
    """

    captured_local: datetime
    utc_offset_minutes: int | None
    author: str
    made_at: datetime
    undone_at: datetime | None
    is_applied: bool


@dataclass(frozen=True, slots=True)
class AssetPage:
    """All that the page of an asset shows, read at one instant of the database's clock."""

    read_at: datetime
    asset: AssetRow
    members: tuple[GroupMember, ...] = field(default=())
    sidecars: tuple[SidecarRow, ...] = field(default=())
    albums: tuple[str, ...] = field(default=())
    corrections: tuple[CorrectionRow, ...] = field(default=())


def read_asset_page(connection: Connection, asset_id: int) -> AssetPage | None:
    """What is known of an asset; None if there is no such asset."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        with connection.cursor(row_factory=class_row(AssetRow)) as cursor:
            asset = cursor.execute(ASSET, {"id": asset_id}).fetchone()
        if asset is None:
            return None
        return AssetPage(
            read_clock(connection),
            asset,
            _read_members(connection, asset.group_id),
            _read_sidecars(connection, asset_id),
            _read_albums(connection, asset_id),
            _read_corrections(connection, asset_id),
        )


def _read_members(connection: Connection, group_id: UUID | None) -> tuple[GroupMember, ...]:
    if group_id is None:
        return ()
    with connection.cursor(row_factory=class_row(GroupMember)) as cursor:
        return tuple(cursor.execute(GROUP, {"group_id": group_id, "limit": MEMBERS}))


def _read_sidecars(connection: Connection, asset_id: int) -> tuple[SidecarRow, ...]:
    with connection.cursor(row_factory=class_row(SidecarRow)) as cursor:
        return tuple(cursor.execute(SIDECARS_OF, {"id": asset_id, "limit": SIDECARS}))


def _read_albums(connection: Connection, asset_id: int) -> tuple[str, ...]:
    found = connection.execute(ALBUMS_OF, {"id": asset_id, "limit": ALBUMS})
    return tuple(title for (title,) in found)


def _read_corrections(connection: Connection, asset_id: int) -> tuple[CorrectionRow, ...]:
    with connection.cursor(row_factory=class_row(CorrectionRow)) as cursor:
        return tuple(cursor.execute(CORRECTIONS_OF, {"id": asset_id, "limit": CORRECTIONS}))
