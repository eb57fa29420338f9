"""The special kinds of photos and videos that their own tags prove, or the names of some.

Where no other source is named, tags and values are those of ExifTool's tables of the maker's notes.
Names of Apple's and Android's keys differ between ExifTool 12 and 13, and both are asked for.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from librarian.companions import burst_by_name, normal
from librarian.details.values import is_true, number_of, text_of, texts_of
from librarian.details.video import TRACKS, Video, integer
from librarian.metadata import BURST_IDENTIFIERS, MOTION_PHOTO_MARKS, PAIR_IDENTIFIERS

Bag = Mapping[str, object]
Rule = Callable[[Bag, Video | None], bool]

CUSTOM_RENDERED = "ExifIFD:CustomRendered"
APPLE_PANORAMA = frozenset({6})
APPLE_PORTRAIT = frozenset({7, 8})
"""Values of that tag that only Apple writes; 7 is a portrait with HDR."""
APPLE_KIND, PRORAW_KIND, PORTRAIT_KIND = "Apple:ImageCaptureType", 1, 2
"""Not read by ExifTool 12, which does not know the values."""

PROJECTION = "XMP-GPano:ProjectionType"
FULL_WIDTH, SHOWN_WIDTH = "XMP-GPano:FullPanoWidthPixels", "XMP-GPano:CroppedAreaImageWidthPixels"
SPHERE_PROJECTIONS = frozenset({"equirectangular", "cubemap"})
FULL_TURN = 0.98
"""A photo sphere covers the whole width (Google's GPano specification); a sweep covers a part."""
PANORAMA_MARKS = ("Sony:PanoramaFullWidth", "FujiFilm:PanoramaAngle")
PICTURE_KINDS = tuple(f"MPImage{number}:MPImageType" for number in range(1, 4))
PANORAMA_PART, STEREO_PART = 0x020001, 0x020002
"""Kinds of pictures in a multi-picture file (CIPA DC-007)."""

SPECIAL_TYPE = "XMP-GCamera:SpecialTypeID"
DEPTH_MARKS = (
    "XMP-GDepth:Format",
    "XMP-GDepth:Mime",
    "XMP-GCamera:PortraitVersion",
    "Samsung:DepthMapName",
)

SPHERICAL_VIDEO = "XMP-GSpherical:Spherical"
SPHERE_BOUNDS = tuple(
    track + name for track in TRACKS for name in ("ProjectionBoundsTop", "ProjectionType")
)
"""Google's spherical video, first and second version; the latter in QuickTime and Matroska."""

CAPTURE_MODES = ("Keys:CaptureMode", "Keys:ApplePhotosCaptureMode")
TIME_LAPSE_MODE = "time-lapse"
CAPTURE_RATES = ("Keys:AndroidCaptureFPS", "Keys:AndroidCaptureFps")
SONY_CAPTURE = "XML:VideoFormatVideoFrameCaptureFps"
SONY_PLAYBACK = "XML:VideoFormatVideoFrameFormatFps"
PLAYBACK_INTENTS = ("Keys:FullFrameRatePlaybackIntent", "Keys:Full-frame-rate-playback-intent")
"""1 where Apple plays a fast video fast; 0 for all others, slow or not."""
SLOW_MOTION_RATE = 100
"""Telephones take 120 frames a second or more for slow motion, and at most 60 else."""
SLOWER = 1.5
"""So much faster than it plays was a slow-motion video taken."""
PANASONIC_TIMER, PANASONIC_TIME_LAPSE = "Panasonic:TimerRecording", 1
MAKES = ("Keys:Make", "UserData:Make", "IFD0:Make")
APPLE = "Apple"

SPATIAL_MARK = "Keys:SpatialFormat-version"
"""Apple's key com.apple.quicktime.spatial.format-version, as ExifTool names unknown keys."""
STEREO_MODES = tuple(track + "Stereoscopic3D" for track in TRACKS)
MONOSCOPIC = 0

FILE_TYPE, DNG = "File:FileType", "DNG"
PHOTOMETRIC = (
    "SubIFD:PhotometricInterpretation",
    "SubIFD1:PhotometricInterpretation",
    "IFD0:PhotometricInterpretation",
)
LINEAR_RAW = 34_892
"""DNG's number for pixels that are no longer a mosaic, as in ProRAW; other apps on the same
telephone store the mosaic.
"""
COMMENTS = ("ExifIFD:UserComment", "XMP-exif:UserComment")
SCREENSHOT = "screenshot"
"""What iOS and macOS write there."""
SCREENSHOT_NAME = re.compile(
    r"(?:screen[ _-]?shot|bildschirmfoto|capture d.écran|captura de (?:pantalla|tela|ecrã)"
    r"|schermata|schermafbeelding|skärmavbild|skærmbillede|skjermbilde|näyttökuva|zrzut ekranu"
    r"|снимок экрана|ekran görüntüsü|スクリーンショット|屏幕截图|屏幕快照|截屏|截图|螢幕截圖"
    r"|螢幕快照|스크린샷)(?![^\W\d_])"
)
"""How Android, Windows and macOS begin names, in the language of their user; tags say nothing."""
EXPOSED = ("ExifIFD:ExposureTime", "ExifIFD:FNumber")


def special_types(tags: Bag, video: Video | None, name: str = "") -> tuple[str, ...]:
    """The kinds of a file.

    Args:
        tags: Of the file.
        video: What its container says; None for a photo.
        name: The file's own, as it came.
    """
    by_name = set() if video is not None else set(_kinds_by_name(tags, name))
    return tuple(kind for kind, rule in RULES if kind in by_name or rule(tags, video))


def _kinds_by_name(tags: Bag, name: str) -> Iterator[str]:
    """What no tag says of a photo; a camera's exposure makes it no screenshot."""
    if SCREENSHOT_NAME.match(normal(name)) and not any(one in tags for one in EXPOSED):
        yield SCREENSHOT
    if burst_by_name(name) is not None:
        yield "burst"


def _is_panorama(tags: Bag, video: Video | None) -> bool:
    if video is not None or _is_spherical(tags, video):
        return False
    return (
        integer(tags.get(CUSTOM_RENDERED)) in APPLE_PANORAMA
        or PROJECTION in tags
        or any((number_of(tags.get(name)) or 0) > 0 for name in PANORAMA_MARKS)
        or _has_part(tags, PANORAMA_PART)
    )


def _is_portrait(tags: Bag, video: Video | None) -> bool:
    if video is not None:
        return False
    return (
        integer(tags.get(CUSTOM_RENDERED)) in APPLE_PORTRAIT
        or tags.get(APPLE_KIND) == PORTRAIT_KIND
        or any(name in tags for name in DEPTH_MARKS)
        or _google_kind(tags) == "PORTRAIT"
    )


def _is_burst(tags: Bag, _video: Video | None) -> bool:
    """Pixel telephones also give the two pictures of a portrait a burst's identifier."""
    return SPECIAL_TYPE not in tags and any(tags.get(name) for name in BURST_IDENTIFIERS)


def _is_slow_motion(tags: Bag, video: Video | None) -> bool:
    if video is None:
        return False
    capture, playback = _rate(tags.get(SONY_CAPTURE)), _rate(tags.get(SONY_PLAYBACK))
    if capture and playback and capture >= playback * SLOWER:
        return True
    if any((number_of(tags.get(name)) or 0) >= SLOW_MOTION_RATE for name in CAPTURE_RATES):
        return True
    return (
        (video.frame_rate or 0) >= SLOW_MOTION_RATE
        and any(tags.get(name) == APPLE for name in MAKES)
        and not any(is_true(tags.get(name)) for name in PLAYBACK_INTENTS)
    )


def _is_time_lapse(tags: Bag, video: Video | None) -> bool:
    if any(str(tags.get(name, "")).lower() == TIME_LAPSE_MODE for name in CAPTURE_MODES):
        return True
    if tags.get(PANASONIC_TIMER) == PANASONIC_TIME_LAPSE:
        return True
    rates = (number_of(tags.get(name)) for name in CAPTURE_RATES)
    played = None if video is None else video.frame_rate
    return played is not None and any(rate and rate * SLOWER <= played for rate in rates)


def _is_spatial(tags: Bag, _video: Video | None) -> bool:
    return (
        SPATIAL_MARK in tags
        or any((integer(tags.get(name)) or 0) > MONOSCOPIC for name in STEREO_MODES)
        or _has_part(tags, STEREO_PART)
    )


def _is_proraw(tags: Bag, _video: Video | None) -> bool:
    if tags.get(FILE_TYPE) != DNG or tags.get("IFD0:Make") != APPLE:
        return False
    return tags.get(APPLE_KIND) == PRORAW_KIND or any(
        tags.get(name) == LINEAR_RAW for name in PHOTOMETRIC
    )


def _is_screenshot(tags: Bag, _video: Video | None) -> bool:
    return any((text_of(tags.get(name)) or "").lower() == SCREENSHOT for name in COMMENTS)


def _is_motion_photo(tags: Bag, video: Video | None) -> bool:
    return video is None and any(str(tags.get(name, "0")) != "0" for name in MOTION_PHOTO_MARKS)


def _is_live_photo(tags: Bag, _video: Video | None) -> bool:
    return any(tags.get(name) for name in PAIR_IDENTIFIERS)


def _is_spherical(tags: Bag, video: Video | None) -> bool:
    if video is not None:
        return is_true(tags.get(SPHERICAL_VIDEO)) or any(tags.get(name) for name in SPHERE_BOUNDS)
    if _google_kind(tags) == "PHOTOSPHERE":
        return True
    if str(tags.get(PROJECTION, "")).lower() not in SPHERE_PROJECTIONS:
        return False
    full, shown = number_of(tags.get(FULL_WIDTH)), number_of(tags.get(SHOWN_WIDTH))
    return full is None or shown is None or shown >= full * FULL_TURN


def _google_kind(tags: Bag) -> str | None:
    """Such as PORTRAIT, of com.google.android.apps.camera.gallery.specialtype.SpecialType-…."""
    kinds = texts_of(tags[SPECIAL_TYPE]) if SPECIAL_TYPE in tags else []
    return kinds[0].rpartition("-")[2] if kinds else None


def _has_part(tags: Bag, kind: int) -> bool:
    return any(tags.get(name) == kind for name in PICTURE_KINDS)


def _rate(value: object) -> float | None:
    """Sony writes 119.88p."""
    return number_of(value.rstrip("pi")) if isinstance(value, str) else number_of(value)


RULES: tuple[tuple[str, Rule], ...] = (
    ("panorama", _is_panorama),
    ("portrait", _is_portrait),
    ("burst", _is_burst),
    ("slow_motion", _is_slow_motion),
    ("time_lapse", _is_time_lapse),
    ("spatial", _is_spatial),
    ("proraw", _is_proraw),
    ("screenshot", _is_screenshot),
    ("motion_photo", _is_motion_photo),
    ("live_photo", _is_live_photo),
    ("spherical", _is_spherical),
)
SPECIAL_TYPES = tuple(name for name, _ in RULES)
"""All kinds, in the order in which a file lists its own."""
