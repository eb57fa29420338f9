"""Which place a point has: borders, districts, hemispheres, the date line, the wilds, the sea."""

import math

import pytest
import tzfpy
from geocoder.gazetteer import Found, find_many
from geocoder.gazetteer.borders import CLAIMED, NEAREST_DECIDES, zone_table

pytestmark = pytest.mark.unit

PLACES = {
    "the Capitole of Toulouse is in France": (43.6045, 1.4440, "FR", "Occitanie", "Toulouse", None),
    "the Colosseum": (41.8902, 12.4922, "IT", "Lazio", "Rome", "Campitelli"),
    "Via Nazionale": (41.8960, 12.4990, "IT", "Lazio", "Rome", "Monti"),
    "Trastevere": (41.8897, 12.4700, "IT", "Lazio", "Rome", "Trastevere"),
    "the centre of Rome": (41.8919, 12.5113, "IT", "Lazio", "Rome", None),
    "Hatert": (51.8064, 5.8306, "NL", "Gelderland", "Nijmegen", "Hatert"),
    "the harbour of Sydney": (-33.8600, 151.2094, "AU", "New South Wales", "Sydney", "The Rocks"),
    "Central Park": (40.7831, -73.9662, "US", "New York", "New York City", "Manhattan"),
    "Hoboken is no part of New York": (40.7440, -74.0300, "US", "New Jersey", "Hoboken", None),
    "Villeurbanne is no part of Lyon": (
        *(45.7660, 4.8800, "FR", "Auvergne-Rhône-Alpes", "Villeurbanne", None),
    ),
    "Windsor, across the river from Detroit": (42.3149, -83.0364, "CA", "Ontario", "Windsor", None),
    "Detroit": (42.3314, -83.0458, "US", "Michigan", "Detroit", None),
    "Niagara, Canada's side": (43.0793, -79.0790, "CA", "Ontario", "Niagara Falls", None),
    "Niagara, America's side": (43.0862, -79.0680, "US", "New York", "Niagara Falls", None),
    "Strasbourg": (48.5839, 7.7455, "FR", "Grand Est", "Strasbourg", None),
    "Kehl, across the Rhine": (48.5730, 7.8150, "DE", "Baden-Wurttemberg", "Kehl", None),
    "Santiago, south and west": (
        *(-33.4569, -70.6483, "CL", "Santiago Metropolitan", "Santiago", None),
    ),
    "Suva, near the date line": (-18.1416, 178.4415, "FJ", "Central", "Suva", None),
    "Pristina, in the zone of Belgrade": (42.6727, 21.1669, "XK", "Pristina", "Pristina", None),
    "Hanoi, in the zone of Bangkok": (21.0300, 105.8500, "VN", "Hanoi", "Hanoi", "Hoàn Kiếm"),
    "Vatican City": (41.9022, 12.4539, "VA", None, "Vatican City", None),
    "Büsingen, German within Switzerland": (
        *(47.6970, 8.6900, "DE", "Baden-Wurttemberg", "Büsingen", None),
    ),
    "Baarle-Nassau, Dutch": (51.4460, 4.9280, "NL", "North Brabant", "Baarle-Nassau", None),
    "Baarle-Hertog, Belgian within the Dutch": (
        *(51.4420, 4.9320, "BE", "Flanders", "Baarle-Hertog", None),
    ),
}
COUNTRIES = {
    "Nijmegen-Dukenburg": (51.8236, 5.7930, "NL", "in"),
    "Monaco": (43.7384, 7.4246, "MC", "in"),
    "Bangkok": (13.7563, 100.5018, "TH", "in"),
    "Montana, nearer to a town of Alberta": (48.9900, -113.3700, "US", "region"),
    "Llívia, Spanish within France": (42.4650, 1.9800, "ES", "in"),
    "Campione, Italian within Switzerland": (45.9700, 8.9710, "IT", "in"),
    "Gibraltar": (36.1400, -5.3530, "GI", "in"),
    "Ceuta, Spanish in Africa": (35.8890, -5.3200, "ES", "in"),
    "Mitrovica, Kosovo": (42.8900, 20.8600, "XK", "in"),
    "Raška, Serbia, near Kosovo": (43.2900, 20.6100, "RS", "in"),
    "Simferopol in the Crimea": (44.9500, 34.1000, "UA", "in"),
    "Laayoune in Western Sahara": (27.1500, -13.2000, "EH", "in"),
    "Macau": (22.1900, 113.5400, "MO", "in"),
    "Kiritimati": (1.8700, -157.4000, "KI", "in"),
    "the Sahara": (23.0, 10.0, "DZ", "country"),
    "Taveuni, west of the date line": (-16.85, 179.97, "FJ", "country"),
    "Taveuni, east of the date line": (-16.85, -179.97, "FJ", "country"),
    "the South Pole": (-90.0, 0.0, "AQ", "country"),
    "Marie Byrd Land, in no station's zone": (-78.0, -120.0, "AQ", "country"),
    "the ice of Greenland": (75.0, -40.0, "GL", "country"),
}
SEAS = {
    "the middle of the Atlantic": (30.0, -40.0),
    "the North Pole": (90.0, 0.0),
    "where a receiver without a fix says it is": (0.0, 0.0),
    "the Pacific on the date line": (-40.0, 180.0),
    "the Ross Sea": (-70.0, -170.0),
}


