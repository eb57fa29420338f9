"""What `photo-factory place` records, refuses and says."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli.commands.place import place
from dated_assets import Run, insert_dated, runner
from geocoder.queries import record
from named_places import IN_ALGERIA, IN_ROME, IN_TRASTEVERE
from photo_factory import queue
from photo_factory.database import PENDING, Connection, connect

pytestmark = pytest.mark.integration

CABIN = ("--name", "Cabin at the lake", "--city", "Rome", "--region", "Lazio", "--country", "it")
STATE = """
SELECT p.name, p.region, p.country, a.geocoded_by, a.is_geocoded FROM media_assets a
LEFT JOIN places p ON p.id = a.place_id WHERE a.id = %s
"""
POINT = {"latitude": 41.9, "longitude": 12.5, "altitude": None, "source": "gps"}


@pytest.fixture
def run(tmp_path: Path, database_url: str) -> Run:
    return runner(tmp_path, database_url, place)


@pytest.fixture
def add(connection: Connection) -> Callable[..., int]:
    def insert(name: str, **others: Any) -> int:  # noqa: ANN401 - any column
        path = f"2018/2018-01-01/{name}"
        asset_id = insert_dated(connection, path, "2018-01-01 10:00:00", **others)
        connection.execute(
            "UPDATE media_assets SET location = %s WHERE id = %s", (json.dumps(POINT), asset_id)
        )
        with connection.cursor() as cursor:
            queue.feed_assets(cursor, [asset_id])
        return asset_id

    return insert


def geocode(connection: Connection, *asset_ids: int) -> None:
    """As the geocoder does when it has found that these are in Rome."""
    with connection.transaction(), connection.cursor() as cursor:
        record(cursor, [(asset_id, IN_ROME) for asset_id in asset_ids])
        cursor.execute("DELETE FROM stage_work WHERE stage = 'geocoder'")


def state(connection: Connection, asset_id: int) -> tuple[Any, ...]:
    row = connection.execute(STATE, (asset_id,)).fetchone()
    assert row is not None
    return row


def history(connection: Connection) -> list[tuple[Any, ...]]:
    return connection.execute(
        "SELECT asset_id, author, undone_at IS NULL FROM place_corrections ORDER BY id"
    ).fetchall()


def waiting(connection: Connection) -> list[int]:
    rows = connection.execute(
        "SELECT asset_id FROM stage_work WHERE stage = 'geocoder' ORDER BY asset_id"
    )
    return [row[0] for row in rows]


def place_called(connection: Connection, name: str) -> int:
    row = connection.execute("SELECT id FROM places WHERE name = %s", (name,)).fetchone()
    assert row is not None
    return int(row[0])


def test_a_person_names_a_place_and_its_town_is_the_one_that_is_known(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    asset = add("a.jpg")
    geocode(connection, asset)
    result = run("place", asset, *CABIN)
    assert result.exit_code == 0, result.output
    first, last = result.stdout.splitlines()
    assert first.strip() == (
        f"{asset}  2018/2018-01-01/a.jpg: Rome, Lazio, Italy -> Cabin at the lake, Rome, Lazio, IT"
    )
    assert last.startswith("Done: 1 asset.")
    assert state(connection, asset) == ("Cabin at the lake", "Rome", "Italy", "user", True)
    assert history(connection) == [(asset, "anna", True)]
    levels = connection.execute(
        "SELECT spot, city, region, country FROM place_levels JOIN media_assets USING (place_id)"
    ).fetchone()
    assert levels == ("Cabin at the lake", "Rome", "Lazio", "Italy")
    assert connection.execute("SELECT location FROM media_assets").fetchone() == (POINT,)


def test_a_given_place_survives_whatever_the_geocoder_finds(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    asset = add("a.jpg")
    assert run("place", asset, *CABIN).exit_code == 0
    assert waiting(connection) == []
    geocode(connection, asset)
    assert state(connection, asset)[0] == "Cabin at the lake"


def test_what_the_geocoder_has_in_hand_is_taken_from_it(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    asset = add("a.jpg")
    connection.execute("UPDATE stage_work SET state = 'leased', token = 7")
    assert run("place", asset, *CABIN).exit_code == 0
    assert run("place", asset, "--undo").exit_code == 0
    row = connection.execute(
        "SELECT state, token FROM stage_work WHERE stage = 'geocoder'"
    ).fetchone()
    assert row == ("ready", None)
    assert waiting(connection) == [asset]


def test_undo_brings_the_place_before_back_and_then_the_geocoders(
    run: Run, connection: Connection, add: Callable[..., int], database_url: str
) -> None:
    asset = add("a.jpg")
    geocode(connection, asset)
    run("place", asset, *CABIN)
    run("place", asset, "--name", "Barn", "--country", "IT")
    assert state(connection, asset)[0] == "Barn"
    with connect(database_url, "listener") as listener:
        listener.execute(f"LISTEN {PENDING}")
        assert run("place", asset, "--undo").exit_code == 0
        assert list(listener.notifies(timeout=5, stop_after=1))
    assert state(connection, asset)[0] == "Cabin at the lake"
    assert waiting(connection) == []
    assert run("place", asset, "--undo").exit_code == 0
    assert state(connection, asset) == (None, None, None, None, False)
    assert waiting(connection) == [asset]
    geocode(connection, asset)
    assert state(connection, asset)[:4] == ("Rome", "Lazio", "Italy", "offline")
    result = run("place", asset, "--undo")
    assert (result.exit_code, "nothing to undo" in result.stdout) == (1, True)
    assert history(connection) == [(asset, "anna", False), (asset, "anna", False)]


def test_a_photo_without_coordinates_can_be_given_a_known_place(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    known, scan = add("a.jpg"), add("scan.jpg")
    connection.execute("UPDATE media_assets SET location = NULL WHERE id = %s", (scan,))
    geocode(connection, known)
    rome = place_called(connection, "Rome")
    assert run("place", scan, "--like", rome).exit_code == 0
    assert state(connection, scan)[:4] == ("Rome", "Lazio", "Italy", "user")
    assert run("place", scan, "--undo").exit_code == 0
    assert state(connection, scan)[0] is None
    assert scan not in waiting(connection)


def test_the_raw_of_a_shot_gets_the_place_along_with_it(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    group = "5a5a5a5a-0000-4000-8000-000000000001"
    asset = add("a.jpg", group_id=group)
    raw = add("a.cr2", group_id=group, role="raw")
    assert run("place", asset, *CABIN).exit_code == 0
    assert state(connection, raw)[0] == "Cabin at the lake"
    assert run("place", asset, "--undo", "--alone").exit_code == 0
    assert state(connection, raw)[0] == "Cabin at the lake"


def test_the_same_words_again_change_nothing_and_are_one_place(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    first, second = add("a.jpg"), add("b.jpg")
    run("place", first, *CABIN)
    assert "Done: 1 asset." in run("place", first, second, *CABIN).stdout
    assert len(history(connection)) == 2
    row = connection.execute("SELECT count(*) FROM places WHERE level = 'spot'").fetchone()
    assert row == (1,)


def test_many_at_once_need_a_yes_and_a_dry_run_changes_nothing(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    for number in range(12):
        add(f"{number}.jpg")
    refused = run("place", "--path", "2018/*", *CABIN)
    assert (refused.exit_code, "12 assets would get" in refused.stderr) == (2, True)
    assert run("place", "--path", "2018/*", *CABIN, "--dry-run").exit_code == 0
    assert history(connection) == []
    assert run("place", "--path", "2018/*", *CABIN, "--yes").exit_code == 0
    assert len(history(connection)) == 12


def test_places_are_looked_up_by_a_part_of_any_of_their_names(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    asset, other = add("a.jpg"), add("b.jpg")
    with connection.transaction(), connection.cursor() as cursor:
        record(cursor, [(asset, IN_TRASTEVERE), (other, IN_ALGERIA)])
    result = run("place", "--search", "rom")
    number = place_called(connection, "Rome")
    assert result.stdout.splitlines() == [f"{number:>8}  Rome, Lazio, Italy (city, 0 assets)"]
    found = json.loads(run("place", "--search", "LATIUM", "--json").stdout)["places"]
    assert [one["name"] for one in found] == ["Lazio"]
    assert run("place", "--search", "%").exit_code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--undo", "--like", "1"),
        ("--name", "Cabin"),
        ("--name", " ", "--country", "IT"),
        ("--name", "x" * 201, "--country", "IT"),
        ("--name", "a\nb", "--country", "IT"),
        ("--name", "Cabin", "--country", "ITA"),
        ("--city", "Rome"),
        ("--like", "999"),
        ("--search", "Rome", "--undo"),
    ],
)
def test_what_is_incomplete_or_contradicts_itself_changes_nothing(
    run: Run, connection: Connection, add: Callable[..., int], arguments: tuple[str, ...]
) -> None:
    result = run("place", add("a.jpg"), *arguments)
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1), result.output
    assert history(connection) == []


def test_it_is_not_for_everything_at_once(run: Run) -> None:
    assert run("place", *CABIN).exit_code == 2
