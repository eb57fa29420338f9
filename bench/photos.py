"""The photos that a measurement is made on: a corpus that is given, or our own, like a camera's."""

import json
import os
import random
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Literal

from PIL import Image

Size = Literal["small", "large"]

DIMENSIONS: dict[Size, tuple[int, int]] = {"small": (1600, 1200), "large": (4032, 3024)}
MEDIAN_BYTES: dict[Size, int] = {"small": 300_000, "large": 3_000_000}
SPREAD = (0.55, 0.75, 0.9, 1.0, 1.15, 1.4, 1.9)
"""Sizes around the median, as a camera's photos have them; their mean is a tenth above it."""

DUPLICATES = 0.1
PER_FOLDER = 500
MODIFIED = 1_700_000_000
"""Time of the files, far from the time of capture, so that nobody may guess by it."""
START_OF_IMAGE, APP1, COMMENT = b"\xff\xd8", 0xE1, 0xFE
EXIF_IFD, GPS_IFD = 0x8769, 0x8825
CAMERAS = (
    ("Apple", "iPhone 13 Pro", "iPhone 13 Pro back triple camera 5.7mm f/1.5"),
    ("Google", "Pixel 7", "Pixel 7 back camera 6.81mm f/1.85"),
    ("Canon", "Canon EOS R6", "RF24-105mm F4 L IS USM"),
)
PLACES = ((52.52, 13.40, 1), (40.71, -74.00, -5), (35.68, 139.69, 9), (-33.87, 151.20, 10))
"""Latitude, longitude, and hours from UTC."""


@dataclass(frozen=True, slots=True)
class Photos:
    """Files to be taken in, and where each content belongs.

    Attributes:
        inbox: Folder that holds them, in subfolders as a camera makes them.
        expected: Day folder by hash; None where the file does not tell.
    """

    inbox: Path
    expected: dict[str, str | None]
    files: int
    size_bytes: int


def open_corpus(folder: Path) -> Photos:
    """Photos made by another tool: `inbox/` and a `manifest.jsonl` with sha256 and expect_dir."""
    lines = [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()]
    expected = {line["sha256"]: line["expect_dir"] for line in lines}
    return Photos(folder / "inbox", expected, len(lines), sum(line["size"] for line in lines))


def make_photos(folder: Path, count: int, size: Size, seed: int = 1) -> Photos:
    """Distinct JPEGs with a camera's metadata, a tenth of them there twice, over three years."""
    draw = random.Random(seed)  # noqa: S311 - made-up photos, no secret
    bodies = _encode_bodies(size)
    expected: dict[str, str | None] = {}
    written: list[bytes] = []
    total = 0
    fresh = count - int(count * DUPLICATES)
    for number in range(count):
        if number < fresh:
            taken = datetime(2021, 1, 1, tzinfo=UTC) + timedelta(minutes=number * 1577)
            photo = _photo(draw, taken, draw.choice(bodies))
            expected[sha256(photo).hexdigest()] = f"{taken:%Y/%Y-%m-%d}"
            if number < count - fresh:
                written.append(photo)
        else:
            photo = written[number - fresh]
        _write(folder, number, photo)
        total += len(photo)
    return Photos(folder, expected, count, total)


def make_tiny_photos(folder: Path, count: int) -> Photos:
    """Very many very small photos, for what depends on their number alone."""
    draw = random.Random(count)  # noqa: S311 - as above
    picture = BytesIO()
    Image.new("RGB", (32, 24), "teal").save(picture, "JPEG")
    expected: dict[str, str | None] = {}
    total = 0
    for number in range(count):
        taken = datetime(2021, 1, 1, tzinfo=UTC) + timedelta(minutes=number * 30)
        photo = _photo(draw, taken, picture.getvalue(), note_bytes=64)
        expected[sha256(photo).hexdigest()] = f"{taken:%Y/%Y-%m-%d}"
        _write(folder, number, photo)
        total += len(photo)
    return Photos(folder, expected, count, total)


