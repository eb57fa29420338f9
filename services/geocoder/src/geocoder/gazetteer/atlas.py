"""The data file, as arrays and strings that are decoded when they are asked for."""

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from itertools import repeat
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geocoder.gazetteer.model import UNTRANSLATED, Level

FORMAT = 1
PEOPLE_PER_KM2 = 3500.0
"""Of built-up ground; a town's radius follows from its people."""
LEAST_PEOPLE = 500
"""The data has no smaller towns, but some whose population is unknown."""
PIECE = 16_384
UPPERS_KEPT = 8192
"""Countries with region and county that are kept ready."""
Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


class Strings:
    """Many strings kept as the bytes of one."""

    def __init__(self, data: NDArray[Any], ends: NDArray[Any]) -> None:
        self._data = data.tobytes()
        self._starts = np.concatenate((np.zeros(1, dtype=ends.dtype), ends))
        self._quick_starts = self._starts.data
        """Gives one number ten times as fast as the array itself."""

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, index: int) -> str:
        starts = self._quick_starts
        return self._data[starts[index] : starts[index + 1]].decode()

    def some(self, indices: Indices) -> Iterator[str]:
        """The strings of these indices."""
        data = self._data
        starts, ends = self._starts[indices].tolist(), self._starts[indices + 1].tolist()
        return (data[start:end].decode() for start, end in zip(starts, ends, strict=True))

    def all(self) -> list[str]:
        """Every string, in order."""
        return [self[index] for index in range(len(self))]


class Atlas:
    """The towns, regions, counties and countries. Towns are known by their index."""

    def __init__(self) -> None:
        with (
            files("geocoder.gazetteer").joinpath("gazetteer.npz").open("rb") as stream,
            np.load(stream, allow_pickle=False) as arrays,
        ):
            if arrays["format"] != FORMAT:
                message = "the gazetteer's data file is of another version of the geocoder"
                raise ValueError(message)
            self.version = str(arrays["version"])
            self.points = _points(arrays["latitudes"], arrays["longitudes"])
            self.radii = _radii(arrays["populations"])
            self.parents: NDArray[np.int32] = arrays["parents"]
            self.rivals: NDArray[np.int32] = arrays["rivals"]
            self.town_countries: NDArray[np.int16] = arrays["town_countries"]
            self.town_regions: NDArray[np.uint16] = arrays["town_regions"]
            self._town_counties = arrays["town_counties"]
            self._town_ids = arrays["town_ids"]
            self.areas = {
                name.removeprefix("area_"): arrays[name].astype(np.float64)
                for name in arrays.files
                if name.startswith("area_")
            }
            self._texts = {
                name: Strings(arrays[name], arrays[f"{name}_ends"])
                for name in arrays.files
                if f"{name}_ends" in arrays.files
            }
            translated = arrays["translated_towns"].tolist()
        packed = self._texts.pop("town_translations").all()
        self._translations = dict(zip(translated, packed, strict=True))
        self._county_keys, self._county_names = (
            self._texts.pop(f"county_{part}") for part in ("keys", "names")
        )
        self.country_codes = self._texts["country_codes"].all()
        self.country = cache(self._country)
        self.region = cache(self._region)
        self.upper = lru_cache(UPPERS_KEPT)(self._upper)

    def levels(self, towns: Indices) -> Iterator[tuple[Level, ...]]:
        """Each town with all that it lies in, from the country down."""
        parents = self.parents[towns]
        uppers = map(
            self.upper,
            self.town_countries[towns].tolist(),
            self.town_regions[towns].tolist(),
            self._town_counties[towns].tolist(),
        )
        districts = parents >= 0
        cities = self._places(parents[districts].astype(np.int64))
        rows = zip(uppers, districts.tolist(), self._places(towns), strict=True)
        for upper, is_district, place in rows:
            yield (*upper, next(cities), place) if is_district else (*upper, place)

    def degrees(self, towns: Indices) -> tuple[Floats, Floats]:
        """The latitudes and longitudes of towns."""
        x, y, z = self.points[towns].T
        return np.degrees(np.arcsin(z)), np.degrees(np.arctan2(y, x))

    def _places(self, towns: Indices) -> Iterator[Level]:
        """Towns by themselves."""
        latitudes, longitudes = (np.round(part, 5).tolist() for part in self.degrees(towns))
        return map(
            Level,
            ["city" if parent < 0 else "suburb" for parent in self.parents[towns].tolist()],
            map(str, self._town_ids[towns].tolist()),
            self._texts["town_names"].some(towns),
            [_unpacked(self._translations.get(town, "")) for town in towns.tolist()],
            repeat(None),
            latitudes,
            longitudes,
        )

    def _upper(self, country: int, region: int, county: int) -> tuple[Level, ...]:
        if county:
            return (*self.upper(country, region, 0), self._county(county))
        level = self.region(region)
        return (self.country(country),) if level is None else (self.country(country), level)

    def _country(self, number: int) -> Level:
        code = self.country_codes[number]
        names = _unpacked(self._texts["country_translations"][number])
        return Level("country", code, self._texts["country_names"][number], names, code, None, None)

    def _region(self, number: int) -> Level | None:
        if number == 0:
            return None
        key, name, code, translations = (
            self._texts[f"region_{part}"][number - 1]
            for part in ("keys", "names", "codes", "translations")
        )
        return Level("region", key, name, _unpacked(translations), code or None, None, None)

    def _county(self, number: int) -> Level:
        key, name = self._county_keys[number - 1], self._county_names[number - 1]
        return Level("county", key, name, UNTRANSLATED, None, None, None)


def _points(latitudes: NDArray[np.int32], longitudes: NDArray[np.int32]) -> Floats:
    """Piece by piece, because the memory of large intermediate arrays stays with the process."""
    points = np.empty((len(latitudes), 3))
    for start in range(0, len(latitudes), PIECE):
        part = slice(start, start + PIECE)
        points[part] = on_sphere(latitudes[part] / 1e5, longitudes[part] / 1e5)
    return points


def _radii(populations: NDArray[np.uint32]) -> NDArray[np.float32]:
    """Kilometres from each town's centre to the end of its houses."""
    people = np.maximum(populations, LEAST_PEOPLE).astype(np.float32)
    radii: NDArray[np.float32] = np.sqrt(people / np.float32(np.pi * PEOPLE_PER_KM2))
    return radii


def _unpacked(names: str) -> Mapping[str, str]:
    if not names:
        return UNTRANSLATED
    pairs = (item.partition("=") for item in names.split("\t"))
    return MappingProxyType({language: name for language, _, name in pairs})


def on_sphere(latitude: Floats, longitude: Floats) -> Floats:
    """Degrees as points on the unit sphere, where no pole and no 180° is special."""
    north, east = np.radians(latitude), np.radians(longitude)
    ring = np.cos(north)
    return np.column_stack((ring * np.cos(east), ring * np.sin(east), np.sin(north)))
