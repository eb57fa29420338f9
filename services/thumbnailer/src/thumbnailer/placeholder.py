"""ThumbHash: some 25 bytes that look like the picture until its thumbnail has loaded.

Written after the algorithm that Evan Wallace published (https://evanw.github.io/thumbhash/), for
pictures without transparency. The package thumbhash gives the same bytes, but loops over pixels in
Python and takes 20 to 40 times as long.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

EDGE = 64
"""The algorithm takes at most 100; 64 looks the same and is quicker."""
LEAST_SCALE = 1e-6
"""Below this, terms are the noise of rounding: a picture of one colour has none."""
Channel = tuple[float, list[float], float]


def thumbhash(image: Image.Image) -> bytes:
    """The hash of an RGB picture."""
    small = image.copy()
    small.thumbnail((EDGE, EDGE), Image.Resampling.BOX)
    width, height = small.size
    red, green, blue = np.moveaxis(np.asarray(small.convert("RGB"), dtype=np.float64) / 255, 2, 0)
    longest = max(width, height)
    columns = max(1, round(7 * width / longest))
    rows = max(1, round(7 * height / longest))
    light = _encode((red + green + blue) / 3, max(3, columns), max(3, rows))
    yellow_blue = _encode((red + green) / 2 - blue, 3, 3)
    red_green = _encode(red - green, 3, 3)
    is_landscape = width > height
    first = (
        round(63 * light[0])
        | round(31.5 + 31.5 * yellow_blue[0]) << 6
        | round(31.5 + 31.5 * red_green[0]) << 12
        | round(31 * light[2]) << 18
    )
    second = (
        (rows if is_landscape else columns)
        | round(63 * yellow_blue[2]) << 3
        | round(63 * red_green[2]) << 9
        | is_landscape << 15
    )
    nibbles = [
        round(15 * value) for channel in (light, yellow_blue, red_green) for value in channel[1]
    ]
    return first.to_bytes(3, "little") + second.to_bytes(2, "little") + bytes(_pairs(nibbles))


def _encode(channel: NDArray[np.float64], columns: int, rows: int) -> Channel:
    """The cosine terms of a channel: the constant one, the others from 0 to 1, their scale."""
    height, width = channel.shape
    across = np.cos(np.pi / width * np.outer(np.arange(columns), np.arange(width) + 0.5))
    down = np.cos(np.pi / height * np.outer(np.arange(rows), np.arange(height) + 0.5))
    terms = down @ channel @ across.T / (width * height)
    others = [
        float(terms[row, column])
        for row in range(rows)
        for column in range(columns)
        if (row or column) and column * rows < columns * (rows - row)
    ]
    scale = max(map(abs, others))
    if scale < LEAST_SCALE:
        return float(terms[0, 0]), [0.0] * len(others), 0.0
    return float(terms[0, 0]), [0.5 + 0.5 * term / scale for term in others], scale


def _pairs(nibbles: list[int]) -> Iterator[int]:
    padded = nibbles + [0] * (len(nibbles) % 2)
    for low, high in zip(padded[::2], padded[1::2], strict=True):
        yield low | high << 4
