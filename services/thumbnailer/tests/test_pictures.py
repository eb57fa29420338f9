"""Pictures of every kind become upright, plain sRGB derivatives, or fail with their code."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from generate import QUADRANTS, STORED_FOR_ORIENTATION, exif, landscape
from photo_factory.errors import Permanent, Transient
from photo_factory.stage import Done
from PIL import Image, ImageCms
from thumbnailer.pictures import GROUND
from thumbnails import (
    SHA256,
    Workshop,
    assert_near,
    assert_upright,
    display_p3_profile,
    quadrants,
)

pytestmark = pytest.mark.unit
SECRETS = (b"Exif", b"ICC_PROFILE", b"ICCP", b"EXIF", b"XMP ", b"ns.adobe.com", b"at home")
UNREADABLE = Path("/proc/self/mem")
"""Opens, and fails with an error of input and output when its first byte is read."""
TURNABLE = ("RGB", "L", "RGBA", "CMYK", "LA", "P", "I;16")


def stored_as(image: Image.Image, orientation: int) -> Image.Image:
    stored = STORED_FOR_ORIENTATION.get(orientation)
    return image if stored is None else image.transpose(stored)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif", ".avif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_picture_is_put_upright(workshop: Workshop, orientation: int, suffix: str) -> None:
    path = workshop.folder / f"turned{suffix}"
    tags = exif(None, orientation=orientation).tobytes()
    stored_as(quadrants(), orientation).save(path, exif=tags, quality=90)
    for picture in workshop.pictures(path).values():
        assert picture.size == (240, 160)
        assert_upright(picture)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_pixel_of_a_turned_picture_is_where_it_belongs(
    workshop: Workshop, orientation: int
) -> None:
    upright = landscape(3, (300, 200))
    path = workshop.folder / "turned.jpg"
    tags = exif(None, orientation=orientation).tobytes()
    stored_as(upright, orientation).save(path, exif=tags, quality=95)
    seen = np.asarray(workshop.pictures(path)["web"], dtype=int)
    assert np.abs(seen - np.asarray(upright, dtype=int)).mean() < 3


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_heic_is_not_turned_twice(workshop: Workshop, orientation: int) -> None:
    """Its turn stands in its boxes and often in its EXIF too; the decoder has applied it."""
    path = workshop.folder / "turned.heic"
    tags = exif(None, orientation=orientation).tobytes()
    picture = pillow_heif.from_pillow(stored_as(quadrants(), orientation))
    picture.save(path, exif=tags, quality=90)
    made = workshop.pictures(path)["preview"]
    assert made.size == (240, 160)
    assert_upright(made)


@pytest.mark.parametrize("mode", TURNABLE)
def test_an_uncompressed_tiff_of_any_mode_is_put_upright(workshop: Workshop, mode: str) -> None:
    """Pillow turns those wrongly that it maps into memory."""
    path = workshop.folder / "scan.tif"
    in_mode(quadrants().transpose(Image.Transpose.ROTATE_90), mode).save(
        path, compression=None, exif=exif(None, orientation=6)
    )
    made = workshop.pictures(path)["web"].convert("L")
    assert made.size == (240, 160)
    grey = np.asarray(quadrants().convert("L"), dtype=int)
    assert np.abs(np.asarray(made, dtype=int) - grey).mean() < 3


def in_mode(image: Image.Image, mode: str) -> Image.Image:
    if mode == "I;16":
        return Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    return image.quantize(8) if mode == "P" else image.convert(mode)


def test_display_p3_becomes_srgb(workshop: Workshop) -> None:
    colours = [(200, 120, 90), (90, 140, 110), (60, 80, 170), (220, 200, 160)]
    image = Image.new("RGB", (4, 1))
    image.putdata(colours)
    path = workshop.folder / "p3.png"
    image.resize((256, 64), Image.Resampling.NEAREST).save(path, icc_profile=display_p3_profile())
    made = workshop.pictures(path)["web"]
    for number, colour in enumerate(colours):
        assert_near(made.getpixel((32 + 64 * number, 32)), srgb_of_p3(colour), 4)


def srgb_of_p3(colour: tuple[int, int, int]) -> tuple[int, int, int]:
    """By matrices, in numbers of other sources than the profile's."""
    to_xyz = np.array(
        [[0.48657, 0.26567, 0.19822], [0.22897, 0.69174, 0.07929], [0.0, 0.04511, 1.04394]]
    )
    to_srgb = np.array(
        [[3.24097, -1.53738, -0.49861], [-0.96924, 1.87597, 0.04156], [0.05563, -0.20398, 1.05697]]
    )
    linear = np.clip(to_srgb @ to_xyz @ (np.array(colour) / 255) ** 2.2, 0, 1)
    coded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    red, green, blue = (round(255 * float(value)) for value in coded)
    return red, green, blue


