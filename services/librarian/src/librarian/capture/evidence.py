"""What is known of a file's time, and what was decided: the values around the decision."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Literal
from zoneinfo import ZoneInfo

FILE_NAME = "file name"
FILE_TIME = "file time"
PAIRED_STILL = "paired still"
CORRECTION = "correction"
SIDECAR_PREFIX = "sidecar "
"""Stands before the name of a tag that was read from the XMP sidecar."""

Confidence = Literal["high", "medium", "low", "none"]
OffsetSource = Literal[
    "tag", "gps time", "place", "paired still", "file name", "home zone", "correction"
]
ZoneFinder = Callable[[float, float], ZoneInfo | None]
"""Finds the time zone of a latitude and a longitude, in degrees."""

NO_TAGS: Mapping[str, object] = MappingProxyType({})


def no_tags() -> Mapping[str, object]:
    """NO_TAGS as the default of a field: Python 3.11 holds it itself to be mutable."""
    return NO_TAGS


@dataclass(frozen=True, slots=True)
class Correction:
    """A person's word.

    Attributes:
        local: Wall-clock time at the place, naive.
        offset_minutes: Of `local` from UTC; None when the person said none.
    """

    local: datetime
    offset_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A source that was present.

    Attributes:
        text: What it says, cut to a length that can be shown.
        reason: Why it lost, as a fragment of a sentence; empty for the winner.
    """

    source: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class CaptureTime:
    """When something was taken.

    Attributes:
        local: Wall-clock time at the place, naive; decides the folder. Where no zone is known for
            a time in UTC, it has the digits of UTC.
        utc: The same instant, aware; None when the offset of local time is unknown.
        offset_minutes: Of `local` from UTC; None when unknown.
        source: The tag that decided ("sidecar " before it, if of the sidecar), or "file name",
            "file time", "paired still", "correction".
        offset_source: Who told the offset; None when nobody did.
        candidates: All that were present, in their order of precedence.
    """

    local: datetime
    utc: datetime | None
    offset_minutes: int | None
    source: str
    confidence: Confidence
    offset_source: OffsetSource | None
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the time of capture can be decided from.

    Attributes:
        tags: Embedded in the file, as ExifTool gives them with -G1 -n; may be empty.
        name: The file's own name.
        modified: Its modification time, aware. The last resort, shown as "file time".
        sidecar: What ExifTool reads from the XMP sidecar.
        takeout: Made from Google's JSON, names `Takeout:*`.
        paired: What was decided for the still, if this is the video of a Live or motion photo.
        correction: A person's word, which beats everything.
    """

    tags: Mapping[str, object]
    name: str
    modified: datetime
    sidecar: Mapping[str, object] = field(default_factory=no_tags)
    takeout: Mapping[str, object] = field(default_factory=no_tags)
    paired: CaptureTime | None = None
    correction: Correction | None = None
