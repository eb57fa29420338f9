"""Where a photo or video was taken, from its tags, its sidecar and Google's JSON."""

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from photo_factory.models import Location

from librarian.capture.evidence import NO_TAGS

NULL_ISLAND_DEGREES = 1e-4
"""A receiver without a fix writes 0, 0: a spot in the ocean that nobody photographs."""
SAME_DEGREES = 1e-5
"""A metre: what a program loses that copies a position into a sidecar."""
HIGHEST_METRES = 100_000
DEEPEST_METRES = -12_000
COMPOSITE = ("Composite:GPSLatitude", "Composite:GPSLongitude", "Composite:GPSAltitude")
XMP = ("XMP-exif:GPSLatitude", "XMP-exif:GPSLongitude", "XMP-exif:GPSAltitude")
TAKEOUT = ("Takeout:Latitude", "Takeout:Longitude", "Takeout:Altitude")
QUICKTIME = ("Keys:GPSCoordinates", "UserData:GPSCoordinates", "ItemList:GPSCoordinates")
ISO_6709 = re.compile(
    r"(?P<latitude>[+-]\d{1,6}(?:\.\d*)?)(?P<longitude>[+-]\d{1,7}(?:\.\d*)?)"
    r"(?P<altitude>[+-]\d+(?:\.\d*)?)?(?:CRS\w*)?/?",
    re.ASCII,
)
"""Degrees, degrees and minutes, or these and seconds, told apart by the number of digits."""
LATITUDE_DIGITS, LONGITUDE_DIGITS = 2, 3

Source = Literal["sidecar", "gps", "takeout"]


def location_of(
    tags: Mapping[str, object],
    sidecar: Mapping[str, object] = NO_TAGS,
    takeout: Mapping[str, object] = NO_TAGS,
) -> Location | None:
    """Read a position, or None when there is none that can be true.

    A sidecar comes before what is embedded, for there people put places right; where it repeats
    the embedded position, that one stays, with its altitude. Google's comes last.
    """
    embedded = _embedded(tags, "gps")
    edited = _embedded(sidecar, "sidecar") if sidecar else None
    if edited is not None and (embedded is None or not _is_same(edited, embedded)):
        return edited
    if embedded is not None or not takeout:
        return embedded
    return _signed(takeout, TAKEOUT, "takeout")


def _embedded(tags: Mapping[str, object], source: Source) -> Location | None:
    """Read only tags that carry the sign.

    EXIF keeps the hemisphere in a tag of its own: its bare latitude would draw Chile in China.
    """
    return _signed(tags, COMPOSITE, source) or _signed(tags, XMP, source) or _movie(tags, source)


def _signed(
    tags: Mapping[str, object], names: tuple[str, str, str], source: Source
) -> Location | None:
    latitude, longitude, altitude = names
    if latitude not in tags or longitude not in tags:
        return None
    found = _possible(tags[latitude], tags[longitude], tags.get(altitude), source)
    if found is not None and found.altitude and names == XMP and _is_below_sea(tags):
        return replace(found, altitude=-abs(found.altitude))
    return found


def _is_below_sea(tags: Mapping[str, object]) -> bool:
    """XMP keeps the sign of the altitude in a tag of its own, like EXIF."""
    return str(tags.get("XMP-exif:GPSAltitudeRef", "")) == "1"


def _movie(tags: Mapping[str, object], source: Source) -> Location | None:
    for name in QUICKTIME:
        if name in tags:
            parts = _coordinates(str(tags[name]).strip())
            found = _possible(*parts, source) if parts else None
            if found is not None:
                return found
    return None


def _coordinates(text: str) -> tuple[object, object, object] | None:
    """Numbers between blanks, as ExifTool writes them, or ISO 6709 as QuickTime does."""
    match text.split():
        case [latitude, longitude]:
            return latitude, longitude, None
        case [latitude, longitude, altitude]:
            return latitude, longitude, altitude
    found = ISO_6709.fullmatch(text)
    if found is None:
        return None
    return (
        _degrees(found["latitude"], LATITUDE_DIGITS),
        _degrees(found["longitude"], LONGITUDE_DIGITS),
        found["altitude"],
    )


def _degrees(text: str, digits: int) -> float | None:
    """Degrees from `digits` digits, then minutes and seconds of two each if there are more."""
    whole, _, fraction = text[1:].partition(".")
    parts = [whole[:digits], *re.findall("..", whole[digits:])]
    if sum(map(len, parts)) != len(whole):
        return None
    parts[-1] += f".{fraction}"
    degrees = sum(float(part) / 60.0**place for place, part in enumerate(parts))
    return -degrees if text[0] == "-" else degrees


def _possible(
    latitude: object, longitude: object, altitude: object, source: Source
) -> Location | None:
    north, east = _number(latitude, -90, 90), _number(longitude, -180, 180)
    if north is None or east is None:
        return None
    if max(abs(north), abs(east)) < NULL_ISLAND_DEGREES:
        return None
    return Location(north, east, _number(altitude, DEEPEST_METRES, HIGHEST_METRES), source)


def _is_same(one: Location, other: Location) -> bool:
    return (
        abs(one.latitude - other.latitude) <= SAME_DEGREES
        and abs(one.longitude - other.longitude) <= SAME_DEGREES
    )


def _number(value: object, lowest: float, highest: float) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if math.isfinite(number) and lowest <= number <= highest else None
