"""Turns what was found at a point into rows of places, named in one language. Pure."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:  # its data shall be loaded in the child process alone
    from geocoder.gazetteer import Found, Level

Relation = Literal["in", "near", "region", "country", "sea"]
Key = tuple[str, str]
"""Source and id in it."""

OFFLINE = "offline"
OFFLINE_SOURCE = "geonames"
LEVELS = ("country", "region", "county", "city", "suburb", "spot")
"""From the largest to the smallest; a place lies in one of a larger level only."""
ORIGINAL = "und"
"""Key of the name for every language without one of its own."""
KEPT = 20_000
"""Places that are kept ready in the child process."""

_ready: dict[tuple[Any, ...], "tuple[Place, ...]"] = {}


class Place(NamedTuple):
    """A row of places to be; most attributes as its columns.

    `names` is the text of a JSON object, and `parent` the place that it lies in. A tuple with text
    and no dataclass with dictionaries: hundreds cross from process to process with each chunk.
    """

    source: str
    source_id: str
    level: str
    name: str
    region: str | None
    country: str | None
    country_code: str | None
    latitude: float | None
    longitude: float | None
    data_version: str
    names: str
    code: str | None = None
    timezone: str | None = None
    parent: Key | None = None

    @property
    def key(self) -> Key:
        """What tells it from all others."""
        return self.source, self.source_id


class Named(NamedTuple):
    """What the geocoder says of an asset: places from the largest to the smallest, and who said it.

    The last place is the asset's; there is none at sea.
    """

    places: tuple[Place, ...]
    relation: Relation
    distance_km: float | None
    geocoded_by: str = OFFLINE


def name_all(
    found: Sequence["Found | None"],
    language: str,
    source: str = OFFLINE_SOURCE,
    geocoded_by: str = OFFLINE,
) -> list[Named | None]:
    """Name each. Equal places are one object, so that a chunk carries them once."""
    if len(_ready) > KEPT:
        _ready.clear()
    return [None if one is None else _named(one, language, source, geocoded_by) for one in found]


def in_language(names: Mapping[str, str], language: str, original: str) -> str:
    """The name in a language, else in the language without its region, else the original one."""
    return names.get(language) or names.get(language.partition("-")[0]) or original


def _named(found: "Found", language: str, source: str, geocoded_by: str) -> Named:
    levels = found.levels
    key = (source, language, found.timezone, found.data_version, *(one.source_id for one in levels))
    places = _ready.get(key)
    if places is None:
        places = _ready[key] = _places(found, language, source)
    return Named(places, found.relation, found.distance_km, geocoded_by)


def _places(found: "Found", language: str, source: str) -> tuple[Place, ...]:
    places: list[Place] = []
    labels: dict[str, str] = {}
    for level in found.levels:
        labels[level.kind] = in_language(level.names, language, level.name)
        parent = places[-1].key if places else None
        places.append(_place(found, level, labels, parent, source))
    return tuple(places)


def _place(
    found: "Found", level: "Level", labels: Mapping[str, str], parent: Key | None, source: str
) -> Place:
    is_small = level.kind in {"city", "suburb"}
    return Place(
        source=source,
        source_id=level.source_id,
        level=level.kind,
        name=labels[level.kind],
        region=_between(level.kind, labels),
        country=labels.get("country"),
        country_code=found.country_code,
        latitude=level.latitude,
        longitude=level.longitude,
        data_version=found.data_version,
        names=json.dumps({**level.names, ORIGINAL: level.name}, ensure_ascii=False),
        code=level.code,
        timezone=found.timezone if is_small else None,
        parent=parent,
    )


def _between(kind: str, labels: Mapping[str, str]) -> str | None:
    """What is said between a place's name and its country: of a suburb its city, else the region.

    The state is not said of itself, nor anything of a country.
    """
    if kind == "suburb" and "city" in labels:
        return labels["city"]
    return labels.get("region") if kind not in {"country", "region"} else None
