"""Names of stored places follow the language that is set."""

import json

import pytest
from asset_rows import insert_assets
from geocoder.queries import record
from geocoder.relabelling import relabel, relabel_at_start
from geocoder.settings import GeocoderSettings
from named_places import IN_ROME, IN_TRASTEVERE
from photo_factory.database import Connection
from pydantic import ValidationError

pytestmark = pytest.mark.integration

SPOT = """
INSERT INTO places (source, source_id, level, name, names, region, country, country_code,
    data_version)
VALUES ('user', '1', 'spot', 'Cabin', %s, 'Como', 'IT', 'IT', '1')
"""
ZONE = """
INSERT INTO places (source, source_id, level, name, names, data_version)
VALUES ('zone', '1', 'spot', 'Home', %s, '1')
"""


def faces(connection: Connection) -> dict[str, tuple[str | None, str | None]]:
    rows = connection.execute("SELECT name, region, country FROM places").fetchall()
    return {name: (region, country) for name, region, country in rows}


@pytest.fixture
def places(connection: Connection) -> Connection:
    first, second = insert_assets(connection, ["a.jpg", "b.jpg"])
    with connection.transaction(), connection.cursor() as cursor:
        record(cursor, [(first, IN_TRASTEVERE), (second, IN_ROME)])
    return connection


def test_every_place_gets_its_name_in_the_language_or_keeps_its_own(places: Connection) -> None:
    relabel(places, "de-AT")
    assert faces(places) == {
        "Italien": (None, "Italien"),
        "Latium": (None, "Italien"),
        "Rom": ("Latium", "Italien"),
        "Trastevere": ("Rom", "Italien"),
    }
    assert relabel(places, "de-AT") == 0
    relabel(places, "xx")
    assert faces(places)["Roma"] == ("Lazio", "Italia")


def test_what_people_named_keeps_its_name_and_learns_that_of_its_country(
    places: Connection,
) -> None:
    places.execute(SPOT, (json.dumps({"und": "Cabin"}),))
    places.execute(ZONE, (json.dumps({"und": "Home"}),))
    relabel(places, "de")
    assert faces(places)["Cabin"] == ("Como", "Italien")
    assert faces(places)["Home"] == (None, None)


def test_a_start_without_a_database_is_no_error(database_url: str, places: Connection) -> None:
    relabel_at_start(GeocoderSettings(database_url="postgresql://localhost:1/none", language="de"))
    assert "Rome" in faces(places)
    relabel_at_start(GeocoderSettings(database_url=database_url, language="de"))
    assert "Rom" in faces(places)


@pytest.mark.parametrize("language", ["", "german", "de_AT", "d", "de;"])
def test_what_is_no_language_is_refused(language: str) -> None:
    with pytest.raises(ValidationError):
        GeocoderSettings(language=language)
