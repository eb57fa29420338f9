"""Finds the town, region and country of points, many at once.

The nearest town answers nearly always; what depends on the towns alone (whose district a town is,
which city's ground reaches it) was worked out when the data was made. Polygons decide the country,
and where the nearest town is in another one, the nearest in the right country takes its place.
"""

from collections.abc import Sequence
from functools import cache
from itertools import chain, repeat

import numpy as np
import tzfpy
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geocoder.gazetteer.atlas import Atlas, Floats, Indices, on_sphere
from geocoder.gazetteer.borders import SEA, Borders
from geocoder.gazetteer.model import Found, Level, Relation

EARTH_KM = 6371.0088
IN_KM = 25.0
"""Farther from the town than this it is only near it."""
NEAR_KM = 50.0
"""Farther away than this a town does not name a place; its region or country still does."""
RIVAL_SHARE = 0.8
"""The part of a city's radius within which a point outside other towns is in the city."""
DISTRICT_KM = 2.0
"""Nobody is so near to a district's centre and not in it."""
WITNESSES = 4
"""A region is named without a town only where this many nearest towns agree on it."""
LEAF_SIZE = 32
"""As fast as smaller leaves, in half the memory."""
CROWD = 16
"""Towns among which one of the right country is looked for before all of the country's are."""
MANY = 1 << 20
"""More than there are regions."""
KEPT = 16_384
"""Towns whose levels are kept ready."""
SORTED_FROM = 2048
"""Batches from this size on are looked up in the order of place, which spares the caches."""
RELATIONS: tuple[Relation, ...] = ("in", "near", "region", "country", "sea")
IN, NEAR, REGION, COUNTRY, AT_SEA = range(5)
MOST_LATITUDE, MOST_LONGITUDE = 90.0, 180.0
NO_TOWN = -1
ACROSS = 2.0
"""The longest line through a sphere of radius 1."""
Numbers = NDArray[np.int16]


