"""When a photo or video was taken, decided from its tags, its name and its file time.

The day that matters is the local day at the place: a photo of 23:30 in Tokyo belongs to that
evening. So local wall-clock time is never converted before it is used, and a time in UTC (most
videos) is converted with the best offset known. Sources are tried in a fixed order, and one that
cannot be true (zero dates, epochs, the future) is passed over for the next. Everything comes in as
an argument; the zone of the machine plays no part.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from librarian.capture.name_time import stamp_in_name
from librarian.capture.stamps import LARGEST_OFFSET_MINUTES, Stamp, parse_offset, parse_stamp

FILE_NAME = "file name"
FILE_TIME = "file time"

FUTURE_TOLERANCE = timedelta(hours=36)
"""The clock of a camera may run ahead, and local time in Kiribati is 14 hours ahead of UTC."""
EPOCHS = (datetime(1904, 1, 1), datetime(1970, 1, 1))  # noqa: DTZ001 - wall-clock digits
FIRST_YEAR = 1826
"""The oldest photograph that has survived; scans may carry its date."""
FIRST_GPS_YEAR = 1995
"""A receiver without a fix says 1980-01-06; so does no camera that had one."""
FIRST_MOVIE_YEAR = 1990
"""Earlier dates are counted from the wrong epoch: 1904 and 1970 are 66 years apart."""
LARGEST_DRIFT = timedelta(minutes=2)
QUARTER_HOUR = timedelta(minutes=15)
LOCAL_CLOCK_MAKES = ("NIKON", "CANON", "GOPRO")
"""Makes that write local time where QuickTime wants UTC."""


@dataclass(frozen=True, slots=True)
class CaptureTime:
    """When something was taken.

    Attributes:
        local: Wall-clock time at the place, naive; decides the folder.
        utc: The same instant, aware; None when the offset is unknown.
        offset_minutes: Of `local` from UTC; None when unknown.
        source: The tag that decided, or "file name" or "file time".
    """

    local: datetime
    utc: datetime | None
    offset_minutes: int | None
    source: str


@dataclass(frozen=True, slots=True)
class DateTag:
    """A tag that may hold the time of capture.

    Attributes:
        name: As ExifTool gives it with -G1.
        is_utc: Its digits are UTC and not local time.
        clock: Tag with the time of day, for a tag that holds the day only.
        offset: Tag with the offset from UTC.
        fraction: Tag with the digits after the second.
        first_year: Earlier values are false.
    """

    name: str
    is_utc: bool = False
    clock: str = ""
    offset: str = ""
    fraction: str = ""
    first_year: int = FIRST_YEAR


ORIGINAL = DateTag(
    "ExifIFD:DateTimeOriginal",
    # Never ExifIFD:OffsetTime: that belongs to the time of the last change.
    offset="ExifIFD:OffsetTimeOriginal",
    fraction="ExifIFD:SubSecTimeOriginal",
)
DIGITISED = DateTag(
    "ExifIFD:CreateDate",
    offset="ExifIFD:OffsetTimeDigitized",
    fraction="ExifIFD:SubSecTimeDigitized",
)
GPS_TIMES = (
    DateTag("Composite:GPSDateTime", is_utc=True, first_year=FIRST_GPS_YEAR),
    DateTag("GPS:GPSDateStamp", is_utc=True, clock="GPS:GPSTimeStamp", first_year=FIRST_GPS_YEAR),
    DateTag("XMP-exif:GPSDateTime", is_utc=True, first_year=FIRST_GPS_YEAR),
)
LOCAL_MOVIE_TIMES = (
    DateTag("Keys:CreationDate"),
    DateTag("ItemList:ContentCreateDate"),
    DateTag("UserData:ContentCreateDate"),
    DateTag("XML:CreationDateValue"),
    DateTag("RIFF:DateTimeOriginal"),
    DateTag("H264:DateTimeOriginal"),
)
STILL_TIMES = (
    *LOCAL_MOVIE_TIMES,
    ORIGINAL,
    DateTag("IFD0:DateTimeOriginal"),
    DateTag("XMP-exif:DateTimeOriginal"),
    DateTag("XMP-photoshop:DateCreated"),
    DateTag("IPTC:DateCreated", clock="IPTC:TimeCreated"),
    DIGITISED,
    DateTag("XMP-xmp:CreateDate"),
    *GPS_TIMES,
)
QUICKTIME_TIMES = tuple(
    DateTag(name, is_utc=True, first_year=FIRST_MOVIE_YEAR)
    for name in (
        "QuickTime:CreateDate",
        "Track1:MediaCreateDate",
        "Track2:MediaCreateDate",
        "Track1:TrackCreateDate",
        "Track2:TrackCreateDate",
    )
)
MOVIE_TIMES = (
    *LOCAL_MOVIE_TIMES,
    ORIGINAL,
    DateTag("Nikon:DateTimeOriginal"),
    DateTag("Pentax:DateTimeOriginal"),
    DateTag("Casio:DateTimeOriginal"),
    DateTag("Kodak:DateTimeOriginal"),
    *QUICKTIME_TIMES,
    DateTag("Matroska:DateTimeOriginal", is_utc=True, first_year=FIRST_MOVIE_YEAR),
    DateTag("ASF:CreationDate", is_utc=True, first_year=FIRST_MOVIE_YEAR),
    DateTag("XMP-exif:DateTimeOriginal"),
    DateTag("XMP-xmp:CreateDate"),
    *GPS_TIMES,
)
LATE_TIMES = (DateTag("PNG:CreationTime"), DateTag("IFD0:ModifyDate"))
"""Only after the file name: a copy or an edit changes them."""


def decide(
    tags: Mapping[str, object],
    name: str,
    modified: datetime,
    now: datetime,
    home: ZoneInfo | None = None,
) -> CaptureTime:
    """Decide when a file was taken; there is always an answer.

    Args:
        tags: As ExifTool gives them with -G1 -n; may be empty.
        name: The file's own name.
        modified: Its modification time, aware. The last resort, shown as "file time".
        now: Aware; nothing is taken later than it, save for what clocks and zones explain.
        home: Zone for times known in UTC only, when nothing better is known.
    """
    named = stamp_in_name(name)
    if named is not None and not _is_plausible(named, FIRST_MOVIE_YEAR, now):
        named = None
    for source, stamp in _candidates(tags, named, now):
        if stamp.is_utc:
            return _from_utc(stamp, source, named, home)
        return _from_local(stamp, source, tags, now)
    return _from_utc(Stamp(_naive_utc(modified), is_utc=True), FILE_TIME, None, home)


def _candidates(
    tags: Mapping[str, object], named: Stamp | None, now: datetime
) -> Iterator[tuple[str, Stamp]]:
    """What could be the time of capture, the best first."""
    is_movie = str(tags.get("File:MIMEType", "")).startswith("video/")
    yield from _tagged(MOVIE_TIMES if is_movie else STILL_TIMES, tags, now)
    if named is not None:
        yield FILE_NAME, named
    yield from _tagged(LATE_TIMES, tags, now)


def _tagged(
    date_tags: tuple[DateTag, ...], tags: Mapping[str, object], now: datetime
) -> Iterator[tuple[str, Stamp]]:
    for date_tag in date_tags:
        stamp = _read(date_tag, tags)
        if stamp is not None and _is_plausible(stamp, date_tag.first_year, now):
            yield date_tag.name, stamp


def _read(date_tag: DateTag, tags: Mapping[str, object]) -> Stamp | None:
    value = tags.get(date_tag.name)
    if value is None:
        return None
    text = str(value)
    if date_tag.clock and date_tag.clock in tags:
        text = f"{text} {tags[date_tag.clock]}"
    is_utc = date_tag.is_utc and not (date_tag in QUICKTIME_TIMES and _has_local_movie_clock(tags))
    return parse_stamp(
        text,
        fraction=str(tags.get(date_tag.fraction, "")),
        offset_minutes=parse_offset(str(tags.get(date_tag.offset, ""))),
        is_utc=is_utc,
    )


def _has_local_movie_clock(tags: Mapping[str, object]) -> bool:
    makes = (str(value).upper() for tag, value in tags.items() if tag.endswith(":Make"))
    return any(make.startswith(LOCAL_CLOCK_MAKES) for make in makes) or any(
        tag.endswith(":HandlerDescription") and "GoPro" in str(value) for tag, value in tags.items()
    )


def _is_plausible(stamp: Stamp, first_year: int, now: datetime) -> bool:
    moment = stamp.moment
    if moment.year < first_year or moment > _naive_utc(now) + FUTURE_TOLERANCE:
        return False
    if stamp.is_day_only:
        return all(moment.date() != epoch.date() for epoch in EPOCHS)
    return moment.replace(second=0, microsecond=0) not in EPOCHS


def _from_local(
    stamp: Stamp, source: str, tags: Mapping[str, object], now: datetime
) -> CaptureTime:
    """Local time stays as it is; only its offset is looked for."""
    local, offset = stamp.moment, stamp.offset_minutes
    if stamp.is_day_only:
        return CaptureTime(local, None, None, source)
    if offset is None:
        offset = _offset_by_gps_time(local, tags, now)
    if offset is None:
        return CaptureTime(local, None, None, source)
    instant = local.replace(tzinfo=UTC) - timedelta(minutes=offset)
    return CaptureTime(local, instant, offset, source)


def _from_utc(stamp: Stamp, source: str, named: Stamp | None, home: ZoneInfo | None) -> CaptureTime:
    """UTC becomes local time by the local time in the file's name, or by the home zone."""
    instant = stamp.moment.replace(tzinfo=UTC)
    offset = None if home is None else _minutes(instant.astimezone(home))
    if named is not None and not named.is_utc and not named.is_day_only:
        by_name = _whole_offset(named.moment - stamp.moment)
        if by_name == 0 and offset != 0:
            # The camera wrote the same local time into both, so UTC is unknown after all.
            return CaptureTime(stamp.moment, None, None, source)
        offset = offset if by_name is None else by_name
    if offset is None:
        return CaptureTime(stamp.moment, instant, None, source)
    return CaptureTime(stamp.moment + timedelta(minutes=offset), instant, offset, source)


def _offset_by_gps_time(local: datetime, tags: Mapping[str, object], now: datetime) -> int | None:
    """Satellites tell UTC, so their difference from the camera's clock is the offset."""
    for _source, stamp in _tagged(GPS_TIMES, tags, now):
        if not stamp.is_day_only:
            return _whole_offset(local - stamp.moment)
    return None


def _whole_offset(difference: timedelta) -> int | None:
    """A difference of two clocks as an offset, unless it is none that a zone could have."""
    quarters = round(difference / QUARTER_HOUR)
    if abs(difference - quarters * QUARTER_HOUR) > LARGEST_DRIFT:
        return None
    minutes = quarters * 15
    return minutes if abs(minutes) <= LARGEST_OFFSET_MINUTES else None


def _minutes(moment: datetime) -> int:
    """Offset of an aware moment; whole minutes, though local mean times had seconds."""
    return round((moment.utcoffset() or timedelta()) / timedelta(minutes=1))


def _naive_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
