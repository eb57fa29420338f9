"""Where a photo or video was taken, from its tags."""

import math
from collections.abc import Mapping

from photo_factory.models import Location

NULL_ISLAND_DEGREES = 1e-4
"""A receiver without a fix writes 0, 0: a spot in the ocean that nobody photographs."""
HIGHEST_METRES = 100_000
DEEPEST_METRES = -12_000


def location(tags: Mapping[str, object]) -> Location | None:
    """Read a position, or None when the tags hold none that can be true.

    Only ExifTool's composite tags are read: they carry the sign, while EXIF keeps the hemisphere in
    a tag of its own, so that a position in Chile would be drawn in China.
    """
    latitude = _number(tags.get("Composite:GPSLatitude"), -90, 90)
    longitude = _number(tags.get("Composite:GPSLongitude"), -180, 180)
    if latitude is None or longitude is None:
        return None
    if max(abs(latitude), abs(longitude)) < NULL_ISLAND_DEGREES:
        return None
    altitude = _number(tags.get("Composite:GPSAltitude"), DEEPEST_METRES, HIGHEST_METRES)
    return Location(latitude, longitude, altitude, "gps")


def _number(value: object, lowest: float, highest: float) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if math.isfinite(number) and lowest <= number <= highest else None
