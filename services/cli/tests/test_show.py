"""What `photo-factory show` says of an asset, and `problems --dates` of unsure ones."""

import json
from pathlib import Path
from uuid import uuid4

import pytest
from cli.commands.correct import correct
from cli.commands.problems import problems
from cli.commands.show import show
from dated_assets import Run, insert_dated, runner
from photo_factory.database import Connection

pytestmark = pytest.mark.integration

LOST = ("file time", "2024-11-02 08:00:00", "copied later")
WON = ("ExifIFD:DateTimeOriginal", "2019:05:04 12:30:45", "")
DETAILS = """
UPDATE media_assets SET location = '{"latitude": 43.7696, "longitude": 11.2558, "altitude": 50.4,
        "source": "takeout"}', camera_make = 'Canon', camera_model = 'Canon EOS R6',
    lens = 'RF 35mm F1.8', exposure_seconds = 0.008, f_number = 1.8, iso = 400,
    focal_length_mm = 35, width = 6000, height = 4000, dynamic_range = 'gain map', rating = 4,
    title = 'Dinner', caption = E'Two\\nlines', keywords = '{food,Anna}',
    people = '[{"name": "Anna", "kind": "face"}, {"name": null, "kind": "face"}]',
    is_favorite = true, special_types = '{slow_motion}', capture_rules = 3
WHERE id = %s
"""


@pytest.fixture
def run(tmp_path: Path, database_url: str) -> Run:
    return runner(tmp_path, database_url, show, problems, correct)


def insert_full(connection: Connection) -> int:
    """An asset of which everything is known."""
    group = str(uuid4())
    asset = insert_dated(
        connection,
        "2019/2019-05-04/IMG_1.jpg",
        "2019-05-04 12:30:45",
        offset_minutes=120,
        offset_source="place",
        source="ExifIFD:DateTimeOriginal",
        confidence="high",
        candidates=[WON, LOST],
        group_id=group,
    )
    insert_dated(
        connection,
        "2019/2019-05-04/IMG_1.CR2",
        "2019-05-04 12:30:45",
        group_id=group,
        role="raw",
    )
    connection.execute(DETAILS, [asset])
    connection.execute(
        "INSERT INTO sidecars (asset_id, kind, path, sha256, original_name, source, size_bytes, "
        "tags, fault) VALUES (%s, 'xmp', '2019/2019-05-04/IMG_1.xmp', sha256('a'), 'IMG_1.xmp', "
        "'inbox/test', 1, '{}', NULL), (%s, 'takeout', '2019/2019-05-04/IMG_1.jpg.json', "
        "sha256('b'), 'IMG_1.jpg.json', 'inbox/test', 1, NULL, 'It is no JSON.')",
        (asset, asset),
    )
    connection.execute(
        "WITH album AS (INSERT INTO albums (source, title) VALUES ('takeout:Rome', 'Rome 🎂') "
        "RETURNING id) INSERT INTO album_assets (album_id, asset_id) SELECT id, %s FROM album",
        [asset],
    )
    connection.execute(
        "INSERT INTO places (source, source_id, name, region, country, country_code, data_version) "
        "VALUES ('geonames', '1', 'Florence', 'Tuscany', 'Italy', 'IT', '1')"
    )
    connection.execute("UPDATE media_assets SET place_id = (SELECT id FROM places)")
    return asset


def test_everything_that_is_known_is_shown_for_people(run: Run, connection: Connection) -> None:
    asset = insert_full(connection)
    result = run("show", "2019/2019-05-04/IMG_1.jpg")
    assert result.exit_code == 0, result.output
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert lines[0] == f"asset {asset}: 2019/2019-05-04/IMG_1.jpg"
    for line in (
        "taken 2019-05-04 12:30:45 +02:00",
        "by ExifIFD:DateTimeOriginal (confidence high), offset by the place, decided by rules 3",
        "place Florence, Tuscany, Italy; 43.769600, 11.255800, 50 m (by takeout)",
        "camera Canon EOS R6, RF 35mm F1.8",
        "exposure 1/125 s, f/1.8, ISO 400, 35 mm",
        "picture 6000 x 4000, gain map",
        "title Dinner",
        "caption Two\\nlines",
        "keywords food, Anna",
        "people Anna, somebody",
        "marks 4 of 5 stars, favourite",
        "special slow motion",
        "albums Rome 🎂",
        "candidates ExifIFD:DateTimeOriginal: 2019:05:04 12:30:45 (this one decided)",
        "file time: 2024-11-02 08:00:00 (copied later)",
        "sidecars xmp: 2019/2019-05-04/IMG_1.xmp",
        "takeout: 2019/2019-05-04/IMG_1.jpg.json (not understood: It is no JSON.)",
        f"group {asset + 1}: 2019/2019-05-04/IMG_1.CR2 (the RAW of it)",
    ):
        assert line in lines


