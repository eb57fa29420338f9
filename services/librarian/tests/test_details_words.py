"""Rating, title, caption and keywords, and who of sidecar, file and Takeout is heard."""

import pytest
from librarian.details.projection import project

pytestmark = pytest.mark.unit

Tags = dict[str, object]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"XMP-xmp:Rating": 5}, 5),
        ({"XMP-xmp:Rating": 0}, 0),
        ({"XMP-xmp:Rating": -1}, -1),
        ({"XMP-xmp:Rating": "3"}, 3),
        ({"XMP-xmp:Rating": 4.0}, 4),
        ({"XMP-xmp:Rating": 6}, None),
        ({"XMP-xmp:Rating": -2}, None),
        ({"XMP-xmp:Rating": "five"}, None),
        ({"XMP-xmp:Rating": True}, None),
        ({"IFD0:Rating": 3, "IFD0:RatingPercent": 50}, 3),
        ({"XMP-xmp:Rating": 4, "IFD0:Rating": 2}, 4),
        ({"Keys:UserRating": 4}, 4),
        ({"XMP-microsoft:RatingPercent": 1}, 1),
        ({"XMP-microsoft:RatingPercent": 25}, 2),
        ({"IFD0:RatingPercent": 50}, 3),
        ({"IFD0:RatingPercent": 75}, 4),
        ({"Microsoft:SharedUserRating": 99}, 5),
        ({"Microsoft:SharedUserRating": 0}, 0),
        ({"Microsoft:SharedUserRating": 101}, None),
    ],
)
def test_stars_are_read_in_all_their_forms(tags: Tags, expected: int | None) -> None:
    assert project(tags, "photo").rating == expected


@pytest.mark.parametrize(
    ("tags", "title", "caption"),
    [
        ({"XMP-dc:Title": " Falcon "}, "Falcon", None),
        ({"IPTC:ObjectName": "Falcon"}, "Falcon", None),
        ({"Keys:Title": "Falcon", "Keys:Description": "It flies"}, "Falcon", "It flies"),
        ({"IFD0:XPTitle": "Falcon", "IFD0:XPComment": "It flies"}, "Falcon", "It flies"),
        ({"XMP-dc:Title": 2019, "XMP-dc:Description": 1.5}, "2019", "1.5"),
        ({"XMP-dc:Title": True}, "true", None),
        ({"XMP-dc:Title": "\x00 ", "XMP-dc:Description": ["a"]}, None, None),
        ({"XMP-dc:Description": "x" * 3000}, None, "x" * 2000),
        (
            {
                "IFD0:ImageDescription": "caf?",
                "IPTC:Caption-Abstract": "cafe",
                "XMP-dc:Description": "café",
            },
            None,
            "café",
        ),
        ({"IFD0:ImageDescription": "caf?", "IPTC:Caption-Abstract": "cafe"}, None, "cafe"),
        ({"IFD0:ImageDescription": "A walk"}, None, "A walk"),
    ],
)
def test_title_and_caption_are_those_of_the_best_schema(
    tags: Tags, title: str | None, caption: str | None
) -> None:
    found = project(tags, "photo")
    assert (found.title, found.caption) == (title, caption)


def test_iptc_counts_first_where_only_it_was_changed_later() -> None:
    tags: Tags = {
        "XMP-dc:Description": "old",
        "IPTC:Caption-Abstract": "new",
        "File:CurrentIPTCDigest": "aa",
    }
    assert project(tags, "photo").caption == "old"
    assert project({**tags, "Photoshop:IPTCDigest": "aa"}, "photo").caption == "old"
    assert project({**tags, "Photoshop:IPTCDigest": "bb"}, "photo").caption == "new"


@pytest.mark.parametrize(
    "words",
    [
        "SONY DSC",
        "OLYMPUS DIGITAL CAMERA",
        "OLYMPUS DIGITAL CAMERA         ",
        "MINOLTA DIGITAL CAMERA",
        "Digital Camera",
        "KODAK Digital Still Camera",
        "SAMSUNG CAMERA PICTURES",
        "Exif_JPEG_PICTURE",
        "DCIM\\100MEDIA\\DJI_0001.JPG",
        "DCIM/100MEDIA/DJI_0001.JPG",
        "E:\\DCIM\\100GOPRO\\GOPR0001.JPG",
        "IMG_1234.JPG",
        "DSC00019",
        "  ",
        "Quantum 7",
        "ACME",
    ],
)
def test_what_the_camera_wrote_is_no_caption(words: str) -> None:
    tags: Tags = {
        "IFD0:ImageDescription": words,
        "IFD0:Make": "Acme",
        "IFD0:Model": "Quantum 7",
    }
    assert project(tags, "photo").caption is None
    assert project({**tags, "XMP-dc:Description": words}, "photo").caption is None


