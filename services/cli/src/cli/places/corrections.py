"""The rows of place_corrections, and of the places that people give."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from photo_factory import queue
from photo_factory.database import PENDING, Connection, Cursor
from photo_factory.geocoding import USER, ZONE
from photo_factory.redo import forget_work
from psycopg.rows import class_row

from cli.dates.selection import PAGE

PRESENT = """
SELECT a.id, a.path, a.place_id, a.geocoded_by,
    concat_ws(', ', p.name, nullif(p.region, p.name), nullif(p.country, p.name)) AS words
FROM media_assets a LEFT JOIN places p ON p.id = a.place_id
WHERE a.id = ANY(%s) ORDER BY a.id
"""
FOUND = """
SELECT p.id, p.source, p.level, p.name, p.region, p.country,
    (SELECT count(*) FROM media_assets WHERE place_id = p.id) AS assets
FROM places p
WHERE p.source <> 'zone' AND (p.name ILIKE %(like)s
    OR EXISTS (SELECT FROM jsonb_each_text(p.names) AS called WHERE called.value ILIKE %(like)s))
ORDER BY lower(p.name) <> lower(%(text)s), assets DESC, p.name, p.id LIMIT %(limit)s
"""
ONE = "SELECT source, name, region, country FROM places WHERE id = %s"
EXISTING = """
SELECT id, name FROM places
WHERE level = %(level)s AND country_code = %(country)s
    AND (%(region)s::text IS NULL OR lower(region) = lower(%(region)s))
    AND (lower(name) = lower(%(name)s) OR EXISTS (
        SELECT FROM jsonb_each_text(names) AS called WHERE lower(called.value) = lower(%(name)s)))
ORDER BY source = 'user', id LIMIT 1
"""
COUNTRY = """
SELECT id, name FROM places WHERE level = 'country' AND country_code = %s
ORDER BY source = 'user', names = '{}', id LIMIT 1
"""
GIVE = """
INSERT INTO places (source, source_id, level, parent_id, name, names, region, country,
    country_code, data_version)
VALUES ('user', %(source_id)s, %(level)s, %(parent)s, %(name)s,
    jsonb_build_object('und', %(name)s::text), %(region)s, %(country)s, %(code)s, '1')
ON CONFLICT (source, source_id) DO UPDATE SET
    parent_id = coalesce(excluded.parent_id, places.parent_id)
RETURNING id
"""
LOCK = "SELECT FROM media_assets WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
WRITE = """
INSERT INTO place_corrections (asset_id, place_id, author)
SELECT id, %(place)s, %(author)s FROM media_assets WHERE id = ANY(%(ids)s) ORDER BY id
"""
SHOW = """
WITH given AS (
    SELECT DISTINCT ON (asset_id) asset_id, place_id FROM place_corrections
    WHERE asset_id = ANY(%s) AND undone_at IS NULL ORDER BY asset_id, id DESC
)
UPDATE media_assets a SET place_id = given.place_id, geocoded_by = 'user', is_geocoded = true,
    geocode_version = NULL, place_relation = 'in', place_distance_km = NULL, updated_at = now()
FROM given WHERE a.id = given.asset_id
"""
UNDO = """
UPDATE place_corrections SET undone_at = now()
WHERE id IN (
    SELECT DISTINCT ON (asset_id) id FROM place_corrections
    WHERE asset_id = ANY(%s) AND undone_at IS NULL ORDER BY asset_id, id DESC
)
"""
CLEAR = """
UPDATE media_assets a SET place_id = NULL, geocoded_by = NULL, geocode_version = NULL,
    place_relation = NULL, place_distance_km = NULL, is_geocoded = false, updated_at = now()
WHERE id = ANY(%s) AND geocoded_by = 'user' AND NOT EXISTS (
    SELECT FROM place_corrections WHERE asset_id = a.id AND undone_at IS NULL)
"""
REQUESTS = "DELETE FROM geocode_requests WHERE asset_id = ANY(%s)"
GIVEN = """
SELECT DISTINCT asset_id FROM place_corrections WHERE asset_id = ANY(%s) AND undone_at IS NULL
"""


class UnknownPlaceError(Exception):
    """There is no such place; the message is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Word:
    """A place as a person tells it.

    Attributes:
        country_code: ISO 3166-1, two capital letters.
    """

    name: str
    city: str | None
    region: str | None
    country_code: str