def test_a_damaged_colour_profile_counts_as_none(workshop: Workshop) -> None:
    path = workshop.folder / "profile.jpg"
    quadrants().save(path, icc_profile=b"no profile at all", quality=95)
    assert_upright(workshop.pictures(path)["web"])


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_what_is_transparent_lies_on_the_ground(workshop: Workshop, mode: str) -> None:
    image = Image.new("RGBA", (200, 100), (0, 0, 0, 0))
    image.paste((255, 255, 255, 255), (100, 0, 200, 100))
    path = workshop.folder / "transparent.png"
    (image.convert("P") if mode == "PA" else image.convert(mode)).save(path)
    made = workshop.pictures(path)["web"]
    assert_near(made.getpixel((50, 50)), GROUND, 2)
    assert_near(made.getpixel((150, 50)), (255, 255, 255), 2)


def test_half_transparent_pixels_are_mixed_with_the_ground(workshop: Workshop) -> None:
    path = workshop.folder / "half.webp"
    Image.new("RGBA", (64, 64), (0, 0, 0, 128)).save(path, lossless=True)
    assert_near(workshop.pictures(path)["web"].getpixel((32, 32)), (119, 119, 119), 3)


def test_sixteen_bits_of_grey_become_eight(workshop: Workshop) -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)
    path = workshop.folder / "deep.png"
    Image.fromarray(np.tile(ramp, (64, 1))).save(path)
    with Image.open(path) as stored:
        assert stored.mode == "I;16"
    made = np.asarray(workshop.pictures(path)["web"].convert("L"), dtype=int)
    assert np.abs(made[32] - np.arange(256)).max() <= 2


def test_sixteen_bits_of_colour_become_eight(workshop: Workshop) -> None:
    """Pillow writes no such PNG, so the test does."""
    pixels = np.asarray(quadrants(), dtype=">u2") * 257
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    path = workshop.folder / "deep.png"
    path.write_bytes(png(240, 160, rows, depth=16))
    assert_upright(workshop.pictures(path)["web"])


def png(width: int, height: int, rows: bytes, depth: int = 8) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    head = struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + data + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("print.jpg", "CMYK"),
        ("print.tif", "CMYK"),
        ("palette.png", "P"),
        ("palette.gif", "P"),
        ("plain.bmp", "RGB"),
        ("lossless.webp", "RGB"),
        ("jpeg.jp2", "RGB"),
    ],
)
def test_formats_and_modes_keep_their_colours(workshop: Workshop, name: str, mode: str) -> None:
    path = workshop.folder / name
    in_mode(quadrants(), mode).save(path)
    assert_upright(workshop.pictures(path)["web"])


def test_a_heic_of_ten_bits_keeps_its_colours(workshop: Workshop) -> None:
    path = workshop.folder / "deep.heic"
    pixels = np.asarray(quadrants()).astype(np.uint16) * 257
    picture = pillow_heif.from_bytes("RGB;16", (240, 160), pixels.tobytes())
    picture.save(path, quality=90, bit_depth=10)
    assert pillow_heif.open_heif(path).info["bit_depth"] == 10
    assert_upright(workshop.pictures(path)["web"])


@pytest.mark.parametrize("name", ["wave.gif", "wave.webp", "wave.png", "wave.avif"])
def test_an_animation_is_shown_by_its_first_picture(workshop: Workshop, name: str) -> None:
    path = workshop.folder / name
    quadrants().save(path, save_all=True, append_images=[Image.new("RGB", (240, 160), "teal")])
    made = workshop.pictures(path)["web"]
    assert_near(made.getpixel((60, 40)), QUADRANTS[0], 12)


@pytest.mark.parametrize("mode", ["L", "1"])
def test_grey_and_black_and_white_stay_so(workshop: Workshop, mode: str) -> None:
    image = Image.new("L", (100, 50), 0)
    image.paste(255, (50, 0, 100, 50))
    path = workshop.folder / "fax.png"
    image.convert(mode).save(path)
    made = workshop.pictures(path)["web"]
    assert made.mode == "RGB"
    assert_near(made.getpixel((25, 25)), (0, 0, 0), 2)
    assert_near(made.getpixel((75, 25)), (255, 255, 255), 2)


def test_lab_is_converted(workshop: Workshop) -> None:
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    image = ImageCms.profileToProfile(quadrants(), srgb, lab, outputMode="LAB")
    assert image is not None
    path = workshop.folder / "lab.tif"
    image.save(path)
    made = workshop.pictures(path)["web"]
    assert_near(made.getpixel((60, 40)), QUADRANTS[0], 20)


