"""Reads the few tags that decide a JPEG's day, place and pair, without ExifTool.

ExifTool takes milliseconds for a file, this a twentieth of one. It answers only for files that are
as cameras write them, and then exactly as ExifTool with -G1 -n does, so that a photo's place in the
library never depends on which of the two has read it. For all others the answer is None.
"""

import json
import math
import os
import re
import struct
from dataclasses import dataclass
from datetime import date, time
from typing import BinaryIO

from librarian.capture.decision import EPOCHS, FIRST_YEAR
from librarian.capture.stamps import parse_offset
from librarian.exif_block import (
    BIG_ENDIAN,
    BYTE,
    EXIF_POINTER,
    GPS_POINTER,
    INTEROPERABILITY_POINTER,
    LONG,
    MAKER_NOTE,
    SHORT,
    Block,
    Directory,
    Unusual,
)
from librarian.tag_values import Tags
from librarian.xmp_packet import read_properties

WINDOWS_BYTES = (1 << 16, 1 << 18)
"""How much of a file is read; the second only where the picture does not start in the first."""

SEGMENT = struct.Struct(">BBH")
FRAME = struct.Struct(">xHH")
MAX_SEGMENTS = 100
MARKER = 0xFF
LENGTH_BYTES = 2
START_OF_IMAGE = b"\xff\xd8\xff"
START_OF_SCAN = 0xDA
STANDALONE = frozenset({0x01, 0xFF, *range(0xD0, 0xDA)})
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
APPLICATIONS = range(0xE0, 0xF0)
APP0, APP1, APP3, APP11, APP13 = 0xE0, 0xE1, 0xE3, 0xEB, 0xED
CIFF = (b"II", b"MM")
EXIF = b"Exif\x00\x00"
XMP = b"http://ns.adobe.com/xap/1.0/\x00"
MORE_XMP = re.compile(
    rb"http://ns\.adobe\.com/xmp/extension/\x00[0-9A-Za-z]{32}.{4}(.{4})", re.DOTALL
)
"""What a long packet's further part begins with: whose it is, its length, the part's offset."""
NESTED_IN_PHOTOSHOP = re.compile(rb"(?<=8BIM|PHUT|DCSR|AgHg|MeSa)\x04[\x22\x24]")
"""Photoshop's resources for EXIF and XMP."""

ORIENTATION = 0x0112
IFD0 = {0x010F: "IFD0:Make", 0x0110: "IFD0:Model", 0x0132: "IFD0:ModifyDate"}
EXIF_IFD = {
    0x9003: "ExifIFD:DateTimeOriginal",
    0x9004: "ExifIFD:CreateDate",
    0x9010: "ExifIFD:OffsetTime",
    0x9011: "ExifIFD:OffsetTimeOriginal",
    0x9012: "ExifIFD:OffsetTimeDigitized",
    0x9291: "ExifIFD:SubSecTimeOriginal",
    0x9292: "ExifIFD:SubSecTimeDigitized",
    0xA434: "ExifIFD:LensModel",
}
APPLE = {0x000B: "Apple:BurstUUID", 0x0011: "Apple:ContentIdentifier"}
"""ExifTool 12.19 to 12.64 calls the second Apple:MediaGroupUUID."""
TRIMMED = ("IFD0:Make", "IFD0:Model", "ExifIFD:SubSecTimeOriginal", "ExifIFD:SubSecTimeDigitized")
"""Texts that ExifTool frees of blanks at their end."""

LATITUDE_REF, LATITUDE, LONGITUDE_REF, LONGITUDE, ALTITUDE_REF, ALTITUDE, CLOCK = range(1, 8)
DAY = 0x001D
ANGLES = (
    ("Composite:GPSLatitude", LATITUDE, LATITUDE_REF, "S"),
    ("Composite:GPSLongitude", LONGITUDE, LONGITUDE_REF, "W"),
)
DAY_TEXT = re.compile(rb"(\d{4}:\d\d:\d\d)\x00*")

IFD0_WANTED = frozenset({*IFD0, ORIENTATION, EXIF_POINTER, GPS_POINTER})
EXIF_WANTED = frozenset({*EXIF_IFD, INTEROPERABILITY_POINTER, MAKER_NOTE})
GPS_WANTED = frozenset({*range(LATITUDE_REF, CLOCK + 1), DAY})
APPLE_WANTED = frozenset(APPLE)
APPLE_NAME = b"Apple iOS\x00"
APPLE_HEADER = b"Apple iOS\x00\x00\x01MM"

TAKEN = re.compile(r"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d", re.ASCII)
NUMBER = re.compile(r"-?(?:\d|[1-9]\d{1,14})(?:\.\d{1,16})?(?:[eE][-+]?\d{1,3})?", re.ASCII)
"""Texts that ExifTool gives as numbers."""
TRUTHS = ("true", "false")

