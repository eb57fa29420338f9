"""What the page of one asset says."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from dashboard.asset_queries import AssetPage, AssetRow, CorrectionRow, GroupMember, SidecarRow
from dashboard.asset_view import Fact, asset_view, rating
from dashboard.standing import Tone
from line_states import SEEN_AT

pytestmark = pytest.mark.unit
SHOT = datetime(2019, 7, 14, 15, 30, 5)  # noqa: DTZ001 - wall-clock time by design
BARE = AssetRow(
    id=7,
    path="2019/2019-07-14/a.jpg",
    original_name="A.JPG",
    source="inbox/phone",
    media_type="photo",
    mime_type="image/jpeg",
    size_bytes=1000,
    captured_at=None,
    captured_local=SHOT,
    utc_offset_minutes=None,
    captured_source="ExifIFD:DateTimeOriginal",
    captured_confidence="high",
    offset_source=None,
    captured_candidates=[],
    capture_rules=1,
    is_astray=False,
    is_described=True,
    is_geocoded=False,
    has_embedded_video=False,
    width=None,
    height=None,
    duration_seconds=None,
    camera_make=None,
    camera_model=None,
    lens=None,
    location=None,
    exposure_seconds=None,
    f_number=None,
    iso=None,
    focal_length_mm=None,
    focal_length_35mm=None,
    video_codec=None,
    audio_codec=None,
    frame_rate=None,
    dynamic_range=None,
    color_profile=None,
    rating=None,
    title=None,
    caption=None,
    keywords=[],
    people=[],
    is_favorite=False,
    is_archived=False,
    special_types=[],
    role="primary",
    group_id=None,
    ingested_at=SEEN_AT,
    place=None,
    region=None,
    country=None,
    thumb_made=255,
    preview_made=None,
    picture_width=320,
    picture_height=240,
    work=None,
    reason=None,
)
PAGE = AssetPage(SEEN_AT, BARE)


def page(**columns: Any) -> AssetPage:  # noqa: ANN401 - any column
    return replace(PAGE, asset=replace(BARE, **columns))


def told(facts: tuple[Fact, ...]) -> dict[str, str]:
    return {fact.label: fact.value for fact in facts}


def test_what_nobody_knows_is_unknown_or_left_out() -> None:
    view = asset_view(PAGE, "UTC")
    assert told(view.place) == {"Place": "unknown"}
    assert told(view.camera) == {"Camera": "unknown"}
    assert view.words == ()
    assert list(told(view.file)) == ["Dimensions", "File", "Came as", "In the library"]
    assert told(view.file)["Dimensions"] == "unknown"
    assert view.when.zone == "time zone unknown"


def test_the_larger_picture_is_shown_as_soon_as_it_is_made() -> None:
    assert asset_view(PAGE, "UTC").picture.address == "/thumb/7?kind=thumb&v=ff"
    made = page(preview_made=16, picture_width=960)
    assert asset_view(made, "UTC").picture.address == "/thumb/7?kind=preview&v=10"


def test_a_picture_that_could_not_be_made_says_why() -> None:
    failed = page(thumb_made=None, work="dead", reason="The file is cut off.")
    shown = asset_view(failed, "UTC").picture
    assert (shown.address, shown.tone, shown.excuse) == (None, Tone.NOTICE, "The file is cut off.")


def test_the_command_names_the_photo_and_its_present_date() -> None:
    view = asset_view(PAGE, "UTC")
    assert view.command == 'photo-factory correct 7 --date "2019-07-14 15:30"'
    assert "If you know" in asset_view(page(captured_confidence="none"), "UTC").advice


def test_what_is_still_going_on_is_told() -> None:
    assert asset_view(PAGE, "UTC").notes == ()
    assert len(asset_view(page(is_described=False, is_astray=True), "UTC").notes) == 2


def test_a_date_without_recorded_reasons_says_how_to_get_them() -> None:
    old = asset_view(page(capture_rules=0), "UTC")
    assert "photo-factory reclassify" in old.no_reasons
    assert old.confidence == (Tone.UNKNOWN, "Not judged yet")
    assert asset_view(PAGE, "UTC").no_reasons == "No candidates were recorded."


@pytest.mark.parametrize(
    ("is_geocoded", "words"), [(False, "its name is being looked up"), (True, "has no name here")]
)
def test_a_position_without_a_name_is_still_a_place(words: str, *, is_geocoded: bool) -> None:
    somewhere = {"latitude": 1.0, "longitude": 2.0, "altitude": None, "source": "takeout"}
    name, position = asset_view(page(location=somewhere, is_geocoded=is_geocoded), "UTC").place
    assert name.value == words
    assert (position.value, position.note) == ("1.0000° N, 2.0000° E", "from Google Takeout")


def test_what_people_said_is_told_in_their_words() -> None:
    said = page(
        title="Alfama",
        rating=4,
        keywords=["travel", "tiles"],
        people=[{"name": "Anna", "kind": "face"}, {"name": "Rex", "kind": "pet"}, {"kind": "face"}],
        is_favorite=True,
        is_archived=True,
    )
    assert told(asset_view(said, "UTC").words) == {
        "Title": "Alfama",
        "Rating": "★★★★☆ 4 of 5",
        "People": "Anna, Rex (pet)",
        "Keywords": "travel, tiles",
        "Marked as": "favourite, archived",
    }


def test_no_rating_is_not_the_same_as_no_star() -> None:
    assert (rating(None), rating(0), rating(-1)) == ("", "☆☆☆☆☆ 0 of 5", "rejected")


def test_a_video_says_how_long_it_is_or_that_nobody_knows() -> None:
    film = page(media_type="video", duration_seconds=12.3, special_types=["slow_motion"])
    facts = told(asset_view(film, "UTC").file)
    assert (facts["Duration"], facts["Special"]) == ("0:12", "slow motion")
    unknown = page(media_type="video")
    assert told(asset_view(unknown, "UTC").file)["Duration"] == "unknown"
    assert asset_view(unknown, "UTC").picture.runtime == ""


def test_a_video_inside_a_photo_is_told_once() -> None:
    inside = told(asset_view(page(has_embedded_video=True), "UTC").file)["Special"]
    assert inside == "has a short video inside"
    both = page(has_embedded_video=True, special_types=["motion_photo"])
    assert told(asset_view(both, "UTC").file)["Special"] == "motion photo"


def test_companions_are_linked_and_the_shown_one_is_not() -> None:
    members = (
        GroupMember(7, "a.jpg", "photo", "primary"),
        GroupMember(8, "a.cr3", "photo", "raw"),
        GroupMember(9, "a.x", "photo", "some_new_role"),
    )
    links = asset_view(replace(PAGE, members=members), "UTC").members
    assert [link.address for link in links] == ["", "photo?id=8", "photo?id=9"]
    assert [link.role for link in links][1:] == ["the camera's RAW", "some new role"]


@pytest.mark.parametrize(
    ("kind", "fault", "is_read", "tone", "state"),
    [
        ("xmp", None, True, Tone.GOOD, "read"),
        ("xmp", None, False, Tone.BUSY, "not read yet"),
        ("xmp", "it is no XML", False, Tone.NOTICE, "It is no XML."),
        ("aae", None, False, Tone.GOOD, "kept"),
    ],
)
def test_a_sidecar_says_whether_it_was_read(
    kind: str, fault: str | None, tone: Tone, state: str, *, is_read: bool
) -> None:
    sidecar = SidecarRow(kind, f"a.jpg.{kind}", "a.xmp", 812, SEEN_AT, fault, is_read)
    (item,) = asset_view(replace(PAGE, sidecars=(sidecar,)), "UTC").sidecars
    assert (item.tone, item.state) == (tone, state)


def test_only_the_newest_correction_that_was_not_taken_back_is_in_force() -> None:
    first = CorrectionRow(SHOT, 120, "maria", SEEN_AT - timedelta(days=1), None, is_applied=True)
    undone = replace(first, made_at=SEEN_AT, undone_at=SEEN_AT)
    waiting = replace(first, utc_offset_minutes=None, is_applied=False)
    items = asset_view(replace(PAGE, corrections=(undone, waiting, first)), "UTC").corrections
    assert [item.state for item in items] == [
        "taken back 4 May 2026, 12:00",
        "waits for the librarian",
        "replaced by a later one",
    ]
    assert items[2].name == "Sunday, 14 July 2019, 15:30:05, UTC+2"
    assert items[2].detail == "by maria, 3 May 2026, 12:00"
    (item,) = asset_view(replace(PAGE, corrections=(first,)), "UTC").corrections
    assert (item.tone, item.state) == (Tone.GOOD, "in force")
