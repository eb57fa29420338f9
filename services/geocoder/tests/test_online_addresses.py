"""What each provider says, read into the levels of a place."""

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import geocoder
import pytest
from geocoder.online.addresses import (
    LONGEST_NAME,
    Reader,
    clean,
    levels_of,
    read_google,
    read_here,
    read_nominatim,
    read_opencage,
    read_photon,
)
from geocoder.online.answers import Level
from geocoder.online.settings import ProviderName
from hypothesis import given
from hypothesis import strategies as st
from photo_factory.geocoding import PROVIDERS

pytestmark = pytest.mark.unit

READERS = (read_nominatim, read_opencage, read_photon, read_google, read_here)
EXPECTED = (KeyError, TypeError, ValueError, AttributeError)

KREUZBERG_PHOTON = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [13.4034, 52.4977]},
    "properties": {
        "type": "district",
        "name": "Kreuzberg",
        "city": "Berlin",
        "country": "Germany",
        "countrycode": "DE",
    },
}
WINDSOR_GOOGLE = {
    "address_components": [
        {"long_name": "Downtown", "short_name": "Downtown", "types": ["neighborhood"]},
        {"long_name": "Windsor", "short_name": "Windsor", "types": ["locality", "political"]},
        {
            "long_name": "Essex County",
            "short_name": "Essex County",
            "types": ["administrative_area_level_2", "political"],
        },
        {
            "long_name": "Ontario",
            "short_name": "ON",
            "types": ["administrative_area_level_1", "political"],
        },
        {"long_name": "Canada", "short_name": "CA", "types": ["country", "political"]},
    ],
    "geometry": {"location": {"lat": 42.3149, "lng": -83.0364}},
}
LYON_HERE = {
    "title": "Lyon",
    "address": {
        "countryCode": "FRA",
        "countryName": "France",
        "stateCode": "ARA",
        "state": "Auvergne-Rhône-Alpes",
        "county": "Rhône",
        "city": "Lyon",
        "district": "Presqu'île",
    },
    "position": {"lat": 45.75, "lng": 4.83},
}
WOLLONGONG_OPENCAGE = {
    "components": {
        "ISO_3166-1_alpha-2": "AU",
        "ISO_3166-2": ["AU-NSW"],
        "city": "Wollongong",
        "state": "New South Wales",
        "country": "Australia",
        "country_code": "au",
    },
    "geometry": {"lat": -34.42, "lng": 150.89},
}


def read(reader: Reader, raw: Mapping[str, object]) -> tuple[Level, ...]:
    return levels_of(reader(raw), "en")


def words(levels: tuple[Level, ...]) -> list[tuple[str, str, str | None]]:
    return [(level.kind, level.name, level.code) for level in levels]


def test_photons_own_thing_fills_its_level() -> None:
    levels = read(read_photon, KREUZBERG_PHOTON)
    assert words(levels) == [
        ("country", "Germany", "DE"),
        ("city", "Berlin", None),
        ("suburb", "Kreuzberg", None),
    ]
    assert (levels[-1].latitude, levels[-1].longitude) == (52.4977, 13.4034)


def test_googles_components_are_sorted_into_levels() -> None:
    assert words(read(read_google, WINDSOR_GOOGLE)) == [
        ("country", "Canada", "CA"),
        ("region", "Ontario", None),
        ("county", "Essex County", None),
        ("city", "Windsor", None),
        ("suburb", "Downtown", None),
    ]


def test_heres_country_of_three_letters_becomes_one_of_two() -> None:
    assert words(read(read_here, LYON_HERE)) == [
        ("country", "France", "FR"),
        ("region", "Auvergne-Rhône-Alpes", None),
        ("county", "Rhône", None),
        ("city", "Lyon", None),
        ("suburb", "Presqu'île", None),
    ]


def test_opencages_components_are_read_like_nominatims() -> None:
    assert words(read(read_opencage, WOLLONGONG_OPENCAGE)) == [
        ("country", "Australia", "AU"),
        ("region", "New South Wales", "AU-NSW"),
        ("city", "Wollongong", None),
    ]


def test_a_village_stands_where_a_city_would() -> None:
    address = {"village": "Büsingen", "country": "Deutschland", "country_code": "de"}
    assert words(read(read_nominatim, {"address": address})) == [
        ("country", "Deutschland", "DE"),
        ("city", "Büsingen", None),
    ]


def test_places_of_one_name_in_two_regions_are_two_places() -> None:
    ids = {
        read(
            read_nominatim,
            {
                "address": {
                    "city": "Springfield",
                    "state": state,
                    "country": "US",
                    "country_code": "us",
                }
            },
        )[-1].source_id
        for state in ("Illinois", "Oregon")
    }
    assert len(ids) == 2


@pytest.mark.parametrize("code", [None, "", "ita", "1T", 7, ["IT"], "I"])
def test_without_a_country_there_is_no_place(code: object) -> None:
    address = {"city": "Rome", "country": "Italy", "country_code": code}
    assert read(read_nominatim, {"address": address}) == ()


def test_a_region_code_of_another_country_is_not_believed() -> None:
    address = {
        "state": "Lazio",
        "ISO3166-2-lvl4": "FR-ARA",
        "country": "Italy",
        "country_code": "it",
    }
    assert read(read_nominatim, {"address": address})[-1].code is None


@pytest.mark.parametrize(
    ("latitude", "longitude"), [("nan", "1"), ("1e999", "1"), (True, 1), (91, 1), (1, 181), ([], 1)]
)
def test_coordinates_that_are_none_are_left_out(latitude: object, longitude: object) -> None:
    address = {"city": "Rome", "country": "Italy", "country_code": "it"}
    levels = read(read_nominatim, {"address": address, "lat": latitude, "lon": longitude})
    assert (levels[-1].latitude, levels[-1].longitude) == (None, None)


@given(st.text())
def test_a_name_is_one_printable_line_that_postgresql_can_store(text: str) -> None:
    name = clean(text)
    assert len(name) <= LONGEST_NAME
    assert name.isprintable()
    assert name == name.strip()
    name.encode()


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
KEYS = ["address", "components", "geometry", "properties", "position", "address_components"]
INNER = ["country", "country_code", "countrycode", "city", "lat", "coordinates", "location", "type"]


@given(
    raw=st.dictionaries(st.sampled_from(KEYS), st.dictionaries(st.sampled_from(INNER), JSON) | JSON)
)
def test_no_result_of_any_form_breaks_a_reader_in_an_unforeseen_way(
    raw: dict[str, object],
) -> None:
    for reader in READERS:
        try:
            levels = levels_of(reader(raw), "en")
        except EXPECTED:
            continue
        assert all(level.name for level in levels)


def test_the_command_offers_the_providers_that_there_are() -> None:
    assert set(PROVIDERS) == set(get_args(ProviderName))


def test_only_the_refining_of_what_a_person_chose_can_reach_a_provider() -> None:
    """The rule against bulk use: a stage that could ask would ask about everything."""
    root = Path(geocoder.__file__).parent
    importers = {
        path.name
        for path in root.glob("**/*.py")
        if path.parent != root / "online" and "geocoder.online" in _imports(path)
    }
    assert importers == {"refining.py"}


def _imports(path: Path) -> set[str]:
    """What a file imports of the package, but its settings, which send nothing."""
    nodes = ast.walk(ast.parse(path.read_text()))
    names = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {
        "geocoder.online"
        for name in names
        if name.startswith("geocoder.online") and name != "geocoder.online.settings"
    }
