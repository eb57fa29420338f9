"""Assets of which it is known how their dates were decided, for tests of what shows that."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from photo_factory.database import Connection
from picture_rows import insert_pictured
from psycopg import sql
from psycopg.types.json import Jsonb

CANDIDATES = (
    {"source": "ExifIFD:DateTimeOriginal", "text": "2019:07:14 15:30:05", "reason": ""},
    {
        "source": "ExifIFD:CreateDate",
        "text": "2002:12:08 12:00:00",
        "reason": "differs by 17 years from ExifIFD:DateTimeOriginal",
    },
    {
        "source": "Takeout:PhotoTakenTime",
        "text": "2019-07-14 13:30:05 UTC",
        "reason": "the same moment",
    },
    {"source": "GPS:GPSDateStamp", "text": "1980:01:06", "reason": "before GPS existed"},
    {"source": "file name", "text": "IMG_20190714_153005.jpg", "reason": "lower in order"},
    {"source": "file time", "text": "2024-02-01 09:12:44+00:00", "reason": "lower in order"},
)
PLACE = """
INSERT INTO places (source, source_id, name, region, country, country_code, latitude, longitude,
    data_version) VALUES ('test', '1', 'Lisbon', 'Lisboa', 'Portugal', 'PT', 38.7, -9.1, '1')
RETURNING id
"""
SIDECAR = """
INSERT INTO sidecars (asset_id, kind, path, sha256, original_name, source, size_bytes, tags, fault)
VALUES (%s, %s, %s, sha256(%s::text::bytea), 'came.xmp', 'inbox', 812, %s, %s)
"""
ALBUM = """
WITH album AS (INSERT INTO albums (source, title) VALUES (%s, %s) RETURNING id)
INSERT INTO album_assets (album_id, asset_id) SELECT id, %s FROM album
"""
CORRECTION = """
INSERT INTO corrections (asset_id, captured_local, utc_offset_minutes, author, made_at, undone_at,
    is_applied) VALUES (%s, %s, %s, %s, %s, %s, %s)
"""


def describe(connection: Connection, asset_id: int, **columns: object) -> None:
    """Set columns of an asset; what is a dict, or a tuple of dicts, becomes JSON."""
    names = sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in columns)
    values = [_stored(value) for value in columns.values()]
    statement = sql.SQL("UPDATE media_assets SET {} WHERE id = %s").format(names)
    connection.execute(statement, [*values, asset_id])


def _stored(value: object) -> object:
    if isinstance(value, Mapping):
        return Jsonb(value)
    if isinstance(value, tuple):
        return Jsonb(list(value))
    return value


def doubt(
    connection: Connection, asset_ids: list[int], confidence: str, source: str = "file time"
) -> None:
    """Let these assets have been dated on weak grounds."""
    for asset_id in asset_ids:
        describe(
            connection,
            asset_id,
            captured_confidence=confidence,
            captured_source=source,
            capture_rules=1,
        )


def insert_well_known(connection: Connection, derivatives: Path, name: str) -> int:
    """An asset of which everything is known that can be known, with a RAW and a place."""
    asset_id, raw = insert_pictured(connection, derivatives, [name, "IMG_20190714_153005.CR3"])
    group = "5a5a5a5a-0000-4000-8000-000000000001"
    place = connection.execute(PLACE).fetchone()
    assert place is not None
    describe(connection, raw, group_id=group, role="raw")
    describe(
        connection,
        asset_id,
        path=f"2019/2019-07-14/{name}",
        group_id=group,
        place_id=place[0],
        is_geocoded=True,
        is_described=True,
        captured_local=datetime(2019, 7, 14, 15, 30, 5),  # noqa: DTZ001 - wall-clock time by design
        captured_at=datetime(2019, 7, 14, 13, 30, 5, tzinfo=UTC),
        utc_offset_minutes=120,
        offset_source="place",
        captured_source="ExifIFD:DateTimeOriginal",
        captured_confidence="high",
        captured_candidates=CANDIDATES,
        capture_rules=1,
        location={"latitude": 38.7223, "longitude": -9.1393, "altitude": 12.4, "source": "gps"},
        width=4032,
        height=3024,
        camera_make="Canon",
        camera_model="Canon EOS R5",
        lens="RF24-70mm F2.8 L IS USM",
        exposure_seconds=0.004,
        f_number=1.8,
        iso=100,
        focal_length_mm=26.0,
        dynamic_range="gain map",
        color_profile="Display P3",
        rating=4,
        title="Alfama at noon",
        caption="Trams & <b>tiles</b>, and the river behind.",
        keywords=["travel", "tiles"],
        people=({"name": "Anna", "kind": "Face"}, {"name": "Rex", "kind": "Pet"}),
        is_favorite=True,
        special_types=["portrait"],
    )
    return asset_id


def attach_everything(connection: Connection, asset_id: int) -> None:
    """Sidecars, albums and corrections of every kind."""
    sidecars = (
        ("xmp", '{"XMP-dc:Title": "Alfama"}', None),
        ("aae", None, None),
        ("takeout", None, "it is no JSON"),
    )
    for kind, tags, fault in sidecars:
        path = f"2019/2019-07-14/{asset_id}.jpg.{kind}"
        connection.execute(SIDECAR, (asset_id, kind, path, path, tags, fault))
    for title in ("Lisbon 2019", "Best <of>"):
        connection.execute(ALBUM, (f"takeout:{title}", title, asset_id))
    made = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
    noon = datetime(2019, 7, 13, 12, 0)  # noqa: DTZ001 - wall-clock time by design
    for offset, undone in ((60, made), (None, None), (120, None)):
        connection.execute(CORRECTION, (asset_id, noon, offset, "maria", made, undone, False))


def correct(connection: Connection, asset_id: int, author: str) -> None:
    """Let a person have given the date, and the librarian have acted upon it."""
    local = datetime(2019, 7, 13, 12, 0)  # noqa: DTZ001 - wall-clock time by design
    values = (asset_id, local, 120, author, datetime.now(UTC), None, True)
    connection.execute(CORRECTION, values)
    describe(
        connection,
        asset_id,
        captured_local=local,
        captured_source="correction",
        captured_confidence="high",
        utc_offset_minutes=120,
        offset_source="correction",
        capture_rules=1,
    )