@dataclass(frozen=True, slots=True)
class Present:
    """Where an asset is said to have been taken now; no words for nowhere."""

    id: int
    path: str
    place_id: int | None
    geocoded_by: str | None
    words: str


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A place that can be given with --like."""

    id: int
    source: str
    level: str
    name: str
    region: str | None
    country: str | None
    assets: int


def read_present(connection: Connection, ids: Sequence[int]) -> list[Present]:
    """The present places of assets, by id."""
    found: list[Present] = []
    for page in pages(ids):
        with connection.cursor(row_factory=class_row(Present)) as cursor:
            found += cursor.execute(PRESENT, [page]).fetchall()
    return found


def given_among(connection: Connection, ids: Sequence[int]) -> list[int]:
    """Those of the assets whose place a person has given."""
    found = [row[0] for page in pages(ids) for row in connection.execute(GIVEN, [page])]
    return sorted(found)


def search(connection: Connection, text: str, limit: int) -> list[FoundPlace]:
    """Known places with this in one of their names; those called exactly so come first."""
    escaped = text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    values = {"like": f"%{escaped}%", "text": text, "limit": limit}
    with connection.cursor(row_factory=class_row(FoundPlace)) as cursor:
        return cursor.execute(FOUND, values).fetchall()


def words_of(connection: Connection, place_id: int) -> str:
    """A known place in words.

    Raises:
        UnknownPlaceError: There is none with this number, or it is a privacy zone's.
    """
    row = connection.execute(ONE, (place_id,)).fetchone()
    if row is None or row[0] == ZONE:
        message = f"There is no place {place_id}. Look for one with: photo-factory place --search"
        raise UnknownPlaceError(message)
    return ", ".join(dict.fromkeys(part for part in row[1:] if part))


def store_place(connection: Connection, word: Word) -> int:
    """The id of the place that a person tells of; the same words are the same place."""
    with connection.transaction():
        country = connection.execute(COUNTRY, (word.country_code,)).fetchone()
        parent, shown = (None, word.country_code) if country is None else country
        region = city = None
        if word.region:
            parent, region = _surrounding(connection, "region", word, shown, parent, None)
        if word.city:
            parent, city = _surrounding(connection, "city", word, shown, parent, region)
        return _give(connection, "spot", word, (word.name, city or region, shown, parent))


def _surrounding(  # noqa: PLR0913, PLR0917 - what a place hangs on
    connection: Connection,
    level: str,
    word: Word,
    country: str,
    parent: int | None,
    region: str | None,
) -> tuple[int, str]:
    """A city or region: the known one of that name, else one that is made; and its name."""
    name = word.city if level == "city" else word.region
    keys = {"level": level, "country": word.country_code, "name": name, "region": region}
    row = connection.execute(EXISTING, keys).fetchone()
    if row is not None:
        return row[0], row[1]
    return _give(connection, level, word, (name or "", region, country, parent)), name or ""


def _give(
    connection: Connection,
    level: str,
    word: Word,
    what: tuple[str, str | None, str, int | None],
) -> int:
    name, region, country, parent = what
    outer = {"city": [word.region], "region": []}.get(level, [word.city, word.region])
    identity = json.dumps([level, name, *outer, word.country_code])
    values = {
        "source_id": hashlib.sha256(identity.encode()).hexdigest()[:32],
        "level": level,
        "parent": parent,
        "name": name,
        "region": region,
        "country": country,
        "code": word.country_code,
    }
    row = connection.execute(GIVE, values).fetchone()
    assert row is not None  # noqa: S101 - for mypy: it inserts or updates
    return int(row[0])


def write(connection: Connection, ids: Sequence[int], place_id: int, author: str) -> int:
    """Give assets a place, a page at a time; returns how many it is news for."""
    changed = 0
    for page in pages(ids):
        with connection.transaction(), connection.cursor() as cursor:
            forget_work(cursor, "geocoder", page)
            cursor.execute(LOCK, (page,))
            due = [one.id for one in read_present(connection, page) if not _has(one, place_id)]
            cursor.execute(WRITE, {"place": place_id, "author": author, "ids": due})
            cursor.execute(REQUESTS, (page,))
            cursor.execute(SHOW, (page,))
            _feed(cursor, page)
        changed += len(due)
    return changed


def _has(present: Present, place_id: int) -> bool:
    return present.geocoded_by == USER and present.place_id == place_id


def undo(connection: Connection, ids: Sequence[int]) -> int:
    """Take the newest given place of each back; the one before it counts again, if there is one.

    Else the geocoder names the asset again. Returns how many there were.
    """
    undone = 0
    for page in pages(ids):
        with connection.transaction(), connection.cursor() as cursor:
            forget_work(cursor, "geocoder", page)
            cursor.execute(LOCK, (page,))
            undone += cursor.execute(UNDO, (page,)).rowcount
            cursor.execute(SHOW, (page,))
            cursor.execute(CLEAR, (page,))
            _feed(cursor, page)
    return undone


def _feed(cursor: Cursor, ids: Sequence[int]) -> None:
    queue.feed_assets(cursor, ids)
    cursor.execute(f"NOTIFY {PENDING}")


def pages(ids: Sequence[int]) -> Iterator[list[int]]:
    """So many at a time that a transaction is short."""
    for start in range(0, len(ids), PAGE):
        yield list(ids[start : start + PAGE])


def as_document(found: Sequence[FoundPlace]) -> list[dict[str, Any]]:
    """The places as `place --search --json` prints them."""
    return [{name: getattr(one, name) for name in FoundPlace.__slots__} for one in found]
