"""What the library knows of an asset, as tags that other programs read. Pure.

Names are ExifTool's (family 1), values those that it takes with -n. Only what is known is said:
no tag is made of a missing value, and the time of a file is not passed off as a time of capture.
Albums are no tags: they would turn into keywords that nobody gave.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cli.export.queries import Asset, Sidecar

Tags = dict[str, object]

EXIF_TYPES = frozenset(
    {"image/jpeg", "image/png", "image/tiff", "image/webp", "image/heic", "image/heif"}
    | {"image/avif"}
)
XMP_TYPES = frozenset({"image/gif"})
QUICKTIME_TYPES = frozenset(
    {"video/mp4", "video/quicktime", "video/x-m4v", "video/3gpp", "video/3gpp2"}
)
EMBEDDABLE = EXIF_TYPES | XMP_TYPES | QUICKTIME_TYPES
"""What ExifTool rewrites without touching pictures. RAW is none of it: only its maker knows it."""

SPECIAL = (".insp", ".mpo", ".jps", ".insv", ".360", ".lrv", ".lrf", ".osv")
"""JPEG and MP4 with more in them than their formats know: panoramas, stereo pictures."""

NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
LINE_ENDS = re.compile("\r\n?")
ACCEPTED = 3
"""digiKam's pick label of a photo that was chosen; there is no standard for favourites."""
REGION_TYPES = {"pet": "Pet", "focus": "Focus", "barcode": "BarCode"}
PEOPLE = frozenset({"XMP-mwg-rs:RegionInfo", "XMP-iptcExt:PersonInImage"})
SIDEWAYS = frozenset({5, 6, 7, 8})
DIGITS = 6

DATES = ("XMP-exif:DateTimeOriginal", "XMP-photoshop:DateCreated", "XMP-xmp:CreateDate")
OLD_DATES = ("XMP-exif:SubSecTimeOriginal", "XMP-exif:OffsetTimeOriginal")
OLD_ALTITUDE = ("XMP-exif:GPSAltitude", "XMP-exif:GPSAltitudeRef")
OLD_RATING = ("XMP-microsoft:RatingPercent",)
OLD_EXIF: Mapping[str, tuple[str, ...]] = {
    "XMP-exif:DateTimeOriginal": ("IPTC:DateCreated", "IPTC:TimeCreated"),
    "XMP-xmp:Rating": ("IFD0:Rating", "IFD0:RatingPercent"),
    "XMP-dc:Title": ("IPTC:ObjectName", "IFD0:XPTitle"),
    "XMP-dc:Description": ("IPTC:Caption-Abstract",),
    "XMP-dc:Subject": ("IPTC:Keywords", "IFD0:XPKeywords"),
}
"""Older homes of the same values. They cannot hold all of it (64 bytes, no offset), so a copy that
has them would contradict itself."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is to be written into a file.

    Attributes:
        tags: Values by name.
        removed: Names of tags that would contradict them.
    """

    tags: Tags
    removed: tuple[str, ...] = ()


def is_embeddable(asset: Asset) -> bool:
    """Whether tags are written into copies of it.

    A motion photo's film stays at the end of a JPEG; in HEIC it is a box among others.
    """
    is_kept = not asset.has_embedded_video or asset.mime_type == "image/jpeg"
    return asset.mime_type in EMBEDDABLE and is_kept and not asset.path.lower().endswith(SPECIAL)


def sidecar_recipe(asset: Asset, base: Sidecar | None) -> Recipe:
    """For an XMP sidecar; without tags if nothing is known that could be said.

    Args:
        asset: What it is for.
        base: The stored sidecar that it begins with.
    """
    return _without(_recipe(asset), () if base is None else base.own_words)


def _without(recipe: Recipe, own_words: Collection[str]) -> Recipe:
    """What a file itself says of people stays: it may mark areas that the library does not keep."""
    kept = {*own_words, *(PEOPLE if PEOPLE & {*own_words} else ())}
    tags = {name: value for name, value in recipe.tags.items() if name not in kept}
    return Recipe(tags, recipe.removed)


