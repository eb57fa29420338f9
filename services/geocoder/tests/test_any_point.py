"""Whatever the coordinates: a place that the database accepts, or none, and never an error."""

import re
from datetime import datetime
from pathlib import Path

import pytest
from geocoder.gazetteer import gazetteer
from geocoder.stage import process
from hypothesis import example, given, settings
from hypothesis import strategies as st
from photo_factory.models import Asset, Location
from photo_factory.settings import Settings
from photo_factory.stage import Context, Done, Skipped

pytestmark = pytest.mark.unit
CODE = re.compile(r"[A-Z]{2}")
"""The form that the table of places demands."""


@settings(max_examples=400, deadline=None)
@given(st.floats(-90, 90), st.floats(-180, 180))
@example(90.0, 180.0)
@example(-90.0, -180.0)
@example(-16.8, 180.0)
@example(-16.8, -180.0)
@example(51.4779, -0.0)
def test_any_point_on_earth_has_a_valid_place_or_none(latitude: float, longitude: float) -> None:
    place = gazetteer().find(Location(latitude, longitude, None, "test"))
    if place is not None:
        assert CODE.fullmatch(place.country_code)
        assert place.name
        assert place.country


@settings(max_examples=200, deadline=None)
@given(st.floats(), st.floats())
@example(float("nan"), 10.0)
@example(10.0, float("inf"))
def test_numbers_that_are_no_coordinates_do_no_harm(latitude: float, longitude: float) -> None:
    noon = datetime(2024, 5, 17, 12)  # noqa: DTZ001 - local wall-clock time
    location = Location(latitude, longitude, None, "test")
    asset = Asset(1, "ab" * 32, "2024/a.jpg", "photo", "image/jpeg", 1000, noon, location)
    outcome = process(asset, Context(Path("library"), Path("scratch"), Settings()))
    assert isinstance(outcome, Done | Skipped)


def test_all_the_data_has_codes_and_names_that_the_database_accepts() -> None:
    data = gazetteer()
    towns, countries = data._towns, data._country_names  # noqa: SLF001 - the data are under test
    codes = {town.country_code for town in towns} | set(countries)
    assert [code for code in codes if not CODE.fullmatch(code)] == []
    assert [town for town in towns if town.country_code not in countries or not town.name] == []
    assert len({town.source_id for town in towns}) == len(towns)
