"""How a picture was exposed, from the tags of EXIF and what stands in for them."""

from collections.abc import Mapping

from librarian.details.values import first_number

EXPOSURE = ("ExifIFD:ExposureTime", "XMP-exif:ExposureTime", "Composite:ShutterSpeed")
APERTURE = ("ExifIFD:FNumber", "XMP-exif:FNumber", "Composite:Aperture")
ISO = ("ExifIFD:ISO", "IFD0:ISO", "XMP-exif:ISO", "XMP-exifEX:PhotographicSensitivity")
"""Panasonic's RAW files keep it in IFD0."""
LONG_ISO = (
    "ExifIFD:RecommendedExposureIndex",
    "ExifIFD:StandardOutputSensitivity",
    "ExifIFD:ISOSpeed",
)
"""EXIF 2.3, table 4: what holds it where it is more than the older tag can."""
LAST_ISO = ("Composite:ISO",)
FOCAL_LENGTH = ("ExifIFD:FocalLength", "XMP-exif:FocalLength")
FOCAL_LENGTH_35MM = ("ExifIFD:FocalLengthIn35mmFormat", "XMP-exif:FocalLengthIn35mmFormat")
REAL_FACTOR = "Composite:ScaleFactor35efl"
COMPUTED_35MM = ("Composite:FocalLength35efl",)
"""Without a factor, ExifTool gives the real focal length under this name."""

LONGEST_SECONDS = 100_000
LARGEST_F_NUMBER = 512
HIGHEST_ISO = 10_000_000
FULL_ISO = 65_535
LONGEST_MILLIMETRES = 20_000


def exposure_seconds(tags: Mapping[str, object]) -> float | None:
    """How long the shutter was open."""
    return first_number(tags, EXPOSURE, 0, LONGEST_SECONDS)


def f_number(tags: Mapping[str, object]) -> float | None:
    """The aperture."""
    return first_number(tags, APERTURE, 0, LARGEST_F_NUMBER)


def iso(tags: Mapping[str, object]) -> int | None:
    """The sensitivity."""
    found = first_number(tags, ISO, 0, HIGHEST_ISO)
    if found is None or found == FULL_ISO:
        found = first_number(tags, LONG_ISO, 0, HIGHEST_ISO) or found
    if found is None:
        found = first_number(tags, LAST_ISO, 0, HIGHEST_ISO)
    return None if found is None else round(found) or None


def focal_length_mm(tags: Mapping[str, object]) -> float | None:
    """The real focal length."""
    return first_number(tags, FOCAL_LENGTH, 0, LONGEST_MILLIMETRES)


def focal_length_35mm(tags: Mapping[str, object]) -> float | None:
    """The focal length with the same view on 35 mm film."""
    found = first_number(tags, FOCAL_LENGTH_35MM, 0, LONGEST_MILLIMETRES)
    if found is None and REAL_FACTOR in tags:
        computed = first_number(tags, COMPUTED_35MM, 0, LONGEST_MILLIMETRES)
        return None if computed is None else round(computed, 1) or None
    return found
