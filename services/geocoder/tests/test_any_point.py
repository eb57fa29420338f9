"""Whatever the coordinates: a place that the database accepts, or the sea, and never an error."""

import re

import numpy as np
import pytest
from geocoder.gazetteer import find_many
from geocoder.gazetteer.atlas import Atlas
from hypothesis import example, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.unit
CODE = re.compile(r"[A-Z]{2}")
"""The form that the table of places demands."""
SUBDIVISION = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
ORDER = ["country", "region", "county", "city", "suburb"]


@settings(max_examples=400, deadline=None)
@given(st.floats(-90, 90), st.floats(-180, 180))
@example(90.0, 180.0)
@example(-90.0, -180.0)
@example(-16.8, 180.0)
@example(-16.8, -180.0)
@example(51.4779, -0.0)
def test_any_point_on_earth_is_in_a_country_or_at_sea(latitude: float, longitude: float) -> None:
    (found,) = find_many([(latitude, longitude)])
    kinds = [level.kind for level in found.levels]
    assert kinds == sorted(kinds, key=ORDER.index)
    assert len(set(kinds)) == len(kinds)
    assert (found.relation == "sea") == (found.country_code is None) == (not kinds)
    assert (
        (found.relation in {"in", "near"}) == (found.distance_km is not None) == ("city" in kinds)
    )
    if kinds:
        assert CODE.fullmatch(found.country_code or "")
        assert found.levels[0].code == found.country_code
        assert all(level.name and level.source_id for level in found.levels)


@settings(max_examples=200, deadline=None)
@given(st.floats(), st.floats())
@example(float("nan"), 10.0)
@example(10.0, float("inf"))
def test_numbers_that_are_no_coordinates_are_refused(latitude: float, longitude: float) -> None:
    if abs(latitude) <= 90 and abs(longitude) <= 180:
        assert len(find_many([(latitude, longitude)])) == 1
    else:
        with pytest.raises(ValueError, match="not on Earth"):
            find_many([(latitude, longitude)])


def test_all_the_data_has_codes_and_names_that_the_database_accepts() -> None:
    atlas = Atlas()
    towns = list(atlas.levels(np.arange(len(atlas.parents))))
    ids = {level.source_id for levels in towns for level in levels[-1:]}
    assert len(ids) == len(towns)
    uppers = {level[:2] + level[4:5]: level for levels in towns for level in levels}.values()
    assert [level for level in uppers if not level.name] == []
    assert [
        level
        for level in uppers
        if level.kind == "country" and not CODE.fullmatch(level.code or "")
    ] == []
    codes = [level.code for level in uppers if level.kind == "region" and level.code]
    assert len(codes) > 3000
    assert [code for code in codes if not SUBDIVISION.fullmatch(code)] == []


def test_a_city_has_no_city_above_it_and_a_district_has_one_that_is_larger() -> None:
    atlas = Atlas()
    districts = np.flatnonzero(atlas.parents >= 0)
    cities = atlas.parents[districts]
    assert (atlas.parents[cities] < 0).all()
    assert (atlas.radii[cities] >= atlas.radii[districts]).all()