class Gazetteer:
    """The towns of the world, ready to be asked."""

    def __init__(self) -> None:
        self._atlas = atlas = Atlas()
        self._borders = Borders(atlas)
        self._tree = cKDTree(atlas.points, leafsize=LEAF_SIZE, balanced_tree=False)
        self._codes = np.array([*atlas.country_codes, None], dtype=object)
        self._relations = np.array(RELATIONS, dtype=object)
        self._towns_of = cache(lambda country: np.flatnonzero(atlas.town_countries == country))
        self._levels: dict[int, tuple[Level, ...]] = {}
        self.data_version = f"{atlas.version}, borders {tzfpy.data_version()}"

    def find_many(self, points: Sequence[tuple[float, float]]) -> list[Found]:
        """The place of each (latitude, longitude).

        Raises ValueError when one is not finite or not on Earth.
        """
        latitude, longitude = _degrees(points)
        if len(latitude) < SORTED_FROM:
            return self._found(latitude, longitude)
        order = np.lexsort((np.floor(longitude * 2), np.floor(latitude * 2)))
        found = self._found(latitude[order], longitude[order])
        back = np.empty_like(order)
        back[order] = np.arange(len(order))
        return [found[index] for index in back.tolist()]

    def _found(self, latitude: Floats, longitude: Floats) -> list[Found]:
        points = on_sphere(latitude, longitude)
        countries, zones = self._borders.find(latitude, longitude)
        towns, distance = self._nearest(points, countries)
        towns, distance = self._weighed(points, towns, distance)
        relations = np.where(distance <= IN_KM, IN, NEAR)
        relations[countries == SEA] = AT_SEA
        is_far = (distance > NEAR_KM) & (countries != SEA)
        levels = self._levels_of(np.where(is_far | (relations == AT_SEA), NO_TOWN, towns))
        far = np.flatnonzero(is_far)
        kilometres: list[float | None] = np.round(distance, 3).tolist()
        if far.size:
            regions = self._regions(points[far], countries[far])
            relations[far] = np.where(regions, REGION, COUNTRY)
            rows = zip(far.tolist(), countries[far].tolist(), regions, strict=True)
            for index, country, region in rows:
                levels[index] = self._atlas.upper(country, region, 0)
        for index in np.flatnonzero(relations > NEAR).tolist():
            kilometres[index] = None
        return list(
            map(
                Found,
                levels,
                self._relations[relations].tolist(),
                kilometres,
                self._borders.zone_names[zones].tolist(),
                self._codes[countries].tolist(),
                repeat(self.data_version),
            )
        )

    def _nearest(self, points: Floats, countries: Numbers) -> tuple[Indices, Floats]:
        """The nearest town in the country of each point, and how many kilometres away it is."""
        towns, chords = np.full(len(points), NO_TOWN), np.full(len(points), ACROSS)
        land = np.flatnonzero(countries != SEA)
        chords[land], towns[land] = self._tree.query(points[land])
        home = self._atlas.town_countries
        abroad = np.flatnonzero((home[towns] != countries) & (countries != SEA))
        if abroad.size:
            crowd_chords, crowd = self._tree.query(points[abroad], k=CROWD)
            own = home[crowd] == countries[abroad, None]
            first, row = own.argmax(axis=1), np.arange(len(abroad))
            towns[abroad], chords[abroad] = crowd[row, first], crowd_chords[row, first]
            for index in abroad[~own.any(axis=1)].tolist():
                country = int(countries[index])
                towns[index], chords[index] = self._nearest_of(points[index], country)
        return towns, _kilometres(chords)

    def _nearest_of(self, point: Floats, country: int) -> tuple[int, float]:
        """The nearest of all towns of a country, where none is among the nearest of the world."""
        own = self._towns_of(country)
        if not own.size:
            return NO_TOWN, ACROSS
        nearness = self._atlas.points[own] @ point
        nearest = int(nearness.argmax())
        return int(own[nearest]), float(np.linalg.norm(self._atlas.points[own[nearest]] - point))

    def _weighed(self, points: Floats, towns: Indices, distance: Floats) -> tuple[Indices, Floats]:
        """The city in place of a district that is not close, or of a town that it outweighs."""
        parents = self._atlas.parents[towns]
        cities = np.where(parents >= 0, parents, self._atlas.rivals[towns])
        some = np.flatnonzero((cities >= 0) & (towns >= 0))
        city, town, to_town = cities[some], towns[some], distance[some]
        steps = points[some] - self._atlas.points[city]
        to_city = _kilometres(np.sqrt(np.einsum("ij,ij->i", steps, steps)))
        radius = self._atlas.radii[town]
        in_district = to_town <= np.maximum(DISTRICT_KM, 1.5 * radius)
        beyond = RIVAL_SHARE * self._atlas.radii[city]
        better = np.where(
            parents[some] >= 0,
            ~in_district & (2 * to_town > to_city),
            (to_town > radius) & (to_city < beyond) & (to_city - beyond < to_town - radius),
        )
        chosen = some[better]
        towns[chosen], distance[chosen] = city[better], to_city[better]
        return towns, distance

    def _levels_of(self, towns: Indices) -> list[tuple[Level, ...]]:
        """The levels of each town; none for NO_TOWN."""
        wanted = towns.tolist()
        missing = set(wanted).difference(self._levels)
        if missing:
            self._make_ready(missing, set(wanted))
        kept = self._levels
        return [kept[town] for town in wanted]

    def _make_ready(self, missing: set[int], wanted: set[int]) -> None:
        """Take in the levels of more towns, forgetting those of others when the room is full."""
        if len(self._levels) + len(missing) > KEPT:
            self._levels = {town: self._levels[town] for town in wanted - missing}
        towns = np.array(sorted(missing - {NO_TOWN}), dtype=np.int64)
        self._levels.update(zip(towns.tolist(), self._atlas.levels(towns), strict=True))
        self._levels[NO_TOWN] = ()

    def _regions(self, points: Floats, countries: Numbers) -> list[int]:
        """The region of points far from every town if the towns around agree, else 0."""
        _, crowd = self._tree.query(points, k=CROWD)
        own = self._atlas.town_countries[crowd] == countries[:, None]
        witness = own & (own.cumsum(axis=1) <= WITNESSES)
        regions = self._atlas.town_regions[crowd].astype(np.int64)
        least = np.where(witness, regions, MANY).min(axis=1)
        most = np.where(witness, regions, 0).max(axis=1)
        agree = (witness.sum(axis=1) == WITNESSES) & (least == most)
        found: list[int] = np.where(agree, most, 0).tolist()
        return found


@cache
def gazetteer() -> Gazetteer:
    """The one of this process."""
    return Gazetteer()


def find_many(points: Sequence[tuple[float, float]]) -> list[Found]:
    """The place of each (latitude, longitude); ValueError when one is not on Earth."""
    return gazetteer().find_many(points)


def _degrees(points: Sequence[tuple[float, float]]) -> tuple[Floats, Floats]:
    flat = np.fromiter(chain.from_iterable(points), dtype=np.float64)
    if len(flat) != 2 * len(points):
        message = "a point is not two numbers"
        raise ValueError(message)
    latitude, longitude = flat.reshape(-1, 2).T.copy()
    # NaN compares false, so this refuses it as well.
    if not (
        (np.abs(latitude) <= MOST_LATITUDE).all() and (np.abs(longitude) <= MOST_LONGITUDE).all()
    ):
        message = "a point is not on Earth"
        raise ValueError(message)
    return latitude, longitude


def _kilometres(chords: Floats) -> Floats:
    """Along the Earth, from the straight line through a sphere of radius 1."""
    distance: Floats = 2 * EARTH_KM * np.arcsin(np.minimum(chords / 2, 1.0))
    return distance
