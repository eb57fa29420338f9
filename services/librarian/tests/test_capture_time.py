from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from librarian.capture.decision import (
    FILE_NAME,
    FILE_TIME,
    CaptureTime,
    Evidence,
    decide,
)
from librarian.capture.location import location_of
from librarian.capture.sources import GPS_TIMES, MOVIE_TIMES, STILL_TIMES

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
MODIFIED = datetime(2026, 5, 30, 22, 15, tzinfo=UTC)
ROME = ZoneInfo("Europe/Rome")
MOVIE = {"File:MIMEType": "video/mp4"}

pytestmark = pytest.mark.unit


def decided(
    tags: Mapping[str, object], name: str = "x.jpg", home: ZoneInfo | None = None
) -> CaptureTime:
    return decide(Evidence(tags, name, MODIFIED), NOW, home)


def local(tags: Mapping[str, object], name: str = "x.jpg", home: ZoneInfo | None = None) -> str:
    return decided(tags, name, home).local.isoformat(" ")


def test_local_time_decides_and_utc_stands_beside_it() -> None:
    when = decided(
        {
            "ExifIFD:DateTimeOriginal": "2021:06:01 00:30:00",
            "ExifIFD:OffsetTimeOriginal": "+09:00",
            "ExifIFD:SubSecTimeOriginal": 123,
        }
    )
    assert replace(when, candidates=()) == CaptureTime(
        datetime(2021, 6, 1, 0, 30, 0, 123_000),  # noqa: DTZ001 - wall-clock digits
        datetime(2021, 5, 31, 15, 30, 0, 123_000, tzinfo=UTC),
        540,
        "ExifIFD:DateTimeOriginal",
        "high",
        "tag",
    )


def test_the_sources_are_tried_in_their_order() -> None:
    """Taking away the best source each time brings out the next."""
    tags: dict[str, object] = {
        "Keys:CreationDate": "2001:01:01 10:00:00+01:00",
        "ExifIFD:DateTimeOriginal": "2002:01:01 10:00:00",
        "XMP-exif:DateTimeOriginal": "2003:01:01 10:00:00",
        "XMP-photoshop:DateCreated": "2004:01:01 10:00:00",
        "IPTC:DateCreated": "2005:01:01",
        "ExifIFD:CreateDate": "2006:01:01 10:00:00",
        "XMP-xmp:CreateDate": "2007:01:01 10:00:00",
        "Composite:GPSDateTime": "2008:01:01 10:00:00Z",
        "PNG:CreationTime": "2010:01:01 10:00:00",
        "IFD0:ModifyDate": "2011:01:01 10:00:00",
    }
    years, sources = [], []
    name = "IMG_20090101_100000.jpg"
    while True:
        when = decided(tags, name)
        years.append(when.local.year)
        sources.append(when.source)
        if when.source == FILE_TIME:
            break
        if when.source == FILE_NAME:
            name = "x.jpg"
        else:
            del tags[when.source]
    assert years == [*range(2001, 2012), 2026]
    assert sources[8] == FILE_NAME


@pytest.mark.parametrize(
    "value",
    [
        "0000:00:00 00:00:00",
        "1904:01:01 00:00:00",
        "1970:01:01 00:00:00",
        "1970:01:01",
        "2099:01:01 10:00:00",
        "2026:06:04 12:00:00",
        "1801:01:01 10:00:00",
        "2021:02:30 10:00:00",
        "2021:103:12 10:00:00",
        "    :  :     :  :  ",
        "10:00:00",
        "nonsense",
        "",
        2021,
        None,
        ["2021:01:01 10:00:00"],
    ],
)
def test_what_cannot_be_true_is_passed_over(value: object) -> None:
    tags = {"ExifIFD:DateTimeOriginal": value, "ExifIFD:CreateDate": "2015:03:04 05:06:07"}
    assert decided(tags).source == "ExifIFD:CreateDate"


def test_a_clock_that_runs_a_day_ahead_is_believed() -> None:
    assert local({"ExifIFD:DateTimeOriginal": "2026:06:02 23:00:00"}) == "2026-06-02 23:00:00"


@pytest.mark.parametrize("value", ["2018:10:13 24:24:27", "2018-10-13", "2018:10:13 10:61:00"])
def test_an_impossible_or_missing_clock_leaves_the_day(value: str) -> None:
    when = decided({"ExifIFD:DateTimeOriginal": value, "ExifIFD:OffsetTimeOriginal": "-07:00"})
    assert when.local.date().isoformat() == "2018-10-13"
    assert when.utc is None


@pytest.mark.parametrize("offset", ["+99:00", "+01:07", "07", "", "   :  ", 60])
def test_an_impossible_offset_is_no_offset(offset: object) -> None:
    tags = {
        "ExifIFD:DateTimeOriginal": "2021:06:01 10:00:00",
        "ExifIFD:OffsetTimeOriginal": offset,
    }
    assert decided(tags).offset_minutes is None


