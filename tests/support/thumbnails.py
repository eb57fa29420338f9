"""Runs the thumbnailer's function on single files, and looks at what it made."""

import struct
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from generate import QUADRANTS, Colour
from photo_factory.media import HEAD_BYTES, identify
from photo_factory.models import Asset
from photo_factory.stage import Context, Done, Skipped
from PIL import Image
from thumbnailer.queries import Pictures
from thumbnailer.settings import ThumbnailerSettings
from thumbnailer.stage import process

SHA256 = "5a" * 32
NEAR = 8
"""Levels of 255 by which lossy coding may change a plain colour."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """Folders for the thumbnailer's function.

    Attributes:
        folder: Holds the originals that a test makes.
        scratch: Where the function writes.
    """

    folder: Path
    scratch: Path

    def run(self, path: Path, mime_type: str | None = None) -> Done[Pictures] | Skipped:
        """Give a file to the function, as what its content says or as another type."""
        if mime_type is None:
            kind = identify(path.read_bytes()[:HEAD_BYTES], path.suffix.lower())
            assert kind is not None
            mime_type = kind.mime_type
        asset = Asset(
            id=1,
            sha256=SHA256,
            path=path.name,
            media_type="video" if mime_type.startswith("video/") else "photo",
            mime_type=mime_type,
            size_bytes=1,
            captured_local=datetime(2024, 5, 17, 10),  # noqa: DTZ001 - local wall-clock time
            location=None,
        )
        settings = ThumbnailerSettings(data_dir=self.folder)
        return process(asset, Context(path.parent, self.scratch, settings))

    def pictures(self, path: Path) -> dict[str, Image.Image]:
        """What is made of a file, by kind."""
        outcome = self.run(path)
        assert isinstance(outcome, Done)
        return {file.scratch.stem: _loaded(file.scratch) for file in outcome.files}


def _loaded(path: Path) -> Image.Image:
    with Image.open(path) as image:
        image.load()
        return image


def quadrants(size: tuple[int, int] = (240, 160)) -> Image.Image:
    """A picture whose four quarters tell which side is up."""
    image = Image.new("RGB", (2, 2))
    image.putdata(QUADRANTS)
    return image.resize(size, Image.Resampling.NEAREST)


def assert_upright(image: Image.Image) -> None:
    """The quarters are where an upright picture of `quadrants` has them."""
    places = [(x, y) for y in (0.25, 0.75) for x in (0.25, 0.75)]
    for (x, y), colour in zip(places, QUADRANTS, strict=True):
        assert_near(image.getpixel((round(image.width * x), round(image.height * y))), colour)


def assert_near(found: object, colour: Colour, by: float = NEAR) -> None:
    """A pixel is of a colour, but for what coding changes."""
    assert np.abs(np.subtract(found, colour)).max() <= by, f"{found} is not {colour}"  # type: ignore[call-overload] # a pixel of RGB


def display_p3_profile() -> bytes:
    """An ICC profile with the primaries of Display P3 and a plain gamma of 2.2."""
    colorants = {
        b"rXYZ": (0.51512, 0.24120, -0.00105),
        b"gXYZ": (0.29198, 0.69225, 0.04189),
        b"bXYZ": (0.15710, 0.06657, 0.78407),
        b"wtpt": (0.96420, 1.0, 0.82491),
    }
    bodies = {
        tag: b"XYZ " + bytes(4) + struct.pack(">3i", *(round(65536 * value) for value in values))
        for tag, values in colorants.items()
    }
    gamma = b"curv" + bytes(4) + struct.pack(">IH", 1, round(2.2 * 256)) + bytes(2)
    bodies |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), gamma)
    bodies[b"desc"] = b"desc" + bytes(4) + struct.pack(">I", 3) + b"P3\0" + bytes(79)
    bodies[b"cprt"] = b"text" + bytes(4) + b"none\0" + bytes(3)
    table, content = struct.pack(">I", len(bodies)), b""
    start = 128 + 4 + 12 * len(bodies)
    for tag, body in bodies.items():
        table += tag + struct.pack(">II", start + len(content), len(body))
        content += body + bytes(-len(body) % 4)
    size = start + len(content)
    head = struct.pack(">I4sI", size, b"lcms", 0x02400000) + b"mntrRGB XYZ " + bytes(12)
    head += b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + table + content
