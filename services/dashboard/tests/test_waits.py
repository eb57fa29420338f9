"""What the list of waiting files says."""

from dataclasses import replace
from datetime import timedelta

import pytest
from dashboard import waits
from dashboard.standing import Tone
from line_states import SEEN_AT
from photo_factory.waiting import WaitingFile, WaitingGroup

pytestmark = pytest.mark.unit

SINCE = SEEN_AT - timedelta(hours=3)
FILE = WaitingFile(
    1, "inbox", "a.jpg", 4200, SINCE, SEEN_AT + timedelta(minutes=5), "looks unfinished: no end"
)
GROUP = WaitingGroup(
    "not_ready", "inbox", 1, 4200, SINCE, "Not ready yet", "Each is looked at again", (FILE,)
)


def crowd(cause: str, number: int) -> WaitingGroup:
    """So many files, of which twenty are named at most, as they are read."""
    files = tuple(replace(FILE, id=place) for place in range(min(20, number)))
    return replace(GROUP, cause=cause, count=number, files=files)


def test_a_file_says_why_since_when_and_what_is_next() -> None:
    (wait,) = waits.waiting([GROUP], SEEN_AT, "UTC")
    assert (wait.tone, wait.title, wait.number) == (Tone.BUSY, "Not ready yet", "1 file")
    assert (wait.since, wait.since_exact) == ("3 h", "2026-05-04 09:00:00 (UTC)")
    assert wait.explanation == "Each is looked at again."
    (row,) = wait.rows
    assert (row.path, row.reason) == ("a.jpg", "Looks unfinished: no end.")
    assert (row.size, row.since, row.then) == ("4.2\u202fkB", "3 h", "again in 5 min")
    assert row.then_exact == "2026-05-04 12:05:00 (UTC)"


def test_what_no_time_is_set_for_promises_none() -> None:
    held = replace(GROUP, cause="held", files=(replace(FILE, next_look_at=None),))
    (wait,) = waits.waiting([held], SEEN_AT, "UTC")
    assert (wait.tone, wait.rows[0].then, wait.rows[0].then_exact) == (Tone.NOTICE, "", "")


def test_a_reason_that_all_share_is_not_repeated() -> None:
    (wait,) = waits.waiting([replace(GROUP, cause="sidecar_alone")], SEEN_AT, "UTC")
    assert (wait.tone, wait.rows[0].reason) == (Tone.QUIET, "")


def test_a_cause_that_is_new_here_is_told_with_its_reasons() -> None:
    (wait,) = waits.waiting([replace(GROUP, cause="moon_missing")], SEEN_AT, "UTC")
    assert (wait.tone, wait.rows[0].reason) == (Tone.NOTICE, "Looks unfinished: no end.")


@pytest.mark.parametrize(
    ("inbox", "number"),
    [("camera", "1 file in camera"), ("import:move:/media/card", "1 file of /media/card")],
)
def test_another_place_is_named(inbox: str, number: str) -> None:
    (wait,) = waits.waiting([replace(GROUP, inbox=inbox)], SEEN_AT, "UTC")
    assert wait.number == number


def test_one_cause_has_many_names_and_many_causes_have_few_each() -> None:
    (alone,) = waits.waiting([crowd("held", 300)], SEEN_AT, "UTC")
    assert (len(alone.rows), alone.more) == (20, 280)
    both = waits.waiting([crowd("held", 300), crowd("settling", 300)], SEEN_AT, "UTC")
    assert [len(wait.rows) for wait in both] == [10, 10]
    many = waits.waiting([crowd(f"cause_{number}", 9) for number in range(20)], SEEN_AT, "UTC")
    assert [len(wait.rows) for wait in many][:13] == [4] * 12 + [2]
    assert sum(len(wait.rows) for wait in many) == 50


def test_a_crowd_on_its_way_is_counted_and_not_named() -> None:
    (few,) = waits.waiting([crowd("in_hand", 2)], SEEN_AT, "UTC")
    (wait,) = waits.waiting([crowd("in_line", 4000)], SEEN_AT, "UTC")
    assert (len(few.rows), wait.rows, wait.more) == (2, (), 0)
    assert wait.number == "4\u202f000 files"


def test_what_was_put_aside_does_not_wait() -> None:
    aside = replace(crowd("put_aside", 9), title="Put aside")
    assert waits.waiting([aside], SEEN_AT, "UTC") == ()
    (shown,) = waits.put_aside([GROUP, aside], SEEN_AT, "UTC")
    assert (shown.tone, shown.title, len(shown.rows), shown.more) == (
        Tone.QUIET,
        "Put aside",
        4,
        5,
    )
