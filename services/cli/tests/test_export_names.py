"""What an export consists of and how it is named, and what is written: pure."""

import base64
import json
from dataclasses import replace
from datetime import datetime

import pytest
from cli.export.order import Making, XmpName
from cli.export.pieces import names, plan, shots
from cli.export.queries import Asset, Sidecar, like
from cli.export.tags import as_stored, embedded_recipe, is_embeddable, sidecar_recipe, writable
from cli.export.writer import as_json
from hypothesis import given
from hypothesis import strategies as st

pytestmark = pytest.mark.unit

JPEG = Asset(
    id=1,
    sha256="5a" * 32,
    path="2024/2024-05-17/IMG_1.jpg",
    mime_type="image/jpeg",
    size_bytes=1,
    captured_local=datetime(2024, 5, 17, 12),  # noqa: DTZ001 - local wall-clock time by design
    captured_at=None,
    captured_confidence="high",
    utc_offset_minutes=None,
    location=None,
    rating=None,
    title=None,
    caption=None,
    keywords=(),
    people=(),
    is_favorite=False,
    width=None,
    height=None,
    orientation=None,
    is_astray=False,
    has_embedded_video=False,
    own_words=(),
    sidecars=(),
)
RAW = replace(JPEG, path="2024/2024-05-17/IMG_1.CR2", mime_type="image/x-canon-cr2")


def stored(name: str, *own_words: str, kind: str = "xmp") -> Sidecar:
    path = f"2024/2024-05-17/{name}"
    return Sidecar(1, kind, path, "5a" * 32, 1, is_read=True, own_words=own_words)


def planned(making: Making, *assets: Asset, number: int = 0) -> list[str]:
    (shot,) = shots(assets)
    return names(plan(shot, making), number)


def test_files_of_one_shot_get_one_number() -> None:
    asset = replace(
        JPEG, sidecars=(stored("IMG_1.xmp"), stored("IMG_1.jpg.xmp"), stored("IMG_O1.AAE"))
    )
    assert planned(Making(), RAW, asset, number=2) == [
        "IMG_1_2.CR2",
        "IMG_1_2.jpg",
        "IMG_1_2.xmp",
        "IMG_1_2.jpg.xmp",
        "IMG_O1_2.AAE",
    ]


@pytest.mark.parametrize(
    ("xmp_name", "expected"),
    [
        ("full", ["IMG_1.CR2", "IMG_1.CR2.xmp", "IMG_1.jpg", "IMG_1.jpg.xmp"]),
        ("stem", ["IMG_1.CR2", "IMG_1.xmp", "IMG_1.jpg", "IMG_1.jpg.xmp"]),
    ],
)
def test_each_copy_has_a_sidecar_of_its_own(xmp_name: XmpName, expected: list[str]) -> None:
    assert planned(Making(with_xmp=True, xmp_name=xmp_name), RAW, JPEG) == expected


def test_the_stored_sidecar_of_the_same_name_is_built_upon_and_another_one_goes_along() -> None:
    asset = replace(JPEG, sidecars=(stored("IMG_1.jpg.xmp"), stored("IMG_1.xmp")))
    (shot,) = shots([asset])
    full = plan(shot, Making(with_xmp=True))
    stem = plan(shot, Making(with_xmp=True, xmp_name="stem"))
    for pieces in (full, stem):
        assert sorted(names(pieces, 0)) == ["IMG_1.jpg", "IMG_1.jpg.xmp", "IMG_1.xmp"]
        for piece, name in zip(pieces, names(pieces, 0), strict=True):
            assert piece.source is not None
            assert piece.source.endswith(f"/{name}")
    assert [name for one, name in zip(full, names(full, 0), strict=True) if one.recipe] == [
        "IMG_1.jpg.xmp"
    ]


