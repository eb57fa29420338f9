"""All tags of photos that were stored by a few of them, read when nothing else is to be done."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from asset_rows import insert_assets
from ingest_runs import settle
from librarian.backlog import sidecar_tags, store_descriptions
from librarian.loop import LibrarianLoop
from librarian.metadata import MetadataReader, Reader, describe
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


def test_an_original_that_was_altered_meanwhile_keeps_its_tags_and_its_day(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    save_photo(settings.inbox / "a.jpg")
    settle(librarian, connection)
    stored = settings.library / "2024/2024-05-17/a.jpg"
    stored.write_bytes(b"rotten")
    connection.execute("UPDATE media_assets SET is_described = false")
    deadline = time.monotonic() + 30
    while undescribed(connection, 1):
        assert time.monotonic() < deadline
        librarian.turn(connection)
    librarian.turn(connection)
    metadata, path = asset(connection, "metadata, path")
    assert metadata["ExifIFD:DateTimeOriginal"] == "2024:05:17 23:30:00"
    assert path == "2024/2024-05-17/a.jpg"
    assert stored.read_bytes() == b"rotten"


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


XMP = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{rdf}">{words}</rdf:RDF></x:xmpmeta>'
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
FOUR_STARS = (
    '<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4"></rdf:Description>'
)
BOMB = "".join(f'<!ENTITY a{one} "{f"&a{one - 1};" * 10}">' for one in range(1, 10))


@pytest.mark.parametrize(
    ("content", "stars"),
    [
        (XMP.format(rdf=RDF, words=FOUR_STARS).encode(), 4),
        (f'<?xml version="1.0"?>{XMP.format(rdf=RDF, words=FOUR_STARS)}'.encode("utf-16"), 4),
        (XMP.format(rdf=RDF, words="").encode(), None),
    ],
)
def test_a_sidecar_that_can_be_read_has_no_fault(
    tmp_path: Path, content: bytes, stars: int | None
) -> None:
    (tmp_path / "a.xmp").write_bytes(content)
    with MetadataReader() as reader:
        tags = sidecar_tags(reader.read([tmp_path / "a.xmp"])[0])
    assert tags is not None
    assert tags.get("XMP-xmp:Rating") == stars


@pytest.mark.parametrize(
    "content",
    [
        f"<!DOCTYPE x [{BOMB}]>{XMP.format(rdf=RDF, words='&a9;')}".encode(),
        XMP.format(rdf=RDF, words=FOUR_STARS).encode("utf-16"),
        XMP.format(rdf=RDF, words=FOUR_STARS).encode("utf-16-be"),
    ],
    ids=["bomb", "utf-16 unsaid", "utf-16 unmarked"],
)
def test_a_sidecar_of_which_nothing_can_be_read_is_one_with_a_fault(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "a.xmp").write_bytes(content)
    with MetadataReader() as reader:
        assert sidecar_tags(reader.read([tmp_path / "a.xmp"])[0]) is None
