"""Finds every source of a file's time that is present, and says which cannot be true."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from librarian.capture.evidence import (
    CORRECTION,
    FILE_NAME,
    FILE_TIME,
    PAIRED_STILL,
    CaptureTime,
    Confidence,
    Correction,
    Evidence,
)
from librarian.capture.name_time import stamp_in_name
from librarian.capture.sources import (
    EDITED_TIMES,
    EPOCHS,
    FIRST_GPS_YEAR,
    FIRST_MOVIE_YEAR,
    FIRST_YEAR,
    GPS_TIMES,
    HANDLERS,
    LATE_TIMES,
    LOCAL_CLOCK_HANDLER,
    LOCAL_CLOCK_MAKES,
    MAKES,
    MOVIE_TIMES,
    SIDECAR_GPS_TIMES,
    SIDECAR_TIMES,
    STILL_TIMES,
    DateTag,
    Kind,
)
from librarian.capture.stamps import DAY_AND_CLOCK, Stamp, parse_offset, parse_partial, parse_stamp

LOCAL_AHEAD = timedelta(hours=36)
"""The clock of a camera may run ahead, and local time in Kiribati is 14 hours ahead of UTC."""
UTC_AHEAD = timedelta(hours=22)
"""Local time made from it is then within the other limit."""
TAKEOUT_TIME = "Takeout:PhotoTakenTime"
UNIX_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - digits of UTC
EPOCH_DAYS = frozenset(epoch.date() for epoch in EPOCHS)
EPOCH_YEARS = frozenset(epoch.year for epoch in EPOCHS)
EARLY = {
    FIRST_YEAR: "before photography",
    FIRST_GPS_YEAR: "before GPS existed",
    FIRST_MOVIE_YEAR: "before there were such files",
}
FUTURE = "in the future"
NO_DATE, NO_SUCH_DAY = "no date", "no such day"
NEVER_SET = "a clock that was never set"


@dataclass(frozen=True, slots=True)
class Found:
    """A source that is present.

    Attributes:
        text: What it says, as it stands there.
        stamp: None when it is no date.
        fault: Why it cannot be true; empty when it can.
    """

    source: str
    text: str
    stamp: Stamp | None
    fault: str
    confidence: Confidence
    kind: Kind


def present(evidence: Evidence, now: datetime) -> list[Found]:
    """All sources that are present, the most believed first; the last is the file's time."""
    today = now.astimezone(UTC).replace(tzinfo=None)
    tags, sidecar = evidence.tags, evidence.sidecar
    is_movie = str(tags.get("File:MIMEType", "")).startswith("video/")
    found: list[Found] = []
    if evidence.correction is not None:
        found.append(_corrected(evidence.correction))
    if sidecar:
        found += _tagged(EDITED_TIMES, sidecar, today)
    found += _tagged(MOVIE_TIMES if is_movie else STILL_TIMES, tags, today)
    if sidecar:
        found += _tagged(SIDECAR_TIMES, sidecar, today)
    if evidence.paired is not None and evidence.paired.confidence != "none":
        found.append(_paired(evidence.paired))
    if TAKEOUT_TIME in evidence.takeout:
        found.append(_taken_out(evidence.takeout[TAKEOUT_TIME], today))
    found += _tagged(GPS_TIMES, tags, today)
    if sidecar:
        found += _tagged(SIDECAR_GPS_TIMES, sidecar, today)
    named = stamp_in_name(evidence.name)
    if named is not None:
        found.append(_named(evidence.name, named, today))
    vague = [one for one in found if one.kind == "partial"]
    if vague:
        found = [one for one in found if one.kind != "partial"] + vague
    found += _tagged(LATE_TIMES, tags, today)
    found.append(_filed(evidence.modified, today))
    return found


def is_plausible(date_tag: DateTag, tags: Mapping[str, object], now: datetime) -> bool:
    """Whether a tag is there and holds a date that can be true."""
    today = now.astimezone(UTC).replace(tzinfo=None)
    found = _tagged((date_tag,), tags, today)
    return any(not one.fault and one.kind != "partial" for one in found)


def _tagged(
    date_tags: Iterable[DateTag], tags: Mapping[str, object], today: datetime
) -> list[Found]:
    found = []
    for date_tag in date_tags:
        value = tags.get(date_tag.name)
        if value is None:
            continue
        text = str(value)
        if date_tag.clock and date_tag.clock in tags:
            text = f"{text} {tags[date_tag.clock]}"
        stamp, confidence = _read(date_tag, text, tags), date_tag.confidence
        if stamp is None and (vague := parse_partial(text)) is not None:
            found.append(_vague(date_tag, text, vague, today))
            continue
        if date_tag.is_quicktime and stamp is not None and _is_bare(stamp):
            confidence = "medium"  # by a rule for the make, and not by what the file says
        fault = _unreadable(text) if stamp is None else _fault(stamp, date_tag.first_year, today)
        source = date_tag.prefix + date_tag.name
        found.append(Found(source, text, stamp, fault, confidence, date_tag.kind))
    return found