POSITION = ("Composite:GPSLatitude", "Composite:GPSLongitude", "Composite:GPSAltitude")
STAND_INS = (
    ("IFD0:Make", b":Make"),
    ("IFD0:Model", b":Model"),
    ("ExifIFD:LensModel", b":LensModel"),
)
"""What XMP may say where EXIF says nothing."""
GPS_TIME = (b":GPSTimeStamp", b":GPSDateTime")
DECIDING = (b":GPS", b":Make", b":Model", b":Lens", b":MotionPhoto", b":MicroVideo")
LENSES = frozenset({"ExifIFD:LensModel", "XMP-aux:Lens"})
CANON = "Canon"


class _BeyondWindow(Exception):  # noqa: N818 - not an error: more has to be read
    """The picture starts after what was read."""


@dataclass(slots=True)
class _Header:
    """What stands before the picture; nothing of it may stand there twice."""

    exif: bytes | None = None
    xmp: bytes | None = None
    more_xmp: bytes = b""
    photoshop: bytes | None = None
    frame: bytes | None = None

    def take(self, marker: int, content: bytes) -> None:
        """Keep a segment, or pass one over that decides nothing."""
        if marker in FRAMES:
            self.frame = _only(self.frame, content)
        elif marker in APPLICATIONS and self.frame is not None:
            raise Unusual  # ExifTool takes a size that comes after this for the picture's
        elif marker == APP1:
            self._take_app1(content)
        elif marker == APP13:
            self.photoshop = _only(self.photoshop, content)
            if NESTED_IN_PHOTOSHOP.search(content):
                raise Unusual
        elif marker in (APP3, APP11) or (marker == APP0 and content.startswith(CIFF)):
            raise Unusual  # tags of the same meaning can stand in it

    def _take_app1(self, content: bytes) -> None:
        if content.startswith(EXIF):
            self.exif = _only(self.exif, content[len(EXIF) :])
        elif content.startswith(XMP):
            self.xmp = _only(self.xmp, content[len(XMP) :])
        else:
            part = MORE_XMP.match(content)
            if part is None or int.from_bytes(part[1], "big") != len(self.more_xmp):
                raise Unusual
            self.more_xmp += content[part.end() :]

    def size(self) -> tuple[int, int]:
        """Width and height."""
        height, width = FRAME.unpack_from(self.frame or b"")
        return width, height


def read_jpeg_tags(file: BinaryIO) -> Tags | None:
    """Read the deciding tags of a JPEG; None when ExifTool should read it.

    There is always an ExifIFD:DateTimeOriginal. It can still lie in the future, which only
    `decide` knows: when that does not choose it, ExifTool should read the file after all.

    Args:
        file: Open; its position is neither used nor moved, and no more than its start is read.

    Raises:
        OSError: The file cannot be read.
    """
    for window in WINDOWS_BYTES:
        head = os.pread(file.fileno(), window, 0)
        try:
            return _tags(_header(head))
        except _BeyondWindow:
            if len(head) < window:
                return None
        except (Unusual, struct.error, IndexError, UnicodeDecodeError):
            return None
    return None


def _header(head: bytes) -> _Header:
    """Walk over the segments to the start of the picture."""
    if not head.startswith(START_OF_IMAGE):
        raise Unusual
    header = _Header()
    position = len(START_OF_IMAGE) - 1
    for _ in range(MAX_SEGMENTS):
        if position + SEGMENT.size > len(head):
            raise _BeyondWindow
        prefix, marker, length = SEGMENT.unpack_from(head, position)
        if prefix != MARKER or marker in STANDALONE or length < LENGTH_BYTES:
            raise Unusual
        if marker == START_OF_SCAN:
            return header
        start, position = position + SEGMENT.size, position + LENGTH_BYTES + length
        if position > len(head):
            raise _BeyondWindow
        header.take(marker, head[start:position])
    raise Unusual


def _only(known: bytes | None, content: bytes) -> bytes:
    if known is not None:
        raise Unusual
    return content


def _tags(header: _Header) -> Tags:
    block = Block(header.exif or b"")
    first = block.directory(block.first, IFD0_WANTED)
    following = first.following
    while following:  # no directory is read twice, so this ends
        following = block.directory(following).following
    width, height = header.size()
    tags: Tags = {
        "File:MIMEType": "image/jpeg",
        "File:ImageWidth": width,
        "File:ImageHeight": height,
        **_texts(first, IFD0),
    }
    orientation = first.number(ORIENTATION, SHORT)
    if orientation is not None:
        tags["IFD0:Orientation"] = orientation
    note = _add_exif_tags(tags, block, first.number(EXIF_POINTER, LONG))
    gps = first.number(GPS_POINTER, LONG)
    if gps is not None:
        tags |= _gps_tags(block.directory(gps, GPS_WANTED))
    if header.xmp:
        tags |= _xmp_tags(header.xmp, tags)
    if any(word in header.more_xmp for word in DECIDING):
        raise Unusual
    if note and str(tags.get("IFD0:Make", "")).startswith(CANON) and not tags.keys() & LENSES:
        raise Unusual  # Canon's own note may name the lens
    return tags


