"""Says what a camera did and what a file is, in the words of photographers. Pure."""

from collections.abc import Mapping

from dashboard import wording
from dashboard.wording import NARROW

PLANE_DEGREES = 4
"""Digits after the point: about ten metres."""
LONGEST_FRACTION_SECONDS = 0.3
"""Shorter exposures are said as a fraction, as on the camera's dial."""
MEGA = 1_000_000

DYNAMIC_RANGES = {
    "sdr": "standard (SDR)",
    "hdr10": "HDR10",
    "hlg": "HLG (HDR)",
    "dolby vision": "Dolby Vision (HDR)",
    "gain map": "HDR by a gain map",
}
CODECS = {
    "h264": "H.264",
    "hevc": "HEVC (H.265)",
    "vvc": "VVC (H.266)",
    "prores": "ProRes",
    "prores raw": "ProRes RAW",
    "mpeg1": "MPEG-1",
    "mpeg2": "MPEG-2",
    "mpeg4": "MPEG-4",
    "mjpeg": "Motion JPEG",
    "h263": "H.263",
    "cineform": "CineForm",
    "opus": "Opus",
    "vorbis": "Vorbis",
}
"""Those of which the name is more than its word in capitals."""
LOCATION_SOURCES = {
    "gps": "from the file's GPS position",
    "sidecar": "from a sidecar",
    "takeout": "from Google Takeout",
}


def number(value: float, digits: int = 1) -> str:
    """A number without zeros that say nothing: 1.8, 26."""
    return f"{value:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:.0f}"


def camera(make: str | None, model: str | None) -> str:
    """Make and model; most models name their make already. Empty if unknown."""
    maker, name = (make or "").strip(), (model or "").strip()
    if not maker or not name:
        return name or maker
    is_named = name.split()[0].casefold() == maker.split()[0].casefold()
    return name if is_named else f"{maker} {name}"


def shutter(seconds: float | None) -> str:
    """How long the exposure was: 1/250 s, 2 s. Empty if unknown."""
    if not seconds or seconds < 0:
        return ""
    if seconds < LONGEST_FRACTION_SECONDS:
        return f"1/{round(1 / seconds)}{NARROW}s"
    return f"{number(seconds)}{NARROW}s"


def focal_length(real_mm: float | None, equivalent_mm: float | None) -> str:
    """The focal length, and what it would be on 35 mm film. Empty if unknown."""
    equivalent = f"{number(equivalent_mm, 0)}{NARROW}mm" if equivalent_mm else ""
    if not real_mm:
        return f"{equivalent} equivalent" if equivalent else ""
    real = f"{number(real_mm)}{NARROW}mm"
    is_same = not equivalent or real == equivalent
    return real if is_same else f"{real} ({equivalent} equivalent)"


def exposure(seconds: float | None, f_number: float | None, iso: int | None, focal: str) -> str:
    """Shutter, aperture, sensitivity and focal length, as far as they are known."""
    parts = (
        shutter(seconds),
        f"f/{number(f_number)}" if f_number else "",
        f"ISO{NARROW}{iso}" if iso else "",
        focal,
    )
    return ", ".join(part for part in parts if part)


def dimensions(width: int | None, height: int | None) -> str:
    """Width and height of the upright picture. Unknown if one is."""
    if not width or not height:
        return wording.UNKNOWN
    mega = width * height / MEGA
    size = f"{wording.count(width)} \u00d7 {wording.count(height)}"
    return f"{size} ({number(mega)} megapixels)" if mega >= 1 else size


def codec(video: str | None, audio: str | None) -> str:
    """Codecs of picture and sound. Empty if unknown."""
    named = [CODECS.get(name.casefold(), name.upper()) for name in (video, audio) if name]
    return ", ".join(named)


def frame_rate(per_second: float | None) -> str:
    """Frames per second. Empty if unknown."""
    return f"{number(per_second, 2)} frames per second" if per_second else ""


def dynamic_range(name: str | None) -> str:
    """Whether it is HDR, and of which kind. Empty if unknown."""
    return DYNAMIC_RANGES.get(name.casefold(), name) if name else ""


def coordinates(location: Mapping[str, object]) -> str:
    """A position as on a map: 38.7223° N, 9.1393° W, 12 m above the sea. Empty if there is none."""
    latitude, longitude = location.get("latitude"), location.get("longitude")
    if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
        return ""
    north = f"{abs(latitude):.{PLANE_DEGREES}f}\u00b0 {'N' if latitude >= 0 else 'S'}"
    east = f"{abs(longitude):.{PLANE_DEGREES}f}\u00b0 {'E' if longitude >= 0 else 'W'}"
    return f"{north}, {east}{_height(location.get('altitude'))}"


def _height(altitude: object) -> str:
    if not isinstance(altitude, int | float):
        return ""
    where = "above" if altitude >= 0 else "below"
    return f", {number(abs(altitude), 0)}{NARROW}m {where} sea level"


def location_source(location: Mapping[str, object]) -> str:
    """How the position is known. Empty if that was not recorded."""
    return LOCATION_SOURCES.get(str(location.get("source", "")), "")
