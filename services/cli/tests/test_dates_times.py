"""How people write times, offsets and shifts, and how they are written for people."""

from datetime import datetime, timedelta

import pytest
from cli.dates.times import (
    Span,
    offset_words,
    parse_local,
    parse_offset,
    parse_shift,
    parse_span,
    when_words,
)
from hypothesis import given
from hypothesis import strategies as st

pytestmark = pytest.mark.unit

NOON = datetime(2019, 5, 4, 12, 30)  # noqa: DTZ001 - local wall-clock time by design


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2019-05-04 12:30", NOON),
        ("2019-05-04T12:30", NOON),
        (" 2019:05:04 12:30:00 ", NOON),
        ("2019-05-04 12:30:45", NOON.replace(second=45)),
        ("2019-05-04 12:30:45.25", NOON.replace(second=45, microsecond=250_000)),
    ],
)
def test_a_local_time_is_read_as_people_and_tools_write_it(text: str, moment: datetime) -> None:
    assert parse_local(text) == moment


@pytest.mark.parametrize("text", ["", "2019-05-04", "yesterday", "4.5.2019 12:30", "2019-05-04 12"])
def test_what_is_no_full_local_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="Write it like 2019-05-04 12:30"):
        parse_local(text)


@pytest.mark.parametrize(
    "text", ["2019-02-29 12:00", "2019-13-01 12:00", "2019-05-04 24:00", "0000-01-01 00:00"]
)
def test_what_is_not_in_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="in the calendar"):
        parse_local(text)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("2019-05-04", timedelta(days=1)),
        ("2019-05-04 12:30", timedelta(minutes=1)),
        ("2019-05-04 12:30:45", timedelta(seconds=1)),
    ],
)
def test_a_bound_lasts_as_long_as_it_is_exact(text: str, length: timedelta) -> None:
    span = parse_span(text)
    assert span.end - span.start == length


def test_the_last_day_of_the_calendar_has_an_end() -> None:
    last = datetime(9999, 12, 31)  # noqa: DTZ001 - local wall-clock time by design
    assert parse_span("9999-12-31") == Span(last, last.replace(hour=23, minute=59, second=59))


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("+02:00", 120), ("-0530", -330), ("Z", 0), ("+00:00", 0), ("-12:00", -720), ("+14:00", 840)],
)
def test_an_offset_is_read(text: str, minutes: int) -> None:
    assert parse_offset(text) == minutes


@pytest.mark.parametrize("text", ["2", "+2", "02:00", "+14:01", "+01:60", "CEST", ""])
def test_what_is_no_offset_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"Write it like \+02:00"):
        parse_offset(text)


@pytest.mark.parametrize(
    ("text", "shift"),
    [
        ("+1:00:00", timedelta(hours=1)),
        ("1:00", timedelta(hours=1)),
        ("-0:05", timedelta(minutes=-5)),
        ("-2d", timedelta(days=-2)),
        ("+1d 2:30", timedelta(days=1, hours=2, minutes=30)),
        ("+3h 20m", timedelta(hours=3, minutes=20)),
        ("-1w2d3h4m5s", -timedelta(weeks=1, days=2, hours=3, minutes=4, seconds=5)),
    ],
)
def test_a_shift_is_read(text: str, shift: timedelta) -> None:
    assert parse_shift(text) == shift


@pytest.mark.parametrize("text", ["", "+", "-", "1", "0:00", "+0d", "one hour", "1:0", "2d1w"])
def test_what_is_no_shift_or_changes_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no shift"):
        parse_shift(text)


@given(text=st.text(alphabet="+-0123456789:wdhms TZ.", max_size=20))
def test_whatever_is_typed_is_read_or_refused_with_a_sentence(text: str) -> None:
    faults = []
    for read in (parse_local, parse_span, parse_offset, parse_shift):
        try:
            read(text)
        except ValueError as error:
            faults.append(str(error))
    assert all(fault.endswith(".") for fault in faults)


@given(minutes=st.integers(-840, 840))
def test_an_offset_reads_back_as_it_was_written(minutes: int) -> None:
    assert parse_offset(offset_words(minutes)) == minutes


def test_an_unknown_zone_is_said_and_not_passed_over() -> None:
    assert when_words(NOON, None) == "2019-05-04 12:30:00, zone unknown"
    assert when_words(NOON, 0) == "2019-05-04 12:30:00 +00:00"
    assert when_words(NOON, -210) == "2019-05-04 12:30:00 -03:30"
