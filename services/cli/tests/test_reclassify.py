"""What `photo-factory reclassify` would change, changes, and says."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cli.commands.correct import correct
from cli.commands.reclassify import reclassify
from cli.dates.reclassifying_view import kind_of, reason_of
from dated_assets import Run, insert_dated, runner
from librarian.capture.decision import RULES_VERSION, Candidate
from librarian.redating import Change, Dated
from photo_factory.database import Connection

pytestmark = pytest.mark.integration

SHOT = {"File:MIMEType": "image/jpeg", "ExifIFD:DateTimeOriginal": "2019:05:04 12:30:45"}
FILM = {"File:MIMEType": "video/quicktime", "Keys:CreationDate": "2019:05:04 12:30:45+02:00"}
MODIFIED = "2024-11-02 08:00:00+00"
DATES = "SELECT id, captured_local, captured_source, capture_rules, is_astray FROM media_assets"


@pytest.fixture
def run(tmp_path: Path, database_url: str) -> Run:
    return runner(tmp_path, database_url, reclassify, correct)


def insert(connection: Connection, name: str, local: str, **others: Any) -> int:  # noqa: ANN401 - any column
    """An asset in the folder of its day; without more, only the file's time is known of it."""
    values: dict[str, Any] = {"modified": MODIFIED, **others}
    return insert_dated(connection, f"{local[:4]}/{local[:10]}/{name}", local, **values)


def insert_misdated(connection: Connection, name: str = "a.jpg", **others: Any) -> int:  # noqa: ANN401 - any column
    """An asset that the file's time has dated though the camera tells better."""
    return insert(connection, name, "2024-11-02 08:00:00", **{"metadata": SHOT, **others})


def rows(connection: Connection) -> list[tuple[Any, ...]]:
    return connection.execute(f"{DATES} ORDER BY id").fetchall()


def test_a_difference_is_shown_with_its_reason_and_nothing_is_changed(
    run: Run, connection: Connection
) -> None:
    asset = insert_misdated(connection)
    before = rows(connection)
    result = run("reclassify", "--all")
    assert result.exit_code == 1, result.output
    assert [line.strip() for line in result.stdout.splitlines()] == [
        f"{asset}  2024/2024-11-02/a.jpg",
        (
            "2024-11-02 08:00:00, zone unknown (file time, none) -> "
            "2019-05-04 12:30:45, zone unknown (ExifIFD:DateTimeOriginal, high)"
        ),
        "file time: lower in order",
        f"1 asset looked at by rules {RULES_VERSION}; 1 would get another date:",
        "1  another day: the file belongs into another folder",
        "Nothing was changed. Do it with the same command and --apply.",
    ]
    assert rows(connection) == before


def test_applied_it_changes_the_rows_and_leaves_the_files_to_the_librarian(
    run: Run, connection: Connection
) -> None:
    asset = insert_misdated(connection)
    result = run("reclassify", "--all", "--apply")
    assert result.exit_code == 0, result.output
    assert "1 got another date:" in result.stdout
    assert "The librarian moves 1 file to another folder. No librarian is running" in result.stdout
    noon = datetime(2019, 5, 4, 12, 30, 45)  # noqa: DTZ001 - local wall-clock time by design
    assert rows(connection) == [(asset, noon, "ExifIFD:DateTimeOriginal", RULES_VERSION, True)]
    again = run("reclassify", "--all")
    assert (again.exit_code, "all dates stand." in again.stdout) == (0, True)


def test_a_time_that_a_person_gave_stands(run: Run, connection: Connection) -> None:
    asset = insert_misdated(connection)
    run("correct", asset, "--date", "2001-01-01 10:00")
    run("reclassify", "--all", "--apply")
    assert [str(row[1]) for row in rows(connection)] == ["2001-01-01 10:00:00"]


def test_only_what_is_meant_is_decided_again(run: Run, connection: Connection) -> None:
    named, filtered, other = (insert_misdated(connection, f"{name}.jpg") for name in "abc")
    document = json.loads(run("reclassify", named, "--json").stdout)
    assert [change["id"] for change in document["changes"]] == [named]
    run("reclassify", "--path", "b.jpg", "--apply")
    changed = [row[0] for row in rows(connection) if row[4]]
    assert changed == [filtered]
    assert other not in changed


def test_what_older_rules_have_decided_is_brought_up_to_date(
    run: Run, connection: Connection
) -> None:
    old = insert_misdated(connection, "old.jpg")
    new = insert_misdated(connection, "new.jpg")
    update = "UPDATE media_assets SET capture_rules = %s WHERE id = %s"
    connection.execute(update, (RULES_VERSION, new))
    document = json.loads(run("reclassify", "--outdated", "--json").stdout)
    assert [change["id"] for change in document["changes"]] == [old]
    assert run("reclassify", "--outdated", "--apply").exit_code == 0
    again = json.loads(run("reclassify", "--outdated", "--json").stdout)
    assert (again["assets"], again["changes"]) == (0, [])


