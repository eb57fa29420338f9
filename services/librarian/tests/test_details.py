"""Columns out of tags: exposure, codecs, colours, special types; one row for each rule."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from librarian.details.codecs import audio_word, matroska_word, video_word
from librarian.details.details import COLUMNS, Details, Person
from librarian.details.projection import project
from librarian.details.special_types import SPECIAL_TYPES
from librarian.tag_values import MAX_CHARACTERS, MAX_ITEMS, clean_tags

pytestmark = pytest.mark.unit

Tags = dict[str, object]
GOOGLE = "com.google.android.apps.camera.gallery.specialtype.SpecialType-"


def field(name: str, tags: Tags, media_type: str = "photo") -> object:
    return getattr(project(tags, media_type), name)


@pytest.mark.parametrize(
    ("name", "tags", "expected"),
    [
        ("exposure_seconds", {"ExifIFD:ExposureTime": 0.002}, 0.002),
        ("exposure_seconds", {"ExifIFD:ExposureTime": "1/500"}, None),
        ("exposure_seconds", {"ExifIFD:ExposureTime": 0, "Composite:ShutterSpeed": 2}, 2),
        ("exposure_seconds", {"ExifIFD:ExposureTime": -1}, None),
        ("exposure_seconds", {"ExifIFD:ExposureTime": 4e9}, None),
        ("exposure_seconds", {"ExifIFD:ExposureTime": "inf"}, None),
        ("exposure_seconds", {"ExifIFD:ExposureTime": True}, None),
        ("f_number", {"ExifIFD:FNumber": 1.8}, 1.8),
        ("f_number", {"ExifIFD:FNumber": "undef", "Composite:Aperture": 4}, 4),
        ("f_number", {"ExifIFD:FNumber": 65535}, None),
        ("iso", {"ExifIFD:ISO": 100}, 100),
        ("iso", {"ExifIFD:ISO": "100 0"}, 100),
        ("iso", {"ExifIFD:ISO": [160, 0]}, 160),
        ("iso", {"ExifIFD:ISO": 65535, "ExifIFD:RecommendedExposureIndex": 102400}, 102400),
        ("iso", {"ExifIFD:ISO": 65535}, 65535),
        ("iso", {"Composite:ISO": 199.6}, 200),
        ("iso", {"ExifIFD:ISO": 0.2}, None),
        ("iso", {"ExifIFD:ISO": 10**14}, None),
        ("focal_length_mm", {"ExifIFD:FocalLength": 4.25}, 4.25),
        ("focal_length_mm", {"ExifIFD:FocalLength": 0}, None),
        ("focal_length_35mm", {"ExifIFD:FocalLengthIn35mmFormat": 26}, 26),
        (
            "focal_length_35mm",
            {"Composite:FocalLength35efl": 63.4921, "Composite:ScaleFactor35efl": 1.587},
            63.5,
        ),
        ("focal_length_35mm", {"Composite:FocalLength35efl": 4.25}, None),
    ],
)
def test_the_exposure_is_read_where_it_can_be_true(name: str, tags: Tags, expected: object) -> None:
    assert field(name, tags) == expected


@pytest.mark.parametrize(
    ("tags", "video", "audio", "rate"),
    [
        (
            {
                "Track1:CompressorID": "hvc1",
                "Track1:VideoFrameRate": 59.94005994,
                "Track2:AudioFormat": "mp4a",
                "Track3:AudioFormat": "apac",
            },
            "hevc",
            "aac",
            59.94,
        ),
        # The poster frame of some cameras is a track before that of the film.
        (
            {
                "Track1:CompressorID": "jpeg",
                "Track1:VideoFrameRate": 1,
                "Track2:CompressorID": "avc1",
                "Track2:VideoFrameRate": 25,
            },
            "h264",
            None,
            25,
        ),
        ({"Track1:CompressorID": "mjpa", "Track1:AudioFormat": "raw "}, "mjpeg", "pcm", None),
        # ExifTool's name depends on the order in the file.
        (
            {"Track1:CodecID": "V_VP9", "Track2:CodecID": "A_OPUS", "Track1:VideoFrameRate": 30},
            "vp9",
            "opus",
            30,
        ),
        (
            {"Track2:VideoCodecID": "V_MPEGH/ISO/HEVC", "Track1:AudioCodecID": "A_AAC/MPEG4/LC"},
            "hevc",
            "aac",
            None,
        ),
        (
            {"RIFF:VideoCodec": "MJPG", "RIFF:Encoding": 1, "RIFF:FrameRate": 29.97},
            "mjpeg",
            "pcm",
            29.97,
        ),
        ({"M2TS:VideoStreamType": 27, "M2TS:AudioStreamType": 129}, "h264", "ac3", None),
        ({"Flash:VideoEncoding": 7, "Flash:AudioEncoding": 10}, "h264", "aac", None),
        ({"Track1:CompressorID": "x3y2"}, "x3y2", None, None),
        ({"Track1:CompressorID": "\x00 !"}, None, None, None),
        ({"Track1:VideoFrameRate": 90_000}, None, None, None),
        ({"Track1:VideoFrameRate": 0}, None, None, None),
    ],
)
def test_codecs_and_frame_rate_come_from_the_container(
    tags: Tags, video: str | None, audio: str | None, rate: float | None
) -> None:
    found = project(tags, "video")
    assert (found.video_codec, found.audio_codec, found.frame_rate) == (video, audio, rate)


def test_a_photo_has_no_codec() -> None:
    found = project({"Track1:CompressorID": "hvc1", "Track1:VideoFrameRate": 30}, "photo")
    assert (found.video_codec, found.audio_codec, found.frame_rate) == (None, None, None)


def test_codecs_have_one_word_each() -> None:
    assert {video_word(code) for code in ("avc1", "H264", "avc3 ")} == {"h264"}
    assert {video_word(code) for code in ("apch", "apcn", "ap4h")} == {"prores"}
    assert video_word("av01") == matroska_word("V_AV1") == "av1"
    assert audio_word("lpcm") == matroska_word("A_PCM/INT/LIT") == "pcm"
    assert matroska_word("S_TEXT/UTF8") is None
    assert video_word(None) is audio_word(7) is matroska_word([]) is None


@pytest.mark.parametrize(
    ("media_type", "tags", "expected"),
    [
        ("video", {"Track1:TransferCharacteristics": 1, "Track1:CompressorID": "avc1"}, "sdr"),
        ("video", {"Track1:TransferCharacteristics": 16, "Track1:CompressorID": "hvc1"}, "hdr10"),
        ("video", {"Track2:TransferCharacteristics": 18, "Track2:CompressorID": "hvc1"}, "hlg"),
        ("video", {"Track1:CompressorID": "dvh1"}, "dolby vision"),
        ("video", {"Track1:CompressorID": "avc1"}, None),
        ("video", {"Track1:TransferCharacteristics": 2, "Track1:CompressorID": "avc1"}, None),
        ("photo", {"QuickTime:TransferCharacteristics": 16}, "hdr10"),
        ("photo", {"PNG-cICP:TransferCharacteristics": 18}, "hlg"),
        ("photo", {"Canon:HDR-PQ": 1}, "hdr10"),
        ("photo", {"XMP-hdrgm:Version": 1.0, "QuickTime:TransferCharacteristics": 13}, "gain map"),
        ("photo", {"XMP-HDRGainMap:HDRGainMapVersion": 65536}, "gain map"),
        ("photo", {"MPImage2:MPImageType": 0x050000}, "gain map"),
        (
            "photo",
            {"QuickTime:AuxiliaryImageType": "urn:com:apple:photo:2020:aux:hdrgainmap"},
            "gain map",
        ),
        (
            "photo",
            {
                "XMP-Container:Directory": [
                    {"Item": {"Semantic": "Primary"}},
                    {"Item": {"Semantic": "GainMap"}},
                ]
            },
            "gain map",
        ),
        ("photo", {"XMP-GContainer:ContainerDirectory": [{"Item": {"Semantic": "Video"}}]}, None),
        ("photo", {"QuickTime:TransferCharacteristics": 13}, None),
    ],
)
def test_the_dynamic_range_is_named_where_it_is_known(
    media_type: str, tags: Tags, expected: str | None
) -> None:
    assert field("dynamic_range", tags, media_type) == expected


@pytest.mark.parametrize(
    ("media_type", "tags", "expected"),
    [
        ("photo", {"ICC_Profile:ProfileDescription": "Display P3"}, "Display P3"),
        (
            "photo",
            {"ICC_Profile:ProfileDescription": "Display P3", "ExifIFD:ColorSpace": 1},
            "Display P3",
        ),
        ("photo", {"ExifIFD:ColorSpace": 1}, "sRGB"),
        ("photo", {"ExifIFD:ColorSpace": 65535, "InteropIFD:InteropIndex": "R03"}, "Adobe RGB"),
        ("photo", {"ExifIFD:ColorSpace": 65535}, None),
        (
            "photo",
            {"QuickTime:ColorPrimaries": 1, "QuickTime:TransferCharacteristics": 13},
            "sRGB",
        ),
        ("photo", {"QuickTime:ColorPrimaries": 12}, "Display P3"),
        ("video", {"Track1:ColorPrimaries": 9, "Track1:CompressorID": "hvc1"}, "BT.2020"),
        ("video", {}, None),
    ],
)
def test_the_colour_profile_is_named(media_type: str, tags: Tags, expected: str | None) -> None:
    assert field("color_profile", tags, media_type) == expected


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"ExifIFD:CustomRendered": 6}, "panorama"),
        ({"XMP-GPano:ProjectionType": "cylindrical"}, "panorama"),
        (
            {
                "XMP-GPano:ProjectionType": "equirectangular",
                "XMP-GPano:FullPanoWidthPixels": 12000,
                "XMP-GPano:CroppedAreaImageWidthPixels": 5000,
            },
            "panorama",
        ),
        ({"Sony:PanoramaFullWidth": 8192}, "panorama"),
        ({"FujiFilm:PanoramaAngle": 120}, "panorama"),
        ({"MPImage1:MPImageType": 0x020001}, "panorama"),
        ({"ExifIFD:CustomRendered": 7}, "portrait"),
        ({"ExifIFD:CustomRendered": 8}, "portrait"),
        ({"Apple:ImageCaptureType": 2}, "portrait"),
        ({"XMP-GCamera:SpecialTypeID": [GOOGLE + "PORTRAIT"]}, "portrait"),
        ({"XMP-GDepth:Mime": "image/jpeg"}, "portrait"),
        ({"Samsung:DepthMapName": "DualShot_DepthMap_1"}, "portrait"),
        ({"Apple:BurstUUID": "2A9D"}, "burst"),
        ({"XMP-GCamera:BurstID": "7f"}, "burst"),
        ({"Panasonic:TimerRecording": 1}, "time_lapse"),
        ({"MPImage2:MPImageType": 0x020002}, "spatial"),
        (
            {
                "File:FileType": "DNG",
                "IFD0:Make": "Apple",
                "SubIFD:PhotometricInterpretation": 34892,
            },
            "proraw",
        ),
        ({"ExifIFD:UserComment": "Screenshot"}, "screenshot"),
        ({"XMP-exif:UserComment": "Screenshot"}, "screenshot"),
        ({"XMP-GCamera:MotionPhoto": 1}, "motion_photo"),
        ({"Samsung:EmbeddedVideoType": "MotionPhoto_Data"}, "motion_photo"),
        ({"Apple:MediaGroupUUID": "4636"}, "live_photo"),
        ({"Apple:ContentIdentifier": "4636"}, "live_photo"),
        ({"XMP-GPano:ProjectionType": "equirectangular"}, "spherical"),
        ({"XMP-GCamera:SpecialTypeID": GOOGLE + "PHOTOSPHERE"}, "spherical"),
    ],
)
def test_a_special_photo_is_told_by_its_tags(tags: Tags, expected: str) -> None:
    assert project(tags, "photo").special_types == (expected,)


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"ExifIFD:CustomRendered": 3},
        {"FujiFilm:PanoramaAngle": 0},
        {"XMP-GCamera:MotionPhoto": 0},
        # A mosaic from another app of the same telephone.
        {"File:FileType": "DNG", "IFD0:Make": "Apple", "SubIFD:PhotometricInterpretation": 32803},
        {"File:FileType": "DNG", "IFD0:Make": "DJI", "SubIFD:PhotometricInterpretation": 34892},
        {"ExifIFD:UserComment": "Screenshot of the month"},
        {"XMP-GCamera:SpecialTypeID": [GOOGLE + "NIGHT"], "XMP-GCamera:BurstID": "7f"},
        {"MPImage2:MPImageType": 0x010002},
    ],
)
def test_an_ordinary_photo_is_nothing_special(tags: Tags) -> None:
    assert project(tags, "photo").special_types == ()


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"Keys:AndroidCaptureFPS": 240, "Track1:VideoFrameRate": 30}, ("slow_motion",)),
        ({"Keys:AndroidCaptureFps": "120.0"}, ("slow_motion",)),
        ({"Keys:AndroidCaptureFPS": 30, "Track1:VideoFrameRate": 29.9}, ()),
        ({"Keys:AndroidCaptureFPS": 60, "Track1:VideoFrameRate": 59.9}, ()),
        ({"Keys:Make": "Apple", "Track1:VideoFrameRate": 239.8}, ("slow_motion",)),
        (
            {
                "Keys:Make": "Apple",
                "Track1:VideoFrameRate": 119.9,
                "Keys:FullFrameRatePlaybackIntent": 1,
            },
            (),
        ),
        ({"Keys:Make": "GoPro", "Track1:VideoFrameRate": 119.9}, ()),
        (
            {
                "XML:VideoFormatVideoFrameCaptureFps": "119.88p",
                "XML:VideoFormatVideoFrameFormatFps": "29.97p",
            },
            ("slow_motion",),
        ),
        (
            {
                "XML:VideoFormatVideoFrameCaptureFps": "25p",
                "XML:VideoFormatVideoFrameFormatFps": "25p",
            },
            (),
        ),
        ({"Keys:CaptureMode": "Time-lapse"}, ("time_lapse",)),
        ({"Keys:ApplePhotosCaptureMode": "Time-lapse"}, ("time_lapse",)),
        ({"Keys:AndroidCaptureFPS": 3, "Track1:VideoFrameRate": 30}, ("time_lapse",)),
        ({"Keys:SpatialFormat-version": "1.0"}, ("spatial",)),
        ({"Track1:Stereoscopic3D": 2}, ("spatial",)),
        ({"Track1:Stereoscopic3D": 0}, ()),
        ({"XMP-GSpherical:Spherical": True}, ("spherical",)),
        ({"XMP-GSpherical:Spherical": "true"}, ("spherical",)),
        ({"Track1:ProjectionType": 1}, ("spherical",)),
        ({"Track1:ProjectionType": 0}, ()),
        ({"Keys:ContentIdentifier": "4636"}, ("live_photo",)),
        ({"Keys:MediaGroupUUID": "4636"}, ("live_photo",)),
    ],
)
def test_a_special_video_is_told_by_its_tags(tags: Tags, expected: tuple[str, ...]) -> None:
    assert project(tags, "video").special_types == expected


def test_favourites_and_the_archive_come_from_takeout() -> None:
    found = project({}, "photo", takeout={"Takeout:Favorited": True, "Takeout:Archived": True})
    assert (found.is_favorite, found.is_archived) == (True, True)
    assert project({}, "photo") == Details()


def test_columns_are_ready_for_json_and_leave_out_what_is_not_known_of_a_person() -> None:
    details = Details(
        iso=100,
        keywords=("sea",),
        people=(Person("Ann", "face", 0.5, 0.25, 0.1, 0.2), Person("Bob", "person")),
    )
    columns = details.columns()
    assert json.loads(json.dumps(columns)) == columns
    assert tuple(columns) == COLUMNS
    assert columns["people"] == [
        {"name": "Ann", "kind": "face", "x": 0.5, "y": 0.25, "width": 0.1, "height": 0.2},
        {"name": "Bob", "kind": "person"},
    ]


READ_TAGS = (
    *("ExifIFD:ExposureTime", "ExifIFD:FNumber", "ExifIFD:ISO", "ExifIFD:FocalLength"),
    *("Composite:FocalLength35efl", "Composite:ScaleFactor35efl", "ExifIFD:ColorSpace"),
    *("Track1:CompressorID", "Track1:CodecID", "Track2:AudioFormat", "Track1:VideoFrameRate"),
    *("Track1:TransferCharacteristics", "Track1:ColorPrimaries", "Track1:ProjectionType"),
    *("QuickTime:TransferCharacteristics", "QuickTime:ColorPrimaries", "RIFF:Encoding"),
    *("ICC_Profile:ProfileDescription", "XMP-GContainer:ContainerDirectory"),
    *("XMP-xmp:Rating", "IFD0:RatingPercent", "XMP-dc:Title", "XMP-dc:Description"),
    *("IPTC:Caption-Abstract", "IFD0:ImageDescription", "IFD0:XPKeywords", "IFD0:Make"),
    *("XMP-dc:Subject", "IPTC:Keywords", "XMP-lr:HierarchicalSubject", "XMP-GCamera:BurstID"),
    *("XMP-mwg-rs:RegionInfo", "XMP-MP:RegionInfoMP", "XMP-iptcExt:PersonInImage"),
    *("Takeout:People", "Takeout:Description", "Takeout:Favorited", "XMP-GPano:ProjectionType"),
    *("XMP-GPano:FullPanoWidthPixels", "XMP-GCamera:SpecialTypeID", "Keys:AndroidCaptureFPS"),
    *("XML:VideoFormatVideoFrameCaptureFps", "XML:VideoFormatVideoFrameFormatFps"),
    *("File:MIMEType", "IFD0:Orientation", "File:ImageWidth", "File:ImageHeight"),
)
KEYS = ("RegionList", "Regions", "Area", "Name", "Type", "Rectangle", "PersonDisplayName",
        "AppliedToDimensions", "X", "Y", "W", "H", "Unit", "Item", "Semantic")  # fmt: skip
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=10)
    | st.sampled_from(
        ["1", "6", "-1", "0.1, 0.2, 0.3, 0.4", "Face", "pixel", "video/mp4", "1e999"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3)
    ),
    max_leaves=5,
)
BAG = st.dictionaries(st.sampled_from(READ_TAGS), ANYTHING, max_size=6)


@settings(max_examples=100)
@given(BAG, BAG, BAG, st.sampled_from(["photo", "video"]))
def test_no_tags_break_it_and_all_that_comes_out_is_within_bounds(
    tags: Tags, sidecar: Tags, takeout: Tags, media_type: str
) -> None:
    found = project(tags, media_type, sidecar, takeout)
    json.dumps(found.columns(), allow_nan=False).encode()
    for number in (found.exposure_seconds, found.f_number, found.iso, found.frame_rate):
        assert number is None or number > 0
    assert found.rating is None or -1 <= found.rating <= 5
    assert set(found.special_types) <= set(SPECIAL_TYPES)
    assert len(found.keywords) <= MAX_ITEMS
    for text in (found.title, found.caption, *found.keywords):
        assert text is None or (0 < len(text) <= MAX_CHARACTERS and text == text.strip())
    for person in found.people:
        assert person.name
        area = (person.x, person.y, person.width, person.height)
        assert all(one is None for one in area) or all(
            one is not None and 0 <= one <= 1 for one in area
        )


@settings(max_examples=50)
@given(BAG, st.sampled_from(["photo", "video"]))
def test_it_reads_the_same_before_and_after_storage(tags: Tags, media_type: str) -> None:
    stored = clean_tags(tags)
    again = json.loads(json.dumps(stored))
    assert project(stored, media_type) == project(again, media_type)