def test_the_three_kinds_fit_their_boxes(workshop: Workshop) -> None:
    path = workshop.folder / "large.png"
    landscape(1, (400, 300)).resize((2500, 1875)).save(path, compress_level=1)
    outcome = workshop.run(path)
    assert isinstance(outcome, Done)
    found = {made.kind: (made.width, made.height) for made in outcome.result.derivatives}
    assert found == {"web": (2048, 1536), "preview": (1440, 1080), "thumb": (256, 192)}
    for made, file in zip(outcome.result.derivatives, outcome.files, strict=True):
        assert made.size_bytes == file.scratch.stat().st_size
        assert file.target == made.path == f"{made.kind}/5a/{SHA256}{file.scratch.suffix}"
        with Image.open(file.scratch) as picture:
            assert Image.MIME[picture.format or ""] == made.mime_type
            assert picture.size == (made.width, made.height)


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (3000, 1), (1, 3000)])
def test_small_and_narrow_pictures_are_not_enlarged(
    workshop: Workshop, size: tuple[int, int]
) -> None:
    path = workshop.folder / "tiny.png"
    Image.new("RGB", size, "teal").save(path)
    for picture in workshop.pictures(path).values():
        assert picture.width <= size[0]
        assert picture.height <= size[1]


@pytest.mark.parametrize(
    ("size", "decoded"),
    [((3800, 2850), (1900, 1425)), ((2850, 3800), (1425, 1900)), ((8000, 400), (2000, 100))],
)
def test_a_jpeg_is_decoded_at_a_reduced_scale(
    workshop: Workshop, size: tuple[int, int], decoded: tuple[int, int]
) -> None:
    """Whatever its shape: a web picture below 2048 pixels proves that the decoder halved it."""
    path = workshop.folder / "camera.jpg"
    Image.new("RGB", size, "teal").save(path)
    assert workshop.pictures(path)["web"].size == decoded


def test_no_metadata_leaves_the_house(workshop: Workshop) -> None:
    path = workshop.folder / "private.jpg"
    quadrants().save(
        path,
        exif=exif(None, place=(43.77, 11.26)),
        icc_profile=display_p3_profile(),
        xmp=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>at home</x:xmpmeta>",
        comment=b"at home",
        dpi=(300, 300),
    )
    assert b"at home" in path.read_bytes()
    outcome = workshop.run(path)
    assert isinstance(outcome, Done)
    for file in outcome.files:
        content = file.scratch.read_bytes()
        assert [secret for secret in SECRETS if secret in content] == []


def code_of(workshop: Workshop, path: Path, mime_type: str | None = None) -> str:
    with pytest.raises(Permanent) as raised:
        workshop.run(path, mime_type)
    assert raised.value.hint.startswith(f"{path.name}: ")
    return raised.value.code


@pytest.mark.parametrize("name", ["cut.jpg", "cut.png", "cut.webp", "cut.heic", "cut.tif"])
def test_a_picture_without_its_end_is_damaged(workshop: Workshop, name: str) -> None:
    path = workshop.folder / name
    with path.open("wb") as file:
        if path.suffix == ".heic":
            pillow_heif.from_pillow(landscape(2, (300, 200))).save(file)
        else:
            landscape(2, (300, 200)).save(file, Image.registered_extensions()[path.suffix])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert code_of(workshop, path) == "image_damaged"


def test_what_no_decoder_knows_is_damaged(workshop: Workshop) -> None:
    path = workshop.folder / "noise.jpg"
    path.write_bytes(b"\xff\xd8\xff" + b"Dear diary" * 50)
    assert code_of(workshop, path) == "image_damaged"


@pytest.mark.parametrize(
    "mime_type", ["image/jxl", "image/x-canon-cr3", "image/vnd.adobe.photoshop"]
)
def test_what_has_no_decoder_yet_is_unsupported(workshop: Workshop, mime_type: str) -> None:
    path = workshop.folder / "raw"
    path.write_bytes(b"whatever it is")
    assert code_of(workshop, path, mime_type) == "format_unsupported"


def test_a_file_is_read_only_as_what_it_was_identified_as(workshop: Workshop) -> None:
    """Hostile bytes do not choose one of Pillow's other decoders."""
    path = workshop.folder / "drawing.eps"
    path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n")
    assert code_of(workshop, path, "image/jpeg") == "image_damaged"


def test_a_picture_of_a_billion_pixels_is_refused_unread(workshop: Workshop) -> None:
    path = workshop.folder / "bomb.png"
    path.write_bytes(png(100_000, 100_000, bytes(10)))
    assert code_of(workshop, path) == "image_too_large"


def test_a_missing_original_is_not_called_damaged(workshop: Workshop) -> None:
    with pytest.raises(FileNotFoundError):
        workshop.run(workshop.folder / "gone.jpg", "image/jpeg")


def test_a_failing_disk_is_not_called_a_damaged_picture(workshop: Workshop) -> None:
    with pytest.raises(Transient) as raised:
        workshop.run(UNREADABLE, "image/jpeg")
    assert raised.value.code == "original_unreadable"