def test_json_has_every_change_with_its_candidates(run: Run, connection: Connection) -> None:
    asset = insert_misdated(connection)
    insert(connection, "kept.jpg", "2024-11-02 08:00:00", source="file time")
    document = json.loads(run("reclassify", "--all", "--json").stdout)
    assert set(document) == {"is_applied", "rules", "changes", "assets", "kinds", "is_complete"}
    assert document["assets"] == 2
    assert document["is_complete"] is True
    assert document["kinds"]["day"] == 1
    change = next(one for one in document["changes"] if one["id"] == asset)
    assert change["kind"] == "day"
    assert change["before"]["source"] == "file time"
    assert change["after"] == {
        "local": "2019-05-04T12:30:45",
        "offset_minutes": None,
        "source": "ExifIFD:DateTimeOriginal",
        "confidence": "high",
    }
    assert {one["source"] for one in change["candidates"]} >= {
        "file time",
        "ExifIFD:DateTimeOriginal",
    }


def test_a_library_of_many_pages_is_looked_at_once_and_in_order(
    run: Run, connection: Connection
) -> None:
    with connection.transaction():
        ids = [insert_misdated(connection, f"{number}.jpg") for number in range(1203)]
    document = json.loads(run("reclassify", "--all", "--json").stdout)
    assert [change["id"] for change in document["changes"]] == ids
    result = run("reclassify", "--all", "--examples", "3")
    assert result.stdout.count("file time: lower in order") == 3
    assert "1,203  another day: the file belongs into another folder (1,200 of them not" in (
        result.stdout
    )
    assert run("reclassify", "--all", "--apply").exit_code == 0
    assert sum(row[4] for row in rows(connection)) == 1203


def test_a_live_photo_on_two_pages_is_told_once(run: Run, connection: Connection) -> None:
    group = str(uuid4())
    with connection.transaction():
        still = insert_misdated(connection, "IMG_1.jpg", group_id=group)
        for number in range(600):
            insert(connection, f"{number}.jpg", "2024-11-02 08:00:00")
        film = insert_misdated(
            connection, "IMG_1.MOV", group_id=group, role="live_video", metadata=FILM
        )
    everything = json.loads(run("reclassify", "--all", "--json").stdout)
    days = [change["id"] for change in everything["changes"] if change["kind"] == "day"]
    assert sorted(days) == [still, film]
    alone = json.loads(run("reclassify", still, "--json").stdout)
    assert sorted(change["id"] for change in alone["changes"]) == [still, film]
    applied = json.loads(run("reclassify", "--all", "--apply", "--json").stdout)
    days = [change["id"] for change in applied["changes"] if change["kind"] == "day"]
    assert sorted(days) == [still, film]


@pytest.mark.parametrize("arguments", [(), ("--all", "--outdated"), ("--all", "7")])
def test_it_wants_to_know_what(run: Run, arguments: tuple[str, ...]) -> None:
    result = run("reclassify", *arguments)
    assert (result.exit_code, "Say which" in result.stderr) == (2, True)


def dated(
    local: str, source: str, offset_minutes: int | None = None, confidence: str = "high"
) -> Dated:
    return Dated(datetime.fromisoformat(local), offset_minutes, source, confidence)


@pytest.mark.parametrize(
    ("after", "kind"),
    [
        (dated("2019-05-05 12:30", "tag"), "day"),
        (dated("2019-05-04 12:31", "tag"), "time"),
        (dated("2019-05-04 12:30", "tag", 60), "zone"),
        (dated("2019-05-04 12:30", "name"), "source"),
        (dated("2019-05-04 12:30", "tag", confidence="low"), "confidence"),
    ],
)
def test_a_change_is_counted_by_the_weightiest_difference(after: Dated, kind: str) -> None:
    change = Change(1, "a.jpg", dated("2019-05-04 12:30", "tag"), after, ())
    assert kind_of(change) == kind


def test_the_reason_is_why_the_former_source_lost() -> None:
    lost = Candidate("tag", "0000:00:00", "no date")
    change = Change(1, "a.jpg", dated("2019-05-04", "tag"), dated("2019-05-05", "name"), (lost,))
    assert reason_of(change) == "tag: no date"
    gone = Change(1, "a.jpg", dated("2019-05-04", "gone"), dated("2019-05-05", "name"), (lost,))
    assert reason_of(gone) == "gone is no candidate any more"
    same = Change(1, "a.jpg", dated("2019-05-04", "tag"), dated("2019-05-05", "tag"), ())
    assert reason_of(same) == "tag is judged anew"
