"""What a look-up finds: tuples with names, since a dataclass costs three times as much to make."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

Kind = Literal["country", "region", "county", "city", "suburb"]
Relation = Literal["in", "near", "region", "country", "sea"]
UNTRANSLATED: Mapping[str, str] = MappingProxyType({})


class Level(NamedTuple):
    """One place of those that lie in each other.

    `source_id` is GeoNames' number of a town, its code of a region or county (IT.07, IT.07.RM) and
    the ISO code of a country; no two kinds share one. `code` is ISO 3166-1 or 3166-2. Only cities
    and suburbs have coordinates, in degrees. `names` gives translations by language.
    """

    kind: Kind
    source_id: str
    name: str
    names: Mapping[str, str]
    code: str | None
    latitude: float | None
    longitude: float | None


class Found(NamedTuple):
    """The place of a point, its levels from the largest to the smallest; none at sea.

    `distance_km` is that to the centre of the smallest level, for the relations "in" and "near".
    """

    levels: tuple[Level, ...]
    relation: Relation
    distance_km: float | None
    timezone: str | None
    country_code: str | None
    data_version: str
