"""The quick reader against ExifTool: where it answers, both must lead to the same photo."""

import os
import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from camera_jpegs import (
    ASCII,
    BYTE,
    CAMERA,
    FLORENCE,
    SHORT,
    SIGNED_RATIONAL,
    TAKEN,
    UNDEFINED,
    Exif,
    Value,
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
from generate import generate
from librarian.capture.decision import ORIGINAL, Evidence, decide
from librarian.capture.location import location_of
from librarian.jpeg_tags import read_jpeg_tags
from librarian.metadata import MetadataReader, describe
from librarian.tag_values import Tags

REAL_MEDIA = Path(__file__).resolve().parents[4] / "shared" / "media"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
PAIR, BURST = "8A1D3C5E-0B7F-4D2A-9E61-AC52B3F0D7C4", "1F2E3D4C-5B6A-4978-8695-A4B3C2D1E0F9"
GCAMERA = 'xmlns:GCamera="http://ns.google.com/photos/1.0/camera/"'
AUX = 'xmlns:aux="http://ns.adobe.com/exif/1.0/aux/"'
NOTE = 'xmlns:xmpNote="http://ns.adobe.com/xmp/note/"'
EXIF_NAMESPACE = 'xmlns:exif="http://ns.adobe.com/exif/1.0/"'

pytestmark = pytest.mark.unit


def taken(**more: Value) -> Exif:
    """EXIF with a time of capture and these tags beside it."""
    tags = {"offset": 0x9011, "fraction": 0x9291, "lens": 0xA434, "note": 0x927C}
    return Exif(exif=TAKEN | {tags[name]: value for name, value in more.items()})


def camera(**more: Value) -> Exif:
    """EXIF of a camera of this make, model or orientation."""
    tags = {"make": 0x010F, "model": 0x0110, "orientation": 0x0112}
    return Exif(first=CAMERA | {tags[name]: value for name, value in more.items()})


def placed(**more: Value | None) -> Exif:
    """EXIF with a position, of which some tags are others; None leaves a tag out."""
    names = ("", "south", "latitude", "west", "longitude", "below", "altitude", "clock")
    changes = {0x1D if name == "day" else names.index(name): more[name] for name in more}
    gps = {tag: value for tag, value in (FLORENCE | changes).items() if value is not None}
    return Exif(gps=gps)


def tokyo(packet: str) -> bytes:
    """A photo with all that EXIF can say of its place and time, and with XMP."""
    return photo(Exif(exif=TAKEN | {0x9011: text("+09:00")}, gps=FLORENCE), xmp(packet))


def long_packet() -> list[bytes]:
    """The parts of a packet such as Pixels write, too long for one segment."""
    data = "x" * 70_000
    packet = xmp(GCAMERA, f"<GCamera:shot_log_data>{data}</GCamera:shot_log_data>")
    return [packet[:60_000], packet[60_000:]]


ANSWERED: dict[str, bytes] = {
    "little endian": photo(Exif()),
    "big endian": photo(Exif(sign=">")),
    "thumbnail": photo(Exif(interoperability={1: text("R98")}, following={0x0103: (SHORT, (6,))})),
    "offset": photo(taken(offset=text("+09:00"))),
    "offset Z": photo(taken(offset=text("Z"))),
    "offset without colon": photo(taken(offset=text("-0330"))),
    "offset with blanks": photo(taken(offset=text("+02:00  "))),
    "offset blank": photo(taken(offset=text("   :  "))),
    "offset cut by a NUL": photo(taken(offset=(ASCII, b"+09:00\x00+99\x00"))),
    "fraction": photo(taken(fraction=text("050"))),
    "fraction with blanks": photo(taken(fraction=text("17  "))),
    "fraction like a number": photo(taken(fraction=text("1.50"))),
    "make with blanks": photo(camera(make=text("CANON   "), model=text("EOS  1 "))),
    "make blank": photo(camera(make=text("    "), model=text(""))),
    "model like a number": photo(camera(model=text("2000"))),
    "model like a negative number": photo(camera(model=text("-1e-3"))),
    "model with zeros first": photo(camera(model=text("007"))),
    "no camera": photo(Exif(first={})),
    "lens": photo(taken(lens=text(' 50mm "f/1.4" \\ II '))),
    **{f"orientation {n}": photo(camera(orientation=(SHORT, (n,)))) for n in (0, 1, 6, 8, 9, 300)},
    "place": photo(placed()),
    "place, big endian": photo(Exif(gps=FLORENCE, sign=">")),
    "south west": photo(placed(south=text("S"), west=text("w"))),
    "odd hemisphere": photo(placed(south=text("South"), west=text(""))),
    "no hemisphere": photo(placed(south=None, west=None)),
    "latitude only": photo(placed(longitude=None, west=None)),
    "tiny angle": photo(placed(longitude=ratios(0, 1, 0, 1, 1504, 100), west=text("W"))),
    "tiniest angle": photo(placed(longitude=ratios(0, 1, 0, 1, 1, 1000))),
    "long angle": photo(placed(latitude=ratios(123456789, 10_000_000, 7, 3, 22, 7))),
    "no place known": photo(
        placed(latitude=(SIGNED_RATIONAL, bytes(24)), longitude=(SIGNED_RATIONAL, bytes(24)))
    ),
    "below the sea": photo(placed(below=(BYTE, b"\x01"))),
    "odd reference of altitude": photo(placed(below=(BYTE, b"\x02"))),
    "no reference of altitude": photo(placed(below=None)),
    "no altitude": photo(placed(altitude=ratios(7, 0))),
    "thirds of a metre": photo(placed(altitude=ratios(1000, 3))),
    "clock with a fraction": photo(placed(clock=ratios(21, 1, 30, 1, 2345, 100))),
    "clock in hours only": photo(placed(clock=ratios(215, 10, 0, 1, 0, 1))),
    "no clock": photo(placed(clock=None)),
    "no day": photo(placed(day=None)),
    "day blank": photo(placed(day=(ASCII, b"          \x00"))),
    "satellites of 1980": photo(placed(day=text("1980:01:06"))),
    "satellites of next day": photo(placed(day=text("2024:05:18"), clock=ratios(6, 1, 3, 1, 1, 1))),
    "live photo": photo(taken(note=(UNDEFINED, apple_note(pair=PAIR)))),
    "burst of a live photo": photo(
        Exif(exif=TAKEN | {0x927C: (UNDEFINED, apple_note(burst=BURST, pair=PAIR))}, sign=">")
    ),
    "unknown maker note": photo(taken(note=(UNDEFINED, b"\x01\x02" * 30))),
    "motion photo": photo(Exif(), xmp(f'{GCAMERA} GCamera:MotionPhoto="1"')),
    "motion photo of a Pixel": photo(
        Exif(), xmp(f"{GCAMERA.replace('GCamera', 'Camera')} Camera:MotionPhoto='1'")
    ),
    "micro video": photo(
        Exif(), xmp(f'{GCAMERA} GCamera:MicroVideoVersion="1" GCamera:MicroVideo="1"')
    ),
    "motion photo as an element": photo(
        Exif(), xmp(GCAMERA, "<GCamera:MotionPhoto>1</GCamera:MotionPhoto>")
    ),
    "lens in XMP": photo(Exif(), xmp(f'{AUX} aux:LensID="7" aux:Lens="EF50mm f/1.4"')),
    "XMP with padding": photo(Exif(), xmp("") + bytes(40)),
    "long XMP": jpeg(
        exif_segment(Exif()),
        xmp_segment(xmp(f'{NOTE} xmpNote:HasExtendedXMP="{"A" * 32}"')),
        *more_xmp_segments(*long_packet()),
    ),
    "place in both": tokyo(f'{EXIF_NAMESPACE} exif:GPSLatitude="10,0.0S" exif:GPSAltitude="1/1"'),
    "time in both": tokyo(
        f'{EXIF_NAMESPACE} exif:GPSTimeStamp="2020-01-01T00:00:00Z" '
        'exif:DateTimeOriginal="2019-01-01T10:00:00"'
    ),
    "other segments": jpeg(
        segment(0xE0, b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"),
        exif_segment(Exif()),
        segment(0xE2, b"MPF\x00II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00"),
        segment(0xE4, b"QTI Debug Metadata\x00"),
        segment(0xEA, b"AROT\x00\x00" + bytes(20)),
        segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x0d"
                b"\x1c\x02\x37\x00\x0820190101\x00"),
        segment(0xEE, b"Adobe\x00\x64\x00\x00\x00\x00\x00"),
        segment(0xFE, b"2018:01:01 10:00:00"),
    ),
    "a long way to the picture": jpeg(
        exif_segment(Exif()), *[segment(0xE7, bytes(60_000))] * 3
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def exiftool() -> Iterator[MetadataReader]:
    path = shutil.which("exiftool")
    if path is None:
        assert os.environ.get("CI") != "true", "ExifTool is not installed"
        pytest.skip("ExifTool is not installed")
    with MetadataReader(path) as opened:
        yield opened


def quick_tags(path: Path) -> Tags | None:
    with path.open("rb", buffering=0) as file:
        return read_jpeg_tags(file)


def with_new_names(full: Tags) -> Tags:
    """ExifTool's tags, the pair's identifier under the name that all but some versions give it."""
    old, new = "Apple:MediaGroupUUID", "Apple:ContentIdentifier"
    return {new if name == old else name: value for name, value in full.items()}


def outcome(tags: Tags, name: str) -> dict[str, object]:
    """All that a photo's place in the library, its row and its pair follow from."""
    described = describe(tags, "exiftool")
    return {
        "time": replace(decide(Evidence(tags, name, NOW), NOW), candidates=()),
        "location": location_of(tags),
        "size": (described.width, described.height, described.orientation),
        "camera": (described.camera_make, described.camera_model, described.lens),
        **{
            mark: tags.get(mark)
            for mark in (
                "Apple:ContentIdentifier",
                "Apple:BurstUUID",
                "XMP-GCamera:MotionPhoto",
                "XMP-GCamera:MicroVideo",
            )
        },
    }


def differences(exiftool: MetadataReader, paths: list[Path]) -> dict[str, tuple[Tags, Tags]]:
    """Of the files that the quick reader answers for, those with another outcome or tag."""
    wrong = {}
    for path, read in zip(paths, exiftool.read(paths), strict=True):
        quick, full = quick_tags(path), with_new_names(read.tags)
        if quick is None or not is_decided(quick):
            continue
        is_same = outcome(quick, path.name) == outcome(full, path.name)
        if not is_same or any(full.get(tag) != value for tag, value in quick.items()):
            wrong[path.name] = (quick, full)
    return wrong


def is_decided(tags: Tags) -> bool:
    return decide(Evidence(tags, "", NOW), NOW).source == ORIGINAL.name


def test_what_it_answers_is_what_exiftool_answers(exiftool: MetadataReader, tmp_path: Path) -> None:
    paths = []
    for number, (name, content) in enumerate(ANSWERED.items()):
        paths.append(tmp_path / f"{number} {name.replace('/', '-')}.jpg")
        paths[-1].write_bytes(content)
    assert [path.name for path in paths if quick_tags(path) is None] == []
    assert differences(exiftool, paths) == {}


def test_it_agrees_with_exiftool_on_our_own_photos(
    exiftool: MetadataReader, tmp_path: Path
) -> None:
    paths = [sample.path for sample in generate(tmp_path) if sample.expected != "failed"]
    photos = [path for path in paths if path.suffix.lower() in {".jpg", ".jpeg"}]
    assert [path.name for path in photos if quick_tags(path) is None] == ["undated.jpg"]
    assert differences(exiftool, photos) == {}


def test_it_agrees_with_exiftool_on_damaged_photos(
    exiftool: MetadataReader, tmp_path: Path
) -> None:
    """One to three bytes of each are others; the same ones each time."""
    chance = random.Random(7)  # noqa: S311 - files, not secrets
    sound = [content for content in ANSWERED.values() if b"xpacket" not in content]
    paths: list[Path] = []
    while len(paths) < 300:
        content = bytearray(chance.choice(sound))
        for _ in range(chance.randint(1, 3)):
            content[chance.randrange(2, 400)] = chance.choice((0, 1, 2, 3, 5, 8, 32, 83, 255))
        path = tmp_path / f"{len(paths)}.jpg"
        path.write_bytes(content)
        if quick_tags(path) is not None:
            paths.append(path)
    assert differences(exiftool, paths) == {}


@pytest.mark.real_media
@pytest.mark.skipif(not REAL_MEDIA.is_dir(), reason="there are no real camera files here")
def test_it_agrees_with_exiftool_on_real_photos(exiftool: MetadataReader) -> None:
    paths = [path for path in sorted(REAL_MEDIA.rglob("*")) if is_jpeg(path)]
    assert differences(exiftool, paths) == {}
    dated = [path for path, read in zip(paths, exiftool.read(paths), strict=True)
             if is_decided(read.tags)]  # fmt: skip
    answered = [path for path in dated if quick_tags(path) is not None]
    assert len(dated) >= 60
    assert len(answered) / len(dated) > 0.85


def is_jpeg(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(3) == b"\xff\xd8\xff"
