"""Reads the levels of a place from what each provider says. Pure; trusts nothing it reads."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite

from geocoder.online.answers import Level, LevelKind
from geocoder.online.country_codes import ALPHA_2

KINDS: tuple[LevelKind, ...] = ("country", "region", "county", "city", "suburb")
LONGEST_NAME = 100
"""Five of them, in three bytes a letter, fit into an entry of an index."""
COUNTRY_CODE = re.compile(r"[A-Z]{2}")
REGION_CODE = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
OSM_KEYS: Mapping[LevelKind, tuple[str, ...]] = {
    "country": ("country",),
    "region": ("state", "province", "region"),
    "county": ("county", "state_district"),
    "city": ("city", "town", "village", "municipality", "hamlet"),
    "suburb": ("suburb", "city_district", "borough", "district", "quarter", "neighbourhood"),
}
"""Under what Nominatim and OpenCage say each level; the first that is there counts."""
PHOTON_KEYS: Mapping[LevelKind, tuple[str, ...]] = {
    "country": ("country",),
    "region": ("state",),
    "county": ("county",),
    "city": ("city",),
    "suburb": ("district", "locality"),
}
PHOTON_KINDS: Mapping[str, LevelKind] = {
    "country": "country",
    "state": "region",
    "county": "county",
    "city": "city",
    "district": "suburb",
}
"""Of what kind the thing itself is, which Photon names apart from what it lies in."""
GOOGLE_TYPES: Mapping[LevelKind, tuple[str, ...]] = {
    "country": ("country",),
    "region": ("administrative_area_level_1",),
    "county": ("administrative_area_level_2",),
    "city": ("locality", "postal_town", "administrative_area_level_3"),
    "suburb": ("sublocality_level_1", "sublocality", "neighborhood"),
}
HERE_KEYS: Mapping[LevelKind, tuple[str, ...]] = {
    "country": ("countryName",),
    "region": ("state",),
    "county": ("county",),
    "city": ("city",),
    "suburb": ("district",),
}


@dataclass(frozen=True, slots=True)
class Address:
    """What all providers come down to.

    Attributes:
        codes: ISO 3166-1 for the country, ISO 3166-2 for the region, where known.
    """

    names: Mapping[LevelKind, str]
    codes: Mapping[LevelKind, str]
    latitude: float | None
    longitude: float | None


Reader = Callable[[Mapping[str, object]], Address]
"""Reads one provider's result.

