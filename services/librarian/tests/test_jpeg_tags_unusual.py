"""What the quick reader leaves to ExifTool, and that no bytes can hurt it."""

import os
import struct
from datetime import UTC, datetime
from pathlib import Path

import pytest
from camera_jpegs import (
    CAMERA,
    EXIF_POINTER,
    FLORENCE,
    GPS_POINTER,
    LONG,
    RATIONAL,
    SHORT,
    TAKEN,
    UNDEFINED,
    Exif,
    apple_note,
    exif_segment,
    jpeg,
    more_xmp_segments,
    photo,
    ratios,
    segment,
    text,
    xmp,
    xmp_segment,
)
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from librarian.capture.decision import Evidence, decide
from librarian.jpeg_tags import WINDOWS_BYTES, read_jpeg_tags
from librarian.tag_values import Tags

pytestmark = pytest.mark.unit

GCAMERA = 'xmlns:GCamera="http://ns.google.com/photos/1.0/camera/"'
AUX = 'xmlns:aux="http://ns.adobe.com/exif/1.0/aux/"'
WHOLE = photo(
    Exif(
        first=CAMERA | {0x0112: (SHORT, (6,))},
        exif=TAKEN | {0x9011: text("+02:00"), 0x927C: (UNDEFINED, apple_note(pair="A", burst="B"))},
        gps=FLORENCE,
        interoperability={1: text("R98")},
        following={0x0103: (SHORT, (6,))},
    ),
    xmp(f'{GCAMERA} {AUX} GCamera:MotionPhoto="1" aux:Lens="50mm"'),
)
LENIENT = settings(
    max_examples=400, deadline=1000, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def dated(value: str) -> bytes:
    return photo(Exif(exif={0x9003: text(value)}))


def photo_with_more(*parts: bytes, first_offset: int = 0) -> bytes:
    return jpeg(exif_segment(Exif()), *more_xmp_segments(*parts, first_offset=first_offset))


def noted(note: bytes) -> bytes:
    return photo(Exif(exif=TAKEN | {0x927C: (UNDEFINED, note)}))


def looping(start_of_gps: int) -> bytes:
    """A photo whose GPS pointer leads to a place where another directory is."""
    return photo(Exif(first=CAMERA | {GPS_POINTER: (LONG, (start_of_gps,))}))


def repeated(tag: bytes, other: bytes) -> bytes:
    """A photo in which one tag stands twice in a directory."""
    return photo(Exif(exif=TAKEN | {0x9004: text("2001:01:01 00:00:00")})).replace(other, tag, 1)


LEFT_TO_EXIFTOOL: dict[str, bytes] = {
    "nothing": b"",
    "two bytes": b"\xff\xd8",
    "another format": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "no EXIF": jpeg(),
    "no EXIF directory": photo(Exif(exif=None)),
    "no date": photo(Exif(exif={0x9004: text("2024:05:17 23:30:00")})),
    "empty date": dated(""),
    "blank date": dated("    :  :     :  :  "),
    "zero date": dated("0000:00:00 00:00:00"),
    "no such day": dated("2023:02:29 10:00:00"),
    "no such hour": dated("2017:01:01 24:24:27"),
    "dashes": dated("2020-07-08 10:00:00"),
    "before photography": dated("1800:01:01 10:00:00"),
    "epoch": dated("1970:01:01 00:00:00"),
    "date and more": dated("2024:05:17 23:30:00Z"),
    "date as bytes": photo(Exif(exif={0x9003: (UNDEFINED, b"2024:05:17 23:30:00\x00")})),
    "date twice": repeated(b"\x03\x90\x02\x00", b"\x04\x90\x02\x00"),
    "unknown magic number": photo(Exif()).replace(b"II*\x00", b"II+\x00", 1),
    "unknown format": photo(Exif()).replace(b"\x10\x01\x02\x00", b"\x10\x01\x10\x00", 1),
    "first entry without a format": photo(Exif()).replace(b"\x0f\x01\x02\x00", b"\x0f\x01\x00\x00"),
    "value outside": photo(Exif()).replace(b"\x14\x00\x00\x00", b"\x14\xff\x00\x00"),
    "make in another alphabet": photo(Exif(first={0x010F: text("Фото")})),
    "make with control characters": photo(Exif(first={0x010F: text("a\tb")})),
    "make that is a truth": photo(Exif(first={0x010F: text("True")})),
    "endless number": photo(Exif(first={0x0110: text("1e999")})),
    "endless make": photo(Exif(first={0x010F: text("x" * 300)})),
    "orientation as a long": photo(Exif(first={0x0112: (LONG, (6,))})),
    "two orientations": photo(Exif(first={0x0112: (SHORT, (6, 6))})),
    "XMP in EXIF": photo(Exif(first=CAMERA | {0x02BC: (UNDEFINED, xmp(""))})),
    "further directories": photo(Exif(first=CAMERA | {0x014A: (LONG, (8,))})),
    "texts that make tags": photo(Exif(first=CAMERA | {0xFDE8: text("Make: Other")})),
    "thumbnail with EXIF": photo(Exif(following={EXIF_POINTER: (LONG, (8,))})),
    "interoperability with EXIF": photo(Exif(interoperability={EXIF_POINTER: (LONG, (8,))})),
    "a pointer into the header": looping(4),
    "a pointer to where it stands": looping(8),
    "a pointer beyond the end": looping(60_000),
    "satellites that divide by zero": photo(
        Exif(gps=FLORENCE | {0x02: ratios(43, 0, 46, 1, 732, 100)})
    ),
    "a clock that divides by zero": photo(Exif(gps=FLORENCE | {0x07: (RATIONAL, bytes(24))})),
    "a position in one number": photo(Exif(gps=FLORENCE | {0x02: ratios(43, 1)})),
    "an odd day": photo(Exif(gps=FLORENCE | {0x1D: text("2024-05-17")})),
    "place in XMP only": photo(Exif(), xmp('exif:GPSLatitude="43,46.1N"')),
    "satellite time in XMP only": photo(
        Exif(gps=FLORENCE), xmp('exif:GPSTimeStamp="2024-05-17T21:30:00Z"')
    ),
    "camera in XMP only": photo(Exif(first={}), xmp('tiff:Make="Canon" tiff:Model="EOS"')),
    "lens in newer XMP": photo(Exif(), xmp('exifEX:LensModel="50mm"')),
    "XMP in two bytes a character": photo(Exif(), xmp("").decode().encode("utf-16")),
    "two XMP packets": jpeg(exif_segment(Exif()), *[xmp_segment(xmp(""))] * 2),
    "place in a long packet": photo_with_more(b'<a exif:GPSLatitude="1"/>'),
    "parts of a long packet out of order": photo_with_more(b"<a>", b"</a>", first_offset=9),
    "no part of a long packet": jpeg(
        exif_segment(Exif()), segment(0xE1, b"http://ns.adobe.com/xmp/extension/\x00")
    ),
    "mark of another namespace": photo(Exif(), xmp('xmlns:a="b" a:MotionPhoto="1"')),
    "mark of two namespaces": photo(
        Exif(), xmp(f'{GCAMERA} GCamera:MotionPhoto="1"', '<a xmlns:GCamera="b"/>')
    ),
    "mark that is no number": photo(Exif(), xmp(f'{GCAMERA} GCamera:MotionPhoto="yes"')),
    "mark twice": photo(
        Exif(), xmp(f'{GCAMERA} GCamera:MotionPhoto="1"', "<GCamera:MotionPhoto>0</x>")
    ),
    "mark in a comment": photo(Exif(), xmp(GCAMERA, '<!-- GCamera:MotionPhoto="1" -->')),
    "lens with an entity": photo(Exif(), xmp(f'{AUX} aux:Lens="A&amp;B"')),
    "lens in a structure": photo(Exif(), xmp(AUX, "<aux:Lens><rdf:Alt/></aux:Lens>")),
    "lens in Canon's note": photo(
        Exif(first={0x010F: text("Canon")}, exif=TAKEN | {0x927C: (UNDEFINED, bytes(60))})
    ),
    "another maker note of Apple's": noted(b"Apple iOS\x00\x00\x01II" + bytes(20)),
    "Apple's note cut off": noted(apple_note(pair="A" * 36)[:-20]),
    "pair in Apple's note twice": noted(
        apple_note(pair="A", burst="B").replace(b"\x00\x0b\x00\x02", b"\x00\x11\x00\x02")
    ),
    "two EXIF blocks": jpeg(*[exif_segment(Exif())] * 2),
    "EXIF of Kodak's": jpeg(exif_segment(Exif()), segment(0xE3, b"Meta\x00\x00")),
    "EXIF in CIFF": jpeg(segment(0xE0, b"II\x1a\x00\x00\x00HEAPJPGM"), exif_segment(Exif())),
    "content credentials": jpeg(exif_segment(Exif()), segment(0xEB, b"JP\x00\x01")),
    "EXIF in Photoshop's": jpeg(
        exif_segment(Exif()), segment(0xED, b"Photoshop 3.0\x008BIM\x04\x22\x00\x00")
    ),
    "unknown APP1": jpeg(exif_segment(Exif()), segment(0xE1, b"QVCI\x00")),
    "segment after the size": jpeg(
        exif_segment(Exif()), segment(0xC0, bytes(15)), segment(0xE2, b"FPXR\x00")
    ),
    "two sizes": jpeg(exif_segment(Exif()), segment(0xC0, bytes(15))),
    "no size": jpeg(exif_segment(Exif()), segment(0xDA, bytes(10))),
    "end before the picture": jpeg(exif_segment(Exif()), b"\xff\xd9"),
    "garbage between": jpeg(exif_segment(Exif()), b"\x00\x00"),
    "countless segments": jpeg(exif_segment(Exif()), segment(0xFE, b"") * 5000),
    "cut in EXIF": WHOLE[:300],
    "cut before the picture": WHOLE[: WHOLE.index(b"\xff\xda")],
    "too long a way to the picture": jpeg(
        exif_segment(Exif()), *[segment(0xE7, bytes(60_000))] * 5
    ),
}


def read(path: Path, content: bytes) -> Tags | None:
    path.write_bytes(content)
    with path.open("rb", buffering=0) as file:
        return read_jpeg_tags(file)


@pytest.mark.parametrize("name", LEFT_TO_EXIFTOOL)
def test_what_is_unusual_is_left_to_exiftool(name: str, tmp_path: Path) -> None:
    assert read(tmp_path / "photo.jpg", LEFT_TO_EXIFTOOL[name]) is None


def test_a_usual_photo_gets_the_tags_that_decide(tmp_path: Path) -> None:
    assert read(tmp_path / "photo.jpg", WHOLE) == {
        "File:MIMEType": "image/jpeg",
        "File:ImageWidth": 64,
        "File:ImageHeight": 48,
        "IFD0:Make": "Photo Factory",
        "IFD0:Model": "Generator",
        "IFD0:Orientation": 6,
        "ExifIFD:DateTimeOriginal": "2024:05:17 23:30:00",
        "ExifIFD:OffsetTimeOriginal": "+02:00",
        "Composite:GPSLatitude": 43.7687,
        "Composite:GPSLongitude": 11.2569,
        "Composite:GPSAltitude": 47.31,
        "Composite:GPSDateTime": "2024:05:17 21:30:02Z",
        "GPS:GPSDateStamp": "2024:05:17",
        "GPS:GPSTimeStamp": "21:30:02",
        "Apple:BurstUUID": "B",
        "Apple:ContentIdentifier": "A",
        "XMP-GCamera:MotionPhoto": 1,
        "XMP-aux:Lens": "50mm",
    }


def test_a_date_in_the_future_shows_in_the_decision(tmp_path: Path) -> None:
    """Only `decide` knows the time; its source then tells that ExifTool should be asked."""
    tags = read(tmp_path / "photo.jpg", dated("2099:01:01 10:00:00"))
    now = datetime(2026, 6, 1, tzinfo=UTC)
    assert tags is not None
    assert decide(Evidence(tags, "photo.jpg", now), now).source == "file time"


def test_no_more_than_the_start_is_read_and_the_file_stays_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(WHOLE)
    os.truncate(path, 1 << 30)
    with path.open("rb", buffering=0) as file:
        file.seek(12_345)
        before = bytes_read()
        assert read_jpeg_tags(file) is not None
        assert bytes_read() - before < sum(WINDOWS_BYTES)
        assert file.tell() == 12_345


def bytes_read() -> int:
    """What this process has read so far, the reading of this number included."""
    return int(Path("/proc/self/io").read_text().split()[1])


@LENIENT
@given(content=st.binary(max_size=300))
@example(content=b"\xff\xd8\xff\xe1\x00\x10Exif\x00\x00II*\x00\xff\xff\xff\xff")
def test_any_bytes_get_an_answer(tmp_path: Path, content: bytes) -> None:
    for start in (b"", b"\xff\xd8\xff\xe1", WHOLE[:20], WHOLE[:40]):
        assert read(tmp_path / "photo.jpg", start + content) is None


@LENIENT
@given(
    edits=st.lists(
        st.tuples(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=6)),
        min_size=1,
        max_size=5,
    ),
    end=st.one_of(st.none(), st.integers(0, len(WHOLE))),
)
def test_a_damaged_photo_gets_an_answer(
    tmp_path: Path, edits: list[tuple[int, bytes]], end: int | None
) -> None:
    content = bytearray(WHOLE)
    for at, patch in edits:
        content[at : at + len(patch)] = patch
    tags = read(tmp_path / "photo.jpg", bytes(content[:end]))
    assert tags is None or "ExifIFD:DateTimeOriginal" in tags


@pytest.mark.parametrize(
    "packet",
    [
        xmp("") + b" aux:Lens" * 6000,
        xmp("") + b"<aux:LensInfo>" * 4000,
        xmp(f"{GCAMERA} " + "GCamera:MotionPhotoVersion='1' " * 1800),
        xmp("xmlns:a='b' " * 4500 + "a:Lens='c'"),
    ],
)
def test_a_packet_made_to_cost_time_costs_little(tmp_path: Path, packet: bytes) -> None:
    started = datetime.now(UTC)
    read(tmp_path / "photo.jpg", photo(Exif(), packet[:65_000]))
    assert (datetime.now(UTC) - started).total_seconds() < 0.5


def test_a_directory_made_to_cost_time_costs_little(tmp_path: Path) -> None:
    entries = struct.pack("<HHII", 0x9286, UNDEFINED, 0xFFFFFFFF, 0xFFFFFFFF) * 5000
    block = struct.pack("<2sHIH", b"II", 42, 8, 5000) + entries + bytes(4)
    started = datetime.now(UTC)
    assert read(tmp_path / "a.jpg", jpeg(segment(0xE1, b"Exif\x00\x00" + block))) is None
    assert (datetime.now(UTC) - started).total_seconds() < 0.5