def find(latitude: float, longitude: float) -> Found:
    (found,) = find_many([(latitude, longitude)])
    return found


def name_of(found: Found, kind: str) -> str | None:
    return next((level.name for level in found.levels if level.kind == kind), None)


@pytest.mark.parametrize(
    ("latitude", "longitude", "country", "region", "city", "suburb"), PLACES.values(), ids=PLACES
)
def test_a_point_in_a_town_has_country_region_city_and_district(  # noqa: PLR0913, PLR0917 - one column each
    latitude: float,
    longitude: float,
    country: str,
    region: str | None,
    city: str,
    suburb: str | None,
) -> None:
    found = find(latitude, longitude)
    assert (found.country_code, found.relation) == (country, "in")
    assert (name_of(found, "region"), name_of(found, "city")) == (region, city)
    assert name_of(found, "suburb") == suburb


@pytest.mark.parametrize(
    ("latitude", "longitude", "country", "relation"), COUNTRIES.values(), ids=COUNTRIES
)
def test_a_border_is_kept_and_the_wilds_have_no_town(
    latitude: float, longitude: float, country: str, relation: str
) -> None:
    found = find(latitude, longitude)
    assert (found.country_code, found.relation) == (country, relation)
    assert found.levels[0].code == country
    if relation != "in":
        assert found.distance_km is None
        assert {level.kind for level in found.levels} <= {"country", "region"}


@pytest.mark.parametrize("point", SEAS.values(), ids=SEAS)
def test_the_open_sea_has_no_levels(point: tuple[float, float]) -> None:
    found = find(*point)
    assert found[:4] == ((), "sea", None, found.timezone)
    assert found.country_code is None
    assert found.timezone is not None
    assert found.timezone.startswith("Etc/")


def test_nijmegen_dukenburg_is_in_nijmegen() -> None:
    assert name_of(find(51.8236, 5.7930), "city") == "Nijmegen"


def test_a_place_25_to_50_km_from_a_town_is_near_it() -> None:
    found = find(48.95, -113.30)
    assert (found.relation, found.country_code) == ("near", "US")
    assert found.distance_km == pytest.approx(47.3, abs=0.5)
    assert found.levels[-1].kind == "city"


def test_distance_time_zone_and_version_are_given() -> None:
    found = find(43.6045, 1.4440)
    assert found.distance_km == pytest.approx(0.04, abs=0.02)
    assert found.timezone == "Europe/Paris"
    assert found.data_version.startswith("geonames-cities500 ")


def test_levels_have_stable_ids_codes_and_coordinates() -> None:
    country, region, county, city, suburb = find(41.8960, 12.4990).levels
    assert (country.source_id, country.code, country.latitude) == ("IT", "IT", None)
    assert (region.source_id, region.code) == ("IT.07", "IT-62")
    assert (county.kind, county.source_id) == ("county", "IT.07.RM")
    assert (city.source_id, city.latitude, city.longitude) == ("3169070", 41.89193, 12.51133)
    assert (suburb.kind, suburb.source_id) == ("suburb", "6545159")


def test_country_region_and_well_known_cities_have_names_in_several_languages() -> None:
    country, region, *_, city = find(48.2085, 16.3721).levels[:4]
    assert (country.names["de"], country.names["fr"]) == ("Österreich", "Autriche")
    assert region.name == "Vienna"
    assert (city.name, city.names["de"]) == ("Vienna", "Wien")


def test_both_sides_of_the_date_line_are_one_neighbourhood() -> None:
    assert find(-16.85, 179.999)[:2] == find(-16.85, -179.999)[:2]
    assert find(-16.85, 180.0).country_code == find(-16.85, -180.0).country_code == "FJ"


def test_a_batch_finds_what_each_point_alone_finds_in_the_same_order() -> None:
    points = [(case[0], case[1]) for case in PLACES.values()]
    points += [(case[0], case[1]) for case in COUNTRIES.values()]
    points += SEAS.values()
    alone = [find(*point) for point in points]
    assert find_many(points) == alone
    assert find_many(points * 60) == alone * 60


def test_no_points_find_nothing() -> None:
    assert find_many([]) == []


@pytest.mark.parametrize(
    "point",
    [
        (90.1, 0.0),
        (0.0, -180.1),
        (math.nan, 0.0),
        (0.0, math.inf),
        (-200.0, 500.0),
        (1.0, 2.0, 3.0),
    ],
)
def test_what_is_not_on_earth_is_refused(point: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="a point is not"):
        find_many([(41.9, 12.5), point])  # type: ignore[list-item]  # one case is no pair


def test_every_time_zone_on_land_belongs_to_a_country_that_the_data_knows() -> None:
    """A zone that no list knows would lose its border check without a word."""
    zones = [zone for zone in tzfpy.timezonenames() if not zone.startswith("Etc/")]
    assert [zone for zone in zones if zone not in zone_table()] == []
    assert set(CLAIMED) | set(NEAREST_DECIDES) <= set(zones)
