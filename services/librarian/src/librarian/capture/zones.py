"""The time zone of a place, offline, from polygons.

The polygons are those of OpenStreetMap's time zones as tzfpy packages them (the geocoder uses it
too). It was measured against timezonefinder 9.0 with its full polygons, on two cores of an AMD
EPYC, Python 3.11; docs/adr/0009-zones-from-polygons.md has the details:

| | tzfpy 2.1.1 | timezonefinder 9.0.0, from disk / in memory |
|---|---|---|
| first answer | 63 to 77 ms | 280 / 325 ms |
| memory | 34 MB | 33 to 61 / 63 MB |
| one answer | 0.6 microseconds | 1.5 microseconds |
| installed, with what only it needs | 5 MB | 35 MB, and numpy |
| another offset than the other, 218,860 towns outside China | 2 | |
| the same, on either side of a border | 7.9 % at 50 m, 1.7 % at 100 m, 0.2 % at 500 m | |

In the west of China two zones hold at once; tzfpy answers with Beijing's, which clocks show there.
"""

from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def zone_at(latitude: float, longitude: float) -> ZoneInfo | None:
    """The time zone of a place; None where there is none, or none that is known here.

    At sea it is the nautical zone. The polygons are loaded at the first call.
    """
    import tzfpy  # noqa: PLC0415 - 34 MB, only for those who have a place to ask about

    return _zone(tzfpy.get_tz(longitude, latitude))


@cache
def _zone(name: str) -> ZoneInfo | None:
    """The polygons may be newer than the time zone database of this machine."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None
