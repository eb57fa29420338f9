"""How numbers and times are said."""

from datetime import UTC, datetime

import pytest
from dashboard import wording

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "unknown"),
        (0, "under 1 min"),
        (59.9, "under 1 min"),
        (60, "1 min"),
        (3599, "59 min"),
        (7200, "2 h"),
        (47 * 3600, "47 h"),
        (48 * 3600, "2 days"),
    ],
)
def test_a_span_is_said_in_one_unit(seconds: float | None, words: str) -> None:
    assert wording.span(seconds) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (None, "unknown"),
        (0, "0\u202fbytes"),
        (999, "999\u202fbytes"),
        (1000, "1.0\u202fkB"),
        (88_400_000, "88\u202fMB"),
        (3_100_000_000_000, "3.1\u202fTB"),
        (31_000_000_000_000_000, "31000\u202fTB"),
    ],
)
def test_a_size_has_the_unit_of_the_shop(number: int | None, words: str) -> None:
    assert wording.size(number) == words


def test_a_share_is_only_100_percent_when_nothing_is_missing() -> None:
    assert wording.percent(99_999, 100_000) == "99.9\u202f%"
    assert wording.percent(100_000, 100_000) == "100\u202f%"
    assert wording.percent(0, 0) == "unknown"


def test_large_numbers_are_grouped_and_nouns_are_counted() -> None:
    assert wording.count(48_213) == "48\u202f213"
    assert wording.plural(1, "photo") == "1 photo"
    assert wording.plural(2, "photo") == "2 photos"


def test_a_time_of_another_day_carries_its_day() -> None:
    now = datetime(2026, 5, 4, 22, 30, tzinfo=UTC)
    assert wording.clock(datetime(2026, 5, 4, 12, 3, tzinfo=UTC), now, "UTC") == "12:03"
    assert wording.clock(now, now, "Asia/Tokyo") == "07:30"
    earlier = datetime(2026, 5, 2, 12, 3, tzinfo=UTC)
    assert wording.clock(earlier, now, "UTC") == "2 May 2026, 12:03"


def test_the_exact_time_names_its_zone() -> None:
    instant = datetime(2026, 5, 4, 22, 30, 5, tzinfo=UTC)
    assert wording.exact(instant, "Europe/Berlin") == "2026-05-05 00:30:05 (Europe/Berlin)"


def test_the_length_of_a_video_is_said_as_players_do() -> None:
    assert wording.runtime(7.2) == "0:07"
    assert wording.runtime(3723) == "1:02:03"
    assert wording.runtime(None) == ""


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "next"), (0, "next"), (20, "again in under 1 min"), (7300, "again in 2 h")],
)
def test_the_next_look_is_told_by_how_far_it_is(seconds: float, words: str) -> None:
    assert wording.until(seconds) == words


@pytest.mark.parametrize(
    ("text", "sentence"), [("a disk is full", "A disk is full."), ("Oh!", "Oh!"), ("", "")]
)
def test_a_clause_becomes_a_sentence(text: str, sentence: str) -> None:
    assert wording.sentence(text) == sentence
