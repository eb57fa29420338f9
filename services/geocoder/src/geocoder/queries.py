"""Writes places, in the transaction that completes the assets taken there."""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from photo_factory.database import Cursor
from photo_factory.geocoding import GEOCODE_VERSION

from geocoder.naming import LEVELS, Key, Named, Place

COLUMNS = (
    ("level", "text"),
    ("name", "text"),
    ("region", "text"),
    ("country", "text"),
    ("country_code", "text"),
    ("latitude", "float8"),
    ("longitude", "float8"),
    ("data_version", "text"),
    ("names", "text"),
    ("code", "text"),
    ("timezone", "text"),
)
NAMES = ", ".join(name for name, _ in COLUMNS)
VALUES = ", ".join(f"d.{name}" for name, _ in COLUMNS).replace("d.names", "d.names::jsonb")

KNOWN = """
SELECT p.source, p.source_id, p.id, p.data_version, p.name, p.region, p.country
FROM unnest(%s::text[], %s::text[]) AS wanted (source, source_id)
JOIN places p ON p.source = wanted.source AND p.source_id = wanted.source_id
"""

WRITE = f"""
INSERT INTO places AS p (source, source_id, parent_id, {NAMES})
SELECT d.source, d.source_id, parent.id, {VALUES}
FROM json_to_recordset(%s::json) AS d (source text, source_id text, parent_source text,
    parent_source_id text, {", ".join(f"{name} {kind}" for name, kind in COLUMNS)})
LEFT JOIN places parent
    ON parent.source = d.parent_source AND parent.source_id = d.parent_source_id
ORDER BY d.source, d.source_id
ON CONFLICT (source, source_id) DO UPDATE SET parent_id = excluded.parent_id,
    {", ".join(f"{name} = excluded.{name}" for name, _ in COLUMNS)}
"""  # noqa: S608 - constants of this file

SETTLED = """
SELECT given.asset_id, given.place_id, 'user' AS geocoded_by FROM (
    SELECT DISTINCT ON (asset_id) asset_id, place_id FROM place_corrections
    WHERE asset_id = ANY(%(ids)s) AND undone_at IS NULL ORDER BY asset_id, id DESC
) AS given
UNION ALL
SELECT zoned.asset_id, zoned.place_id, 'zone' FROM (
    SELECT DISTINCT ON (inside.asset_id) inside.asset_id, p.id AS place_id
    FROM assets_in_zones inside
    JOIN places p ON p.source = 'zone' AND p.source_id = inside.zone_id::text
    WHERE inside.asset_id = ANY(%(ids)s)
    ORDER BY inside.asset_id, inside.radius_m, inside.zone_id
) AS zoned
ORDER BY geocoded_by DESC
"""
"""Zones come before persons, whose word counts more. Of zones within one another the smallest."""

ASSIGN = """
UPDATE media_assets a SET place_id = found.place_id, geocoded_by = found.geocoded_by,
    geocode_version = %s, place_relation = found.relation,
    place_distance_km = found.distance_km, is_geocoded = true, updated_at = now()
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::float8[])
    AS found (asset_id, place_id, geocoded_by, relation, distance_km)
WHERE a.id = found.asset_id
"""

Assignment = tuple[int, int | None, str, str, float | None]
"""Asset, place, by whom, relation, distance."""


def record(cursor: Cursor, results: Sequence[tuple[int, Named]]) -> None:
    """Write the places, in one order for all workers, and point the assets at them.

    A place that a person has given stays, and then that of a privacy zone; what was found is not
    even kept for these.
    """
    ids = [asset_id for asset_id, _ in results]
    settled: dict[int, Assignment] = {
        asset_id: (asset_id, place_id, geocoded_by, "in", None)
        for asset_id, place_id, geocoded_by in cursor.execute(SETTLED, {"ids": ids}).fetchall()
    }
    found = [(asset_id, named) for asset_id, named in results if asset_id not in settled]
    place_ids = _store(cursor, (named for _, named in found))
    rows = [*settled.values(), *(_assignment(one, named, place_ids) for one, named in found)]
    cursor.execute(ASSIGN, (GEOCODE_VERSION, *(list(column) for column in zip(*rows, strict=True))))


def _assignment(asset_id: int, named: Named, place_ids: dict[Key, int]) -> Assignment:
    place_id = place_ids[named.places[-1].key] if named.places else None
    return asset_id, place_id, named.geocoded_by, named.relation, named.distance_km


def _store(cursor: Cursor, found: Iterable[Named]) -> dict[Key, int]:
    """Write places that are new or have changed; returns the ids of all."""
    chains = {named.places[-1].key: named.places for named in found if named.places}
    places = {place.key: place for chain in chains.values() for place in chain}
    if not places:
        return {}
    known = _known(cursor, places)
    changed = [place for key, place in places.items() if known.get(key, ())[1:] != _face(place)]
    if not changed:
        return {key: row[0] for key, row in known.items()}
    for level in LEVELS:  # those that others lie in come first
        rows = [_row(place) for place in changed if place.level == level]
        if rows:
            cursor.execute(WRITE, (json.dumps(rows),))
    return {key: row[0] for key, row in _known(cursor, places).items()}


def _known(cursor: Cursor, keys: Collection[Key]) -> dict[Key, tuple[Any, ...]]:
    """Id and what may have changed of the places that are there."""
    sources, source_ids = [key[0] for key in keys], [key[1] for key in keys]
    return {
        (row[0], row[1]): row[2:] for row in cursor.execute(KNOWN, (sources, source_ids)).fetchall()
    }


def _face(place: Place) -> tuple[str | None, ...]:
    """What tells whether a row is as it should be: other data, or another language."""
    return place.data_version, place.name, place.region, place.country


def _row(place: Place) -> dict[str, object]:
    parent = place.parent or (None, None)
    keys = {
        "source": place.source,
        "source_id": place.source_id,
        "parent_source": parent[0],
        "parent_source_id": parent[1],
    }
    values: dict[str, object] = {name: getattr(place, name) for name, _ in COLUMNS}
    return keys | values
