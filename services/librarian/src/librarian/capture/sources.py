"""The tags that may hold a time of capture, in the order in which they are believed.

Local wall-clock time that says its zone comes first, then the time of exposure, then what scanners
and editors write, then times in UTC; what a copy or an edit changes comes last. The reasons for the
order are the cases in tests/capture_time.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from librarian.capture.evidence import SIDECAR_PREFIX, Confidence

EPOCHS = (datetime(1904, 1, 1), datetime(1970, 1, 1))  # noqa: DTZ001 - wall-clock digits
FIRST_YEAR = 1826
"""The oldest photograph that has survived; scans may carry its date."""
FIRST_GPS_YEAR = 1995
"""A receiver without a fix says 1980-01-06; so does no camera that had one."""
FIRST_MOVIE_YEAR = 1990
"""Earlier dates are counted from the wrong epoch: 1904 and 1970 are 66 years apart."""

Kind = Literal[
    "correction",
    "edited",
    "embedded",
    "annotated",
    "paired",
    "takeout",
    "satellite",
    "name",
    "partial",
    "late",
    "file",
]
"""What a source is, in the order of belief: `edited` and `annotated` are of the sidecar."""


@dataclass(frozen=True, slots=True)
class DateTag:
    """A tag that may hold the time of capture.

    Attributes:
        name: As ExifTool gives it with -G1.
        is_utc: Its digits are UTC and not local time.
        is_quicktime: UTC by the format's definition, but local from some makes.
        clock: Tag with the time of day, for a tag that holds the day only.
        offsets: Tags with the offset from UTC; one that belongs to another date counts only where
            that date, named beside it, has the same digits.
        fraction: Tag with the digits after the second.
        first_year: Earlier values are false.
        confidence: How sure a decision by it is at best.
        prefix: Stands before the name where the source is shown.
    """

    name: str
    is_utc: bool = False
    is_quicktime: bool = False
    clock: str = ""
    offsets: tuple[tuple[str, str], ...] = ()
    fraction: str = ""
    first_year: int = FIRST_YEAR
    confidence: Confidence = "high"
    kind: Kind = "embedded"
    prefix: str = ""


UNCHANGED = ("ExifIFD:OffsetTime", "IFD0:ModifyDate")
"""Of the last change: the photo's only if nothing has been changed since."""
ORIGINAL = DateTag(
    "ExifIFD:DateTimeOriginal",
    offsets=(
        ("ExifIFD:OffsetTimeOriginal", ""),
        ("ExifIFD:OffsetTimeDigitized", "ExifIFD:CreateDate"),
        UNCHANGED,
    ),
    fraction="ExifIFD:SubSecTimeOriginal",
)
DIGITISED = DateTag(
    "ExifIFD:CreateDate",
    offsets=(("ExifIFD:OffsetTimeDigitized", ""), UNCHANGED),
    fraction="ExifIFD:SubSecTimeDigitized",
    confidence="medium",
)


def _satellite(name: str, clock: str = "") -> DateTag:
    return DateTag(
        name,
        is_utc=True,
        clock=clock,
        first_year=FIRST_GPS_YEAR,
        confidence="medium",
        kind="satellite",
    )


def _movie_utc(name: str, *, is_quicktime: bool = False) -> DateTag:
    return DateTag(name, is_utc=True, is_quicktime=is_quicktime, first_year=FIRST_MOVIE_YEAR)


XMP_GPS_TIME = _satellite("XMP-exif:GPSDateTime")
GPS_TIMES = (
    _satellite("Composite:GPSDateTime"),
    _satellite("GPS:GPSDateStamp", "GPS:GPSTimeStamp"),
    XMP_GPS_TIME,
)
LOCAL_MOVIE_TIMES = (
    DateTag("Keys:CreationDate"),
    DateTag("ItemList:ContentCreateDate"),
    DateTag("UserData:ContentCreateDate"),
    DateTag("XML:CreationDateValue"),
    DateTag("RIFF:DateTimeOriginal"),
    DateTag("H264:DateTimeOriginal"),
)
XMP_CREATED = (
    DateTag("XMP-xmp:CreateDate", confidence="medium"),
    DateTag("XMP-exif:DateTimeDigitized", confidence="medium"),
)
STILL_TIMES = (
    *LOCAL_MOVIE_TIMES,
    ORIGINAL,
    DateTag("IFD0:DateTimeOriginal"),
    DateTag("XMP-exif:DateTimeOriginal"),
    DateTag("XMP-photoshop:DateCreated"),
    DateTag("IPTC:DateCreated", clock="IPTC:TimeCreated", confidence="medium"),
    DIGITISED,
    *XMP_CREATED,
)
MOVIE_TIMES = (
    *LOCAL_MOVIE_TIMES,
    ORIGINAL,
    DateTag("Nikon:DateTimeOriginal"),
    DateTag("Pentax:DateTimeOriginal"),
    DateTag("Casio:DateTimeOriginal"),
    DateTag("Kodak:DateTimeOriginal"),
    _movie_utc("QuickTime:CreateDate", is_quicktime=True),
    _movie_utc("Track1:MediaCreateDate", is_quicktime=True),
    _movie_utc("Track2:MediaCreateDate", is_quicktime=True),
    _movie_utc("Track1:TrackCreateDate", is_quicktime=True),
    _movie_utc("Track2:TrackCreateDate", is_quicktime=True),
    _movie_utc("Matroska:DateTimeOriginal"),
    _movie_utc("ASF:CreationDate"),
    DateTag("XMP-exif:DateTimeOriginal"),
    *XMP_CREATED,
)
LATE_TIMES = (
    DateTag("PNG:CreationTime", confidence="low", kind="late"),
    DateTag("IFD0:ModifyDate", confidence="low", kind="late"),
)
"""Only after the file name: a copy or an edit changes them."""


def _of_sidecar(date_tag: DateTag, kind: Kind) -> DateTag:
    return replace(date_tag, prefix=SIDECAR_PREFIX, kind=kind)


EDITED_TIMES = (
    _of_sidecar(DateTag("XMP-exif:DateTimeOriginal"), "edited"),
    _of_sidecar(DateTag("XMP-photoshop:DateCreated"), "edited"),
)
"""Of the sidecar, before all that is embedded: here people put dates right."""
SIDECAR_TIMES = tuple(_of_sidecar(date_tag, "annotated") for date_tag in XMP_CREATED)
"""Of the sidecar, after all that is embedded."""
SIDECAR_GPS_TIMES = (_of_sidecar(XMP_GPS_TIME, "satellite"),)

MAKES = (
    "IFD0:Make",
    "Keys:Make",
    "UserData:Make",
    "QuickTime:Make",
    "ItemList:Make",
    "XMP-tiff:Make",
    "Nikon:Make",
)
LOCAL_CLOCK_MAKES = ("NIKON", "CANON", "GOPRO")
"""Makes that write local time where QuickTime wants UTC."""
HANDLERS = tuple(f"Track{number}:HandlerDescription" for number in range(1, 5))
"""Where a GoPro names itself, which writes no make."""
LOCAL_CLOCK_HANDLER = "GoPro"