def _vague(date_tag: DateTag, text: str, stamp: Stamp, today: datetime) -> Found:
    """Of a year or a month, any exact source knows more, but for the time of a scan or a copy."""
    year = stamp.moment.year
    fault = FUTURE if year > today.year else ""
    if year < date_tag.first_year:
        fault = EARLY[date_tag.first_year]
    return Found(date_tag.prefix + date_tag.name, text, stamp, fault, "low", "partial")


def _read(date_tag: DateTag, text: str, tags: Mapping[str, object]) -> Stamp | None:
    fraction = tags.get(date_tag.fraction) if date_tag.fraction else None
    return parse_stamp(
        text,
        fraction="" if fraction is None else str(fraction),
        offset_minutes=_offset(date_tag, text, tags) if date_tag.offsets else None,
        is_utc=date_tag.is_utc and not (date_tag.is_quicktime and _has_local_clock(tags)),
    )


def _offset(date_tag: DateTag, text: str, tags: Mapping[str, object]) -> int | None:
    for name, witness in date_tag.offsets:
        if name in tags and (not witness or str(tags.get(witness)) == text):
            offset = parse_offset(str(tags[name]))
            if offset is not None:
                return offset
    return None


def _has_local_clock(tags: Mapping[str, object]) -> bool:
    makes = (str(tags[name]).upper() for name in MAKES if name in tags)
    return any(make.startswith(LOCAL_CLOCK_MAKES) for make in makes) or any(
        LOCAL_CLOCK_HANDLER in str(tags[name]) for name in HANDLERS if name in tags
    )


def _is_bare(stamp: Stamp) -> bool:
    return not stamp.is_utc and stamp.offset_minutes is None


def _unreadable(text: str) -> str:
    if DAY_AND_CLOCK.fullmatch(text) is None:
        return NO_DATE
    return f"{NEVER_SET} (0000-00-00)" if text.lstrip().startswith("0000") else NO_SUCH_DAY


def _fault(stamp: Stamp, first_year: int, today: datetime) -> str:
    """Why a date cannot be true, or nothing."""
    moment = stamp.moment
    if moment > today + (UTC_AHEAD if stamp.is_utc else LOCAL_AHEAD):
        return FUTURE
    year = moment.year
    if (
        year in EPOCH_YEARS
        and moment.date() in EPOCH_DAYS
        and (stamp.is_day_only or moment.hour == moment.minute == 0)
    ):
        return f"{NEVER_SET} ({moment.date()})"
    return EARLY[first_year] if year < first_year else ""


def _corrected(correction: Correction) -> Found:
    stamp = Stamp(correction.local, offset_minutes=correction.offset_minutes)
    return Found(CORRECTION, _digits(correction.local), stamp, "", "high", "correction")


def _paired(still: CaptureTime) -> Found:
    stamp = Stamp(still.local, offset_minutes=still.offset_minutes)
    return Found(PAIRED_STILL, _digits(still.local), stamp, "", still.confidence, "paired")


def _taken_out(value: object, today: datetime) -> Found:
    """Google's moment is that of the photo, or what a person has set at Google Photos."""
    try:
        moment = UNIX_EPOCH + timedelta(seconds=int(str(value)))
    except (ValueError, OverflowError):
        return Found(TAKEOUT_TIME, str(value), None, NO_DATE, "medium", "takeout")
    stamp = Stamp(moment, is_utc=True)
    fault = _fault(stamp, FIRST_YEAR, today)
    return Found(TAKEOUT_TIME, f"{_digits(moment)} UTC", stamp, fault, "medium", "takeout")


def _named(name: str, stamp: Stamp, today: datetime) -> Found:
    fault = _fault(stamp, FIRST_MOVIE_YEAR, today)
    return Found(FILE_NAME, name, stamp, fault, "low" if stamp.is_day_only else "medium", "name")


def _filed(modified: datetime, today: datetime) -> Found:
    """There is always a file time; one that cannot be true is taken for now."""
    text = _digits(modified)
    try:
        moment = modified.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        moment = datetime.min  # noqa: DTZ901 - taken for now below
    if moment > today + UTC_AHEAD or moment.year < FIRST_YEAR:
        text, moment = f"{text}, which is taken for now", today
    return Found(FILE_TIME, text, Stamp(moment, is_utc=True), "", "none", "file")


def _digits(moment: datetime) -> str:
    return moment.isoformat(" ")
