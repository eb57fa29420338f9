"""The stories of features/places.feature, on the real engine and a real PostgreSQL."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asset_rows import insert_assets
from geocoder.naming import Named
from geocoder.settings import GeocoderSettings
from geocoder.stage import STAGE
from photo_factory.database import Connection
from photo_factory.pulse import Pulse
from photo_factory.worker import StageLoop
from pytest_bdd import given, parsers, scenarios, then, when

pytestmark = pytest.mark.integration
scenarios("features/places.feature")

POINTS = {
    "on the beach of Wollongong": (-34.4260, 150.9030),
    "in a lane of Trastevere": (41.8895, 12.4690),
    "in the middle of Padua": (45.4064, 11.8768),
    "in the Sahara": (23.0, 10.0),
    "in the middle of the Atlantic": (30.0, -40.0),
    "beyond the pole": (91.0, 0.0),
}
SECONDS = 60


@pytest.fixture
def language() -> str:
    return "en"


@pytest.fixture
def geocoder(
    tmp_path: Path, database_url: str, connection: Connection, language: str
) -> Iterator[StageLoop[Named]]:
    settings = GeocoderSettings(data_dir=tmp_path, database_url=database_url, language=language)
    loop = StageLoop(STAGE, settings, Pulse())
    yield loop
    loop.close(connection)


@given(parsers.parse("the house speaks {code}"), target_fixture="language")
def speaks(code: str) -> str:
    return code


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
def work(geocoder: StageLoop[Named], connection: Connection) -> None:
    deadline = time.monotonic() + SECONDS
    geocoder.turn(connection)
    while _waiting(connection):
        assert time.monotonic() < deadline, _work(connection)
        time.sleep(0.05)
        geocoder.turn(connection)


@then(parsers.re("the photo was taken in (?P<name>.+)"))
def has_place(connection: Connection, photo: int, name: str) -> None:
    row = connection.execute(
        "SELECT p.name, p.country, a.is_geocoded, a.geocoded_by FROM media_assets a "
        "JOIN places p ON p.id = a.place_id WHERE a.id = %s",
        (photo,),
    ).fetchone()
    assert row is not None
    town, country, is_geocoded, geocoded_by = row
    assert (country if town == country else f"{town}, {country}") == name
    assert (is_geocoded, geocoded_by) == (True, "offline")
    assert _work(connection) == []


@then(parsers.parse("it belongs to {city} in {region}"))
def belongs(connection: Connection, photo: int, city: str, region: str) -> None:
    row = connection.execute(
        "SELECT city, region FROM place_levels JOIN media_assets USING (place_id) WHERE id = %s",
        (photo,),
    ).fetchone()
    assert row == (city, region)


@then("the photo has no place")
def has_no_place(connection: Connection, photo: int) -> None:
    row = connection.execute("SELECT place_id FROM media_assets WHERE id = %s", (photo,)).fetchone()
    assert row == (None,)


@then("it is on record that it was taken at sea")
def is_at_sea(connection: Connection, photo: int) -> None:
    row = connection.execute(
        "SELECT place_relation, is_geocoded FROM media_assets WHERE id = %s", (photo,)
    ).fetchone()
    assert row == ("sea", True)
    assert _work(connection) == []


@then("it is on record that this is not on Earth")
def is_skipped(connection: Connection) -> None:
    ((state, code, message),) = _work(connection)
    assert (state, code) == ("skipped", None)
    assert "not on Earth" in message


@then("there is no work for the geocoder")
def no_work(connection: Connection) -> None:
    assert _work(connection) == []


def _waiting(connection: Connection) -> bool:
    return any(state in {"ready", "leased"} for state, _, _ in _work(connection))


def _work(connection: Connection) -> list[Any]:
    return connection.execute(
        "SELECT state, error_code, error_message FROM stage_work WHERE stage = 'geocoder'"
    ).fetchall()