def _recipe(asset: Asset) -> Recipe:
    tags = _dates(asset)
    removed = list(OLD_DATES) if tags else []
    tags |= _place(asset)
    if asset.location is not None and asset.location.get("altitude") is None:
        removed += OLD_ALTITUDE
    tags |= _words(asset)
    if asset.rating is not None:
        removed += OLD_RATING
    tags |= _people(asset)
    return Recipe(tags, tuple(removed))


def embedded_recipe(asset: Asset) -> Recipe:
    """For a copy of the asset: XMP, and what its format has of its own."""
    recipe = _recipe(asset)
    if not any(PEOPLE.intersection(one.own_words) for one in asset.sidecars):
        recipe = _without(recipe, asset.own_words)  # else the sidecar's word counts, and is written
    if not recipe.tags:
        return recipe
    if asset.mime_type in QUICKTIME_TYPES:
        return Recipe({**recipe.tags, **dict(_quicktime(asset))}, recipe.removed)
    if asset.mime_type not in EXIF_TYPES:
        return recipe
    exif = dict(_exif(asset))
    removed = [*recipe.removed]
    removed += [old for name in OLD_EXIF if name in recipe.tags for old in OLD_EXIF[name]]
    removed += [name for name in _exif_companions(asset) if name not in exif]
    return Recipe({**recipe.tags, **exif}, tuple(removed))


def writable(text: str) -> str:
    """The text as XML can have it: without control characters, with one kind of line end."""
    return LINE_ENDS.sub("\n", NO_XML.sub("", text))


def _is_dated(asset: Asset) -> bool:
    return asset.captured_confidence != "none"


def _dates(asset: Asset) -> Tags:
    if not _is_dated(asset):
        return {}
    fraction = _fraction(asset.captured_local)
    stamp = f"{_clock(asset.captured_local)}{fraction and f'.{fraction}'}{_offset(asset)}"
    return dict.fromkeys(DATES, stamp)


def _clock(moment: datetime) -> str:
    day, _, time = moment.replace(tzinfo=None).isoformat(" ", "seconds").partition(" ")
    return f"{day.replace('-', ':')} {time}"


def _fraction(moment: datetime) -> str:
    return f"{moment.microsecond:06}".rstrip("0")


def _offset(asset: Asset) -> str:
    minutes = asset.utc_offset_minutes
    if minutes is None:
        return ""
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _place(asset: Asset) -> Tags:
    place = asset.location
    if place is None:
        return {}
    found: Tags = {
        "XMP-exif:GPSLatitude": place["latitude"],
        "XMP-exif:GPSLongitude": place["longitude"],
    }
    if (altitude := place.get("altitude")) is not None:
        found["XMP-exif:GPSAltitude"] = abs(altitude)
        found["XMP-exif:GPSAltitudeRef"] = int(altitude < 0)
    return found


