"""The range of brightness and the colours that a file holds."""

from collections.abc import Mapping

from librarian.details.values import text_of
from librarian.details.video import Video, integer

PQ, HLG, SRGB_TRANSFER = 16, 18, 13
STANDARD_TRANSFERS = frozenset({1, 4, 5, 6, 7, 11, 12, 13, 14, 15})
"""Of ISO 23091-2, table 3, those that show no more than paper white."""
PRIMARIES = {1: "BT.709", 5: "BT.601", 6: "BT.601", 9: "BT.2020", 12: "Display P3"}
STILL_TRANSFERS = ("QuickTime:TransferCharacteristics", "PNG-cICP:TransferCharacteristics")
STILL_PRIMARIES = ("QuickTime:ColorPrimaries", "PNG-cICP:ColorPrimaries")
CANON_PQ = "Canon:HDR-PQ"

GAIN_MAP_MARKS = ("XMP-hdrgm:Version", "XMP-HDRGainMap:HDRGainMapVersion")
"""Of Ultra HDR, where the primary picture has to name the version, and of Apple."""
CONTAINER_ITEMS = ("XMP-GContainer:ContainerDirectory", "XMP-Container:Directory")
"""Where Google's format lists the pictures of a file; the second is its name in ExifTool 12."""
GAIN_MAP = "GainMap"
PART_KINDS = tuple(f"MPImage{number}:MPImageType" for number in range(2, 5))
GAIN_MAP_PART = 0x050000
"""A picture's kind in a multi-picture file (CIPA DC-007), as ISO 21496-1 uses it in JPEG."""
AUXILIARY_KIND = ("QuickTime:AuxiliaryImageType", "XMP-apdi:AuxiliaryImageType")
APPLE_GAIN_MAP = "hdrgainmap"

PROFILES = (
    "ICC_Profile:ProfileDescription",
    "ICC_Profile:ProfileDescriptionML",
    "ICC_Profile:ProfileDescriptionML-en-US",
)
COLOUR_SPACES = ("ExifIFD:ColorSpace", "XMP-exif:ColorSpace")
SRGB, ADOBE_RGB = "sRGB", "Adobe RGB"
SPACES = {1: SRGB, 2: ADOBE_RGB}
"""EXIF knows only the first; cameras write the second too."""
INTEROPERABILITY = "InteropIFD:InteropIndex"
ADOBE_INDEX = "R03"
"""DCF 2.0: an optional colour space, which is Adobe RGB."""


def dynamic_range(tags: Mapping[str, object], video: Video | None) -> str | None:
    """How bright it gets; None if the file does not say.

    That a photo has no gain map cannot be told from its tags, so none is called sdr.

    Args:
        tags: Of the file.
        video: What its container says; None for a photo.
    """
    if video is None:
        return _range_of_photo(tags)
    if video.is_dolby_vision:
        return "dolby vision"
    if video.transfer in STANDARD_TRANSFERS:
        return "sdr"
    return _high_range(video.transfer)


def color_profile(tags: Mapping[str, object], video: Video | None) -> str | None:
    """The name of the colour space: of the ICC profile, or else of EXIF or the coded colours."""
    if video is not None:
        return PRIMARIES.get(video.primaries or 0)
    for name in PROFILES:
        profile = text_of(tags.get(name))
        if profile is not None:
            return profile
    for name in COLOUR_SPACES:
        space = SPACES.get(integer(tags.get(name)) or 0)
        if space is not None:
            return space
    if tags.get(INTEROPERABILITY) == ADOBE_INDEX:
        return ADOBE_RGB
    return _coded_profile(tags)


def _coded_profile(tags: Mapping[str, object]) -> str | None:
    """What the coded colours say; those of sRGB are of BT.709 with a transfer of its own."""
    for transfer, primaries in zip(STILL_TRANSFERS, STILL_PRIMARIES, strict=True):
        found = PRIMARIES.get(integer(tags.get(primaries)) or 0)
        if found is not None:
            is_srgb = found == PRIMARIES[1] and integer(tags.get(transfer)) == SRGB_TRANSFER
            return SRGB if is_srgb else found
    return None


def _range_of_photo(tags: Mapping[str, object]) -> str | None:
    if _has_gain_map(tags):
        return "gain map"
    for name in STILL_TRANSFERS:
        found = _high_range(integer(tags.get(name)))
        if found is not None:
            return found
    return "hdr10" if integer(tags.get(CANON_PQ)) == 1 else None


def _high_range(transfer: int | None) -> str | None:
    return {PQ: "hdr10", HLG: "hlg"}.get(transfer or 0)


def _has_gain_map(tags: Mapping[str, object]) -> bool:
    return (
        any(name in tags for name in GAIN_MAP_MARKS)
        or any(tags.get(name) == GAIN_MAP_PART for name in PART_KINDS)
        or any(APPLE_GAIN_MAP in str(tags[name]) for name in AUXILIARY_KIND if name in tags)
        or any(_lists_gain_map(tags.get(name)) for name in CONTAINER_ITEMS)
    )


def _lists_gain_map(items: object) -> bool:
    entries = items if isinstance(items, list) else [items]
    for entry in entries:
        item = entry.get("Item", entry) if isinstance(entry, dict) else None
        if isinstance(item, dict) and item.get("Semantic") == GAIN_MAP:
            return True
    return False