Raises any of KeyError, TypeError, ValueError, AttributeError for a result of another form.
"""


def levels_of(address: Address, language: str) -> tuple[Level, ...]:
    """The levels from the country down; none without a country, whose code all places need.

    Few providers tell ids of all levels, so each is known by the names that lead to it.
    """
    code = address.codes.get("country", "")
    if "country" not in address.names or not COUNTRY_CODE.fullmatch(code):
        return ()
    kinds = [kind for kind in KINDS if kind in address.names]
    levels: list[Level] = []
    for kind in kinds:
        name = address.names[kind]
        step = address.codes.get(kind, name)
        is_smallest = kind == kinds[-1] and kind != "country"
        levels.append(
            Level(
                kind=kind,
                source_id=f"{levels[-1].source_id}/{kind}:{step}" if levels else step,
                name=name,
                names={language: name},
                code=address.codes.get(kind),
                latitude=address.latitude if is_smallest else None,
                longitude=address.longitude if is_smallest else None,
            )
        )
    return tuple(levels)


def read_nominatim(raw: Mapping[str, object]) -> Address:
    """A place of Nominatim: {"lat": …, "lon": …, "address": {"city": …, "country_code": …}}."""
    address = _mapping(raw["address"])
    codes: dict[LevelKind, object] = {
        "country": address.get("country_code"),
        "region": address.get("ISO3166-2-lvl4") or address.get("ISO3166-2-lvl3"),
    }
    return _address(_names(address, OSM_KEYS), codes, raw.get("lat"), raw.get("lon"))


def read_opencage(raw: Mapping[str, object]) -> Address:
    """A result of OpenCage: {"components": {…}, "geometry": {"lat": …, "lng": …}}."""
    components, point = _mapping(raw["components"]), _mapping(raw["geometry"])
    regions = components.get("ISO_3166-2")
    codes: dict[LevelKind, object] = {
        "country": components.get("ISO_3166-1_alpha-2") or components.get("country_code"),
        "region": regions[0] if isinstance(regions, list) and regions else None,
    }
    return _address(_names(components, OSM_KEYS), codes, point.get("lat"), point.get("lng"))


def read_photon(raw: Mapping[str, object]) -> Address:
    """A feature of Photon: {"properties": {"city": …, "countrycode": …}, "geometry": {…}}."""
    properties, geometry = _mapping(raw["properties"]), _mapping(raw["geometry"])
    names = _names(properties, PHOTON_KEYS)
    kind = PHOTON_KINDS.get(str(properties.get("type")))
    own = clean(properties.get("name"))
    if kind is not None and own:
        names.setdefault(kind, own)
    point = geometry.get("coordinates")
    longitude, latitude = point[:2] if isinstance(point, list) else (None, None)
    return _address(names, {"country": properties.get("countrycode")}, latitude, longitude)


def read_google(raw: Mapping[str, object]) -> Address:
    """A result of Google: {"address_components": [{"long_name": …, "types": […]}, …]}."""
    components = raw["address_components"]
    if not isinstance(components, list):
        raise TypeError
    by_type: dict[str, object] = {}
    country: object = None
    for component in map(_mapping, components):
        types = component.get("types")
        for kind in types if isinstance(types, list) else ():
            by_type.setdefault(str(kind), component.get("long_name"))
            country = component.get("short_name") if kind == "country" else country
    point = _mapping(_mapping(raw["geometry"])["location"])
    names = _names(by_type, GOOGLE_TYPES)
    return _address(names, {"country": country}, point.get("lat"), point.get("lng"))


def read_here(raw: Mapping[str, object]) -> Address:
    """An item of HERE: {"address": {"countryCode": "ITA", …}, "position": {…}}."""
    address, point = _mapping(raw["address"]), _mapping(raw["position"])
    code = ALPHA_2.get(str(address.get("countryCode")).upper())
    names = _names(address, HERE_KEYS)
    return _address(names, {"country": code}, point.get("lat"), point.get("lng"))


def clean(value: object) -> str:
    """A name that can be stored and shown: one line of printable characters, not endless."""
    if not isinstance(value, str):
        return ""
    text = value[: 4 * LONGEST_NAME].encode("utf-8", "replace").decode()
    line = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(line.split())[:LONGEST_NAME].strip()


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise TypeError
    return value


def _names(
    values: Mapping[str, object], keys: Mapping[LevelKind, tuple[str, ...]]
) -> dict[LevelKind, str]:
    found = {
        kind: next(filter(None, (clean(values.get(key)) for key in names)), "")
        for kind, names in keys.items()
    }
    return {kind: name for kind, name in found.items() if name}


def _address(
    names: Mapping[LevelKind, str],
    codes: Mapping[LevelKind, object],
    latitude: object,
    longitude: object,
) -> Address:
    country = clean(codes.get("country")).upper()
    region = clean(codes.get("region")).upper()
    known: dict[LevelKind, str] = {"country": country} if country else {}
    if REGION_CODE.fullmatch(region) and region.startswith(country):
        known["region"] = region
    point = _degrees(latitude, 90), _degrees(longitude, 180)
    return Address(names, known, *(point if None not in point else (None, None)))


def _degrees(value: object, most: float) -> float | None:
    """A number, or the text of one; None for anything that is no angle on Earth."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if isfinite(number) and abs(number) <= most else None