def _write(folder: Path, number: int, photo: bytes) -> None:
    path = folder / f"DCIM/{100 + number // PER_FOLDER}CAMERA/IMG_{number % 4000 + 1:04}.JPG"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(photo)
    os.utime(path, (MODIFIED, MODIFIED))


def _photo(draw: random.Random, taken: datetime, body: bytes, note_bytes: int = 4096) -> bytes:
    """A body behind metadata of its own."""
    unique = draw.randbytes(16).hex().encode()
    metadata = _metadata(draw, taken, unique.decode(), note_bytes)
    head = START_OF_IMAGE + _segment(APP1, metadata) + _segment(COMMENT, unique)
    return head + body[len(START_OF_IMAGE) :]


def _segment(marker: int, content: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(content) + 2) + content


def _metadata(draw: random.Random, taken: datetime, unique: str, note_bytes: int) -> bytes:
    """EXIF with dates, the offset from UTC, a place, a lens, and a maker's own block."""
    exif = Image.Exif()
    make, model, lens = draw.choice(CAMERAS)
    latitude, longitude, hours = draw.choice(PLACES)
    moment = f"{taken:%Y:%m:%d %H:%M:%S}"
    exif.update({0x010F: make, 0x0110: model, 0x0112: 1, 0x0131: "1.0", 0x0132: moment})
    exif.get_ifd(EXIF_IFD).update(
        {
            0x829A: 0.008,
            0x829D: 1.8,
            0x8827: 100,
            0x9003: moment,
            0x9004: moment,
            0x9010: f"{hours:+03}:00",
            0x9011: f"{hours:+03}:00",
            0x9291: f"{draw.randrange(1000):03}",
            0x927C: b"BENCH\0" + draw.randbytes(note_bytes),
            0xA420: unique,
            0xA434: lens,
        }
    )
    utc = taken - timedelta(hours=hours)
    exif.get_ifd(GPS_IFD).update(
        {
            1: "N" if latitude >= 0 else "S",
            2: _degrees(latitude + draw.uniform(-0.2, 0.2)),
            3: "E" if longitude >= 0 else "W",
            4: _degrees(longitude + draw.uniform(-0.2, 0.2)),
            6: 34.0,
            7: (float(utc.hour), float(utc.minute), float(utc.second)),
            0x1D: f"{utc:%Y:%m:%d}",
        }
    )
    return exif.tobytes()


def _degrees(value: float) -> tuple[float, float, float]:
    whole, rest = divmod(abs(value), 1)
    minutes, seconds = divmod(rest * 60, 1)
    return whole, minutes, round(seconds * 60, 3)


def _encode_bodies(size: Size) -> list[bytes]:
    """Noisy pictures of seven file sizes."""
    width, height = DIMENSIONS[size]
    coarse = Image.effect_noise((width // 4, height // 4), 70).resize((width, height))
    fine = Image.effect_noise((width, height), 34)
    slope = Image.linear_gradient("L").resize((width, height))
    picture = Image.merge(
        "RGB",
        (
            Image.blend(coarse, slope, 0.6),
            Image.blend(fine, slope, 0.6),
            Image.blend(coarse, fine, 0.35),
        ),
    )
    return [_encode(picture, int(MEDIAN_BYTES[size] * share)) for share in SPREAD]


def _encode(picture: Image.Image, wanted: int) -> bytes:
    """The quality whose file comes nearest to a size."""
    low, high, best = 5, 97, b""
    while low <= high:
        quality = (low + high) // 2
        encoded = BytesIO()
        picture.save(encoded, "JPEG", quality=quality)
        found = encoded.getvalue()
        if abs(len(found) - wanted) < abs(len(best) - wanted):
            best = found
        if len(found) < wanted:
            low = quality + 1
        else:
            high = quality - 1
    return best
