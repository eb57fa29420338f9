"""Dates that phones, messengers and screenshots write into file names.

A token counts only where it cannot be part of a longer number or a UUID, so that an identifier is
not taken for a date; whether the year can be true is judged by the caller.
"""

import re

from librarian.capture.stamps import Stamp, stamp_of

BEFORE = r"(?:(?<![0-9A-Za-z])|(?<![0-9A-Za-z])(?:IMG|VID|MVIMG|PANO|BURST|Screenshot|MOV|WP|DSC))"
"""A token starts the name, follows a separator, or follows a camera's prefix."""
DAY = r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"
DASHED_DAY = r"(?P<year>\d{4})(?P<dash>[-_.])(?P<month>\d{2})(?P=dash)(?P<day>\d{2})"
CLOCK = r"(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})"
GAPPED_CLOCK = r"(?P<hour>\d{2})(?P<gap>[-_.]?)(?P<minute>\d{2})(?P=gap)(?P<second>\d{2})"
SPOKEN_CLOCK = r"(?P<hour>\d{1,2})[-_.:h]?(?P<minute>\d{2})[-_.:m]?(?P<second>\d{2})"

AT = "(?:[-_. T]| (?:at|um|alle|\u00e0|\u00e0s|a las|om|kl\\.|\u0432) )"
"""Between day and time; systems name screenshots in the language of their user."""
HALF = "(?:[ \u00a0\u202f]?(?P<half>[AaPp])\\.?[Mm])?"
"""Before AM and PM, newer Macs write a narrow space that does not break."""

LOOKS_DATED = re.compile(r"\d{4}[-_.]?\d{2}[-_.]?\d{2}|@\d{2}-\d{2}-\d{4}_", re.ASCII)
"""Few names do, and the patterns cost more than all else about a name."""
PIXEL = re.compile(rf"PXL_{DAY}_{CLOCK}(?P<fraction>\d{{3}})?(?!\d)", re.ASCII)
"""Google Pixel writes UTC."""
MESSENGER = re.compile(rf"(?<![0-9A-Za-z])[A-Z]{{3}}-{DAY}-WA\d{{4}}", re.ASCII)
"""WhatsApp keeps the day of receipt only."""
TELEGRAM = re.compile(
    r"@(?P<day>\d{2})-(?P<month>\d{2})-(?P<year>\d{4})_"
    r"(?P<hour>\d{2})-(?P<minute>\d{2})-(?P<second>\d{2})(?!\d)",
    re.ASCII,
)
"""Telegram's export of a chat on a computer puts the day first, whatever the language."""
PATTERNS = (
    re.compile(
        rf"{BEFORE}[-_ ]?{DAY}[-_ T]?{GAPPED_CLOCK}(?:[-_]?(?P<fraction>\d{{3}}))?(?!\d)", re.ASCII
    ),
    re.compile(rf"{BEFORE}[-_ ]?{DASHED_DAY}{AT}{SPOKEN_CLOCK}(?!\d){HALF}", re.ASCII),
    re.compile(rf"(?<![0-9A-Za-z.-]){DASHED_DAY}(?![0-9A-Za-z])", re.ASCII),
)
NOON_HOUR = 12


def stamp_in_name(name: str) -> Stamp | None:
    """Find a date in a file name; None when there is none that can be trusted."""
    if LOOKS_DATED.search(name) is None:
        return None
    pixel = PIXEL.search(name)
    if pixel is not None:
        stamp = _stamp(pixel)
        return None if stamp is None or stamp.is_day_only else Stamp(stamp.moment, is_utc=True)
    for pattern in (MESSENGER, TELEGRAM, *PATTERNS):
        for match in pattern.finditer(name):
            stamp = _stamp(match)
            if stamp is not None and not (stamp.is_day_only and "hour" in match.groupdict()):
                return stamp
    return None


def _stamp(match: re.Match[str]) -> Stamp | None:
    parts = match.groupdict()
    day = (match["year"], match["month"], match["day"])
    clock = (_hour(parts), parts.get("minute"), parts.get("second"))
    return stamp_of(day, clock, parts.get("fraction") or "")


def _hour(parts: dict[str, str | None]) -> str | None:
    """The hour on a clock of 24, from one of 12 where AM or PM follows."""
    hour, half = parts.get("hour"), parts.get("half")
    if hour is None or half is None or not 1 <= int(hour) <= NOON_HOUR:
        return hour
    return str(int(hour) % NOON_HOUR + (NOON_HOUR if half in "Pp" else 0))
