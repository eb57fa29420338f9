"""What the geocoder writes, on a real PostgreSQL."""

import json
from typing import Any

import pytest
from asset_rows import insert_assets
from geocoder.naming import Named
from geocoder.queries import record
from named_places import (
    ALGERIA,
    AT_SEA,
    IN_ALGERIA,
    IN_ROME,
    IN_TRASTEVERE,
    ITALY,
    LAZIO,
    ROME,
    TRASTEVERE,
)
from photo_factory.database import Connection
from photo_factory.geocoding import GEOCODE_VERSION

pytestmark = pytest.mark.integration

PARENTS = """
SELECT p.name, p.level, parent.name FROM places p LEFT JOIN places parent ON parent.id = p.parent_id
"""
ZONE = """
WITH zone AS (
    INSERT INTO privacy_zones (name, latitude, longitude, radius_m, author)
    VALUES (%(name)s, %(latitude)s, %(longitude)s, %(radius)s, 'anna') RETURNING id
)
INSERT INTO places (source, source_id, level, name, data_version)
SELECT 'zone', id::text, 'spot', %(name)s, '1' FROM zone
"""


def write(connection: Connection, results: list[tuple[int, Named]]) -> None:
    with connection.transaction(), connection.cursor() as cursor:
        record(cursor, results)


def places_of(connection: Connection, ids: list[int]) -> list[Any]:
    rows = connection.execute(
        "SELECT p.name FROM media_assets a LEFT JOIN places p ON p.id = a.place_id "
        "WHERE a.id = ANY (%s) ORDER BY a.id",
        (ids,),
    )
    return [row[0] for row in rows]


def locate(connection: Connection, asset_id: int, latitude: float, longitude: float) -> None:
    location = json.dumps({"latitude": latitude, "longitude": longitude, "source": "gps"})
    connection.execute("UPDATE media_assets SET location = %s WHERE id = %s", (location, asset_id))


def add_zone(
    connection: Connection, name: str, latitude: float, longitude: float, radius: float
) -> None:
    values = {"name": name, "latitude": latitude, "longitude": longitude, "radius": radius}
    connection.execute(ZONE, values)


def decided(connection: Connection, asset_id: int) -> tuple[Any, ...]:
    row = connection.execute(
        "SELECT p.name, geocoded_by, geocode_version, place_relation, place_distance_km, "
        "is_geocoded FROM media_assets a LEFT JOIN places p ON p.id = a.place_id WHERE a.id = %s",
        (asset_id,),
    ).fetchone()
    assert row is not None
    return row


def give(connection: Connection, asset_id: int, name: str, undone: str | None = None) -> None:
    connection.execute(
        "WITH place AS (INSERT INTO places (source, source_id, level, name, data_version) "
        "VALUES ('user', %(name)s, 'spot', %(name)s, '1') RETURNING id) "
        "INSERT INTO place_corrections (asset_id, place_id, author, undone_at) "
        "SELECT %(asset)s, id, 'anna', %(undone)s::timestamptz FROM place",
        {"asset": asset_id, "name": name, "undone": undone},
    )


def test_assets_point_at_their_smallest_places_and_a_place_is_kept_once(
    connection: Connection,
) -> None:
    ids = insert_assets(connection, ["a.jpg", "b.jpg", "c.jpg", "d.jpg"])
    write(connection, [(ids[2], IN_ALGERIA), (ids[0], IN_TRASTEVERE), (ids[1], IN_ROME)])
    assert places_of(connection, ids) == ["Trastevere", "Rome", "Algeria", None]
    write(connection, [(ids[3], IN_ROME)])
    assert places_of(connection, ids)[3] == "Rome"
    assert sorted(connection.execute(PARENTS).fetchall(), key=str) == [
        ("Algeria", "country", None),
        ("Italy", "country", None),
        ("Lazio", "region", "Italy"),
        ("Rome", "city", "Lazio"),
        ("Trastevere", "suburb", "Rome"),
    ]


def test_every_column_is_written(connection: Connection) -> None:
    (asset_id,) = insert_assets(connection, ["a.jpg"])
    write(connection, [(asset_id, IN_TRASTEVERE)])
    row = connection.execute(
        "SELECT source, source_id, level, name, region, country, country_code, latitude, "
        "longitude, data_version, names, code, timezone FROM places WHERE level = 'city'"
    ).fetchone()
    assert row == (
        *("geonames", "3169070", "city", "Rome", "Lazio", "Italy", "IT", 41.89193, 12.51133, "1"),
        {"en": "Rome", "de": "Rom", "und": "Roma"},
        *(None, "Europe/Rome"),
    )
    assert decided(connection, asset_id) == (
        *("Trastevere", "offline", GEOCODE_VERSION, "in", 0.4, True),
    )


def test_at_sea_there_is_no_place_and_that_is_an_answer(connection: Connection) -> None:
    (asset_id,) = insert_assets(connection, ["a.jpg"])
    write(connection, [(asset_id, AT_SEA)])
    assert decided(connection, asset_id) == (None, "offline", GEOCODE_VERSION, "sea", None, True)


