"""What is read of one asset, and of doubtful dates."""

from pathlib import Path

import pytest
from asset_rows import insert_assets
from dashboard.asset_queries import read_asset_page
from dashboard.queries import UNSURE, read_attention, read_unsure
from dated_rows import CANDIDATES, attach_everything, doubt, insert_well_known
from photo_factory.database import Connection

pytestmark = pytest.mark.integration
MANY = """
INSERT INTO media_assets (sha256, path, original_name, source, media_type, mime_type, size_bytes,
    captured_local, captured_source, captured_confidence, capture_rules)
SELECT sha256(n::text::bytea), n || '.jpg', n || '.jpg', 'test', 'photo', 'image/jpeg', 1, now(),
    'test', CASE WHEN n < 6000 THEN 'low' ELSE 'high' END, 1
FROM generate_series(1, 20000) AS n
"""


def test_everything_that_is_known_of_an_asset_is_read(
    connection: Connection, tmp_path: Path
) -> None:
    asset_id = insert_well_known(connection, tmp_path, "a.jpg")
    attach_everything(connection, asset_id)
    page = read_asset_page(connection, asset_id)
    assert page is not None
    asset = page.asset
    assert (asset.id, asset.place, asset.country) == (asset_id, "Lisbon", "Portugal")
    assert [one["source"] for one in asset.captured_candidates] == [
        one["source"] for one in CANDIDATES
    ]
    assert (asset.picture_width, asset.keywords) == (960, ["travel", "tiles"])
    assert [(member.name, member.role) for member in page.members] == [
        ("a.jpg", "primary"),
        ("IMG_20190714_153005.CR3", "raw"),
    ]
    assert [(one.kind, one.is_read) for one in page.sidecars] == [
        ("takeout", False),
        ("aae", False),
        ("xmp", True),
    ]
    assert page.albums == ("Best <of>", "Lisbon 2019")
    assert [one.utc_offset_minutes for one in page.corrections] == [120, None, 60]


def test_an_asset_of_which_little_is_known_is_read_as_well(connection: Connection) -> None:
    (asset_id,) = insert_assets(connection, ["a.jpg"])
    page = read_asset_page(connection, asset_id)
    assert page is not None
    assert (page.asset.thumb_made, page.asset.work) == (None, "ready")
    assert (page.members, page.sidecars, page.albums, page.corrections) == ((), (), (), ())


def test_where_something_in_a_privacy_zone_was_taken_is_not_read(connection: Connection) -> None:
    (asset_id,) = insert_assets(connection, ["a.jpg"])
    connection.execute(
        """UPDATE media_assets SET location = '{"latitude": 45.5, "longitude": 9.2}'"""
    )
    seen = read_asset_page(connection, asset_id)
    connection.execute(
        "INSERT INTO privacy_zones (name, latitude, longitude, radius_m, author) "
        "VALUES ('Home', 45.5, 9.2, 500, 'test')"
    )
    hidden = read_asset_page(connection, asset_id)
    assert seen is not None
    assert hidden is not None
    assert seen.asset.location == {"latitude": 45.5, "longitude": 9.2}
    assert hidden.asset.location is None


def test_there_is_no_page_of_what_is_not_there(connection: Connection) -> None:
    assert read_asset_page(connection, 4_711) is None


def test_doubtful_dates_come_by_what_they_rest_on_and_the_weakest_first(
    connection: Connection,
) -> None:
    ids = insert_assets(connection, [f"{number}.jpg" for number in range(8)])
    doubt(connection, ids[:1], "high", "ExifIFD:DateTimeOriginal")
    doubt(connection, ids[1:4], "low", "IFD0:ModifyDate")
    doubt(connection, ids[4:5], "low", "file name")
    doubt(connection, ids[5:7], "none")
    groups = read_unsure(connection, examples=2)
    assert [(group.confidence, group.source, group.number) for group in groups] == [
        ("none", "file time", 2),
        ("low", "IFD0:ModifyDate", 3),
        ("low", "file name", 1),
        ("unjudged", "", 1),
    ]
    assert [asset.id for asset in groups[1].examples] == [ids[3], ids[2]]
    assert not any(group.is_more for group in groups)
    assert read_attention(connection).unsure[0].number == 2


def test_doubtful_dates_are_counted_to_a_limit_only(connection: Connection) -> None:
    ids = insert_assets(connection, [f"{number}.jpg" for number in range(6)])
    doubt(connection, ids[:4], "low", "file name")
    doubt(connection, ids[4:], "none")
    none, low = read_unsure(connection, limit=3)
    assert (low.number, low.is_more) == (3, True)
    assert (none.number, none.is_more) == (2, False)
    assert [group.is_more for group in read_unsure(connection, limit=4)] == [False, False]


def test_doubtful_dates_are_found_by_their_index(connection: Connection) -> None:
    """What the page costs must not grow with the library."""
    connection.execute(MANY)
    connection.execute("ANALYZE media_assets")
    rows = connection.execute(f"EXPLAIN {UNSURE}", {"limit": 1000, "examples": 6}).fetchall()
    plan = "\n".join(line for (line,) in rows)
    assert plan.count("using ix_media_assets_unsure on media_assets") == 2, plan
    assert plan.count("on media_assets") == 2, plan
