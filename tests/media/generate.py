"""Makes the project's own test media: real files of every kind, made by real encoders.

Run as `python tests/media/generate.py FOLDER` for the samples of the tests, or with `--gallery N`
for N pleasant pictures, dated and placed, such as the screenshots in the documentation show. The
same versions of the encoders always make the same bytes.
"""

import argparse
import hashlib
import math
import os
import random
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import pillow_heif
from PIL import ExifTags, Image, ImageChops, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Place = tuple[float, float]

FLORENCE: Place = (43.7687, 11.2569)
SANTIAGO: Place = (-33.4489, -70.6693)
DOLOMITES: Place = (46.4983, 11.3548)
SYDNEY: Place = (-33.8568, 151.2153)
PLACES = (FLORENCE, None, DOLOMITES, SYDNEY, None, SANTIAGO)
SAMPLE_SIZE = (600, 400)
GALLERY_SIZE = (1200, 800)
QUADRANTS: tuple[Colour, ...] = ((200, 40, 40), (40, 160, 60), (50, 80, 200), (230, 200, 40))
"""Top left, top right, bottom left, bottom right, as an upright picture shows them."""
UNTOUCHED = datetime(2022, 2, 2, 12, tzinfo=UTC)
"""Modification time of every sample, so that a wrong date is seen."""
FRAMES_PER_SECOND = 24


@dataclass(frozen=True, slots=True)
class Sample:
    """One file and what shall become of it.

    Attributes:
        expected: Of two equal files the one that comes second is the duplicate.
        day: The day that it belongs to; None for what is no asset.
        code: The error code of a file that fails.
    """

    path: Path
    sha256: str
    expected: Literal["asset", "duplicate", "failed"]
    day: date | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Mood:
    """The colours of a landscape."""

    zenith: Colour
    horizon: Colour
    sun: Colour
    far: Colour
    near: Colour
    has_stars: bool = False


MOODS = (
    Mood((58, 124, 200), (206, 228, 240), (255, 250, 225), (140, 172, 190), (44, 92, 58)),
    Mood((66, 54, 110), (250, 164, 96), (255, 226, 150), (178, 110, 116), (46, 34, 58)),
    Mood((120, 160, 190), (244, 222, 205), (255, 244, 224), (170, 176, 186), (70, 88, 96)),
    Mood((10, 16, 44), (58, 78, 122), (238, 240, 226), (46, 62, 100), (8, 14, 30), has_stars=True),
    Mood((84, 176, 210), (255, 236, 190), (255, 246, 214), (216, 168, 116), (150, 92, 52)),
    Mood((150, 186, 214), (236, 240, 246), (255, 255, 245), (196, 210, 224), (96, 118, 140)),
    Mood((94, 60, 120), (252, 190, 190), (255, 236, 214), (150, 116, 160), (58, 46, 84)),
)


def landscape(seed: int, size: tuple[int, int] = SAMPLE_SIZE) -> Image.Image:
    """Draw a landscape: sky, sun or moon, hills behind hills, often trees, sometimes a lake."""
    chance = random.Random(seed)  # noqa: S311 - pictures, not secrets
    mood = MOODS[seed % len(MOODS)]
    width, height = size[0] * 2, size[1] * 2  # drawn large and made small, for smooth edges
    image = _gradient(mood.zenith, mood.horizon, (width, height))
    if mood.has_stars:
        _draw_stars(image, chance)
    _draw_sun(image, mood.sun, chance)
    layers = chance.randint(3, 5)
    for layer in range(layers):
        share = layer / (layers - 1)
        base = height * (0.52 + 0.36 * share)
        colour = _mix(mood.far, mood.near, share)
        ridge = _ridge(chance, width, base, height * (0.10 - 0.03 * share))
        ImageDraw.Draw(image).polygon([(0, height), *ridge, (width, height)], fill=colour)
        if layer == layers - 2 and chance.random() < 0.4:
            _draw_lake(image, round(height * 0.74))
    if chance.random() < 0.7:
        _draw_trees(image, _mix(mood.near, (0, 0, 0), 0.35), ridge, chance)
    return image.resize(size, Image.Resampling.LANCZOS)


