"""Geocoders that work at the same time, on a real PostgreSQL."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from asset_rows import insert_assets
from geocoder.queries import Place, record
from photo_factory.database import Connection, connect

pytestmark = pytest.mark.integration
ALGERIA = Place("country", "DZ", "Algeria", None, "Algeria", "DZ", None, None, "1")
ROME = Place("geonames", "3169070", "Rome", None, "Italy", "IT", 41.9, 12.5, "1")
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


def write(database_url: str, results: list[tuple[int, Place]]) -> None:
    with (
        connect(database_url, "other") as other,
        other.transaction(),
        other.cursor() as cursor,
    ):
        record(cursor, results)


def test_geocoders_that_meet_in_the_same_places_do_not_block_each_other_for_good(
    connection: Connection, database_url: str
) -> None:
    """The one has Algeria and wants Rome; the other wants both, and may not have Rome by then."""
    first, second = insert_assets(connection, ["a.jpg", "b.jpg"])
    with ThreadPoolExecutor(1) as pool:
        with connection.transaction(), connection.cursor() as cursor:
            record(cursor, [(first, ALGERIA)])
            other = pool.submit(write, database_url, [(second, ROME), (second, ALGERIA)])
            deadline = time.monotonic() + 10
            while cursor.execute(WAITING).fetchone() == (0,):
                assert time.monotonic() < deadline, "the other does not wait"
                time.sleep(0.02)
            record(cursor, [(first, ROME)])
        other.result(10)
    names = connection.execute("SELECT name FROM places ORDER BY name").fetchall()
    assert names == [("Algeria",), ("Rome",)]