@pytest.mark.parametrize(
    "words", ["My first digital camera", "Sony", "DSC", "Dcim", "IMG", "cof", "Olympus in the fog"]
)
def test_what_a_person_wrote_is_a_caption(words: str) -> None:
    assert project({"IFD0:ImageDescription": words}, "photo").caption == words


def test_a_mode_of_the_camera_is_no_caption_on_a_huawei() -> None:
    tags: Tags = {"IFD0:ImageDescription": "cof_soft", "IFD0:Make": "HUAWEI"}
    assert project(tags, "photo").caption is None
    tags["IFD0:ImageDescription"] = "In the garden"
    assert project(tags, "photo").caption == "In the garden"


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"XMP-dc:Subject": ["sea", "sun"]}, ("sea", "sun")),
        ({"XMP-dc:Subject": "sea"}, ("sea",)),
        ({"XMP-dc:Subject": [2019, True, "", " ", None, {}]}, ("2019", "true")),
        ({"XMP-dc:Subject": ["sea"], "IPTC:Keywords": ["Sea", "sun"]}, ("sea", "sun")),
        ({"XMP-lr:HierarchicalSubject": ["Places|Italy|Rome", "sea"]}, ("Rome", "sea")),
        ({"XMP-digiKam:TagsList": ["People/Marie Curie"]}, ("Marie Curie",)),
        ({"IFD0:XPKeywords": "sea; sun;;"}, ("sea", "sun")),
        ({"Keys:Keywords": "sea, sun"}, ("sea", "sun")),
        (
            {
                "XMP-dc:Subject": ["b", "a"],
                "XMP-lr:HierarchicalSubject": ["x|c", "x|a"],
                "IFD0:XPKeywords": "d;b",
            },
            ("b", "a", "c", "d"),
        ),
        # IPTC holds 64 bytes of a keyword.
        ({"XMP-dc:Subject": ["x" * 70], "IPTC:Keywords": ["x" * 64]}, ("x" * 70,)),
        ({"XMP-dc:Subject": [f"k{n}" for n in range(300)]}, tuple(f"k{n}" for n in range(200))),
    ],
)
def test_keywords_of_all_schemas_are_listed_once(tags: Tags, expected: tuple[str, ...]) -> None:
    assert project(tags, "photo").keywords == expected


EMBEDDED: Tags = {
    "XMP-xmp:Rating": 2,
    "XMP-dc:Title": "file",
    "XMP-dc:Description": "of the file",
    "XMP-dc:Subject": ["file"],
    "XMP-iptcExt:PersonInImage": ["Ann"],
}
SIDECAR: Tags = {
    "XMP-xmp:Rating": 0,
    "XMP-dc:Title": "sidecar",
    "XMP-dc:Description": "of the sidecar",
    "XMP-dc:Subject": ["sidecar"],
    "XMP-iptcExt:PersonInImage": ["Bob"],
}
TAKEOUT: Tags = {
    "Takeout:Title": "IMG_1.jpg",
    "Takeout:Description": "of Takeout",
    "Takeout:People": ["Eve"],
}


def heard(tags: Tags, sidecar: Tags, takeout: Tags) -> tuple[object, ...]:
    found = project(tags, "photo", sidecar, takeout)
    people = [person.name for person in found.people]
    return found.rating, found.title, found.caption, found.keywords, people


def test_the_sidecar_is_heard_before_the_file_and_the_file_before_takeout() -> None:
    assert heard(EMBEDDED, SIDECAR, TAKEOUT) == (
        0,
        "sidecar",
        "of the sidecar",
        ("sidecar",),
        ["Bob"],
    )
    assert heard(EMBEDDED, {}, TAKEOUT) == (2, "file", "of the file", ("file",), ["Ann"])
    assert heard({}, {}, TAKEOUT) == (None, None, "of Takeout", (), ["Eve"])


def test_what_a_sidecar_leaves_empty_takes_nothing_away() -> None:
    empty: Tags = {
        "XMP-xmp:Rating": "",
        "XMP-dc:Title": " ",
        "XMP-dc:Description": "",
        "XMP-dc:Subject": [],
        "XMP-mwg-rs:RegionInfo": {"RegionList": []},
    }
    assert heard(EMBEDDED, empty, {}) == heard(EMBEDDED, {}, {})
