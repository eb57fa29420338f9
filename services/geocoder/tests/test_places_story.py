"""The stories of features/places.feature, on the real engine and a real PostgreSQL."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asset_rows import insert_assets
from geocoder.queries import Place
from geocoder.stage import STAGE
from photo_factory.database import Connection
from photo_factory.pulse import Pulse
from photo_factory.settings import Settings
from photo_factory.worker import StageLoop
from pytest_bdd import given, parsers, scenarios, then, when

pytestmark = pytest.mark.integration
scenarios("features/places.feature")

POINTS = {
    "on the beach of Wollongong": (-34.4260, 150.9030),
    "in the Sahara": (23.0, 10.0),
    "in the middle of the Atlantic": (30.0, -40.0),
}
SECONDS = 60


@pytest.fixture
def geocoder(
    tmp_path: Path, database_url: str, connection: Connection
) -> Iterator[StageLoop[Place]]:
    settings = Settings(data_dir=tmp_path, database_url=database_url)
    loop = StageLoop(STAGE, settings, Pulse())
    yield loop
    loop.close(connection)


@given(parsers.re("a photo taken (?P<where>.+)"), target_fixture="photo")
def photo_taken(connection: Connection, where: str) -> int:
    (photo,) = insert_assets(connection, ["IMG_1.jpg"])
    latitude, longitude = POINTS[where]
    location = {"latitude": latitude, "longitude": longitude, "altitude": None, "source": "exif"}
    connection.execute(
        "UPDATE media_assets SET location = %s::jsonb WHERE id = %s", (json.dumps(location), photo)
    )
    return photo


@given("a photo without coordinates", target_fixture="photo")
def photo_without_coordinates(connection: Connection) -> int:
    return insert_assets(connection, ["IMG_1.jpg"])[0]


@when("the geocoder has worked")
def work(geocoder: StageLoop[Place], connection: Connection) -> None:
    deadline = time.monotonic() + SECONDS
    geocoder.turn(connection)
    while _waiting(connection):
        assert time.monotonic() < deadline, _work(connection)
        time.sleep(0.05)
        geocoder.turn(connection)


@then(parsers.re("the photo was taken in (?P<name>.+)"))
def has_place(connection: Connection, photo: int, name: str) -> None:
    row = connection.execute(
        "SELECT p.name, p.country, a.is_geocoded FROM media_assets a "
        "JOIN places p ON p.id = a.place_id WHERE a.id = %s",
        (photo,),
    ).fetchone()
    assert row is not None
    town, country, is_geocoded = row
    assert (country if town == country else f"{town}, {country}") == name
    assert is_geocoded
    assert _work(connection) == []


@then("the photo has no place")
def has_no_place(connection: Connection, photo: int) -> None:
    row = connection.execute(
        "SELECT place_id, is_geocoded FROM media_assets WHERE id = %s", (photo,)
    ).fetchone()
    assert row == (None, False)


@then("it is on record that it was taken at sea")
def is_skipped(connection: Connection) -> None:
    ((state, code, message),) = _work(connection)
    assert (state, code) == ("skipped", None)
    assert "at sea" in message


@then("there is no work for the geocoder")
def no_work(connection: Connection) -> None:
    assert _work(connection) == []


def _waiting(connection: Connection) -> bool:
    return any(state in {"ready", "leased"} for state, _, _ in _work(connection))


def _work(connection: Connection) -> list[Any]:
    return connection.execute(
        "SELECT state, error_code, error_message FROM stage_work WHERE stage = 'geocoder'"
    ).fetchall()