@pytest.mark.parametrize("newest", ["IMG_1.jpg_1.xmp", "IMG_1.jpg.xmp"])
def test_of_two_versions_of_a_sidecar_the_newest_is_built_upon_and_the_older_goes_along(
    newest: str,
) -> None:
    versions = tuple(
        replace(stored(name), id=2 if name == newest else 1)
        for name in ("IMG_1.jpg.xmp", "IMG_1.jpg_1.xmp")
    )
    (shot,) = shots([replace(JPEG, sidecars=versions)])
    pieces = plan(shot, Making(with_xmp=True))
    found = dict(zip(names(pieces, 0), pieces, strict=True))
    assert sorted(found) == ["IMG_1.jpg", "IMG_1.jpg.xmp", "IMG_1.jpg_1.xmp"]
    written, older = found["IMG_1.jpg.xmp"], found["IMG_1.jpg_1.xmp"]
    assert written.recipe is not None
    assert (written.source or "").endswith(f"/{newest}")
    assert older.recipe is None
    assert {written.source, older.source} == {one.path for one in versions}


def test_what_a_file_itself_says_of_people_stays() -> None:
    person = {"name": "Ann", "kind": "face", "x": 0.5, "y": 0.5, "width": 0.1, "height": 0.1}
    region = "XMP-mwg-rs:RegionInfo"
    asset = replace(JPEG, people=(person, {"name": "Bob", "kind": "person"}))
    assert sidecar_recipe(asset, None).tags.keys() >= {region, "XMP-iptcExt:PersonInImage"}
    kept = sidecar_recipe(asset, stored("x.xmp", region)).tags
    assert not kept.keys() & {region, "XMP-iptcExt:PersonInImage"}
    own = replace(asset, own_words=(region,))
    assert region not in embedded_recipe(own).tags
    # A sidecar's word comes before the file's, so it is what the library knows.
    said = replace(own, sidecars=(stored("x.xmp", region),))
    assert region in embedded_recipe(said).tags


@pytest.mark.parametrize(
    ("path", "mime_type", "has_video", "expected"),
    [
        ("a.jpg", "image/jpeg", False, True),
        ("a.jpg", "image/jpeg", True, True),
        ("a.heic", "image/heic", True, False),
        ("a.insp", "image/jpeg", False, False),
        ("a.360", "video/mp4", False, False),
        ("a.dng", "image/x-adobe-dng", False, False),
        ("a.avi", "video/x-msvideo", False, False),
        ("a.bmp", "image/bmp", False, False),
    ],
)
def test_only_what_can_safely_be_written_is(
    path: str, mime_type: str, *, has_video: bool, expected: bool
) -> None:
    asset = replace(JPEG, path=path, mime_type=mime_type, has_embedded_video=has_video)
    assert is_embeddable(asset) is expected


TURNS = {
    2: lambda x, y: (1 - x, y),
    3: lambda x, y: (1 - x, 1 - y),
    4: lambda x, y: (x, 1 - y),
    5: lambda x, y: (y, x),
    6: lambda x, y: (1 - y, x),
    7: lambda x, y: (1 - y, 1 - x),
    8: lambda x, y: (y, 1 - x),
}
"""From the stored picture to the upright one."""


@pytest.mark.parametrize("orientation", TURNS)
def test_areas_are_turned_back_to_the_stored_picture(orientation: int) -> None:
    x, y = as_stored(0.2, 0.3, orientation)
    assert TURNS[orientation](x, y) == pytest.approx((0.2, 0.3))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_written_text_is_fit_for_xml(text: str) -> None:
    fit = writable(text)
    assert all(one in "\t\n" or one >= " " for one in fit)
    assert "\r" not in fit


@pytest.mark.parametrize("text", ["base64:", "base64:aGVsbG8=", "base64:no 🎂"])
def test_a_text_that_exiftool_would_decode_is_handed_over_encoded(text: str) -> None:
    (written,) = json.loads(as_json({"Title": text, "Words": [text], "Region": {"Name": text}}))
    for found in (written["Title"], written["Words"][0], written["Region"]["Name"]):
        assert base64.b64decode(found.removeprefix("base64:")).decode() == text


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("2024/*", "2024/%"), ("?_%.jpg", "_\\_\\%.jpg"), ("a\\b", "a\\\\b")],
)
def test_globs_mean_in_sql_what_they_say(pattern: str, expected: str) -> None:
    assert like(pattern) == expected
