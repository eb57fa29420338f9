"""The reads of export: which assets, what the library knows of them, and their sidecars."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, LiteralString

from photo_factory.database import Connection
from psycopg.rows import dict_row

from cli.export.order import Filters

PAGE = 200

CONDITIONS: dict[str, LiteralString] = {
    "assets": "(id = ANY(%(ids)s) OR path = ANY(%(paths)s))",
    "path": "path LIKE %(pattern)s",
    "first": "captured_local >= %(first)s::date",
    "last": "captured_local < %(last)s::date + 1",
    "album": "id IN (SELECT asset_id FROM album_assets JOIN albums ON id = album_id"
    " WHERE title = %(album)s)",
}
CHOOSE: LiteralString = """
WITH chosen AS (SELECT id, group_id FROM media_assets WHERE {})
SELECT id FROM media_assets
WHERE id IN (
    SELECT id FROM chosen
    UNION
    SELECT member.id FROM media_assets AS member JOIN chosen USING (group_id)
)
ORDER BY path COLLATE "C"
"""
"""The order puts the files of one shot (IMG_1.CR2, IMG_1.JPG) next to one another."""

OWN_WORDS = ("XMP-mwg-rs:RegionInfo", "XMP-iptcExt:PersonInImage", "XMP-digiKam:PickLabel")
"""Tags of which a file may hold more than the library knows: areas without a name, other labels."""
READ = """
SELECT id, encode(sha256, 'hex') AS sha256, path, mime_type, size_bytes, captured_local,
    captured_at, captured_confidence, utc_offset_minutes, location, rating, title, caption,
    keywords, people, is_favorite, width, height, orientation, is_astray,
    has_embedded_video,
    ARRAY(
        SELECT unnest(%(words)s::text[]) INTERSECT SELECT jsonb_object_keys(metadata)
    ) AS own_words,
    (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'id', id, 'kind', kind, 'path', path, 'sha256', encode(sidecars.sha256, 'hex'),
            'size_bytes', size_bytes, 'is_read', tags IS NOT NULL OR fault IS NOT NULL,
            'own_words', ARRAY(
                SELECT unnest(%(words)s::text[]) INTERSECT SELECT jsonb_object_keys(tags)
            )
        ) ORDER BY path COLLATE "C"), '[]')
        FROM sidecars WHERE asset_id = media_assets.id
    ) AS sidecars,
    NOT %(keeps)s AND EXISTS (
        SELECT FROM assets_in_zones inside
        WHERE inside.asset_id = media_assets.id AND inside.strips_on_export
    ) AS is_private
FROM media_assets WHERE id = ANY(%(ids)s)
"""
WHERE_NOW = """
SELECT path FROM media_assets WHERE sha256 = decode(%(sha256)s, 'hex')
UNION ALL
SELECT path FROM sidecars WHERE sha256 = decode(%(sha256)s, 'hex')
"""
NAMED = """
SELECT id::text FROM media_assets WHERE id = ANY(%(ids)s)
UNION ALL
SELECT path FROM media_assets WHERE path = ANY(%(paths)s)
"""
MOST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A file that is stored beside an original.

    Attributes:
        id: Of its row; a newer one has a higher.
        path: Relative to the library.
        is_read: The librarian has looked at it, so that its words are in the asset's row.
        own_words: Which of `OWN_WORDS` it has.
    """

    id: int
    kind: str
    path: str
    sha256: str
    size_bytes: int
    is_read: bool
    own_words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asset:
    """An original and what the library knows of it; most names as in the table media_assets.

    Attributes:
        own_words: Which of `OWN_WORDS` the original has.
        is_private: It lies in a privacy zone, so that its coordinates must not be exported; the
            location is None then, though the original may have one.
    """

    id: int
    sha256: str
    path: str
    mime_type: str
    size_bytes: int
    captured_local: datetime
    captured_at: datetime | None
    captured_confidence: str
    utc_offset_minutes: int | None
    location: dict[str, Any] | None
    rating: int | None
    title: str | None
    caption: str | None
    keywords: tuple[str, ...]
    people: tuple[dict[str, Any], ...]
    is_favorite: bool
    width: int | None
    height: int | None
    orientation: int | None
    is_astray: bool
    has_embedded_video: bool
    own_words: tuple[str, ...]
    sidecars: tuple[Sidecar, ...]
    is_private: bool = False


