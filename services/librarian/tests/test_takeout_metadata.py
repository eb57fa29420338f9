import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from librarian.takeout.metadata import AlbumNote, PhotoNote, parse

pytestmark = pytest.mark.unit

TAKEN = {"timestamp": "1560000000", "formatted": "8 juin 2019"}


def tags(**content: object) -> dict[str, object]:
    note = parse(json.dumps({"photoTakenTime": TAKEN, **content}).encode())
    assert isinstance(note, PhotoNote)
    found = dict(note.tags)
    assert found.pop("Takeout:PhotoTakenTime", None) == 1_560_000_000
    return found


def taken(timestamp: object) -> object:
    note = parse(json.dumps({"photoTakenTime": {"timestamp": timestamp}}).encode())
    assert isinstance(note, PhotoNote)
    return note.tags.get("Takeout:PhotoTakenTime")


def test_all_that_is_worth_keeping_is_kept() -> None:
    found = tags(
        title="IMG_1.jpg",
        description="On the roof",
        favorited=True,
        archived=True,
        trashed=True,
        url="https://photos.google.com/photo/1",
        people=[{"name": "Ann"}, {"name": "Bob"}, {"name": "Ann"}],
        geoData={"latitude": 1.0, "longitude": 2.0, "altitude": 3.0},
        geoDataExif={"latitude": 10.5, "longitude": -20.25, "altitude": 30.0},
        googlePhotosOrigin={
            "fromPartnerSharing": {},
            "mobileUpload": {"deviceFolder": {"localFolderName": "Camera"}},
        },
        creationTime={"timestamp": "1700000000"},
    )
    assert found == {
        "Takeout:Title": "IMG_1.jpg",
        "Takeout:Description": "On the roof",
        "Takeout:Favorited": True,
        "Takeout:Archived": True,
        "Takeout:Trashed": True,
        "Takeout:URL": "https://photos.google.com/photo/1",
        "Takeout:People": ["Ann", "Bob"],
        "Takeout:Latitude": 10.5,
        "Takeout:Longitude": -20.25,
        "Takeout:Altitude": 30.0,
        "Takeout:FromPartner": True,
        "Takeout:DeviceFolder": "Camera",
    }


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [
        ("1560000000", 1_560_000_000),
        (1_560_000_000, 1_560_000_000),
        ("-2082844800", -2_082_844_800),
        ("0", None),
        ("", None),
        (None, None),
        ("soon", None),
        ("1e9", None),
        (1.5e9, None),
        (True, None),
        ("9" * 30, None),
        ("9" * 5000, None),
        ([], None),
    ],
)
def test_the_time_is_seconds_or_nothing(timestamp: object, expected: int | None) -> None:
    assert taken(timestamp) == expected


@pytest.mark.parametrize(
    "place",
    [
        {"latitude": 0.0, "longitude": 0.0},
        {"latitude": 91.0, "longitude": 0.0},
        {"latitude": 1.0, "longitude": -181.0},
        {"latitude": "1", "longitude": "2"},
        {"latitude": True, "longitude": True},
        {"latitude": 1.0},
        {"latitude": 10**400, "longitude": 1},
        [],
        None,
    ],
)
def test_an_impossible_place_gives_way_to_the_next(place: object) -> None:
    found = tags(geoDataExif=place, geoData={"latitude": 1.0, "longitude": 2.0, "altitude": 0.0})
    assert found == {"Takeout:Latitude": 1.0, "Takeout:Longitude": 2.0}


@pytest.mark.parametrize(
    "content",
    [
        {"title": "Paris", "description": "Rain", "access": "protected"},
        {"albumData": {"title": "Paris", "description": "Rain"}},
    ],
)
def test_an_album_is_told_in_both_forms(content: object) -> None:
    assert parse(json.dumps(content).encode()) == AlbumNote("Paris", "Rain")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{}",
        b"[]",
        b"null",
        b"1",
        b'"title"',
        b'{"title": 1}',
        b'{"title": NaN}',
        b"\xff\xfe\x00",
        b'{"comments": []}',
        b"[" * 100_000,
        b"1" * 10_000,
        b'{"title": "a", "title": 5}',
    ],
)
def test_what_is_no_json_of_a_photo_or_album_is_none(body: bytes) -> None:
    assert parse(body) is None


@pytest.mark.parametrize(
    "content", [{"title": "a.jpg"}, {"photoTakenTime": "then"}, {"photoTakenTime": {}}]
)
def test_a_photo_without_a_time_is_still_a_photo(content: object) -> None:
    note = parse(json.dumps(content).encode())
    assert isinstance(note, PhotoNote)
    assert "Takeout:PhotoTakenTime" not in note.tags


def test_a_json_with_a_byte_order_mark_is_read() -> None:
    assert parse(b'\xef\xbb\xbf{"title": "Paris"}') == AlbumNote("Paris", "")


def test_halves_of_characters_and_zeros_do_not_reach_the_database() -> None:
    found = tags(title="a\ud800b", description="c\0d")
    assert found == {"Takeout:Title": "a\ufffdb", "Takeout:Description": "c\ufffdd"}


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.sampled_from(["1560000000", "-1", "0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)
KEYS = [
    *("title", "description", "url", "favorited", "archived", "trashed", "people"),
    *("geoData", "geoDataExif", "photoTakenTime", "googlePhotosOrigin", "albumData"),
]
INNER = ["timestamp", "latitude", "longitude", "altitude", "name", "mobileUpload", "title"]


@given(
    st.dictionaries(
        st.sampled_from(KEYS),
        JSON_VALUES
        | st.dictionaries(st.sampled_from(INNER), JSON_VALUES)
        | st.lists(st.dictionaries(st.sampled_from(INNER), JSON_VALUES), max_size=3),
    )
)
def test_any_json_gives_tags_that_the_database_takes(content: dict[str, object]) -> None:
    note = parse(json.dumps(content).encode())
    if isinstance(note, PhotoNote):
        text = json.dumps(note.tags, allow_nan=False, ensure_ascii=False)
        assert "\\u0000" not in text
        text.encode()


@given(st.binary(max_size=200))
def test_any_bytes_are_read_without_a_crash(body: bytes) -> None:
    parse(body)
