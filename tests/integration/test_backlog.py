"""All tags of photos that were stored by a few of them, read when nothing else is to be done."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from asset_rows import insert_assets
from ingest_runs import settle
from librarian.backlog import store_descriptions
from librarian.loop import LibrarianLoop
from librarian.metadata import Reader, describe
from librarian.queries import undescribed
from librarian.redating import redecide
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection
from photo_files import rows, save_photo
from psycopg.types.json import Jsonb

pytestmark = pytest.mark.integration

TAGS = {
    "File:MIMEType": "image/jpeg",
    "File:ImageWidth": 640,
    "File:ImageHeight": 480,
    "IFD0:Make": "Canon",
    "IFD0:Model": "Canon EOS",
    "Apple:BurstUUID": "burst",
    "Composite:GPSLatitude": -33.4489,
    "Composite:GPSLongitude": -70.6693,
}


def insert_undescribed(connection: Connection, name: str) -> int:
    (asset_id,) = insert_assets(connection, [name])
    connection.execute(
        "UPDATE media_assets SET is_described = false, metadata = %s WHERE id = %s",
        (Jsonb({"quick": "tags"}), asset_id),
    )
    connection.execute("DELETE FROM stage_work")
    return asset_id


def asset(connection: Connection, columns: str) -> tuple[Any, ...]:
    (row,) = rows(connection, columns)
    return row


def store(
    connection: Connection, asset_id: int, tags: Mapping[str, Any], source: Reader = "exiftool"
) -> list[int]:
    (path,) = connection.execute(
        "SELECT path FROM media_assets WHERE id = %s", (asset_id,)
    ).fetchone() or ("",)
    return store_descriptions(connection, [(asset_id, path, describe(dict(tags), source))])


def test_one_that_was_moved_meanwhile_is_read_again(connection: Connection) -> None:
    asset_id = insert_undescribed(connection, "a.jpg")
    read = [(asset_id, "2024/2024-05-16/a.jpg", describe({}, "none"))]
    assert store_descriptions(connection, read) == []
    assert undescribed(connection, 10) == [(asset_id, "2024/2024-05-17/a.jpg")]


def test_what_has_been_read_is_kept(connection: Connection) -> None:
    asset_id = insert_undescribed(connection, "a.jpg")
    assert undescribed(connection, 10) == [(asset_id, "2024/2024-05-17/a.jpg")]
    assert store(connection, asset_id, TAGS) == [asset_id]
    assert asset(connection, "metadata, width, height, camera_make, burst_identifier") == (
        TAGS,
        640,
        480,
        "Canon",
        "burst",
    )
    assert undescribed(connection, 10) == []


def test_a_place_that_was_found_late_is_looked_up(connection: Connection) -> None:
    asset_id = insert_undescribed(connection, "a.jpg")
    store(connection, asset_id, TAGS)
    redecide(connection, [asset_id], datetime.now(UTC), None)
    (location,) = asset(connection, "location")
    assert (location["latitude"], location["longitude"]) == (-33.4489, -70.6693)
    assert ("geocoder",) in connection.execute("SELECT stage FROM stage_work").fetchall()


def test_what_a_person_has_corrected_stays(connection: Connection) -> None:
    asset_id = insert_undescribed(connection, "a.jpg")
    mended = {"latitude": 1.0, "longitude": 2.0, "altitude": None, "source": "user"}
    connection.execute("UPDATE media_assets SET location = %s", (Jsonb(mended),))
    store(connection, asset_id, TAGS)
    redecide(connection, [asset_id], datetime.now(UTC), None)
    assert asset(connection, "location") == (mended,)


def test_a_file_that_cannot_be_read_is_not_asked_again_and_loses_nothing(
    connection: Connection,
) -> None:
    asset_id = insert_undescribed(connection, "a.jpg")
    assert store(connection, asset_id, {}, "none") == [asset_id]
    assert asset(connection, "metadata, is_described") == ({"quick": "tags"}, True)


def test_an_answer_that_comes_twice_is_kept_once(connection: Connection) -> None:
    """Two librarians had nothing else to do."""
    asset_id = insert_undescribed(connection, "a.jpg")
    assert store(connection, asset_id, TAGS) == [asset_id]
    assert store(connection, asset_id, {**TAGS, "IFD0:Make": "Nikon"}) == []
    assert asset(connection, "camera_make") == ("Canon",)


def test_a_photo_that_was_stored_quickly_is_described_in_the_end(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    save_photo(settings.inbox / "a.jpg")
    settle(librarian, connection)
    deadline = time.monotonic() + 30
    while undescribed(connection, 1):
        assert time.monotonic() < deadline
        librarian.turn(connection)
    (metadata,) = asset(connection, "metadata")
    assert metadata["File:FileType"] == "JPEG"
    assert metadata["ExifIFD:DateTimeOriginal"] == "2024:05:17 23:30:00"
