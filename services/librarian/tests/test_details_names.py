"""What the name of a file tells of its kind where no tag does; and favourites among XMP's marks."""

import pytest
from librarian.details.projection import project

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "name",
    [
        "Screenshot_20190919-053857_Camera.png",
        "Screenshot 2023-05-04 at 1.30.45 PM.png",
        "Screen Shot 2019-05-04 at 13.30.45.png",
        "screenshot.png",
        "Bildschirmfoto 2019-05-04 um 13.30.45.png",
        "Capture d\u2019e\u0301cran 2019-05-04 a\u0300 13.30.45.png",
        "スクリーンショット 2019-05-04 13.30.45.png",
    ],
)
def test_a_screenshot_is_told_by_its_name(name: str) -> None:
    assert project({}, "photo", name=name).special_types == ("screenshot",)


@pytest.mark.parametrize("name", ["", "Screenshots.jpg", "My Screenshot.jpg", "IMG_1234.JPG"])
def test_other_names_make_no_screenshot(name: str) -> None:
    assert project({}, "photo", name=name).special_types == ()


def test_what_was_exposed_or_filmed_is_no_screenshot() -> None:
    name = "Screenshot_20190919-053857.jpg"
    assert project({"ExifIFD:ExposureTime": 0.01}, "photo", name=name).special_types == ()
    assert project({}, "video", name=name).special_types == ()


def test_a_burst_is_told_by_androids_names() -> None:
    name = "00100dPORTRAIT_00100_BURST20190504123045678_COVER.jpg"
    assert project({}, "photo", name=name).special_types == ("burst",)


def test_a_favourite_that_was_exported_is_one_again() -> None:
    accepted = {"XMP-digiKam:PickLabel": 3}
    assert project({}, "photo", sidecar=accepted).is_favorite
    assert project(accepted, "photo").is_favorite
    assert not project({"XMP-digiKam:PickLabel": 1}, "photo").is_favorite


def test_a_mark_that_nobody_made_takes_no_favourite_away() -> None:
    unmarked = {"XMP-digiKam:PickLabel": 0}
    assert project({}, "photo", unmarked, {"Takeout:Favorited": True}).is_favorite
