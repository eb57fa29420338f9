"""Says in plain words when something was taken, how that is known, and how sure it is. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time

from dashboard import wording
from dashboard.standing import Tone

UNJUDGED = "unjudged"
"""Confidence of a date that was decided before it was noted how sure a date is."""

CONFIDENCES: dict[str, tuple[Tone, str]] = {
    "high": (Tone.GOOD, "High confidence"),
    "medium": (Tone.LIKELY, "Medium confidence"),
    "low": (Tone.NOTICE, "Low confidence"),
    "none": (Tone.BAD, "Only a guess"),
    UNJUDGED: (Tone.UNKNOWN, "Not judged yet"),
}

FILE_TIME = "file time"
Words = tuple[str, str]
"""As the end of a sentence about the date, and as a name in a list."""

PLAIN_SOURCES: dict[str, Words] = {
    "correction": ("a person corrected it", "A person"),
    "file name": ("from the file's name", "The file's name"),
    FILE_TIME: ("only the file's own time was there: please check", "The file's own time"),
    "paired still": ("from the photo that it belongs to", "The photo that it belongs to"),
    "ExifIFD:CreateDate": (
        "when it was digitised, as the camera or scanner wrote it",
        "When it was digitised",
    ),
    "IFD0:ModifyDate": (
        "only the date of its last change was there: please check",
        "The last change",
    ),
    "PNG:CreationTime": (
        "the program that made the file wrote it",
        "The program that made the file",
    ),
}
SOURCE_PATTERNS: tuple[tuple[re.Pattern[str], Words], ...] = (
    (re.compile(r"sidecar "), ("a sidecar says so", "A sidecar")),
    (re.compile(r"Takeout:"), ("Google Takeout says so", "Google Takeout")),
    (re.compile(r"[\w-]+:GPS"), ("from the GPS receiver's clock", "The GPS receiver's clock")),
    (re.compile(r"(XMP|IPTC)[\w-]*:"), ("a photo program wrote it", "A photo program")),
    (re.compile(r"[\w-]+:"), ("the camera wrote it", "The camera")),
)
"""The first that fits; names of tags are ExifTool's, with their group."""

ZONE_SOURCES = {
    "tag": "as the camera wrote it",
    "gps time": "from the GPS receiver's clock",
    "place": "from the place",
    "paired still": "from the photo that it belongs to",
    "file name": "from the file's name",
    "home zone": "your home time zone, assumed",
    "correction": "as a person said",
}

NOON = time(12)
"""What stands for the time of day where only the day is known."""
CLOCK_AT_NOON = re.compile(r"12[:.h_-]?00")


@dataclass(frozen=True, slots=True)
class When:
    """When something was taken.

    Attributes:
        clock: Time of day, or that it is unknown.
        zone: Time zone and how it is known, or that it is unknown.
        exact: The instant in UTC; empty where it is unknown.
    """

    date: str
    clock: str
    zone: str
    exact: str


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """One thing that could have been the date.

    Attributes:
        tag: Name under which ExifTool knows it; empty where there is none.
        reason: Why it lost; empty for the one that won.
        is_winner: This one was taken.
    """

    source: str
    tag: str
    text: str
    reason: str
    is_winner: bool


def source_words(source: str) -> str:
    """Where a date comes from, for people who know no tags."""
    if not source:
        return "how it is known was not recorded"
    return _words(source)[0]


def source_name(source: str) -> str:
    """The same as the name of a row."""
    return _words(source)[1] if source else "Unknown"


def _words(source: str) -> Words:
    known = PLAIN_SOURCES.get(source)
    if known is not None:
        return known
    fitting = (words for pattern, words in SOURCE_PATTERNS if pattern.match(source))
    return next(fitting, (f"from {source}", source))


def tag_of(source: str) -> str:
    """The tag's own name, for people who know tags; empty where the source is none."""
    name = source.removeprefix("sidecar ")
    return name if ":" in name else ""


def confidence(word: str, rules: int) -> tuple[Tone, str]:
    """How sure a date is; what no rules have judged yet is unknown."""
    return CONFIDENCES.get(word if rules else UNJUDGED, CONFIDENCES[UNJUDGED])


def zone_words(offset_minutes: int | None, offset_source: str | None) -> str:
    """The time zone of the place, and how it is known."""
    if offset_minutes is None:
        return "time zone unknown"
    known = ZONE_SOURCES.get(offset_source or "", "")
    return f"{offset_words(offset_minutes)}, {known}" if known else offset_words(offset_minutes)


def offset_words(minutes: int) -> str:
    """An offset as people write it: UTC+2, UTC-3:30 with a true minus."""
    hours, rest = divmod(abs(minutes), 60)
    sign = "\u2212" if minutes < 0 else "+"
    return f"UTC{sign}{hours}{f':{rest:02}' if rest else ''}"


def long_day(moment: datetime) -> str:
    """A day with its weekday: Sunday, 14 July 2019."""
    return f"{moment:%A}, {moment.day} {moment:%B} {moment.year}"


def when(
    local: datetime,
    at: datetime | None,
    offset: tuple[int | None, str | None],
    candidates: Iterable[Mapping[str, object]],
) -> When:
    """When something was taken, in words.

    Args:
        local: By the clock of the place.
        at: The same instant, aware; None if the zone is unknown.
        offset: Minutes from UTC, and how that is known.
        candidates: As recorded; the winner's own text tells whether it has a time of day.
    """
    zone = zone_words(*offset)
    if offset[0] is None and at is not None:
        zone += ", so this is the time in UTC"
    if _is_day_only(local, candidates):
        return When(long_day(local), "time of day unknown", zone, "")
    exact = f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if at is not None else ""
    return When(long_day(local), f"{local:%H:%M:%S}", zone, exact)


def _is_day_only(local: datetime, candidates: Iterable[Mapping[str, object]]) -> bool:
    """Noon stands for the whole day where the text that decided has no time in it."""
    if local.time() != NOON:
        return False
    winner = next((one for one in candidates if not one.get("reason")), None)
    if winner is None or str(winner.get("source", "")) in {FILE_TIME, "paired still"}:
        return False
    is_counted = str(winner.get("source", "")).startswith("Takeout:")
    return not is_counted and not CLOCK_AT_NOON.search(str(winner.get("text", "")))


def candidate_rows(candidates: Iterable[Mapping[str, object]]) -> tuple[CandidateRow, ...]:
    """All that could have been the date, best first."""
    return tuple(_candidate(one) for one in candidates)


def _candidate(one: Mapping[str, object]) -> CandidateRow:
    source, reason = str(one.get("source") or ""), str(one.get("reason") or "")
    return CandidateRow(
        source=source_name(source),
        tag=tag_of(source),
        text=str(one.get("text") or "") or wording.UNKNOWN,
        reason=wording.sentence(reason),
        is_winner=not reason,
    )
