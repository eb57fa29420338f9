"""What holds of every decision on a time of capture, whatever the evidence."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from librarian.capture.decision import (
    FILE_NAME,
    FILE_TIME,
    ORIGINAL,
    CaptureTime,
    Correction,
    Evidence,
    decide,
    has_original,
)
from librarian.capture.location import location_of
from librarian.capture.sources import (
    EDITED_TIMES,
    GPS_TIMES,
    LATE_TIMES,
    MOVIE_TIMES,
    SIDECAR_TIMES,
    STILL_TIMES,
)
from librarian.capture.zones import zone_at
from librarian.metadata import MetadataReader

REAL_MEDIA = Path(__file__).resolve().parents[4] / "shared" / "media"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
LATEST = NOW.replace(tzinfo=None) + timedelta(hours=36)
MODIFIED = datetime(2026, 5, 30, 22, 15, tzinfo=UTC)
MOVIE = {"File:MIMEType": "video/mp4"}
HOMES = [None, *map(ZoneInfo, ("Europe/Rome", "Pacific/Kiritimati", "Asia/Kolkata", "Etc/GMT+12"))]

pytestmark = pytest.mark.unit

DIGITS = st.from_regex(
    r"\A[0-9]{4}[:-][0-9]{2}[:-][0-9]{2}"
    r"( [0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?)?\Z"
)


def written(first: str, last: str) -> st.SearchStrategy[str]:
    moments = st.datetimes(datetime.fromisoformat(first), datetime.fromisoformat(last))
    return moments.map(lambda moment: moment.strftime("%Y:%m:%d %H:%M:%S"))


DATES, RECENT = written("1800-01-01", "2031-01-01"), written("2026-05-29", "2026-06-05")
OFFSETS = st.sampled_from(["Z", "+14:00", "-12:00", "+05:45", "+02:00", "+99:99", ""])
ZONED = st.tuples(RECENT | DATES, OFFSETS).map("".join)
VALUES = (
    ZONED
    | DIGITS
    | st.text(max_size=30)
    | st.integers()
    | st.floats()
    | st.lists(DATES, max_size=2)
)
NAMES = sorted(
    {tag.name for tag in (*STILL_TIMES, *MOVIE_TIMES, *GPS_TIMES, *LATE_TIMES)}
    | {name for tag in STILL_TIMES for name, _ in tag.offsets}
)
DEGREES = st.floats(-200, 200) | st.sampled_from([0, 48.85, 2.3, -70.7, "undef"])
PLACES = st.fixed_dictionaries(
    {}, optional={"Composite:GPSLatitude": DEGREES, "Composite:GPSLongitude": DEGREES}
)
TAGS = st.builds(
    lambda dates, places, kind: {**dates, **places, **kind},
    st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6),
    PLACES,
    st.sampled_from([{}, MOVIE, {**MOVIE, "IFD0:Make": "Canon"}, {**MOVIE, "Keys:Make": "Apple"}]),
)
SIDECARS = st.dictionaries(
    st.sampled_from([tag.name for tag in (*EDITED_TIMES, *SIDECAR_TIMES)]), VALUES, max_size=3
)
TAKEOUTS = st.fixed_dictionaries(
    {},
    optional={
        "Takeout:PhotoTakenTime": st.integers(-5_000_000_000, 5_000_000_000)
        | st.integers()
        | st.text(max_size=9),
        "Takeout:Latitude": DEGREES,
        "Takeout:Longitude": DEGREES,
    },
)
FILE_NAMES = st.text(max_size=30) | (RECENT | DATES).map(
    lambda text: f"IMG_{text.replace(':', '').replace(' ', '_')}.jpg"
)
STILLS = st.builds(
    lambda tags, home: decide(Evidence(tags, "x.jpg", MODIFIED), NOW, home),
    TAGS,
    st.sampled_from(HOMES),
)
EVIDENCE = st.builds(
    Evidence,
    tags=TAGS,
    name=FILE_NAMES,
    modified=st.datetimes(timezones=st.just(UTC)) | st.just(MODIFIED),
    sidecar=SIDECARS,
    takeout=TAKEOUTS,
    paired=st.none() | STILLS,
)


@given(evidence=EVIDENCE, home=st.sampled_from(HOMES), has_places=st.booleans())
def test_there_is_always_one_answer_that_is_no_future_and_states_its_zone(
    evidence: Evidence,
    home: ZoneInfo | None,
    has_places: bool,  # noqa: FBT001 - drawn
) -> None:
    when = decide(evidence, NOW, home, zone_at if has_places else None)
    assert when.local.tzinfo is None
    assert when.local.year >= 1825
    assert when.local <= LATEST
    assert_zone_is_stated(when)
    assert_candidates_agree(when)


@given(
    local=st.datetimes(),
    offset=st.none() | st.integers(-14 * 60, 14 * 60),
    evidence=EVIDENCE,
)
def test_a_person_is_always_believed(
    local: datetime, offset: int | None, evidence: Evidence
) -> None:
    said = Evidence(
        evidence.tags,
        evidence.name,
        evidence.modified,
        evidence.sidecar,
        evidence.takeout,
        evidence.paired,
        Correction(local, offset),
    )
    when = decide(said, NOW, None, zone_at)
    assert (when.local, when.source, when.confidence) == (local, "correction", "high")
    assert_zone_is_stated(when)


def assert_zone_is_stated(when: CaptureTime) -> None:
    assert (when.offset_minutes is None) == (when.offset_source is None)
    if when.offset_minutes is not None:
        assert when.utc is not None
        assert when.utc.utcoffset() == timedelta()
        shifted = when.utc + timedelta(minutes=when.offset_minutes)
        assert shifted.replace(tzinfo=None) == when.local
    elif when.utc is not None:
        assert when.utc.replace(tzinfo=None) == when.local  # UTC, for want of any zone


def assert_candidates_agree(when: CaptureTime) -> None:
    assert 1 <= len(when.candidates) <= 12
    assert all(len(candidate.text) <= 60 for candidate in when.candidates)
    assert [one.source for one in when.candidates if not one.reason] == [when.source]


@given(TAGS)
def test_the_quick_question_is_answered_as_the_decision_is(tags: dict[str, object]) -> None:
    """Where no other tag could come first."""
    alone = {name: value for name, value in tags.items() if name.startswith(("Exif", "IFD0"))}
    alone.pop("IFD0:DateTimeOriginal", None)
    when = decide(Evidence(alone, "x.jpg", MODIFIED), NOW)
    assert has_original(alone, NOW) == (when.source == ORIGINAL.name)


def candidates(tags: Mapping[str, object], name: str = "x.jpg") -> dict[str, tuple[str, str]]:
    when = decide(Evidence(tags, name, MODIFIED), NOW)
    return {one.source: (one.text, one.reason) for one in when.candidates}


def test_all_that_was_present_is_shown_in_its_order_with_its_reason() -> None:
    tags = {
        "IFD0:ModifyDate": "2024:02:01 10:00:00",
        "ExifIFD:CreateDate": "0000:00:00 00:00:00",
        "ExifIFD:DateTimeOriginal": "2024:01:01 10:00:00",
        "Composite:GPSDateTime": "1980:01:06 00:00:00Z",
    }
    found = candidates(tags, "IMG_20240101_100001.jpg")
    assert found == {
        "ExifIFD:DateTimeOriginal": ("2024:01:01 10:00:00", ""),
        "ExifIFD:CreateDate": (
            "0000:00:00 00:00:00",
            "a clock that was never set (0000-00-00)",
        ),
        "Composite:GPSDateTime": ("1980:01:06 00:00:00Z", "before GPS existed"),
        FILE_NAME: ("IMG_20240101_100001.jpg", "lower in order"),
        "IFD0:ModifyDate": (
            "2024:02:01 10:00:00",
            "differs by 31 days from ExifIFD:DateTimeOriginal",
        ),
        FILE_TIME: ("2026-05-30 22:15:00+00:00", "lower in order"),
    }
    assert next(iter(found)) == "ExifIFD:DateTimeOriginal"
    assert next(reversed(found)) == FILE_TIME


def test_no_more_than_twelve_are_shown_and_the_winner_is_among_them() -> None:
    tags: dict[str, object] = {tag.name: "0000:00:00 00:00:00" for tag in STILL_TIMES}
    found = candidates(tags)
    assert len(found) == 12
    assert found[FILE_TIME] == ("2026-05-30 22:15:00+00:00", "")


def test_long_texts_are_cut() -> None:
    text, reason = candidates({"ExifIFD:DateTimeOriginal": "x" * 500})["ExifIFD:DateTimeOriginal"]
    assert (text, reason) == ("x" * 59 + "…", "no date")


@pytest.mark.parametrize(
    ("hours", "said"),
    [(25, "lower in order"), (27, "27 hours"), (24 * 3, "3 days"), (24 * 366 * 3, "3 years")],
)
def test_how_far_the_losers_are_is_said_in_fitting_words(hours: int, said: str) -> None:
    moment = datetime(2020, 1, 1, 12, tzinfo=UTC) + timedelta(hours=hours)
    tags = {
        "ExifIFD:DateTimeOriginal": "2020:01:01 12:00:00",
        "ExifIFD:CreateDate": moment.strftime("%Y:%m:%d %H:%M:%S"),
    }
    _, reason = candidates(tags)["ExifIFD:CreateDate"]
    assert said in reason


@pytest.mark.real_media
@pytest.mark.skipif(not REAL_MEDIA.is_dir(), reason="there are no real camera files here")
def test_on_real_files_the_rules_hold_and_places_agree_with_the_zones_that_cameras_wrote() -> None:
    paths = sorted(path for path in REAL_MEDIA.rglob("*") if path.is_file())
    agreeing = 0
    with MetadataReader() as reader:
        metadata = reader.read(paths)
    for path, read in zip(paths, metadata, strict=True):
        when = decide(Evidence(read.tags, path.name, MODIFIED), NOW, None, zone_at)
        assert_zone_is_stated(when)
        assert_candidates_agree(when)
        where = location_of(read.tags)
        # Films among these files were given other times or places by those who test with them.
        if where is None or when.offset_source != "tag" or when.source != ORIGINAL.name:
            continue
        zone = zone_at(where.latitude, where.longitude)
        offset = when.local.replace(tzinfo=zone).utcoffset()
        assert offset == timedelta(minutes=when.offset_minutes or 0), path.name
        agreeing += 1
    assert agreeing >= 1, agreeing