def test_the_offset_of_the_last_change_is_not_that_of_the_photo() -> None:
    tags = {"ExifIFD:DateTimeOriginal": "2016:02:03 00:05:06", "ExifIFD:OffsetTime": "+01:00"}
    assert decided(tags).offset_minutes is None


@pytest.mark.parametrize(
    ("satellite", "minutes"),
    [
        ("2023:11:29 04:37:30Z", -480),
        ("2023:11:28 15:07:36Z", 330),
        ("2023:11:28 15:00:00Z", None),  # no zone is 5 hours and 37 minutes ahead
        ("2023:11:27 04:37:30Z", None),
        ("1980:01:06 00:00:00Z", None),
    ],
)
def test_satellites_tell_the_offset_of_a_still(satellite: str, minutes: int | None) -> None:
    when = decided(
        {
            "ExifIFD:DateTimeOriginal": "2023:11:28 20:37:36",
            "Composite:GPSDateTime": satellite,
        },
        home=ROME,
    )
    assert when.local.isoformat(" ") == "2023-11-28 20:37:36"
    assert when.offset_minutes == minutes


def test_gps_time_in_two_tags_is_read() -> None:
    tags = {"GPS:GPSDateStamp": "2023:11:28", "GPS:GPSTimeStamp": "23:30:00"}
    assert local(tags, home=ROME) == "2023-11-29 00:30:00"


def test_a_movie_in_utc_becomes_local_by_the_home_zone() -> None:
    tags = {**MOVIE, "QuickTime:CreateDate": "2021:07:12 23:30:11"}
    assert local(tags) == "2021-07-12 23:30:11"
    when = decided(tags, home=ROME)
    assert when.local.isoformat(" ") == "2021-07-13 01:30:11"
    assert when.offset_minutes == 120
    assert when.utc == datetime(2021, 7, 12, 23, 30, 11, tzinfo=UTC)


def test_a_movie_that_says_its_zone_needs_no_home() -> None:
    tags = {
        **MOVIE,
        "Keys:CreationDate": "2018:06:21 23:30:00-07:00",
        "QuickTime:CreateDate": "2018:06:22 06:30:00",
    }
    when = decided(tags, home=ROME)
    assert when.local.isoformat(" ") == "2018-06-21 23:30:00"
    assert when.utc == datetime(2018, 6, 22, 6, 30, tzinfo=UTC)


def test_the_local_time_in_a_name_tells_the_zone_of_a_movie() -> None:
    tags = {**MOVIE, "QuickTime:CreateDate": "2021:07:12 18:30:20"}
    when = decided(tags, "VID_20210713_000005.mp4", ROME)
    assert when.local.isoformat(" ") == "2021-07-13 00:00:20"
    assert when.offset_minutes == 330


def test_a_camera_that_writes_local_time_where_utc_belongs_is_not_shifted() -> None:
    tags = {**MOVIE, "QuickTime:CreateDate": "2021:07:12 23:30:11"}
    by_name = decided(tags, "VID_20210712_233011.mp4", ROME)
    by_make = decided({**tags, "IFD0:Make": "NIKON CORPORATION"}, home=ROME)
    for when in (by_name, by_make):
        assert when.local.isoformat(" ") == "2021-07-12 23:30:11"
        assert when.utc is None


@pytest.mark.parametrize(
    "value", ["0000:00:00 00:00:00", "1904:01:01 00:00:00", "1955:07:12 23:30:11"]
)
def test_a_movie_counted_from_the_wrong_epoch_falls_back_to_its_name(value: str) -> None:
    tags = {**MOVIE, "QuickTime:CreateDate": value}
    assert local(tags, "VID_20150414_134951.mov") == "2015-04-14 13:49:51"


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("IMG_20190708_101112.jpg", "2019-07-08 10:11:12"),
        ("IMG20190708101112.jpg", "2019-07-08 10:11:12"),
        ("20190708_101112_HDR.jpg", "2019-07-08 10:11:12"),
        ("VID_20150414_134951.mov", "2015-04-14 13:49:51"),
        ("MVIMG_20190708_101112.jpg", "2019-07-08 10:11:12"),
        ("00000IMG_00000_BURST20190708101112345_COVER.jpg", "2019-07-08 10:11:12.345000"),
        ("Screenshot_20190919-053857_Camera.png", "2019-09-19 05:38:57"),
        ("Screenshot 2019-09-19 at 05.38.57.png", "2019-09-19 05:38:57"),
        ("Screen Shot 2019-09-19 at 5.38.57 PM.png", "2019-09-19 17:38:57"),
        ("Screen Shot 2019-09-19 at 12.38.57 AM.png", "2019-09-19 00:38:57"),
        ("signal-2018-08-21-100217.jpg", "2018-08-21 10:02:17"),
        ("2011-07-19 11.36.39.jpg", "2011-07-19 11:36:39"),
        ("WhatsApp Image 2020-03-07 at 12.34.56.jpeg", "2020-03-07 12:34:56"),
        ("IMG-20200307-WA0001.jpg", "2020-03-07 12:00:00"),
        ("2015-02-04(1).jpg", "2015-02-04 12:00:00"),
        ("PXL_20210713_023000784.jpg", "2021-07-13 02:30:00.784000"),
        ("nach 中文 IMG_20190708_101112.jpg", "2019-07-08 10:11:12"),
    ],
)
def test_a_date_in_the_name_is_found(name: str, moment: str) -> None:
    assert decided({}, name).source == FILE_NAME
    assert local({}, name) == moment


