"""The rows of privacy zones, and what follows for the assets in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from photo_factory import queue
from photo_factory.database import PENDING, Connection, Cursor
from photo_factory.redo import forget_work
from psycopg.errors import ForeignKeyViolation
from psycopg.rows import class_row

from cli.dates.selection import PAGE

SAVE = """
INSERT INTO privacy_zones AS z (name, latitude, longitude, radius_m, strips_on_export, author)
VALUES (%(name)s, %(latitude)s, %(longitude)s, %(radius_m)s, %(strips_on_export)s, %(author)s)
ON CONFLICT (name) DO UPDATE SET latitude = excluded.latitude, longitude = excluded.longitude,
    radius_m = excluded.radius_m, strips_on_export = excluded.strips_on_export,
    author = excluded.author, made_at = now()
RETURNING id
"""
NAME = """
INSERT INTO places (source, source_id, level, name, names, data_version)
VALUES ('zone', %(id)s::text, 'spot', %(name)s, jsonb_build_object('und', %(name)s::text), '1')
ON CONFLICT (source, source_id) DO UPDATE SET name = excluded.name, names = excluded.names
RETURNING id
"""
LIST = """
SELECT z.name, z.latitude, z.longitude, z.radius_m, z.strips_on_export, z.author, z.made_at,
    (SELECT count(*) FROM assets_in_zones inside WHERE inside.zone_id = z.id) AS assets
FROM privacy_zones z ORDER BY z.name
"""
ENTERED = """
SELECT inside.asset_id FROM assets_in_zones inside JOIN media_assets a ON a.id = inside.asset_id
WHERE inside.zone_id = %(zone)s AND a.geocoded_by IS DISTINCT FROM 'user'
    AND a.place_id IS DISTINCT FROM %(place)s
ORDER BY inside.asset_id
"""
LEFT = """
SELECT a.id FROM media_assets a
WHERE a.place_id = %(place)s AND a.geocoded_by = 'zone'
    AND NOT EXISTS (SELECT FROM assets_in_zones WHERE asset_id = a.id AND zone_id = %(zone)s)
ORDER BY a.id
"""
FORGOTTEN = """
WITH due AS (
    SELECT id FROM media_assets
    WHERE id = ANY(%s) AND geocoded_by IS DISTINCT FROM 'user' ORDER BY id FOR NO KEY UPDATE
)
UPDATE media_assets a SET place_id = NULL, geocoded_by = NULL, place_relation = NULL,
    place_distance_km = NULL, is_geocoded = false, updated_at = now()
FROM due WHERE a.id = due.id
"""
REQUESTS = "DELETE FROM geocode_requests WHERE asset_id = ANY(%s)"
PLACE = "SELECT id, source_id FROM places WHERE source = 'zone' AND name = %s ORDER BY id"
REMOVE = "DELETE FROM privacy_zones WHERE name = %s"
FORGET_PLACE = "DELETE FROM places WHERE id = %s"
POSITION = """
SELECT (location ->> 'latitude')::float8, (location ->> 'longitude')::float8
FROM media_assets WHERE id = %s
"""
ATTEMPTS = 5
"""A geocoder that had begun before a zone went may still point an asset at it."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A circle; names as in privacy_zones."""

    name: str
    latitude: float
    longitude: float
    radius_m: float
    strips_on_export: bool
    author: str


@dataclass(frozen=True, slots=True)
class Listed(Zone):
    """A zone as it stands, with the number of assets in it."""

    made_at: datetime
    assets: int


def save(connection: Connection, zone: Zone) -> int:
    """Make or change the zone of that name; returns how many assets come under it or leave it.

    Their present names are taken away at once, a page at a time; the geocoder then gives them the
    zone's, or their own again. Called again after it was cut off, it goes on.
    """
    values = {name: getattr(zone, name) for name in Zone.__slots__}
    with connection.transaction():
        zone_id = _one(connection, SAVE, values)
        place_id = _one(connection, NAME, {"id": zone_id, "name": zone.name})
    keys = {"zone": zone_id, "place": place_id}
    entered = [row[0] for row in connection.execute(ENTERED, keys).fetchall()]
    left = [row[0] for row in connection.execute(LEFT, keys).fetchall()]
    return _name_anew(connection, [*entered, *left])


def remove(connection: Connection, name: str) -> int | None:
    """Remove a zone; returns how many assets get names of their own; None if there is none."""
    places = connection.execute(PLACE, (name,)).fetchall()
    was_there = connection.execute(REMOVE, (name,)).rowcount > 0
    if not places:
        return 0 if was_there else None
    return sum(_remove_place(connection, place, int(zone)) for place, zone in places)


def read_zones(connection: Connection) -> list[Listed]:
    """All zones, by name."""
    with connection.cursor(row_factory=class_row(Listed)) as cursor:
        return cursor.execute(LIST).fetchall()


def locate(connection: Connection, asset_id: int) -> tuple[float, float] | None:
    """Where an asset was taken; None if that is unknown."""
    row = connection.execute(POSITION, (asset_id,)).fetchone()
    return None if row is None or row[0] is None or row[1] is None else (row[0], row[1])


def _remove_place(connection: Connection, place_id: int, zone_id: int) -> int:
    changed = 0
    for attempt in range(1, ATTEMPTS + 1):
        keys = {"zone": zone_id, "place": place_id}
        left = [row[0] for row in connection.execute(LEFT, keys).fetchall()]
        changed += _name_anew(connection, left)
        try:
            connection.execute(FORGET_PLACE, (place_id,))
        except ForeignKeyViolation:
            if attempt == ATTEMPTS:
                raise
        else:
            break
    return changed


def _name_anew(connection: Connection, ids: Sequence[int]) -> int:
    for page in _pages(ids):
        with connection.transaction(), connection.cursor() as cursor:
            _forget_names(cursor, page)
    return len(ids)


def _forget_names(cursor: Cursor, ids: Sequence[int]) -> None:
    forget_work(cursor, "geocoder", ids)
    cursor.execute(REQUESTS, (list(ids),))
    cursor.execute(FORGOTTEN, (list(ids),))
    queue.feed_assets(cursor, ids)
    cursor.execute(f"NOTIFY {PENDING}")


def _pages(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), PAGE):
        yield ids[start : start + PAGE]


def _one(connection: Connection, statement: str, values: dict[str, object]) -> int:
    row = connection.execute(statement, values).fetchone()
    if row is None:
        message = "the database returned no row"
        raise RuntimeError(message)
    return int(row[0])
