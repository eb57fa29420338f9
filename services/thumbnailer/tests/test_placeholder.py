"""The placeholder is a ThumbHash: short, the same each time, and like the picture."""

import math
from typing import cast

import pytest
from generate import landscape
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageStat
from thumbnailer.placeholder import thumbhash

pytestmark = pytest.mark.unit
Terms = tuple[float, list[float], float]


def reference(image: Image.Image) -> bytes:
    """The published algorithm, loop for loop, for opaque pictures of at most 64 pixels."""
    width, height = image.size
    pixels = [
        cast("tuple[int, int, int]", image.getpixel((x, y)))
        for y in range(height)
        for x in range(width)
    ]
    rgb = [tuple(level / 255 for level in pixel) for pixel in pixels]
    longest = max(width, height)
    columns = max(1, math.floor(7 * width / longest + 0.5))
    rows = max(1, math.floor(7 * height / longest + 0.5))
    light = terms([sum(p) / 3 for p in rgb], image.size, max(3, columns), max(3, rows))
    yellow = terms([(p[0] + p[1]) / 2 - p[2] for p in rgb], image.size, 3, 3)
    red = terms([p[0] - p[1] for p in rgb], image.size, 3, 3)
    header = rounded(63 * light[0]) | rounded(31.5 + 31.5 * yellow[0]) << 6
    header |= rounded(31.5 + 31.5 * red[0]) << 12 | rounded(31 * light[2]) << 18
    header |= (rows if width > height else columns) << 24
    header |= rounded(63 * yellow[2]) << 27 | rounded(63 * red[2]) << 33
    header |= int(width > height) << 39
    coded = [rounded(15 * value) for channel in (light, yellow, red) for value in channel[1]]
    content = sum(value << (4 * number) for number, value in enumerate(coded))
    return header.to_bytes(5, "little") + content.to_bytes((len(coded) + 1) // 2, "little")


def terms(channel: list[float], size: tuple[int, int], columns: int, rows: int) -> Terms:
    width, height = size
    first, others = 0.0, []
    for row in range(rows):
        column = 0
        while column * rows < columns * (rows - row):
            value = sum(
                channel[x + y * width]
                * math.cos(math.pi / width * column * (x + 0.5))
                * math.cos(math.pi / height * row * (y + 0.5))
                for y in range(height)
                for x in range(width)
            )
            if row or column:
                others.append(value / width / height)
            else:
                first = value / width / height
            column += 1
    scale = max(map(abs, others))
    return first, [0.5 + 0.5 / scale * value for value in others], scale


def rounded(value: float) -> int:
    return math.floor(value + 0.5)


@pytest.mark.parametrize("size", [(48, 32), (32, 48), (40, 40), (60, 7)])
def test_it_equals_the_published_algorithm(size: tuple[int, int]) -> None:
    image = landscape(size[0], (240, 160)).resize(size)
    assert thumbhash(image) == reference(image)


@pytest.mark.parametrize("seed", range(7))
def test_its_header_holds_the_average_colour(seed: int) -> None:
    image = landscape(seed, (320, 240))
    header = int.from_bytes(thumbhash(image)[:3], "little")
    light = (header & 63) / 63
    yellow_blue = (header >> 6 & 63) / 31.5 - 1
    red_green = (header >> 12 & 63) / 31.5 - 1
    blue = light - 2 / 3 * yellow_blue
    red = (3 * light - blue + red_green) / 2
    found = [255 * level for level in (red, red - red_green, blue)]
    assert found == pytest.approx(ImageStat.Stat(image).mean, abs=9)


def test_a_plain_colour_has_no_structure() -> None:
    made = thumbhash(Image.new("RGB", (256, 192), (200, 120, 90)))
    assert set(made[5:]) == {0}


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 300), st.integers(1, 300), st.integers(0, 0xFFFFFF))
def test_it_is_short_and_always_the_same(width: int, height: int, colour: int) -> None:
    image = Image.new("RGB", (width, height), (colour >> 16, colour >> 8 & 255, colour & 255))
    image.paste("white", (0, 0, width // 2, height))
    made = thumbhash(image)
    assert 5 < len(made) <= 25
    assert made == thumbhash(image.copy())
