"""What is said of cameras and files."""

import pytest
from dashboard import technical
from dashboard.wording import NARROW

pytestmark = pytest.mark.unit


def plain(text: str) -> str:
    """With common spaces."""
    return text.replace(NARROW, " ")


@pytest.mark.parametrize(
    ("make", "model", "words"),
    [
        ("Canon", "Canon EOS R5", "Canon EOS R5"),
        ("NIKON CORPORATION", "NIKON D750", "NIKON D750"),
        ("Apple", "iPhone 15 Pro", "Apple iPhone 15 Pro"),
        ("Apple", None, "Apple"),
        (None, "X100V", "X100V"),
        (" ", None, ""),
    ],
)
def test_a_camera_is_named_once(make: str | None, model: str | None, words: str) -> None:
    assert technical.camera(make, model) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.004, "1/250 s"), (1 / 60, "1/60 s"), (0.5, "0.5 s"), (30, "30 s"), (0, ""), (None, "")],
)
def test_a_shutter_speed_is_said_as_on_the_dial(seconds: float | None, words: str) -> None:
    assert plain(technical.shutter(seconds)) == words


@pytest.mark.parametrize(
    ("real", "equivalent", "words"),
    [
        (26.0, None, "26 mm"),
        (6.86, 24.0, "6.9 mm (24 mm equivalent)"),
        (50.0, 50.0, "50 mm"),
        (None, 26.0, "26 mm equivalent"),
        (None, None, ""),
    ],
)
def test_a_focal_length_is_told_apart_from_its_equivalent(
    real: float | None, equivalent: float | None, words: str
) -> None:
    assert plain(technical.focal_length(real, equivalent)) == words


def test_an_exposure_says_what_is_known_of_it_and_no_more() -> None:
    whole = technical.exposure(0.004, 1.8, 100, "26 mm")
    assert plain(whole) == "1/250 s, f/1.8, ISO 100, 26 mm"
    assert plain(technical.exposure(None, None, 100, "")) == "ISO 100"
    assert technical.exposure(None, None, None, "") == ""


@pytest.mark.parametrize(
    ("width", "height", "words"),
    [
        (4032, 3024, "4 032 × 3 024 (12.2 megapixels)"),  # noqa: RUF001 - a multiplication sign
        (640, 480, "640 × 480"),  # noqa: RUF001 - as above
        (None, 480, "unknown"),
    ],
)
def test_dimensions_are_those_of_the_upright_picture(
    width: int | None, height: int | None, words: str
) -> None:
    assert plain(technical.dimensions(width, height)) == words


def test_codecs_and_ranges_have_the_names_that_people_know() -> None:
    assert technical.codec("hevc", "aac") == "HEVC (H.265), AAC"
    assert technical.codec(None, None) == ""
    assert technical.dynamic_range("dolby vision") == "Dolby Vision (HDR)"
    assert technical.dynamic_range("new range") == "new range"
    assert technical.dynamic_range(None) == ""
    assert technical.frame_rate(29.97) == "29.97 frames per second"
    assert technical.frame_rate(30.0) == "30 frames per second"


@pytest.mark.parametrize(
    ("location", "words"),
    [
        (
            {"latitude": 38.7223, "longitude": -9.1393, "altitude": 12.4},
            "38.7223° N, 9.1393° W, 12 m above sea level",
        ),
        (
            {"latitude": -33.45, "longitude": 151.2, "altitude": -3.0},
            "33.4500° S, 151.2000° E, 3 m below sea level",
        ),
        ({"latitude": 1.0, "longitude": 2.0, "altitude": None}, "1.0000° N, 2.0000° E"),
        ({"latitude": "north"}, ""),
        ({}, ""),
    ],
)
def test_a_position_is_said_as_on_a_map(location: dict[str, object], words: str) -> None:
    assert plain(technical.coordinates(location)) == words