@pytest.mark.parametrize(
    "name",
    [
        "9e8449ee-9f27-440f-949b-69f98a200921.jpg",
        "VID_96190107_003919_772.jpg",
        "1562580672000.jpg",
        "IMG_20190708_101112345678.jpg",
        "IMG_20191308_101112.jpg",
        "IMG_20190708_256112.jpg",
        "x20190708_101112.jpg",
        "DSC_0001.JPG",
        "IMG_20990101_101112.jpg",
        "550e8400-2015-02-04aa.jpg",
    ],
)
def test_a_number_in_the_name_is_not_taken_for_a_date(name: str) -> None:
    assert decided({}, name).source == FILE_TIME


def test_a_pixel_writes_utc_into_the_name() -> None:
    when = decided({}, "PXL_20210713_233000784.jpg", ROME)
    assert when.local.isoformat(" ") == "2021-07-14 01:30:00.784000"


def test_the_name_comes_before_the_last_change_and_after_embedded_dates() -> None:
    tags: dict[str, object] = {"IFD0:ModifyDate": "2022:09:10 11:12:13"}
    assert decided(tags, "IMG_20190708_101112.jpg").source == FILE_NAME
    tags["ExifIFD:CreateDate"] = "2018:01:02 03:04:05"
    assert decided(tags, "IMG_20190708_101112.jpg").source == "ExifIFD:CreateDate"


def test_the_file_time_is_the_last_resort_and_follows_the_home_zone() -> None:
    assert replace(decided({}), candidates=()) == CaptureTime(
        datetime(2026, 5, 30, 22, 15),  # noqa: DTZ001 - wall-clock digits
        MODIFIED,
        None,
        FILE_TIME,
        "none",
        None,
    )
    assert local({}, home=ROME) == "2026-05-31 00:15:00"


DIGITS = st.from_regex(
    r"\A[0-9]{4}[:-][0-9]{2}[:-][0-9]{2}"
    r"( [0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?)?\Z"
)
NAMES = sorted(
    {tag.name for tag in (*STILL_TIMES, *MOVIE_TIMES, *GPS_TIMES)} | {"ExifIFD:OffsetTimeOriginal"}
)


@given(
    tags=st.dictionaries(
        st.sampled_from(NAMES), DIGITS | st.text(max_size=30) | st.integers() | st.floats()
    ),
    is_movie=st.booleans(),
    name=st.text(max_size=30),
    home=st.sampled_from([None, ROME, ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Asia/Kolkata")]),
)
def test_there_is_always_one_answer_that_agrees_with_itself(
    tags: dict[str, object],
    is_movie: bool,  # noqa: FBT001 - drawn
    name: str,
    home: ZoneInfo | None,
) -> None:
    when = decided({**tags, **(MOVIE if is_movie else {})}, name, home)
    assert 1825 <= when.local.year <= 2026
    assert when.local.tzinfo is None
    if when.offset_minutes is not None:
        assert when.utc is not None
        shifted = when.utc + timedelta(minutes=when.offset_minutes)
        assert shifted.replace(tzinfo=None) == when.local


def test_south_and_west_are_negative() -> None:
    found = location_of(
        {
            "GPS:GPSLatitude": 33.4489,
            "GPS:GPSLongitude": 70.6693,
            "Composite:GPSLatitude": -33.4489,
            "Composite:GPSLongitude": -70.6693,
            "Composite:GPSAltitude": 570,
        }
    )
    assert found is not None
    assert (found.latitude, found.longitude, found.altitude) == (-33.4489, -70.6693, 570.0)


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        (0, 0),
        (91, 10),
        (10, -181),
        ("undef", 10),
        (None, 10),
        ("nan", 10),
        ("inf", 10),
        (float("nan"), 10),
    ],
)
def test_a_position_that_cannot_be_is_none(latitude: object, longitude: object) -> None:
    tags = {"Composite:GPSLatitude": latitude, "Composite:GPSLongitude": longitude}
    assert location_of(tags) is None


def test_an_unsigned_position_alone_is_not_used() -> None:
    assert location_of({"GPS:GPSLatitude": 33.4, "GPS:GPSLongitude": 70.6}) is None


def test_the_equator_and_the_meridian_of_greenwich_are_places() -> None:
    assert location_of({"Composite:GPSLatitude": 51.5, "Composite:GPSLongitude": 0}) is not None
    absurd = {"Composite:GPSLatitude": 0, "Composite:GPSLongitude": 9, "Composite:GPSAltitude": 1e9}
    found = location_of(absurd)
    assert found is not None
    assert found.altitude is None
