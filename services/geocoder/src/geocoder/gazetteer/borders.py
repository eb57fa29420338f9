"""The country and the time zone of points, by polygon.

The time zone database keeps a zone for each country, and tzfpy has the zones' polygons along the
borders of OpenStreetMap (within about 111 m of them), so the zone tells the country. Four cases it
leaves open:
- Kosovo keeps Belgrade's zone: Natural Earth's border decides.
- The north of Vietnam keeps Bangkok's zone, and Jerusalem's holds the Golan and East Jerusalem,
  whose countries are disputed: there the nearest town *of that zone* decides, with GeoNames' code.
- Antarctica outside the stations' zones: Natural Earth's land decides.
- Other disputed land (Crimea, Western Sahara, Northern Cyprus, Kashmir) is of the country that the
  zone's table names: Ukraine, Western Sahara, Cyprus, and in Kashmir whoever administers it.
"""

from functools import cache, cached_property
from importlib.resources import files

import numpy as np
import tzfpy
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geocoder.gazetteer.atlas import Atlas, Floats, Indices, on_sphere

SEA = -1
SHARED = -2
OPEN_SEA = "Etc/"
"""Time zones of the sea outside territorial waters."""
NEAREST_DECIDES = {
    "Asia/Bangkok": ("TH", "VN"),
    "Asia/Jerusalem": ("IL", "PS", "SY"),
}
CLAIMED = {"Europe/Simferopol": "UA", "Asia/Hebron": "PS", "Africa/El_Aaiun": "EH"}
"""The country of zones that the table gives to two, or that two claim: as GeoNames has it."""
KOSOVO, KOSOVO_ZONE = "XK", "Europe/Belgrade"
ANTARCTICA, NORTHERN_LIMIT = "AQ", -60.0
CHUNK = 256
"""Points tested against a polygon at a time, so that memory stays bounded."""


class Borders:
    """Says in which country points lie."""

    def __init__(self, atlas: Atlas) -> None:
        self._atlas = atlas
        self._numbers = {code: number for number, code in enumerate(atlas.country_codes)}
        names = sorted({*tzfpy.timezonenames(), ""})
        self._zones = {name: number for number, name in enumerate(names)}
        self.zone_names = np.array([name or None for name in names], dtype=object)
        self._countries = np.array(
            [_country_of(name, self._numbers) for name in names], dtype=np.int16
        )

    def find(self, latitude: Floats, longitude: Floats) -> tuple[NDArray[np.int16], Indices]:
        """The number of the country of each point, or SEA, and the number of its zone."""
        places = map(tzfpy.get_tz, longitude.tolist(), latitude.tolist())
        zones = np.fromiter(
            map(self._zones.__getitem__, places), dtype=np.int64, count=len(latitude)
        )
        countries = self._countries[zones]
        self._decide_kosovo(countries, zones, latitude, longitude)
        self._decide_antarctica(countries, latitude, longitude)
        self._decide_shared(countries, zones, latitude, longitude)
        return countries, zones

    def _decide_kosovo(
        self, countries: NDArray[np.int16], zones: Indices, latitude: Floats, longitude: Floats
    ) -> None:
        there = np.flatnonzero(zones == self._zones[KOSOVO_ZONE])
        if there.size:
            inside = within(self._atlas.areas[KOSOVO], latitude[there], longitude[there])
            countries[there[inside]] = self._numbers[KOSOVO]

    def _decide_antarctica(
        self, countries: NDArray[np.int16], latitude: Floats, longitude: Floats
    ) -> None:
        there = np.flatnonzero((countries == SEA) & (latitude < NORTHERN_LIMIT))
        if there.size:
            inside = within(self._atlas.areas[ANTARCTICA], latitude[there], longitude[there])
            countries[there[inside]] = self._numbers[ANTARCTICA]

    def _decide_shared(
        self, countries: NDArray[np.int16], zones: Indices, latitude: Floats, longitude: Floats
    ) -> None:
        shared = np.flatnonzero(countries == SHARED)
        for zone in np.unique(zones[shared]) if shared.size else ():
            there = shared[zones[shared] == zone]
            towns, tree = self._shared_towns[int(zone)]
            _, nearest = tree.query(on_sphere(latitude[there], longitude[there]))
            countries[there] = self._atlas.town_countries[towns[nearest]]

    @cached_property
    def _shared_towns(self) -> dict[int, tuple[Indices, cKDTree]]:
        """The towns that lie in each shared zone."""
        return {self._zones[name]: self._towns_in(name) for name in NEAREST_DECIDES}

    def _towns_in(self, zone: str) -> tuple[Indices, cKDTree]:
        atlas = self._atlas
        countries = [self._numbers[code] for code in NEAREST_DECIDES[zone]]
        towns = np.flatnonzero(np.isin(atlas.town_countries, countries))
        latitude, longitude = atlas.degrees(towns)
        places = map(tzfpy.get_tz, longitude.tolist(), latitude.tolist())
        inside = np.fromiter((place == zone for place in places), dtype=bool, count=len(towns))
        return towns[inside], cKDTree(atlas.points[towns[inside]])


def _country_of(zone: str, numbers: dict[str, int]) -> int:
    if not zone or zone.startswith(OPEN_SEA):
        return SEA
    if zone in NEAREST_DECIDES:
        return SHARED
    return numbers[zone_table()[zone]]


@cache
def zone_table() -> dict[str, str]:
    """The country of each zone by the time zone database."""
    table = files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {row[2]: row[0] for row in rows} | CLAIMED


def within(edges: Floats, latitude: Floats, longitude: Floats) -> NDArray[np.bool_]:
    """Whether points lie in the polygons of these edges (longitude, latitude, twice a row).

    A point is inside when a ray from it to the east crosses an odd number of edges.
    """
    inside = np.zeros(len(latitude), dtype=bool)
    for start in range(0, len(latitude), CHUNK):
        part = slice(start, start + CHUNK)
        inside[part] = _crossings(edges, latitude[part, None], longitude[part, None]) % 2 == 1
    return inside


def _crossings(edges: Floats, latitude: Floats, longitude: Floats) -> Indices:
    west, south, east, north = edges.T
    spans = (south > latitude) != (north > latitude)
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = west + (latitude - south) / (north - south) * (east - west)
    found: Indices = np.count_nonzero(spans & (longitude < crossing), axis=1)
    return found
