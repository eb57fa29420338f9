"""What is said of a date: how it is known, and how sure it is."""

from datetime import UTC, datetime

import pytest
from dashboard import dating
from dashboard.standing import Tone

pytestmark = pytest.mark.unit
LOCAL = datetime(2019, 7, 14, 15, 30, 5)  # noqa: DTZ001 - wall-clock time by design
NOON = datetime(2019, 7, 14, 12)  # noqa: DTZ001 - as above


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("ExifIFD:DateTimeOriginal", "the camera wrote it"),
        ("QuickTime:CreateDate", "the camera wrote it"),
        ("Takeout:PhotoTakenTime", "Google Takeout says so"),
        ("file name", "from the file's name"),
        ("correction", "a person corrected it"),
        ("file time", "only the file's own time was there: please check"),
        ("sidecar XMP-exif:DateTimeOriginal", "a sidecar says so"),
        ("XMP-photoshop:DateCreated", "a photo program wrote it"),
        ("IPTC:DateCreated", "a photo program wrote it"),
        ("XMP-exif:GPSDateTime", "from the GPS receiver's clock"),
        ("GPS:GPSDateStamp", "from the GPS receiver's clock"),
        ("paired still", "from the photo that it belongs to"),
        ("something new", "from something new"),
        ("", "how it is known was not recorded"),
    ],
)
def test_a_source_is_said_in_plain_words(source: str, words: str) -> None:
    assert dating.source_words(source) == words


@pytest.mark.parametrize(
    ("source", "tag"),
    [
        ("ExifIFD:DateTimeOriginal", "ExifIFD:DateTimeOriginal"),
        ("sidecar XMP-exif:DateTimeOriginal", "XMP-exif:DateTimeOriginal"),
        ("file name", ""),
    ],
)
def test_who_knows_tags_is_told_which(source: str, tag: str) -> None:
    assert dating.tag_of(source) == tag


def test_each_confidence_has_a_word_a_colour_and_a_symbol_of_its_own() -> None:
    said = [dating.confidence(word, 1) for word in ("high", "medium", "low", "none", "unjudged")]
    assert len({word for _, word in said}) == 5
    assert len({tone.symbol for tone, _ in said}) == 5
    assert said[0] == (Tone.GOOD, "High confidence")


def test_a_date_that_no_rules_have_judged_is_of_unknown_confidence() -> None:
    assert dating.confidence("low", 0) == (Tone.UNKNOWN, "Not judged yet")
    assert dating.confidence("a new word", 1)[0] is Tone.UNKNOWN


@pytest.mark.parametrize(
    ("minutes", "source", "words"),
    [
        (120, "place", "UTC+2, from the place"),
        (-210, "tag", "UTC\u22123:30, as the camera wrote it"),
        (0, "home zone", "UTC+0, your home time zone, assumed"),
        (345, None, "UTC+5:45"),
        (None, "place", "time zone unknown"),
    ],
)
def test_a_zone_says_how_it_is_known(minutes: int | None, source: str | None, words: str) -> None:
    assert dating.zone_words(minutes, source) == words


def test_local_time_is_shown_with_the_instant_for_who_hovers() -> None:
    said = dating.when(LOCAL, datetime(2019, 7, 14, 13, 30, 5, tzinfo=UTC), (120, "place"), [])
    assert (said.date, said.clock) == ("Sunday, 14 July 2019", "15:30:05")
    assert said.exact == "2019-07-14 13:30:05 UTC"


def test_a_time_in_utc_of_an_unknown_place_is_not_said_to_be_local() -> None:
    said = dating.when(LOCAL, LOCAL.replace(tzinfo=UTC), (None, None), [])
    assert said.zone == "time zone unknown, so this is the time in UTC"


@pytest.mark.parametrize(
    ("source", "text", "clock"),
    [
        ("file name", "IMG-20190714-WA0001.jpg", "time of day unknown"),
        ("ExifIFD:DateTimeOriginal", "2019:07:14 24:24:27", "time of day unknown"),
        ("IPTC:DateCreated", "2019:07:14", "time of day unknown"),
        ("file name", "Screenshot_20190714-120000.png", "12:00:00"),
        ("ExifIFD:DateTimeOriginal", "2019:07:14 12:00:00", "12:00:00"),
        ("Takeout:PhotoTakenTime", "1563105600", "12:00:00"),
        ("file time", "2019-07-14", "12:00:00"),
    ],
)
def test_noon_that_stands_for_a_day_is_not_shown_as_a_time(
    source: str, text: str, clock: str
) -> None:
    lost = {"source": "file time", "text": "", "reason": "lower in order"}
    winner = {"source": source, "text": text, "reason": ""}
    assert dating.when(NOON, None, (None, None), [lost, winner]).clock == clock


def test_noon_of_which_nothing_was_recorded_stays_as_it_is() -> None:
    assert dating.when(NOON, None, (None, None), []).clock == "12:00:00"


def test_candidates_say_why_they_lost_and_which_won() -> None:
    won, lost = dating.candidate_rows(
        [
            {"source": "file name", "text": "a.jpg", "reason": ""},
            {"source": "GPS:GPSDateStamp", "text": None, "reason": "before GPS existed"},
        ]
    )
    assert (won.source, won.is_winner, won.reason, won.tag) == ("The file's name", True, "", "")
    assert (lost.source, lost.text) == ("The GPS receiver's clock", "unknown")
    assert (lost.is_winner, lost.reason) == (False, "Before GPS existed.")
