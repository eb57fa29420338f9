"""Times as people write and read them. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

LARGEST_OFFSET_MINUTES = 14 * 60
"""Of the zones on Earth; the tables refuse more."""

LAST = datetime(9999, 12, 31, 23, 59, 59)  # noqa: DTZ001 - local wall-clock time

LOCAL = re.compile(
    r"(\d{4})[-:](\d\d)[-:](\d\d)(?:[T ]+(\d\d):(\d\d)(?::(\d\d)(\.\d{1,6})?)?)?", re.ASCII
)
OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)", re.ASCII)
CLOCK_SHIFT = re.compile(r"([+-]?)(?:(\d{1,6})d)? *(\d{1,6}):(\d\d)(?::(\d\d))?", re.ASCII)
UNIT_SHIFT = re.compile(
    r"([+-]?) *(?:(\d{1,5})w)? *(?:(\d{1,6})d)? *(?:(\d{1,7})h)? *(?:(\d{1,9})m)? *(?:(\d{1,9})s)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of local time; its end does not belong to it."""

    start: datetime
    end: datetime


def parse_local(text: str) -> datetime:
    """Read a day with its time of day.

    Raises:
        ValueError: With a sentence for the user.
    """
    found = LOCAL.fullmatch(text.strip())
    if found is None or found[4] is None:
        message = f"{text!r} is no date with a time. Write it like 2019-05-04 12:30 or …:45."
        raise ValueError(message)
    return _moment(found, text)


def parse_span(text: str) -> Span:
    """Read a day, a minute or a second, as the stretch of time that it lasts.

    Raises:
        ValueError: With a sentence for the user.
    """
    found = LOCAL.fullmatch(text.strip())
    if found is None:
        message = f"{text!r} is no date. Write it like 2019-05-04 or 2019-05-04 12:30."
        raise ValueError(message)
    start = _moment(found, text)
    length = timedelta(days=1)
    if found[4] is not None:
        length = timedelta(minutes=1) if found[6] is None else timedelta(seconds=1)
    return Span(start, start + min(length, LAST - start))


def _moment(found: "re.Match[str]", text: str) -> datetime:
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    fraction = timedelta(seconds=float(found[7] or 0))
    try:
        return datetime(year, month, day, hour, minute, second) + fraction  # noqa: DTZ001 - local wall-clock time
    except ValueError:
        message = f"There is no {text!r} in the calendar or on the clock."
        raise ValueError(message) from None


def parse_offset(text: str) -> int:
    """Read an offset from UTC such as +02:00; returns minutes.

    Raises:
        ValueError: With a sentence for the user.
    """
    stripped = text.strip()
    if stripped in {"Z", "UTC"}:
        return 0
    found = OFFSET.fullmatch(stripped)
    minutes = 0 if found is None else int(found[2]) * 60 + int(found[3])
    if found is None or minutes > LARGEST_OFFSET_MINUTES or int(found[3]) >= 60:  # noqa: PLR2004 - minutes of an hour
        message = f"{text!r} is no offset from UTC. Write it like +02:00 or -05:30."
        raise ValueError(message)
    return -minutes if found[1] == "-" else minutes


def parse_shift(text: str) -> timedelta:
    """Read how far a clock was wrong: +1:00:00 (hours first), -0:05, -2d, +1d 2:30, +3h 20m.

    Raises:
        ValueError: With a sentence for the user.
    """
    stripped = text.strip()
    shift = _clock_shift(stripped) or _unit_shift(stripped)
    if not shift:
        message = (
            f"{text!r} is no shift. Write it like +1:00:00 (hours, minutes, seconds), -2d, "
            "or +3h 20m."
        )
        raise ValueError(message)
    return shift


def _clock_shift(text: str) -> timedelta | None:
    found = CLOCK_SHIFT.fullmatch(text)
    if found is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -length if found[1] == "-" else length


def _unit_shift(text: str) -> timedelta | None:
    found = UNIT_SHIFT.fullmatch(text)
    if found is None:
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -length if found[1] == "-" else length


def local_words(local: datetime) -> str:
    """A local time such as 2019-05-04 12:30:45; parts of a second are left out."""
    return local.isoformat(" ", "seconds")


def offset_words(minutes: int | None) -> str:
    """An offset such as +02:00, or that nobody knows it."""
    if minutes is None:
        return "zone unknown"
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"


def when_words(local: datetime, offset_minutes: int | None) -> str:
    """A local time with its offset, such as 2019-05-04 12:30:45 +02:00."""
    separator = ", " if offset_minutes is None else " "
    return local_words(local) + separator + offset_words(offset_minutes)
