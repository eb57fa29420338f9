"""What a JSON of a Takeout says of a photo or an album; told by its content in any language.

The JSON is untrusted: a field of the wrong type is left out, and what is no such JSON is None.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from librarian.takeout.names import is_media

LATEST_SECOND = 253_402_300_799
"""The last of the year 9999."""
EARLIEST_SECOND = -62_135_596_800
"""The first of the year 1."""
MOST_PEOPLE = 1000
FLAGS = {"favorited": "Favorited", "archived": "Archived", "trashed": "Trashed"}
TEXTS = {"title": "Title", "description": "Description", "url": "URL"}
NO_TEXT = re.compile("[\0\ud800-\udfff]")
"""What PostgreSQL takes in no text: zeros, and halves of characters."""


@dataclass(frozen=True, slots=True)
class PhotoNote:
    """What Google says of one photo or video.

    Attributes:
        title: Its original name, not shortened; "" if there is none.
        tags: Named `Takeout:…`; only what is said and plausible.
    """

    title: str
    tags: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AlbumNote:
    """What Google says of an album, or of a year's folder."""

    title: str
    description: str


def parse(body: bytes) -> PhotoNote | AlbumNote | None:
    """Read a JSON file; None if it is neither a photo's nor an album's, or no JSON."""
    try:
        content = json.loads(body, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict):
        return None
    if "photoTakenTime" in content or is_media(_text(content.get("title")) or ""):
        return PhotoNote(_text(content.get("title")) or "", dict(_tags(content)))
    old = content.get("albumData")
    album = old if isinstance(old, dict) else content
    if not isinstance(album.get("title"), str):
        return None
    return AlbumNote(_text(album["title"]) or "", _text(album.get("description")) or "")


def _tags(content: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for key, name in TEXTS.items():
        if text := _text(content.get(key)):
            yield f"Takeout:{name}", text
    for key, name in FLAGS.items():
        if content.get(key) is True:
            yield f"Takeout:{name}", True
    seconds = _seconds(_inner(content, "photoTakenTime", "timestamp"))
    if seconds is not None:
        yield "Takeout:PhotoTakenTime", seconds
    if people := _people(content.get("people")):
        yield "Takeout:People", people
    yield from _place(content)
    if _is_from_partner(content):
        yield "Takeout:FromPartner", True
    device = _inner(content, "googlePhotosOrigin", "mobileUpload", "deviceFolder")
    if folder := _text(_inner(device, "localFolderName")):
        yield "Takeout:DeviceFolder", folder


def _seconds(value: object) -> int | None:
    """UTC, since 1970; 0 stands for unknown. What was before 1970 is negative."""
    if isinstance(value, str):
        try:
            value = int(value)
        except ValueError:
            return None
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if value and EARLIEST_SECOND <= value <= LATEST_SECOND else None


def _place(content: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """The camera's place before the one that Google has, which may be guessed."""
    for source in ("geoDataExif", "geoData"):
        latitude = _number(_inner(content, source, "latitude"), 90)
        longitude = _number(_inner(content, source, "longitude"), 180)
        if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
            continue
        yield "Takeout:Latitude", latitude
        yield "Takeout:Longitude", longitude
        altitude = _number(_inner(content, source, "altitude"), 100_000)
        if altitude:
            yield "Takeout:Altitude", altitude
        return


def _number(value: object, most: float) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    if not -most <= value <= most or not math.isfinite(value):
        return None
    return float(value)


def _people(value: object) -> list[str]:
    if not isinstance(value, list):
        return []
    names = (_text(_inner(person, "name")) for person in value[:MOST_PEOPLE])
    return list(dict.fromkeys(name for name in names if name))


def _is_from_partner(content: Mapping[str, object]) -> bool:
    origin = content.get("googlePhotosOrigin")
    return isinstance(origin, dict) and "fromPartnerSharing" in origin


def _inner(value: object, *keys: str) -> object:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _text(value: object) -> str | None:
    """A text that the database takes; None if it is none, or blank."""
    if not isinstance(value, str) or not value.strip():
        return None
    return NO_TEXT.sub("\ufffd", value)