def _mix(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _gradient(top: Colour, bottom: Colour, size: tuple[int, int]) -> Image.Image:
    column = Image.new("RGB", (1, 64))
    for row in range(64):
        column.putpixel((0, row), _mix(top, bottom, min(1.0, row / 40)))
    return column.resize(size, Image.Resampling.BICUBIC)


def _draw_stars(image: Image.Image, chance: random.Random) -> None:
    draw = ImageDraw.Draw(image)
    for _ in range(160):
        x, y = chance.randrange(image.width), chance.randrange(image.height // 2)
        radius = chance.choice((1, 1, 2, 3))
        draw.ellipse((x, y, x + radius, y + radius), fill=(230, 232, 245))


def _draw_sun(image: Image.Image, colour: Colour, chance: random.Random) -> None:
    """A disc in a glow that fades outwards."""
    x = round(image.width * chance.uniform(0.18, 0.82))
    y = round(image.height * chance.uniform(0.16, 0.44))
    radius = image.height // 16
    glow = ImageChops.invert(Image.radial_gradient("L")).resize((radius * 12, radius * 12))
    glow = glow.point([round(max(0, level - 76) ** 2 / 180) for level in range(256)])
    image.paste(colour, (x - radius * 6, y - radius * 6), glow)
    disc = (x - radius, y - radius, x + radius, y + radius)
    ImageDraw.Draw(image).ellipse(disc, fill=colour)


def _ridge(
    chance: random.Random, width: int, base: float, relief: float
) -> list[tuple[float, float]]:
    """The line of a chain of hills: some waves on top of each other."""
    waves = [(chance.uniform(0.6, 1.4) * 2**n, chance.uniform(0, 6.3), 0.6**n) for n in range(5)]
    return [
        (
            x,
            base
            - relief
            * sum(high * math.sin(6.3 * often * x / width + at) for often, at, high in waves),
        )
        for x in range(0, width + 8, 8)
    ]


def _draw_lake(image: Image.Image, shore: int) -> None:
    """Water mirrors, darker and smoother, what stands above its shore."""
    depth = min(image.height - shore, shore)
    above = image.crop((0, shore - depth, image.width, shore))
    mirrored = above.transpose(Image.Transpose.FLIP_TOP_BOTTOM).filter(ImageFilter.BoxBlur(6))
    image.paste(mirrored.point([round(level * 0.86) for level in range(256)] * 3), (0, shore))


def _draw_trees(
    image: Image.Image,
    colour: Colour,
    ridge: Sequence[tuple[float, float]],
    chance: random.Random,
) -> None:
    draw = ImageDraw.Draw(image)
    for _ in range(chance.randint(6, 26)):
        x, y = chance.choice(ridge)
        tall = image.height * chance.uniform(0.05, 0.13)
        for level in range(3):
            top, half = y + 8 - tall * (1 - level * 0.25), tall * (0.11 + 0.05 * level)
            draw.polygon([(x, top), (x - half, top + tall / 2), (x + half, top + tall / 2)], colour)


def _quadrants() -> Image.Image:
    image = Image.new("RGB", (2, 2))
    image.putdata(QUADRANTS)
    return image.resize((240, 160), Image.Resampling.NEAREST)


STORED_FOR_ORIENTATION = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How the sensor's rows lie when the camera writes an orientation."""


def exif(
    taken: datetime | None, offset: str = "", place: Place | None = None, orientation: int = 1
) -> Image.Exif:
    """EXIF as a camera writes it."""
    tags = Image.Exif()
    tags[ExifTags.Base.Make] = "Photo Factory"
    tags[ExifTags.Base.Model] = "Generator"
    tags[ExifTags.Base.Orientation] = orientation
    inner = tags.get_ifd(ExifTags.IFD.Exif)
    if taken is not None:
        inner[ExifTags.Base.DateTimeOriginal] = f"{taken:%Y:%m:%d %H:%M:%S}"
        inner[ExifTags.Base.DateTimeDigitized] = f"{taken:%Y:%m:%d %H:%M:%S}"
    if offset:
        inner[ExifTags.Base.OffsetTimeOriginal] = offset
    if place is not None:
        gps = tags.get_ifd(ExifTags.IFD.GPSInfo)
        gps[ExifTags.GPS.GPSLatitudeRef] = "N" if place[0] >= 0 else "S"
        gps[ExifTags.GPS.GPSLatitude] = _degrees_minutes_seconds(place[0])
        gps[ExifTags.GPS.GPSLongitudeRef] = "E" if place[1] >= 0 else "W"
        gps[ExifTags.GPS.GPSLongitude] = _degrees_minutes_seconds(place[1])
    return tags


def _degrees_minutes_seconds(angle: float) -> tuple[Fraction, Fraction, Fraction]:
    seconds = Fraction(round(abs(angle) * 360_000), 100)
    return Fraction(seconds // 3600), Fraction(seconds % 3600 // 60), seconds % 60


class Maker:
    """Writes samples into a folder and remembers what is expected of each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seed = 0
        self.samples: list[Sample] = []

    def picture(  # noqa: PLR0913 - each of them varies alone
        self,
        name: str,
        taken: datetime | None,
        day: date,
        *,
        image: Image.Image | None = None,
        offset: str = "",
        place: Place | None = None,
        orientation: int = 1,
    ) -> Path:
        """Write a picture in the format of its extension; each has its own content."""
        self._seed += 1
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        image = landscape(self._seed) if image is None else image
        tags = exif(taken, offset, place, orientation).tobytes()
        with path.open("wb") as file:
            if path.suffix == ".heic":
                pillow_heif.from_pillow(image).save(file, exif=tags, quality=70)
            elif path.suffix == ".gif":
                image.quantize(64).save(file, "GIF")
            else:
                image.save(file, Image.registered_extensions()[path.suffix.lower()], exif=tags)
        return self.note(path, "asset", day)

    def bytes(self, name: str, content: bytes, code: str) -> Path:
        """Write a file that must fail."""
        path = self._folder / name
        path.write_bytes(content)
        return self.note(path, "failed", None, code)

    def movie(self, name: str, day: date, tags: dict[str, str]) -> Path:
        """Write a film of a second with a travelling sun."""
        path = self._folder / name
        options = {"movflags": "use_metadata_tags", "fflags": "+bitexact"}
        with av.open(path, "w", format=path.suffix[1:], options=options) as container:
            container.metadata.update(tags)
            stream = container.add_stream("libx264", rate=FRAMES_PER_SECOND)
            stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
            stream.options = {"threads": "1", "preset": "ultrafast", "flags": "+bitexact"}
            meadow = landscape(len(name), (320, 240))
            for number in range(FRAMES_PER_SECOND):
                frame = meadow.copy()
                ImageDraw.Draw(frame).ellipse((number * 12, 30, number * 12 + 24, 54), "white")
                picture = av.VideoFrame.from_image(frame)  # type: ignore[no-untyped-call] # PyAV types it not
                container.mux(stream.encode(picture))
            container.mux(stream.encode())
        return self.note(path, "asset", day)

    def copy(self, source: Path, name: str, day: date) -> None:
        """Write the same bytes again under another name."""
        path = self._folder / name
        shutil.copyfile(source, path)
        self.note(path, "duplicate", day)

    def note(
        self,
        path: Path,
        expected: Literal["asset", "duplicate", "failed"],
        day: date | None,
        code: str | None = None,
    ) -> Path:
        """Remember what is expected of a file that is complete now."""
        os.utime(path, (UNTOUCHED.timestamp(), UNTOUCHED.timestamp()))
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        self.samples.append(Sample(path, digest, expected, day, code))
        return path


def generate(folder: Path) -> list[Sample]:
    """Write the samples into a folder; the same ones each time."""
    folder.mkdir(parents=True, exist_ok=True)
    maker = Maker(folder)
    for make in (_formats, _orientations, _places, _movies, _twins, _names, _damage):
        make(maker)
    return maker.samples


def _at(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, 34, 56)  # noqa: DTZ001 - local time, as cameras write it


def _formats(maker: Maker) -> None:
    day = date(2024, 5, 4)
    maker.picture("tokyo-evening.jpg", _at(day, 23), day, offset="+09:00")
    for suffix in ("png", "webp", "heic", "tif", "jpeg"):
        maker.picture(f"spring.{suffix}", _at(day), day, offset="+02:00")
    maker.picture("IMG_20230305_101500.gif", None, date(2023, 3, 5))
    maker.picture("undated.jpg", None, UNTOUCHED.date())


def _orientations(maker: Maker) -> None:
    day = date(2024, 5, 5)
    for orientation in range(1, 9):
        image, stored = _quadrants(), STORED_FOR_ORIENTATION.get(orientation)
        image = image if stored is None else image.transpose(stored)
        name = f"orientation-{orientation}.jpg"
        maker.picture(name, _at(day), day, image=image, orientation=orientation)


def _places(maker: Maker) -> None:
    day = date(2024, 6, 1)
    maker.picture("north-east.jpg", _at(day), day, place=FLORENCE)
    maker.picture("south-west.jpg", _at(day), day, place=SANTIAGO)


def _movies(maker: Maker) -> None:
    maker.movie("walk.mp4", date(2024, 6, 15), {"creation_time": "2024-06-15T10:30:00Z"})
    after_midnight = {
        "creation_time": "2024-07-01T22:30:00Z",
        "com.apple.quicktime.creationdate": "2024-07-02T00:30:00+0200",
    }
    maker.movie("night.mov", date(2024, 7, 2), after_midnight)


def _twins(maker: Maker) -> None:
    day = date(2024, 8, 10)
    first = maker.picture("original.jpg", _at(day), day)
    maker.copy(first, "original (copy).jpg", day)
    maker.picture("camera-a/IMG_0001.JPG", _at(day), day)
    maker.picture("camera-b/IMG_0001.JPG", _at(day), day)


def _names(maker: Maker) -> None:
    day = date(2024, 9, 1)
    for name in (
        "sunset 🌅 déjà vu.jpg",
        "two\nlines.jpg",
        'it\'s "quoted" & `more`; $HOME.jpg',
        "-leading dash.jpg",
        "n" * 196 + ".jpg",
    ):
        maker.picture(name, _at(day), day)


def _damage(maker: Maker) -> None:
    whole = maker.samples[0].path.read_bytes()
    maker.bytes("truncated.jpg", whole[: len(whole) // 2], "truncated")
    maker.bytes("letter.jpg", b"Dear diary, this is not a picture.\n" * 20, "not_media")
    maker.bytes("empty.jpg", b"", "empty_file")


def generate_gallery(folder: Path, count: int) -> list[Path]:
    """Write pleasant pictures, some a day, about two in three with a place."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(count):
        taken = datetime(2026, 6, 6, 7, 12) + timedelta(days=number // 6, minutes=number % 6 * 97)  # noqa: DTZ001 - local time
        path = folder / f"IMG_{taken:%Y%m%d_%H%M%S}.jpg"
        place = PLACES[number // 3 % len(PLACES)]
        tags = exif(taken, "+02:00", place)
        landscape(number * 5 + 1, GALLERY_SIZE).save(path, "JPEG", quality=90, exif=tags)
        paths.append(path)
    return paths


def main() -> None:
    """Write samples or a gallery into the folder that the command line names."""
    parser = argparse.ArgumentParser(description="Make test media.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--gallery", type=int, metavar="N", help="make N pleasant pictures instead")
    arguments = parser.parse_args()
    if arguments.gallery is None:
        generate(arguments.folder)
    else:
        generate_gallery(arguments.folder, arguments.gallery)


if __name__ == "__main__":
    main()