def test_an_asset_that_is_done_again_gets_its_new_place(connection: Connection) -> None:
    (asset_id,) = insert_assets(connection, ["a.jpg"])
    write(connection, [(asset_id, IN_ROME)])
    write(connection, [(asset_id, IN_ALGERIA)])
    assert decided(connection, asset_id)[:5] == (
        "Algeria",
        "offline",
        GEOCODE_VERSION,
        *("country", None),
    )


def test_newer_data_corrects_a_place_and_the_same_data_leaves_its_row_alone(
    connection: Connection,
) -> None:
    (asset_id,) = insert_assets(connection, ["a.jpg"])
    write(connection, [(asset_id, IN_ALGERIA)])
    before = connection.execute("SELECT xmin::text, id FROM places").fetchone()
    write(connection, [(asset_id, IN_ALGERIA)])
    assert connection.execute("SELECT xmin::text, id FROM places").fetchone() == before
    newer = ALGERIA._replace(name="Algérie", data_version="2")
    write(connection, [(asset_id, Named((newer,), "country", None))])
    rows = connection.execute("SELECT name, data_version FROM places").fetchall()
    assert rows == [("Algérie", "2")]


def test_another_language_renames_a_place_and_all_that_are_said_to_lie_in_it(
    connection: Connection,
) -> None:
    (asset_id,) = insert_assets(connection, ["a.jpg"])
    write(connection, [(asset_id, IN_ROME)])
    italien = ITALY._replace(name="Italien", country="Italien")
    latium = LAZIO._replace(name="Latium", country="Italien")
    rom = ROME._replace(name="Rom", region="Latium", country="Italien")
    write(connection, [(asset_id, Named((italien, latium, rom), "in", 1.5))])
    rows = connection.execute("SELECT name, region, country FROM places ORDER BY id").fetchall()
    assert rows == [
        ("Italien", None, "Italien"),
        ("Latium", None, "Italien"),
        ("Rom", "Latium", "Italien"),
    ]


def test_a_place_that_a_person_has_given_stays_whatever_is_found(connection: Connection) -> None:
    first, second = insert_assets(connection, ["a.jpg", "b.jpg"])
    give(connection, first, "Grandma's")
    give(connection, first, "Cabin")
    give(connection, second, "Cellar", undone="2024-01-01 00:00Z")
    write(connection, [(first, IN_ROME), (second, IN_ROME)])
    assert decided(connection, first) == ("Cabin", "user", GEOCODE_VERSION, "in", None, True)
    assert decided(connection, second)[:2] == ("Rome", "offline")


def test_in_a_privacy_zone_nothing_but_its_name_is_kept(connection: Connection) -> None:
    inside, outside, given = insert_assets(connection, ["a.jpg", "b.jpg", "c.jpg"])
    add_zone(connection, "Home", TRASTEVERE.latitude or 0, TRASTEVERE.longitude or 0, 300)
    for asset_id, latitude in ((inside, 41.8900), (outside, 41.8920), (given, 41.8883)):
        locate(connection, asset_id, latitude, 12.46635)
    give(connection, given, "Aunt's")
    write(connection, [(one, IN_ALGERIA) for one in (inside, given)])
    assert connection.execute("SELECT FROM places WHERE source = 'geonames'").fetchall() == []
    write(connection, [(outside, IN_ROME)])
    assert decided(connection, inside) == ("Home", "zone", GEOCODE_VERSION, "in", None, True)
    assert decided(connection, given)[:2] == ("Aunt's", "user")
    assert decided(connection, outside)[:2] == ("Rome", "offline")


def test_of_two_zones_the_smaller_names_what_lies_in_both(connection: Connection) -> None:
    (asset_id,) = insert_assets(connection, ["a.jpg"])
    locate(connection, asset_id, 10.0, 179.999)
    add_zone(connection, "The valley", 10.0, -179.999, 5000)
    add_zone(connection, "School", 10.0, 179.999, 200)
    write(connection, [(asset_id, IN_ROME)])
    assert decided(connection, asset_id)[0] == "School"
    connection.execute("DELETE FROM privacy_zones WHERE name = 'School'")
    write(connection, [(asset_id, IN_ROME)])
    assert decided(connection, asset_id)[0] == "The valley", "across the date line"


def test_days_tell_how_many_assets_were_taken_at_which_place(connection: Connection) -> None:
    ids = insert_assets(connection, ["a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg"])
    write(connection, [(ids[0], IN_TRASTEVERE), (ids[1], IN_TRASTEVERE), (ids[2], IN_ROME)])
    write(connection, [(ids[3], IN_ALGERIA), (ids[4], AT_SEA)])
    connection.execute(
        "UPDATE media_assets SET captured_local = '2024-05-18 23:30' WHERE id = %s", (ids[3],)
    )
    rows = connection.execute(
        "SELECT day::text, name, country, region, city, suburb, assets FROM place_days "
        "ORDER BY day, name"
    ).fetchall()
    assert rows == [
        ("2024-05-17", "Rome", "Italy", "Lazio", "Rome", None, 1),
        ("2024-05-17", "Trastevere", "Italy", "Lazio", "Rome", "Trastevere", 2),
        ("2024-05-18", "Algeria", "Algeria", None, None, None, 1),
    ]
