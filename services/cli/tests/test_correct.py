"""What `photo-factory correct` records, refuses and says; no librarian acts upon it here."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cli.commands.correct import correct
from cli.dates.selection import glob_pattern
from dated_assets import Run, insert_dated, runner
from photo_factory.database import PENDING, Connection, connect
from photo_factory.pauses import pause
from picture_rows import beat

pytestmark = pytest.mark.integration

DATE = ("--date", "2019-05-04 12:30")
CORRECTIONS = """
SELECT asset_id, captured_local, utc_offset_minutes, author, undone_at IS NULL, is_applied
FROM corrections ORDER BY id
"""


@pytest.fixture
def run(tmp_path: Path, database_url: str) -> Run:
    return runner(tmp_path, database_url, correct)


@pytest.fixture
def add(connection: Connection) -> Callable[..., int]:
    def insert(path: str, local: str = "2018-01-01 10:00:00", **others: Any) -> int:  # noqa: ANN401 - any column
        return insert_dated(connection, path, local, **others)

    return insert


def rows(connection: Connection) -> list[tuple[Any, ...]]:
    return connection.execute(CORRECTIONS).fetchall()


def times(connection: Connection) -> dict[int, tuple[str, int | None]]:
    """The newest correction of each asset that is not undone."""
    return {row[0]: (str(row[1]), row[2]) for row in rows(connection) if row[4]}


def mark_applied(connection: Connection) -> None:
    """As the librarian does, but for moving the file."""
    connection.execute(
        "UPDATE media_assets a SET captured_local = c.captured_local, "
        "utc_offset_minutes = c.utc_offset_minutes, offset_source = 'correction' "
        "FROM corrections c WHERE c.asset_id = a.id AND c.undone_at IS NULL AND NOT is_applied"
    )
    connection.execute("UPDATE corrections SET is_applied = true")


def test_a_time_is_recorded_with_the_name_of_who_gave_it(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    asset = add("2018/2018-01-01/a.jpg")
    result = run("correct", asset, *DATE, "--offset", "+02:00")
    assert result.exit_code == 0, result.output
    noon = datetime(2019, 5, 4, 12, 30)  # noqa: DTZ001 - local wall-clock time by design
    assert rows(connection) == [(asset, noon, 120, "anna", True, False)]
    first, last = result.stdout.splitlines()
    assert first.strip() == (
        f"{asset}  2018/2018-01-01/a.jpg: 2018-01-01 10:00:00, zone unknown -> "
        "2019-05-04 12:30:00 +02:00"
    )
    assert last.startswith("Recorded: 1 asset, which the librarian sees to. No librarian is runn")


def test_an_asset_is_named_by_its_number_or_by_its_path_in_many_ways(
    run: Run, add: Callable[..., int], tmp_path: Path, connection: Connection
) -> None:
    assets = [add(f"2018/2018-01-01/{name}") for name in ("a.jpg", "b.jpg", "c d.jpg", "e.jpg")]
    absolute = tmp_path / "library/2018/2018-01-01/b.jpg"
    names = (
        assets[0],
        absolute,
        "2018/2018-01-01/../2018-01-01/c d.jpg",
        "./2018/2018-01-01/e.jpg",
    )
    assert run("correct", *map(str, names), *DATE).exit_code == 0
    assert sorted(times(connection)) == assets


@pytest.mark.parametrize(
    "name", ["999999", "9" * 30, "2018/b.jpg", "../a.jpg", "/etc/passwd", "\n"]
)
def test_what_is_no_asset_is_named_and_nothing_is_changed(
    run: Run, connection: Connection, add: Callable[..., int], name: str
) -> None:
    asset = add("2018/2018-01-01/a.jpg")
    result = run("correct", asset, *DATE, name)
    assert result.exit_code == 2
    assert "There is no asset" in result.stderr or "has no original at" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert rows(connection) == []


def test_a_shift_adds_to_the_time_of_each_and_keeps_an_offset_that_was_stated(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    stated = add("a.jpg", "2018-12-31 23:30:00", offset_minutes=60, offset_source="tag")
    placed = add("b.jpg", "2018-06-01 10:00:00", offset_minutes=120, offset_source="place")
    assert run("correct", stated, placed, "--shift", "+1:00:00").exit_code == 0
    assert times(connection) == {
        stated: ("2019-01-01 00:30:00", 60),
        placed: ("2018-06-01 11:00:00", None),
    }


def test_a_second_shift_adds_to_the_first_though_no_librarian_has_seen_that(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    asset = add("a.jpg", "2018-06-01 10:00:00")
    run("correct", asset, "--shift", "-2d")
    run("correct", asset, "--shift", "-0:30")
    assert str(rows(connection)[-1][1]) == "2018-05-30 09:30:00"


def test_an_offset_alone_leaves_the_time_as_it_is(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    asset = add("a.jpg", "2018-06-01 10:00:00")
    assert run("correct", asset, "--offset", "-03:30").exit_code == 0
    assert times(connection) == {asset: ("2018-06-01 10:00:00", -210)}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (("--path", "2018/*/IMG_*"), {"camera", "phone"}),
        (("--path", "IMG_?.jpg"), {"camera"}),
        (("--path", "2019"), {"film"}),
        (("--from", "2018-06-01"), {"phone", "film"}),
        (("--from", "2018-06-01 10:00:01"), {"film"}),
        (("--to", "2018-06-01"), {"camera", "phone"}),
        (("--to", "2018-06-01 09:59"), {"camera"}),
        (("--from", "2018-06-01", "--to", "2018-06-01"), {"phone"}),
        (("--source", "file time", "--source", "file name"), {"camera", "phone"}),
        (("--confidence", "none", "--confidence", "low"), {"camera", "phone"}),
        (("--confidence", "high", "--from", "2019-01-01"), {"film"}),
    ],
)
def test_filters_select_and_can_be_combined(
    run: Run, add: Callable[..., int], filters: tuple[str, ...], expected: set[str]
) -> None:
    ids = {
        add("2018/2018-01-01/IMG_1.jpg"): "camera",
        add(
            "2018/2018-06-01/IMG_22.jpg",
            "2018-06-01 10:00:00",
            source="file name",
            confidence="low",
        ): "phone",
        add(
            "2019/2019-05-04/a.MOV",
            "2019-05-04 10:00:00",
            source="Keys:CreationDate",
            confidence="high",
        ): "film",
    }
    result = run("correct", *filters, "--shift", "1d", "--dry-run", "--json")
    assert result.exit_code == 0, result.output
    assert {ids[one["id"]] for one in json.loads(result.stdout)["assets"]} == expected


def test_filters_narrow_the_assets_that_are_named(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    asset, other = add("a.jpg"), add("b.jpg", source="file name")
    assert run("correct", asset, other, "--source", "file name", *DATE).exit_code == 0
    assert list(times(connection)) == [other]


@pytest.mark.parametrize(
    ("path", "glob", "expected"),
    [
        ("2019/2019-05-04/a (1).jpg", "a (1).jpg", "matches"),
        ("2019/2019-05-04/a+b [x].jpg", "a+b [x].jpg", "matches"),
        ("2019/2019-05-04/a.jpg", "a?jpg", "matches"),
        ("2019/2019-05-04/aXjpg", "a.jpg", "does not"),
        ("2019/2019-05-04/a.jpg", "2019/*.jpg", "does not"),
        ("2019/2019-05-04/a.jpg", "2019/**/a.jpg", "matches"),
        ("2019/a.jpg", "2019/**/a.jpg", "matches"),
        ("2019/2019-05-04/a.jpg", "2019/2019-05-*/", "matches"),
        ("2019/2019-05-04/a.jpg", "2019-05", "does not"),
        ("2019/2019-05-04/🎂 für\\Anna^$.jpg", "🎂 für\\Anna^$.*", "matches"),
        ("2019/2019-05-04/{a|b}.jpg", "{a|b}.jpg", "matches"),
        ("2019/2019-05-04/a.jpg", "{a|b}.jpg", "does not"),
    ],
)
def test_a_glob_means_the_same_to_the_database_as_to_people(
    connection: Connection, path: str, glob: str, expected: str
) -> None:
    row = connection.execute("SELECT %s ~ %s", (path, glob_pattern(glob))).fetchone()
    assert row == (expected == "matches",)


def test_what_belongs_to_the_same_shot_is_corrected_along_with_it(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    group = str(uuid4())
    still, raw, film, edited = (
        add(f"2018/2018-01-01/IMG_1{suffix}", group_id=group, role=role)
        for suffix, role in [
            (".jpg", "primary"),
            (".CR2", "raw"),
            (".MOV", "live_video"),
            ("_edited.jpg", "edited"),
        ]
    )
    add("2018/2018-01-01/IMG_2.jpg")
    assert run("correct", still, *DATE).exit_code == 0
    assert sorted(times(connection)) == [still, raw, film, edited]
    assert len({time for time, _ in times(connection).values()}) == 1
    assert run("correct", raw, "--alone", "--shift", "1d").exit_code == 0
    assert [row[0] for row in rows(connection)[4:]] == [raw]


def test_other_frames_of_a_burst_are_other_shots(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    group = str(uuid4())
    cover = add("IMG_1.jpg", group_id=group)
    raw = add("IMG_1.DNG", group_id=group, role="raw")
    add("IMG_2.jpg", group_id=group, role="burst")
    add("IMG_2.DNG", group_id=group, role="raw")
    assert run("correct", cover, *DATE).exit_code == 0
    assert sorted(times(connection)) == [cover, raw]


def test_the_newest_correction_is_undone_and_the_one_before_decides_again(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    asset = add("a.jpg")
    run("correct", asset, *DATE)
    run("correct", asset, "--date", "2020-01-01 00:00")
    mark_applied(connection)
    result = run("correct", asset, "--undo")
    assert result.exit_code == 0
    assert "2020-01-01 00:00:00, zone unknown -> as it was before" in result.stdout
    assert [row[4:] for row in rows(connection)] == [(True, True), (False, False)]
    assert run("correct", asset, "--undo").exit_code == 0
    result = run("correct", asset, "--undo")
    assert (result.exit_code, result.stdout) == (
        1,
        "None of these has a correction that could be undone.\n",
    )


def test_undoing_takes_back_what_was_done_with_it_to_companions_and_no_more(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    group = str(uuid4())
    still = add("IMG_1.jpg", group_id=group)
    raw = add("IMG_1.CR2", group_id=group, role="raw")
    run("correct", raw, "--alone", *DATE)
    run("correct", still, "--alone", *DATE)
    run("correct", still, "--undo")
    assert list(times(connection)) == [raw]
    run("correct", still, "--date", "2020-01-01 00:00")
    run("correct", still, "--undo")
    assert times(connection) == {raw: ("2019-05-04 12:30:00", None)}


def test_a_shift_of_what_an_undo_will_change_waits_for_the_librarian(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    asset = add("a.jpg")
    run("correct", asset, *DATE)
    mark_applied(connection)
    run("correct", asset, "--undo")
    result = run("correct", asset, "--shift", "1d")
    assert result.exit_code == 2
    assert "a.jpg: its last correction was undone, and the librarian has not" in result.stderr
    assert times(connection) == {}


def test_a_dry_run_shows_all_and_changes_nothing(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    asset = add("a.jpg")
    result = run("correct", asset, *DATE, "--dry-run")
    assert result.exit_code == 0
    assert "-> 2019-05-04 12:30:00, zone unknown" in result.stdout
    assert "Dry run, nothing was changed: 1 asset would get another time." in result.stdout
    assert rows(connection) == []


def test_many_assets_want_a_yes(run: Run, connection: Connection, add: Callable[..., int]) -> None:
    for number in range(25):
        add(f"2018/2018-01-01/{number}.jpg")
    result = run("correct", "--path", "2018", *DATE)
    assert result.exit_code == 2
    assert "25 assets would get another time. Nothing was changed." in result.stderr
    assert "… and 5 more" in result.stdout
    assert rows(connection) == []
    assert run("correct", "--path", "2018", *DATE, "--yes").exit_code == 0
    assert len(rows(connection)) == 25


@pytest.mark.parametrize(("answer", "corrected"), [("y", 12), ("n", 0)])
def test_at_a_terminal_a_person_is_asked(  # noqa: PLR0913, PLR0917 - fixtures, and the two cases
    connection: Connection,
    add: Callable[..., int],
    tmp_path: Path,
    database_url: str,
    answer: str,
    corrected: int,
) -> None:
    for number in range(12):
        add(f"2018/2018-01-01/{number}.jpg")
    person, terminal = pty.openpty()
    os.write(person, f"{answer}\n".encode())
    ended = subprocess.run(
        [sys.executable, "-m", "cli", "correct", "--path", "2018", *DATE],
        env={**os.environ, "PF_DATA_DIR": str(tmp_path), "PF_DATABASE_URL": database_url},
        stdin=terminal,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    for end in (person, terminal):
        os.close(end)
    assert "12 assets would get another time. Go on? [y/N]" in ended.stdout + ended.stderr
    assert (ended.returncode, len(rows(connection))) == (0 if corrected else 2, corrected)


def test_more_assets_than_a_page_are_corrected_at_one_instant(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    with connection.transaction():
        for number in range(1203):
            add(f"2018/2018-01-01/{number}.jpg")
    result = run("correct", "--from", "2018-01-01", "--shift", "1d", "--yes", "--json")
    assert json.loads(result.stdout)["count"] == 1203
    row = connection.execute("SELECT count(*), count(DISTINCT made_at) FROM corrections").fetchone()
    assert row == (1203, 1)


def test_the_librarian_is_woken(run: Run, add: Callable[..., int], database_url: str) -> None:
    asset = add("a.jpg")
    with connect(database_url, "listener") as listener:
        listener.execute(f"LISTEN {PENDING}")
        run("correct", asset, *DATE)
        assert [one.channel for one in listener.notifies(timeout=5, stop_after=1)] == [PENDING]


def test_a_paused_librarian_is_named(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    asset = add("a.jpg")
    beat(connection, "librarian")
    pause(connection, "librarian", "anna")
    result = run("correct", asset, *DATE)
    assert result.exit_code == 0
    assert "The librarian is paused; go on with: photo-factory resume librarian" in result.stdout


def test_a_librarian_that_needs_longer_is_not_waited_for_for_ever(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    asset = add("a.jpg")
    beat(connection, "librarian")
    result = run("correct", asset, *DATE, "--wait", "0.2")
    assert result.exit_code == 0
    assert "The librarian is at it" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("A",), "Say one: --date, --shift, --offset or --undo."),
        (("A", *DATE, "--shift", "1d"), "Say one:"),
        (("A", *DATE, "--undo"), "--undo takes the newest correction back"),
        (("A", "--date", "soon"), "'soon' is no date with a time"),
        (("A", "--shift", "much"), "'much' is no shift"),
        (("A", *DATE, "--offset", "CET"), "'CET' is no offset"),
        (("A", "--date", "2999-01-01 00:00"), "a.jpg cannot have been taken then"),
        (("A", "--shift", "-500000d"), "a.jpg cannot have been taken then"),
        (("A", "--shift", "-999999d"), "beyond the calendar"),
        (DATE, "Say which"),
        ((*DATE, "--from", "2019", "--to", "x"), "--from: '2019' is no date"),
        ((*DATE, "--from", "2019-05-05", "--to", "2019-05-04"), "--from is later than --to"),
        ((*DATE, "--confidence", "fair"), "'fair' is not one of"),
        ((*DATE, "--path", "\udcff.jpg"), "is no UTF-8"),
    ],
)
def test_wrong_usage_is_one_sentence_and_changes_nothing(
    run: Run,
    connection: Connection,
    add: Callable[..., int],
    arguments: tuple[str, ...],
    words: str,
) -> None:
    asset = add("a.jpg")
    result = run("correct", *(str(asset) if one == "A" else one for one in arguments))
    assert result.exit_code == 2, result.output
    assert words in result.stderr
    assert rows(connection) == []


def test_nothing_that_matches_is_exit_code_1(run: Run) -> None:
    result = run("correct", "--path", "1999", *DATE)
    assert (result.exit_code, result.stdout) == (1, "No asset matches.\n")


def test_json_carries_both_times_and_what_is_still_to_come(
    run: Run, add: Callable[..., int]
) -> None:
    asset = add("a.jpg")
    document = json.loads(run("correct", asset, *DATE, "--json").stdout)
    assert document == {
        "is_dry_run": False,
        "count": 1,
        "waiting": 1,
        "librarian": "not running",
        "assets": [
            {
                "id": asset,
                "path": "a.jpg",
                "former_path": "a.jpg",
                "before": {"local": "2018-01-01T10:00:00", "offset_minutes": None},
                "after": {"local": "2019-05-04T12:30:00", "offset_minutes": None},
                "is_done": False,
            }
        ],
    }
