"""Numbers, spans and sizes as people say them. Pure."""

from datetime import datetime
from zoneinfo import ZoneInfo

UNKNOWN = "unknown"
NARROW = "\u202f"
"""A narrow space at which no line is broken."""
MINUTE, HOUR, DAY = 60, 3600, 86_400
STEP = 1000
TWO_DIGITS = 10
"""From here on, a decimal says nothing that a person wants to know."""


def count(number: int) -> str:
    """A number with a thin space between groups of three digits."""
    return f"{number:,}".replace(",", NARROW)


def plural(number: int, one: str, many: str | None = None) -> str:
    """The number with its noun: 1 photo, 2 photos."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def span(seconds: float | None) -> str:
    """A length of time in one unit; coarse, so that a page that refreshes does not flicker."""
    if seconds is None:
        return UNKNOWN
    if seconds < MINUTE:
        return "under 1 min"
    if seconds < HOUR:
        return f"{int(seconds // MINUTE)} min"
    if seconds < 2 * DAY:
        return f"{int(seconds // HOUR)} h"
    return f"{count(int(seconds // DAY))} days"


def ago(seconds: float | None) -> str:
    """How long something is past."""
    if seconds is None:
        return "never"
    return "just now" if seconds < MINUTE else f"{span(seconds)} ago"


def until(seconds: float) -> str:
    """When something is looked at again."""
    return f"again in {span(seconds)}" if seconds > 0 else "next"


def sentence(text: str) -> str:
    """What a service recorded as a clause, with a capital and a full stop."""
    end = "" if text.endswith((".", "!", "?")) else "."
    return f"{text[:1].upper()}{text[1:]}{end}" if text else ""


def size(number: int | None) -> str:
    """Bytes in the unit that disks are sold in."""
    if number is None:
        return UNKNOWN
    amount, unit = float(number), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if amount < STEP:
            break
        amount, unit = amount / STEP, larger
    digits = 1 if amount < TWO_DIGITS and unit != "bytes" else 0
    return f"{amount:.{digits}f}{NARROW}{unit}"


def percent(part: int, whole: int) -> str:
    """A share that says 100 % only when nothing is missing."""
    if whole <= 0:
        return UNKNOWN
    tenths = part * 1000 // whole
    share = f"{tenths // 10}" if tenths % 10 == 0 else f"{tenths / 10:.1f}"
    return f"{share}{NARROW}%"


def clock(instant: datetime, now: datetime, zone: str) -> str:
    """Time of day, with the day if it is not today."""
    local, today = instant.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone))
    if local.date() == today.date():
        return f"{local:%H:%M}"
    return minute(instant, zone)


def exact(instant: datetime, zone: str) -> str:
    """The full instant, for those who hover."""
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S} ({zone})"


def minute(instant: datetime, zone: str) -> str:
    """Day and time of day where the person is: 4 May 2024, 18:30."""
    local = instant.astimezone(ZoneInfo(zone))
    return f"{day(local)}, {local:%H:%M}"


def day(moment: datetime) -> str:
    """A day without leading zero: 4 May 2024."""
    return f"{moment.day} {moment:%b %Y}"


def runtime(seconds: float | None) -> str:
    """Length of a video: 0:07, 12:30, 1:02:03."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), MINUTE)
    hours, minutes = divmod(minutes, MINUTE)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
