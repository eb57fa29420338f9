"""Which town is a district of which city, and which city's ground reaches to which town.

GeoNames lists districts beside the cities they belong to. Its feature code (PPLX) tells most of
them apart; the rest follows from size and distance.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from .sources import Town

EARTH_KM = 6371.0088
PEOPLE_PER_KM2 = 3500.0
"""Of built-up ground; a city's radius follows from its people."""
LEAST_CITY = 5000
"""People; a smaller town has no districts."""
REACH_KM = 60.0
"""No city reaches farther."""
DISTRICT = "PPLX"
SEATS = ("PPLC", "PPLA")
"""Seats of an administration are places of their own, but for the boroughs of the largest."""
MEGACITY = 5_000_000
OWN, SEAT_OR_OWN, UNKNOWN, PART = 0.0, 0.35, 0.7, 2.5
"""How far, in radii of the city, a town of each kind counts as one of its districts."""
DISTRICT_MARGIN_KM = 3.0
"""The centre of a small city says little of where its districts lie."""
RIVAL_SHARE = 0.8
"""The part of a city's radius within which a point beside no other town is in the city."""

Floats = NDArray[np.float64]
Indices = NDArray[np.int32]


def radii(population: Floats) -> Floats:
    """Kilometres from a town's centre to the end of its houses."""
    return np.sqrt(np.maximum(population, 500) / (np.pi * PEOPLE_PER_KM2))


def families(towns: Sequence[Town]) -> tuple[Indices, Indices]:
    """The city that each town is a district of, and the one that reaches closest; -1 for none."""
    points = on_sphere(towns)
    radius = radii(np.array([town.population for town in towns], dtype=np.float64))
    cities = np.flatnonzero(
        [town.population >= LEAST_CITY and town.feature != DISTRICT for town in towns]
    )
    tree = cKDTree(points[cities])
    near = tree.query_ball_point(points, 2 * np.sin(REACH_KM / EARTH_KM / 2), workers=-1)
    parents = np.full(len(towns), -1, dtype=np.int32)
    rivals = parents.copy()
    for index, town in enumerate(towns):
        found = cities[near[index]]
        own = [
            int(city) for city in found if city != index and _are_of_one_country(town, towns[city])
        ]
        distances = {
            city: EARTH_KM * 2 * float(np.arcsin(np.linalg.norm(points[city] - points[index]) / 2))
            for city in own
            if towns[city].population > town.population
        }
        parents[index] = _parent(index, towns, radius, distances)
        rivals[index] = _rival(index, towns, radius, distances)
    return _flattened(parents), rivals


def _are_of_one_country(town: Town, city: Town) -> bool:
    """The districts of East Jerusalem are districts of Jerusalem, whoever's they are."""
    return town.country == city.country or (
        town.feature == DISTRICT and {town.country, city.country} == {"IL", "PS"}
    )


def _parent(index: int, towns: Sequence[Town], radius: Floats, distances: dict[int, float]) -> int:
    town = towns[index]
    best, best_share = -1, np.inf
    for city, distance in distances.items():
        if towns[city].region != town.region and town.country == towns[city].country:
            continue
        limit, ratio = _limit(town, towns[city], float(radius[city]))
        share = distance / limit if limit else np.inf
        if town.population * ratio <= towns[city].population and share < min(1.0, best_share):
            best, best_share = city, share
    return best


def _share_a_county(town: Town, city: Town) -> bool:
    return not town.county or not city.county or town.county == city.county


def _limit(town: Town, city: Town, radius: float) -> tuple[float, float]:
    """How far from the city's centre the town may lie, and how many times smaller it must be."""
    if town.feature == DISTRICT:
        return PART * radius + DISTRICT_MARGIN_KM, 1.0
    if not _share_a_county(town, city) and city.population < MEGACITY:
        return OWN, 1.0
    if town.feature:
        seat = town.feature.startswith(SEATS) and city.population < MEGACITY
        return (OWN if seat else SEAT_OR_OWN * radius), 3.0
    return UNKNOWN * radius, 8.0


def _rival(index: int, towns: Sequence[Town], radius: Floats, distances: dict[int, float]) -> int:
    reach = {
        city: RIVAL_SHARE * float(radius[city]) - distance
        for city, distance in distances.items()
        if towns[city].population >= 4 * towns[index].population
        and towns[city].region == towns[index].region
        and _share_a_county(towns[index], towns[city])
    }
    best = max(reach, key=lambda city: reach[city], default=-1)
    return best if best >= 0 and reach[best] > -float(RIVAL_SHARE * radius[best]) else -1


def _flattened(parents: Indices) -> Indices:
    """A district's district belongs to the city itself."""
    for _ in range(4):
        upper = np.where(parents >= 0, parents[parents], -1)
        parents = np.where(upper >= 0, upper, parents).astype(np.int32)
    return parents


def on_sphere(towns: Sequence[Town]) -> Floats:
    """The towns as points on the unit sphere."""
    latitude = np.radians([town.latitude for town in towns])
    longitude = np.radians([town.longitude for town in towns])
    return np.column_stack(
        (
            np.cos(latitude) * np.cos(longitude),
            np.cos(latitude) * np.sin(longitude),
            np.sin(latitude),
        )
    )
