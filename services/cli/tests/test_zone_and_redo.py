"""What `photo-factory zone` and `photo-factory redo` record, refuse and say."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli.commands.place import place
from cli.commands.redo import redo
from cli.commands.zone import zone
from dated_assets import Run, insert_dated
from geocoder.queries import record
from named_places import AT_SEA, IN_ROME
from photo_factory import queue
from photo_factory.database import Connection
from typer import Typer
from typer.testing import CliRunner, Result

pytestmark = pytest.mark.integration

HOME = (41.9, 12.5)
STATE = """
SELECT p.name, p.country, a.geocoded_by, a.is_geocoded FROM media_assets a
LEFT JOIN places p ON p.id = a.place_id WHERE a.id = %s
"""
INSIDE = "SELECT id FROM media_assets WHERE NOT is_geocoded ORDER BY id"


@pytest.fixture
def run(tmp_path: Path, database_url: str) -> Run:
    app = Typer()
    app.add_typer(zone, name="zone")
    app.command()(redo)
    app.command()(place)

    def invoke(*arguments: str | int) -> Result:
        variables = {
            "PF_DATA_DIR": str(tmp_path),
            "PF_DATABASE_URL": database_url,
            "LOGNAME": "anna",
        }
        return CliRunner().invoke(app, [str(one) for one in arguments], env=variables)

    return invoke


@pytest.fixture
def add(connection: Connection) -> Callable[..., int]:
    def insert(name: str, latitude: float | None = HOME[0], longitude: float = HOME[1]) -> int:
        asset = insert_dated(connection, f"2018/2018-01-01/{name}", "2018-01-01 10:00:00")
        if latitude is not None:
            point = json.dumps({"latitude": latitude, "longitude": longitude, "source": "gps"})
            connection.execute(
                "UPDATE media_assets SET location = %s WHERE id = %s", (point, asset)
            )
        with connection.cursor() as cursor:
            queue.feed_assets(cursor, [asset])
        return asset

    return insert


def work(connection: Connection) -> list[int]:
    """As the geocoder does, which finds Rome everywhere; returns what was waiting."""
    rows = connection.execute(
        "SELECT asset_id FROM stage_work WHERE stage = 'geocoder' ORDER BY asset_id"
    ).fetchall()
    ids = [row[0] for row in rows]
    with connection.transaction(), connection.cursor() as cursor:
        if ids:
            record(cursor, [(one, IN_ROME) for one in ids])
        cursor.execute("DELETE FROM stage_work WHERE stage = 'geocoder'")
    return ids


def state(connection: Connection, asset_id: int) -> tuple[Any, ...]:
    row = connection.execute(STATE, (asset_id,)).fetchone()
    assert row is not None
    return row


def test_what_lies_in_a_new_zone_loses_its_name_at_once_and_gets_the_zones(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    inside, outside = add("a.jpg"), add("b.jpg", 41.91)
    work(connection)
    result = run("zone", "add", "Home", "--at", "41.9,12.5", "--radius", "800")
    assert result.exit_code == 0, result.output
    assert result.stdout == "Home: 1 asset will be named anew by the geocoder.\n"
    assert state(connection, inside) == (None, None, None, False)
    assert work(connection) == [inside]
    assert state(connection, inside) == ("Home", None, "zone", True)
    assert state(connection, outside) == ("Rome", "Italy", "offline", True)


def test_a_zone_that_shrinks_gives_back_what_it_leaves(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    near, far = add("a.jpg"), add("b.jpg", 41.905)
    run("zone", "add", "Home", "--around", near, "--radius", "800")
    assert work(connection) == [near, far]
    run("zone", "add", "Home", "--around", near, "--radius", "100")
    assert work(connection) == [far]
    assert [state(connection, one)[0] for one in (near, far)] == ["Home", "Rome"]


def test_a_zone_that_is_removed_gives_everything_back_and_leaves_no_trace(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    asset = add("a.jpg")
    run("zone", "add", "Home", "--at", "41.9,12.5")
    work(connection)
    assert "1 asset will be named anew" in run("zone", "remove", "Home").stdout
    assert connection.execute("SELECT FROM places WHERE source = 'zone'").fetchall() == []
    assert work(connection) == [asset]
    assert state(connection, asset)[0] == "Rome"
    assert run("zone", "remove", "Home").exit_code == 1


def test_a_given_place_stays_in_a_zone(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    asset = add("a.jpg")
    run("place", asset, "--name", "Cabin", "--country", "IT")
    assert "0 assets" in run("zone", "add", "Home", "--at", "41.9,12.5").stdout
    assert state(connection, asset)[0] == "Cabin"


def test_zones_are_listed(run: Run, add: Callable[..., int]) -> None:
    assert run("zone", "list").stdout == "There is no privacy zone.\n"
    add("a.jpg", -33.9, -70.1)
    assert run("zone", "add", "Abroad", "--at", "-33.9,-70.1", "--keep-on-export").exit_code == 0
    assert run("zone", "list").stdout == (
        "Abroad: 500 m around -33.90000,-70.10000, 1 asset, coordinates kept on export\n"
    )
    (one,) = json.loads(run("zone", "list", "--json").stdout)["zones"]
    assert (one["name"], one["strips_on_export"], one["author"]) == ("Abroad", False, "anna")


@pytest.mark.parametrize(
    "arguments",
    [
        ("Home",),
        (" ", "--at", "1,1"),
        ("Home", "--at", "91,0"),
        ("Home", "--at", "nan,0"),
        ("Home", "--at", "1"),
        ("Home", "--at", "1,1", "--radius", "0"),
        ("Home", "--at", "1,1", "--radius", "nan"),
        ("Home", "--at", "1,1", "--around", "1"),
        ("Home", "--around", "999"),
    ],
)
def test_what_is_no_zone_is_refused(run: Run, arguments: tuple[str, ...]) -> None:
    result = run("zone", "add", *arguments)
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1), result.output


def test_redo_feeds_what_has_coordinates_and_keeps_the_old_names_until_then(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    asset, given, _ = add("a.jpg"), add("b.jpg"), add("scan.jpg", None)
    work(connection)
    run("place", given, "--name", "Cabin", "--country", "IT")
    result = run("redo", "geocoder", "--all")
    assert result.stdout == "1 asset will be done again by the geocoder.\n"
    assert state(connection, asset) == ("Rome", "Italy", "offline", False)
    assert work(connection) == [asset]
    assert state(connection, given)[2:] == ("user", True)


def test_redo_of_the_outdated_leaves_the_rest_alone(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    old, new = add("a.jpg"), add("b.jpg")
    work(connection)
    connection.execute("UPDATE media_assets SET geocode_version = NULL WHERE id = %s", (old,))
    assert "1 asset " in run("redo", "geocoder", "--outdated", "--dry-run").stdout
    assert connection.execute(INSIDE).fetchall() == []
    assert run("redo", "geocoder", "--outdated").exit_code == 0
    assert work(connection) == [old]
    assert run("redo", "geocoder", new, "--outdated").exit_code == 1


def test_redo_tries_again_what_had_failed_or_did_not_apply(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    first, second = add("a.jpg"), add("b.jpg")
    connection.execute("UPDATE stage_work SET state = 'dead' WHERE asset_id = %s", (first,))
    connection.execute("UPDATE stage_work SET state = 'skipped' WHERE asset_id = %s", (second,))
    assert "2 assets" in run("redo", "geocoder", "--path", "2018/*").stdout
    row = connection.execute(
        "SELECT count(*) FROM stage_work WHERE stage = 'geocoder' AND state = 'ready'"
    ).fetchone()
    assert row == (2,)


def test_redo_with_a_provider_only_asks_for_it_and_never_for_a_zone(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    home, away = add("a.jpg"), add("b.jpg", 41.95)
    run("zone", "add", "Home", "--at", "41.9,12.5")
    work(connection)
    result = run("redo", "geocoder", "--all", "--provider", "nominatim")
    assert result.exit_code == 0, result.output
    assert "1 asset will be asked about at nominatim" in result.stdout
    rows = connection.execute("SELECT asset_id, provider, author FROM geocode_requests").fetchall()
    assert rows == [(away, "nominatim", "anna")]
    assert [state(connection, one)[3] for one in (home, away)] == [True, True]
    run("zone", "add", "Office", "--at", "41.95,12.5")
    assert connection.execute("SELECT FROM geocode_requests").fetchall() == []


def test_redo_of_thumbnails_clears_their_flag(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    asset = add("a.jpg")
    connection.execute("UPDATE media_assets SET is_thumbnailed = true")
    connection.execute("DELETE FROM stage_work")
    assert run("redo", "thumbnailer", asset).exit_code == 0
    rows = connection.execute("SELECT asset_id FROM stage_work WHERE stage = 'thumbnailer'")
    assert rows.fetchall() == [(asset,)]


@pytest.mark.parametrize(
    "arguments",
    [
        ("geocoder",),
        ("geocoder", "--all", "--path", "2018/*"),
        ("backup", "--all"),
        ("nonsense", "--all"),
        ("thumbnailer", "--all", "--outdated"),
        ("geocoder", "--all", "--provider", "nobody"),
    ],
)
def test_what_redo_does_not_understand_it_refuses(run: Run, arguments: tuple[str, ...]) -> None:
    result = run("redo", *arguments)
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1), result.output


def test_at_sea_is_an_answer_that_is_not_outdated(
    run: Run, connection: Connection, add: Callable[..., int]
) -> None:
    asset = add("a.jpg", 30.0, -40.0)
    with connection.transaction(), connection.cursor() as cursor:
        record(cursor, [(asset, AT_SEA)])
    assert run("redo", "geocoder", "--outdated").exit_code == 1
