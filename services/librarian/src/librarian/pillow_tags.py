"""Reads the most important tags with Pillow, under the names that ExifTool gives them."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pillow_heif
from PIL import ExifTags, Image

IFD0 = {
    ExifTags.Base.Make: "IFD0:Make",
    ExifTags.Base.Model: "IFD0:Model",
    ExifTags.Base.Orientation: "IFD0:Orientation",
    ExifTags.Base.DateTime: "IFD0:ModifyDate",
}
EXIF_IFD = {
    ExifTags.Base.DateTimeOriginal: "ExifIFD:DateTimeOriginal",
    ExifTags.Base.OffsetTimeOriginal: "ExifIFD:OffsetTimeOriginal",
    ExifTags.Base.SubsecTimeOriginal: "ExifIFD:SubSecTimeOriginal",
    ExifTags.Base.DateTimeDigitized: "ExifIFD:CreateDate",
    ExifTags.Base.OffsetTimeDigitized: "ExifIFD:OffsetTimeDigitized",
    ExifTags.Base.SubsecTimeDigitized: "ExifIFD:SubSecTimeDigitized",
    ExifTags.Base.OffsetTime: "ExifIFD:OffsetTime",
    ExifTags.Base.LensModel: "ExifIFD:LensModel",
}
TIFF_SUFFIXES = frozenset({".tif", ".tiff"})
BELOW_SEA_LEVEL = 1


def set_up() -> None:
    """Prepare this process: read HEIF too, and do not mind large pictures, as none is decoded."""
    pillow_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = None


def read_tags(path: str) -> dict[str, object]:
    """Read tags without decoding the picture; empty when Pillow cannot open the file."""
    try:
        with Image.open(path) as image:
            return {**_frame_tags(image, Path(path).suffix), **_exif_tags(image.getexif())}
    except Exception:  # noqa: BLE001 - damaged files raise errors of every kind in its plugins
        return {}


def _frame_tags(image: Image.Image, suffix: str) -> dict[str, object]:
    if image.format == "TIFF" and suffix not in TIFF_SUFFIXES:
        return {}  # a RAW file: what Pillow shows is its small preview
    tags: dict[str, object] = {"File:ImageWidth": image.width, "File:ImageHeight": image.height}
    if image.format in Image.MIME:
        tags["File:MIMEType"] = Image.MIME[image.format]
    return tags


def _exif_tags(exif: Image.Exif) -> dict[str, object]:
    return {
        **_named(exif, IFD0),
        **_named(exif.get_ifd(ExifTags.IFD.Exif), EXIF_IFD),
        **_gps_tags(exif.get_ifd(ExifTags.IFD.GPSInfo)),
    }


def _named(values: Mapping[int, Any], names: Mapping[ExifTags.Base, str]) -> dict[str, object]:
    found = ((name, values.get(tag)) for tag, name in names.items())
    return {name: value for name, value in found if isinstance(value, str | int)}


def _gps_tags(gps: Mapping[int, Any]) -> dict[str, object]:
    tags: dict[str, object] = {}
    latitude = _degrees(gps, ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLatitudeRef)
    longitude = _degrees(gps, ExifTags.GPS.GPSLongitude, ExifTags.GPS.GPSLongitudeRef)
    if latitude is not None and longitude is not None:
        tags["Composite:GPSLatitude"] = latitude
        tags["Composite:GPSLongitude"] = longitude
    altitude = _numbers(gps.get(ExifTags.GPS.GPSAltitude))
    if len(altitude) == 1:
        is_below = gps.get(ExifTags.GPS.GPSAltitudeRef) in (BELOW_SEA_LEVEL, b"\x01")
        tags["Composite:GPSAltitude"] = -altitude[0] if is_below else altitude[0]
    day, clock = gps.get(ExifTags.GPS.GPSDateStamp), _numbers(gps.get(ExifTags.GPS.GPSTimeStamp))
    if isinstance(day, str) and len(clock) == len(("hours", "minutes", "seconds")):
        tags["GPS:GPSDateStamp"] = day
        tags["GPS:GPSTimeStamp"] = ":".join(f"{int(part):02}" for part in clock)
    return tags


def _degrees(gps: Mapping[int, Any], angle: int, hemisphere: int) -> float | None:
    """A signed angle; EXIF keeps degrees, minutes and seconds, and the sign in another tag."""
    parts = _numbers(gps.get(angle))
    if not parts:
        return None
    degrees = math.fsum(part / 60.0**power for power, part in enumerate(parts))
    return -degrees if str(gps.get(hemisphere, "")).upper()[:1] in ("S", "W") else degrees


def _numbers(value: object) -> list[float]:
    """A rational or a tuple of them as numbers; empty when one of them is none."""
    values = value if isinstance(value, tuple) else (value,)
    try:
        numbers = [float(one) for one in values]
    except (TypeError, ValueError, ZeroDivisionError):
        return []
    return numbers if all(math.isfinite(number) for number in numbers) else []