def _words(asset: Asset) -> Tags:
    found: Tags = {
        "XMP-xmp:Rating": asset.rating,
        "XMP-dc:Title": _text(asset.title),
        "XMP-dc:Description": _text(asset.caption),
        "XMP-dc:Subject": [word for one in asset.keywords if (word := _text(one))] or None,
        "XMP-digiKam:PickLabel": ACCEPTED if asset.is_favorite else None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _text(text: str | None) -> str | None:
    return writable(text) or None if text is not None else None


def _people(asset: Asset) -> Tags:
    regions = [region for one in asset.people if (region := _region(one, asset)) is not None]
    names = [name for one in asset.people if not _has_area(one) and (name := _name(one))]
    found: Tags = {}
    if regions:
        found["XMP-mwg-rs:RegionInfo"] = {**_dimensions(asset), "RegionList": regions}
    if names:
        found["XMP-iptcExt:PersonInImage"] = names
    return found


def _has_area(person: Mapping[str, Any]) -> bool:
    return all(person.get(key) is not None for key in ("x", "y", "width", "height"))


def _name(person: Mapping[str, Any]) -> str | None:
    return _text(person.get("name"))


def _dimensions(asset: Asset) -> Tags:
    """Of the picture as it is stored, before it is turned upright."""
    if asset.width is None or asset.height is None:
        return {}
    width, height = asset.width, asset.height
    if asset.orientation in SIDEWAYS:
        width, height = height, width
    return {"AppliedToDimensions": {"W": width, "H": height, "Unit": "pixel"}}


def _region(person: Mapping[str, Any], asset: Asset) -> Tags | None:
    if not _has_area(person):
        return None
    x, y = as_stored(person["x"], person["y"], asset.orientation)
    width, height = person["width"], person["height"]
    if asset.orientation in SIDEWAYS:
        width, height = height, width
    sides = {"X": x, "Y": y, "W": width, "H": height}
    area: Tags = {key: round(float(value), DIGITS) for key, value in sides.items()}
    kind = str(person.get("kind") or "face").lower()
    region: Tags = {"Area": {**area, "Unit": "normalized"}, "Type": REGION_TYPES.get(kind, "Face")}
    if (name := _name(person)) is not None:
        region["Name"] = name
    return region


def as_stored(x: float, y: float, orientation: int | None) -> tuple[float, float]:
    """A point of the upright picture, in the picture as its file stores it (EXIF orientation)."""
    turned = {
        2: (1 - x, y),
        3: (1 - x, 1 - y),
        4: (x, 1 - y),
        5: (y, x),
        6: (y, 1 - x),
        7: (1 - y, 1 - x),
        8: (1 - y, x),
    }
    return turned.get(orientation or 1, (x, y))


def _exif(asset: Asset) -> Iterator[tuple[str, object]]:
    if _is_dated(asset):
        yield "ExifIFD:DateTimeOriginal", _clock(asset.captured_local)
        if fraction := _fraction(asset.captured_local):
            yield "ExifIFD:SubSecTimeOriginal", fraction
        if offset := _offset(asset):
            yield "ExifIFD:OffsetTimeOriginal", offset
    if caption := _text(asset.caption):
        yield "IFD0:ImageDescription", caption
    yield from _exif_place(asset)


def _exif_place(asset: Asset) -> Iterator[tuple[str, object]]:
    place = asset.location
    if place is None:
        return
    latitude, longitude, altitude = place["latitude"], place["longitude"], place.get("altitude")
    yield "GPS:GPSLatitude", abs(latitude)
    yield "GPS:GPSLatitudeRef", "S" if latitude < 0 else "N"
    yield "GPS:GPSLongitude", abs(longitude)
    yield "GPS:GPSLongitudeRef", "W" if longitude < 0 else "E"
    if altitude is not None:
        yield "GPS:GPSAltitude", abs(altitude)
        yield "GPS:GPSAltitudeRef", int(altitude < 0)


def _exif_companions(asset: Asset) -> Iterator[str]:
    """Tags that go with others of EXIF and are wrong beside new ones."""
    if _is_dated(asset):
        yield from ("ExifIFD:SubSecTimeOriginal", "ExifIFD:OffsetTimeOriginal")
    if asset.location is not None:
        yield from ("GPS:GPSAltitude", "GPS:GPSAltitudeRef")


def _quicktime(asset: Asset) -> Iterator[tuple[str, object]]:
    if _is_dated(asset) and asset.captured_at is not None:
        yield "QuickTime:CreateDate", _clock(asset.captured_at)
        if offset := _offset(asset):
            yield "Keys:CreationDate", f"{_clock(asset.captured_local)}{offset}"
    if (place := asset.location) is not None:
        numbers = [place["latitude"], place["longitude"], place.get("altitude")]
        yield "Keys:GPSCoordinates", " ".join(str(one) for one in numbers if one is not None)