def test_an_asset_of_which_nothing_is_known_is_a_few_lines(
    run: Run, connection: Connection
) -> None:
    asset = insert_dated(connection, "2018/2018-01-01/a.jpg", "2018-01-01 10:00:00")
    lines = run("show", asset).stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["asset", "taken", "by", "file", "came"]
    assert lines[1].endswith("2018-01-01 10:00:00, zone unknown")


def test_corrections_are_shown_with_who_made_them_and_whether_they_count(
    run: Run, connection: Connection
) -> None:
    asset = insert_dated(connection, "2018/2018-01-01/a.jpg", "2018-01-01 10:00:00")
    run("correct", asset, "--date", "2019-05-04 12:30")
    run("correct", asset, "--date", "2020-05-04 12:30")
    run("correct", asset, "--undo")
    connection.execute("UPDATE corrections SET is_applied = (undone_at IS NULL)")
    connection.execute("UPDATE media_assets SET is_astray = true")
    output = run("show", asset).stdout
    assert "2019-05-04 12:30:00, zone unknown, by anna on 20" in output
    assert "2020-05-04 12:30:00, zone unknown, by anna on 20" in output
    assert ", undone on 20" in output
    assert output.count("not acted upon yet") == 1
    assert "lies under another day still; the librarian moves it" in output


def test_json_has_the_columns_and_all_that_belongs_to_them(
    run: Run, connection: Connection
) -> None:
    asset = insert_full(connection)
    run("correct", asset, "--alone", "--offset", "+01:00")
    (document,) = json.loads(run("show", asset, "--json").stdout)["assets"]
    assert document["captured_local"] == "2019-05-04T12:30:45"
    assert document["utc_offset_minutes"] == 120
    assert document["offset_source"] == "place"
    assert [one["source"] for one in document["captured_candidates"]] == [WON[0], LOST[0]]
    assert document["place"] == {"name": "Florence", "region": "Tuscany", "country": "Italy"}
    assert document["exposure_seconds"] == 0.008
    assert document["people"][0]["name"] == "Anna"
    assert [one["kind"] for one in document["sidecars"]] == ["xmp", "takeout"]
    assert document["group"] == [
        {"id": asset + 1, "path": "2019/2019-05-04/IMG_1.CR2", "role": "raw"}
    ]
    assert [one["title"] for one in document["albums"]] == ["Rome 🎂"]
    assert [one["author"] for one in document["corrections"]] == ["anna"]


def test_several_assets_are_shown_in_the_order_of_their_numbers(
    run: Run, connection: Connection
) -> None:
    ids = [insert_dated(connection, f"{name}.jpg", "2018-01-01 10:00:00") for name in "ab"]
    document = json.loads(run("show", *reversed(ids), ids[0], "--json").stdout)
    assert [asset["id"] for asset in document["assets"]] == ids


def test_showing_what_is_no_asset_is_wrong_usage(run: Run) -> None:
    result = run("show", "7")
    assert (result.exit_code, result.stderr) == (2, "There is no asset 7.\n")


def test_unsure_dates_are_reviewed_by_what_they_are_known_by(
    run: Run, connection: Connection
) -> None:
    insert_full(connection)
    connection.execute("UPDATE media_assets SET captured_confidence = 'high'")
    for number in range(3):
        insert_dated(
            connection,
            f"2024/2024-11-02/{number}.jpg",
            "2024-11-02 08:00:00",
            candidates=[("file time", "2024-11-02 08:00:00", "")],
        )
    named = insert_dated(
        connection,
        "2020/2020-01-01/two\nlines.jpg",
        "2020-01-01 10:00:00",
        source="file name",
        confidence="low",
        candidates=[("file name", "20200101", ""), LOST],
    )
    result = run("problems", "--dates", "--examples", "2")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == "4 unsure dates, known in 2 ways"
    assert lines[2] == "by file time (confidence none), 3 assets"
    assert "  … and 1 more" in lines
    assert "by file name (confidence low), 1 asset" in lines
    assert f"  {named:>6}  2020-01-01 10:00:00, zone unknown  2020/2020-01-01/two\\nlines.jpg" in (
        lines
    )
    assert "          file time: 2024-11-02 08:00:00 (copied later)" in lines
    assert "photo-factory correct NUMBER --date" in result.stdout
    document = json.loads(run("problems", "--dates", "--json").stdout)
    assert document["total"] == 4
    assert [(one["source"], one["count"]) for one in document["groups"]] == [
        ("file time", 3),
        ("file name", 1),
    ]
    assert document["groups"][1]["examples"][0]["candidates"][1]["reason"] == "copied later"


def test_without_unsure_dates_there_is_nothing_to_review(run: Run) -> None:
    result = run("problems", "--dates")
    assert (result.exit_code, result.stdout) == (0, "No unsure dates.\n")


def test_dates_belong_to_no_stage(run: Run) -> None:
    result = run("problems", "--dates", "--stage", "thumbnailer")
    assert (result.exit_code, "Dates belong to no stage." in result.stderr) == (2, True)