def _add_exif_tags(tags: Tags, block: Block, start: int | None) -> bytes:
    """Add the tags of the EXIF directory; returns the maker note."""
    if start is None:
        raise Unusual
    directory = block.directory(start, EXIF_WANTED)
    interoperability = directory.number(INTEROPERABILITY_POINTER, LONG)
    if interoperability is not None:
        block.directory(interoperability)
    tags |= _texts(directory, EXIF_IFD)
    if not _decides(tags.get("ExifIFD:DateTimeOriginal")):
        raise Unusual
    note = directory.raw(MAKER_NOTE)
    if note.startswith(APPLE_NAME):
        tags |= _apple_tags(note)
    return note


def _decides(taken: object) -> bool:
    """Whether a time of capture is one that needs no second opinion."""
    if not isinstance(taken, str) or not TAKEN.fullmatch(taken):
        return False
    try:
        day = date.fromisoformat(taken[:10].replace(":", "-"))
        time.fromisoformat(taken[11:])
    except ValueError:
        return False
    return day.year >= FIRST_YEAR and all(day != epoch.date() for epoch in EPOCHS)


def _apple_tags(note: bytes) -> Tags:
    """The positions in Apple's note count from its own start."""
    if not note.startswith(APPLE_HEADER):
        raise Unusual
    block = Block(note, BIG_ENDIAN)
    return _texts(block.directory(len(APPLE_HEADER), APPLE_WANTED), APPLE)


def _texts(directory: Directory, names: dict[int, str]) -> Tags:
    tags: Tags = {}
    for tag in directory.entries.keys() & names.keys():
        name, text = names[tag], directory.text(tag)
        if name in TRIMMED:
            text = text.rstrip(" ")
        if text:
            tags[name] = _as_json(text)
    return tags


def _as_json(text: str) -> object:
    """A text as it arrives through ExifTool's JSON."""
    if text[0] in "tTfF" and text.lower() in TRUTHS:
        raise Unusual
    if text[0] not in "-0123456789" or not NUMBER.fullmatch(text):
        return text
    number = json.loads(text)
    if not math.isfinite(number):
        raise Unusual
    return number


def _gps_tags(gps: Directory) -> Tags:
    tags: Tags = {}
    for name, angle, reference, negative in ANGLES:
        # Telephones that know no place write zeros only.
        if reference in gps.entries and gps.raw(angle).strip(b"\x00"):
            degrees = _degrees(*map(_known, gps.ratios(angle, 3)))
            is_negative = gps.text(reference).upper().startswith(negative)
            tags[name] = _as_json(f"{-degrees if is_negative else degrees:.15g}")
    altitude = gps.ratios(ALTITUDE, 1)
    is_below = gps.number(ALTITUDE_REF, BYTE)
    if is_below is not None and altitude and altitude[0] is not None:
        tags["Composite:GPSAltitude"] = _as_json(
            f"{-altitude[0] if is_below else altitude[0]:.15g}"
        )
    return tags | _gps_time(gps)


def _degrees(degrees: float, minutes: float, seconds: float) -> float:
    return degrees + (minutes + seconds / 60) / 60


def _known(number: float | None) -> float:
    if number is None:
        raise Unusual
    return number


def _gps_time(gps: Directory) -> Tags:
    day, parts = gps.raw(DAY), gps.ratios(CLOCK, 3)
    if not day.strip(b" \x00") or not parts:
        return {}
    match = DAY_TEXT.fullmatch(day)
    if match is None:
        raise Unusual
    text, clock = match[1].decode(), _clock(*map(_known, parts))
    return {
        "GPS:GPSDateStamp": text,
        "GPS:GPSTimeStamp": clock,
        "Composite:GPSDateTime": f"{text} {clock}Z",
    }


def _clock(hours: float, minutes: float, seconds: float) -> str:
    """Hours, minutes and seconds as ExifTool writes them, with its rounding."""
    left = (hours * 60 + minutes) * 60 + seconds
    hour = int(left / 3600)
    left -= hour * 3600
    minute = int(left / 60)
    second = f"{left - minute * 60:012.9f}"
    if float(second) >= 60:  # noqa: PLR2004 - seconds in a minute
        raise Unusual
    return f"{hour:02}:{minute:02}:{second.rstrip('0').rstrip('.')}"


def _xmp_tags(packet: bytes, tags: Tags) -> Tags:
    """A lens and the marks of a motion photo; a packet that may decide more is unusual."""
    if any(name not in tags and word in packet for name, word in STAND_INS):
        raise Unusual
    if b":GPS" in packet and not all(name in tags for name in POSITION):
        raise Unusual
    if any(word in packet for word in GPS_TIME) and not _has_offset(tags):
        raise Unusual
    return {name: _as_json(text) for name, text in read_properties(packet).items()}


def _has_offset(tags: Tags) -> bool:
    return parse_offset(str(tags.get("ExifIFD:OffsetTimeOriginal", ""))) is not None
