"""Geocoders that work at the same time, on a real PostgreSQL."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from asset_rows import insert_assets
from geocoder.naming import Named
from geocoder.queries import record
from named_places import ALGERIA, IN_ALGERIA, ITALY
from photo_factory.database import Connection, connect

pytestmark = pytest.mark.integration
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
IN_ITALY = Named((ITALY,), "country", None)


def write(database_url: str, results: list[tuple[int, Named]]) -> None:
    with (
        connect(database_url, "other") as other,
        other.transaction(),
        other.cursor() as cursor,
    ):
        record(cursor, results)


def test_geocoders_that_meet_in_the_same_places_do_not_block_each_other_for_good(
    connection: Connection, database_url: str
) -> None:
    """The one has Algeria and wants Italy; the other wants both, and may not have Italy by then."""
    first, second = insert_assets(connection, ["a.jpg", "b.jpg"])
    with ThreadPoolExecutor(1) as pool:
        with connection.transaction(), connection.cursor() as cursor:
            record(cursor, [(first, IN_ALGERIA)])
            other = pool.submit(write, database_url, [(second, IN_ITALY), (second, IN_ALGERIA)])
            deadline = time.monotonic() + 10
            while cursor.execute(WAITING).fetchone() == (0,):
                assert time.monotonic() < deadline, "the other does not wait"
                time.sleep(0.02)
            record(cursor, [(first, IN_ITALY)])
        other.result(10)
    names = connection.execute("SELECT name FROM places ORDER BY name").fetchall()
    assert names == [("Algeria",), ("Italy",)]


def test_a_region_is_linked_to_a_country_that_another_geocoder_has_just_written(
    connection: Connection, database_url: str
) -> None:
    first, second = insert_assets(connection, ["a.jpg", "b.jpg"])
    region = ALGERIA._replace(source_id="7", level="region", name="Tamanrasset", parent=ALGERIA.key)
    inside = Named((ALGERIA, region), "region", None)
    with ThreadPoolExecutor(1) as pool:
        with connection.transaction(), connection.cursor() as cursor:
            record(cursor, [(first, IN_ALGERIA)])
            other = pool.submit(write, database_url, [(second, inside)])
            time.sleep(0.2)
        other.result(10)
    row = connection.execute(
        "SELECT parent.name FROM places p JOIN places parent ON parent.id = p.parent_id"
    ).fetchone()
    assert row == ("Algeria",)
