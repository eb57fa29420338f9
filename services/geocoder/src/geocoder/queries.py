"""Writes places, in the transaction that completes the assets taken there."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from photo_factory.database import Cursor

UPSERT = """
INSERT INTO places AS p (source, source_id, name, region, country, country_code, latitude,
    longitude, data_version)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (source, source_id) DO UPDATE SET name = excluded.name, region = excluded.region,
    country = excluded.country, country_code = excluded.country_code,
    latitude = excluded.latitude, longitude = excluded.longitude,
    data_version = excluded.data_version
WHERE p.data_version <> excluded.data_version
"""

ASSIGN = """
UPDATE media_assets a SET place_id = p.id
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS found (asset_id, source, source_id)
JOIN places p ON p.source = found.source AND p.source_id = found.source_id
WHERE a.id = found.asset_id
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A row of places to be. A whole country has no coordinates."""

    source: str
    source_id: str
    name: str
    region: str | None
    country: str
    country_code: str
    latitude: float | None
    longitude: float | None
    data_version: str


def record(cursor: Cursor, results: Sequence[tuple[int, Place]]) -> None:
    """Write the places, in one order for all workers, and point the assets at them."""
    places = {(place.source, place.source_id): place for _, place in results}
    cursor.executemany(UPSERT, [astuple(places[key]) for key in sorted(places)])
    cursor.execute(
        ASSIGN,
        (
            [asset_id for asset_id, _ in results],
            [place.source for _, place in results],
            [place.source_id for _, place in results],
        ),
    )
