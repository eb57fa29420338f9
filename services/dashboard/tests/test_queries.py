"""What the dashboard reads from PostgreSQL."""

from pathlib import Path

import pytest
from asset_rows import insert_assets
from dashboard.queries import LATEST, read_attention, read_derivative, read_latest, read_snapshot
from inbox_rows import alone, insert_row
from photo_factory.alerts import raise_alert, resolve_alert
from photo_factory.database import Connection
from picture_rows import fail_inbox_file, fail_thumbnail, insert_pictured

pytestmark = pytest.mark.integration


def test_the_latest_assets_come_newest_first_and_page_by_page(connection: Connection) -> None:
    ids = insert_assets(connection, [f"{number}.jpg" for number in range(5)])
    first = read_latest(connection, limit=3)
    last = first[-1]
    second = read_latest(connection, limit=3, before=(last.ingested_at, last.id))
    assert [asset.id for asset in (*first, *second)] == ids[::-1]


def test_an_asset_says_how_far_its_thumbnail_is(connection: Connection, tmp_path: Path) -> None:
    (made,) = insert_pictured(connection, tmp_path, ["made.jpg"])
    _waiting, failed = insert_assets(connection, ["waiting.jpg", "failed.jpg"])
    fail_thumbnail(connection, failed, "file_truncated", "The file is cut off.")
    by_name = {asset.name: asset for asset in read_latest(connection)}
    assert by_name["made.jpg"].thumb_made is not None
    assert by_name["waiting.jpg"].work == "ready"
    assert (by_name["failed.jpg"].work, by_name["failed.jpg"].reason) == (
        "dead",
        "The file is cut off.",
    )
    assert read_derivative(connection, made, "thumb") is not None
    assert read_derivative(connection, failed, "thumb") is None


def test_today_begins_at_midnight_where_the_person_is(connection: Connection) -> None:
    """The same asset is of today in one zone and of yesterday in the next."""
    insert_assets(connection, ["a.jpg"])
    connection.execute(
        "UPDATE media_assets SET ingested_at = "
        "date_trunc('day', now() AT TIME ZONE 'Etc/GMT+12') AT TIME ZONE 'Etc/GMT+12' "
        "- interval '1 second'"
    )
    assert read_snapshot(connection, "Etc/GMT+12").arrived_today == 0
    connection.execute("UPDATE media_assets SET ingested_at = now()")
    assert read_snapshot(connection, "Etc/GMT+12").arrived_today == 1


def test_problems_are_grouped_by_cause(connection: Connection) -> None:
    for number in range(6):
        fail_inbox_file(connection, f"{number}.jpg", "file_empty", "The file is empty.")
    fail_inbox_file(connection, "note.jpg", "not_a_photo", "This is no photo.")
    attention = read_attention(connection)
    assert [(group.code, group.count, len(shown)) for group, shown in attention.causes] == [
        ("file_empty", 6, 4),
        ("not_a_photo", 1, 1),
    ]


def test_open_alerts_are_among_what_needs_a_person(connection: Connection) -> None:
    raise_alert(connection, "a", "librarian", "warning", "watch_limit", "Too many folders.")
    assert [alert.code for alert in read_attention(connection).alerts] == ["watch_limit"]
    resolve_alert(connection, "a")
    assert read_attention(connection).alerts == ()


def test_what_came_less_than_a_minute_ago_is_not_shown_as_waiting(connection: Connection) -> None:
    insert_row(connection, alone("new.xmp", age=50))
    assert read_attention(connection).waiting == ()
    insert_row(connection, alone("old.xmp", age=70))
    (group,) = read_attention(connection).waiting
    assert [file.path for file in group.files] == ["old.xmp"]


def test_the_latest_assets_are_found_by_index(connection: Connection) -> None:
    """The strip must not cost more because the library has grown."""
    insert_assets(connection, [f"{number}.jpg" for number in range(300)])
    connection.execute("ANALYZE media_assets")
    parameters = {"before_at": None, "before_id": None, "limit": 24}
    plan = connection.execute(f"EXPLAIN {LATEST}", parameters).fetchall()
    assert "ix_media_assets_ingested" in str(plan)
    assert "Seq Scan on media_assets" not in str(plan)