def choose(connection: Connection, filters: Filters, library: Path) -> "array[int]":
    """Ids of the chosen assets and of all that belong together with one of them, by path."""
    given = [name for name in CONDITIONS if getattr(filters, name)]
    condition: LiteralString = " AND ".join(CONDITIONS[name] for name in given) or "true"
    ids, paths = split_assets(filters.assets, library)
    values = {
        "ids": ids,
        "paths": paths,
        "pattern": None if filters.path is None else like(filters.path),
        "first": filters.first,
        "last": filters.last,
        "album": filters.album,
    }
    return array("q", (row[0] for row in connection.execute(CHOOSE.format(condition), values)))


def unknown_assets(connection: Connection, assets: Sequence[str], library: Path) -> list[str]:
    """Which of these ids and paths no asset has."""
    ids, paths = split_assets(assets, library)
    known = {row[0] for row in connection.execute(NAMED, {"ids": ids, "paths": paths})}
    return [one for one in assets if _plain(one, library) not in known]


def has_album(connection: Connection, title: str) -> bool:
    """Whether an album has this title."""
    row = connection.execute("SELECT FROM albums WHERE title = %s LIMIT 1", (title,)).fetchone()
    return row is not None


def read(
    connection: Connection, ids: Sequence[int], *, keeps_coordinates: bool = False
) -> Iterator[Asset]:
    """The assets in the order of their ids here, a page at a time; those that have gone are not.

    Args:
        connection: To the library's database.
        ids: Of the assets.
        keeps_coordinates: Privacy zones are not heeded.
    """
    for start in range(0, len(ids), PAGE):
        page = list(ids[start : start + PAGE])
        with connection.cursor(row_factory=dict_row) as cursor:
            found = {
                row["id"]: row
                for row in cursor.execute(
                    READ,
                    {"ids": page, "words": list(OWN_WORDS), "keeps": keeps_coordinates},
                )
            }
        yield from (_asset(found[one]) for one in page if one in found)


def paths_now(connection: Connection, sha256: str) -> list[str]:
    """Where a file with this hash lies at present: it may just have been moved."""
    return [row[0] for row in connection.execute(WHERE_NOW, {"sha256": sha256})]


def split_assets(assets: Sequence[str], library: Path) -> tuple[list[int], list[str]]:
    """Ids, and paths relative to the library."""
    plain = [_plain(one, library) for one in assets]
    ids = [int(one) for one in plain if _is_id(one) and int(one) <= MOST_ID]
    return ids, [one for one in plain if not _is_id(one) and _is_text(one)]


def like(pattern: str) -> str:
    """The pattern as LIKE understands it."""
    escaped = pattern.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return escaped.replace("*", "%").replace("?", "_")


def _plain(asset: str, library: Path) -> str:
    if _is_id(asset):
        return str(int(asset))
    return asset.removeprefix(f"{library}/").removeprefix("./")


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _is_text(text: str) -> bool:
    """Whether PostgreSQL can have it: bytes that are no UTF-8 are in no row."""
    return text.encode(errors="replace").decode() == text


def _asset(row: dict[str, Any]) -> Asset:
    row |= {name: tuple(row[name]) for name in ("keywords", "people", "own_words")}
    if row["is_private"]:
        row["location"] = None
    row["sidecars"] = tuple(_sidecar(one) for one in row["sidecars"])
    return Asset(**row)


def _sidecar(row: dict[str, Any]) -> Sidecar:
    return Sidecar(**{**row, "own_words": tuple(row["own_words"])})
