"""What the list of doubtful dates says."""

from datetime import UTC, datetime

import pytest
from dashboard.queries import LatestAsset, UnsureGroup
from dashboard.standing import Tone
from dashboard.unsure import unsure

pytestmark = pytest.mark.unit
NOW = datetime(2026, 5, 4, tzinfo=UTC)
SHOT = datetime(2024, 5, 4, 18, 30)  # noqa: DTZ001 - wall-clock time by design
ASSET = LatestAsset(
    7, "a.jpg", "photo", SHOT, "file time", NOW, None, None, None, None, "ready", None
)


def group(confidence: str, source: str, number: int, *, is_more: bool = False) -> UnsureGroup:
    return UnsureGroup(confidence, source, number, is_more, (ASSET,))


def test_a_group_says_what_its_dates_rest_on() -> None:
    (shown,) = unsure([group("low", "IFD0:ModifyDate", 3)])
    assert (shown.tone, shown.state) == (Tone.NOTICE, "Low confidence")
    assert shown.source == "Only the date of its last change was there."
    assert (shown.tag, shown.number) == ("IFD0:ModifyDate", "3 files")
    assert shown.more == "and 2 others"
    assert shown.photos[0].page == "photo?id=7"


@pytest.mark.parametrize(
    ("number", "is_more", "words", "more"),
    [
        (1000, True, "1\u202f000+ files", "and 999 or more others"),
        (1, True, "1+ files", "There may be more."),
        (1, False, "1 file", ""),
    ],
)
def test_a_number_that_was_not_counted_to_its_end_says_so(
    number: int, words: str, more: str, *, is_more: bool
) -> None:
    (shown,) = unsure([group("none", "file time", number, is_more=is_more)])
    assert (shown.number, shown.more) == (words, more)
    assert (shown.tone, shown.state) == (Tone.BAD, "Only a guess")


def test_dates_that_were_never_judged_are_not_called_weak() -> None:
    (shown,) = unsure([group("unjudged", "", 5)])
    assert (shown.tone, shown.state, shown.source) == (Tone.UNKNOWN, "Not judged yet", "")
    assert "photo-factory reclassify" in shown.reason
