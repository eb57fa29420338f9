"""What tiles and cards say."""

from dataclasses import replace

import pytest
from dashboard.standing import Tone
from dashboard.view_models import Card, pipeline, tiles, tiles_away
from line_states import SEEN_AT, calm_line, with_service, with_stage
from photo_factory.alerts import Alert
from photo_factory.overview import InboxCounts, Overview, State

pytestmark = pytest.mark.unit
CALM = calm_line()


def card(overview: Overview, name: str) -> Card:
    return next(card for card in pipeline(overview) if card.name == name)


def test_the_library_tile_counts_what_came_today() -> None:
    tile = tiles(CALM, 3)[0]
    assert tile.value == "10"
    assert tile.detail.replace("\u00a0", " ") == "3 arrived today · 9 photos, 1 video · 30\u202fMB"


def test_the_processing_tile_tells_how_long_the_oldest_waits() -> None:
    busy = replace(CALM, inbox=InboxCounts(2, 0, 30.0))
    tile = tiles(with_stage(busy, "thumbnailer", pending=3, oldest_pending_seconds=150.0), 0)[1]
    assert tile.value == "5"
    assert "2 files in the inbox" in tile.detail
    assert "the oldest waits 2 min" in tile.detail


def test_files_of_an_import_are_not_said_to_be_in_the_inbox() -> None:
    seen = replace(CALM, inbox=InboxCounts(0, 0, None, importing=3))
    tile = tiles(seen, 0)[1]
    assert (tile.value, tile.detail) == ("3", "3 files in an import")
    shown = card(seen, "Inbox")
    assert (shown.state, [figure.label for figure in shown.figures][-1]) == ("empty", "importing")


def test_sidecars_that_wait_for_their_photo_are_told_and_no_work() -> None:
    seen = replace(CALM, inbox=InboxCounts(0, 0, None, sidecars=2))
    tile = tiles(seen, 0)[1]
    assert (tile.value, tile.detail) == ("0", "2 sidecars wait for a photo")
    shown = card(seen, "Inbox")
    assert (shown.tone, shown.state, shown.note) == (Tone.QUIET, "at rest", tile.detail)


def test_files_that_were_put_aside_ask_for_nothing() -> None:
    seen = replace(CALM, inbox=InboxCounts(0, 0, None, put_aside=4))
    assert tiles(seen, 0)[2].value == "0"
    shown = card(seen, "Inbox")
    assert (shown.tone, shown.state) == (Tone.GOOD, "empty")
    assert (shown.figures[-1].label, shown.figures[-1].tone) == ("put aside", Tone.QUIET)


def test_the_inbox_says_what_it_needs_most() -> None:
    busy = card(replace(CALM, inbox=InboxCounts(1, 1, 70.0, sidecars=1)), "Inbox")
    assert (busy.state, busy.note) == ("files waiting", "oldest 1 min")
    assert card(replace(CALM, inbox=InboxCounts(0, 1, None)), "Inbox").state == "needs you"


def test_work_for_a_backup_that_is_not_set_up_is_no_work() -> None:
    seen = with_service(with_stage(CALM, "backup", pending=10, done=0), "backup", "not_configured")
    assert tiles(seen, 0)[1].value == "0"


@pytest.mark.parametrize(
    ("status", "done", "value", "tone"),
    [
        ("healthy", 10, "100\u202f%", Tone.GOOD),
        ("healthy", 3, "30\u202f%", Tone.BUSY),
        ("down", 3, "30\u202f%", Tone.BAD),
        ("not_configured", 0, "Not set up", Tone.QUIET),
        ("never_seen", 0, "unknown", Tone.UNKNOWN),
    ],
)
def test_the_backup_tile_is_honest(status: State, done: int, value: str, tone: Tone) -> None:
    tile = tiles(with_service(with_stage(CALM, "backup", done=done), "backup", status), 0)[3]
    assert (tile.value, tile.tone) == (value, tone)


def test_nothing_is_0_while_the_database_is_away() -> None:
    assert {tile.value for tile in tiles_away()} == {"unknown"}


def test_the_attention_tile_says_where() -> None:
    seen = with_stage(replace(CALM, inbox=InboxCounts(0, 2, None)), "thumbnailer", failed=1)
    tile = tiles(seen, 0)[2]
    assert tile.value == "3"
    assert tile.detail.replace("\u00a0", " ") == "2 at inbox · 1 at thumbnailer"


def test_the_line_has_its_stations_in_order() -> None:
    names = [card.name for card in pipeline(CALM)]
    assert names == ["Inbox", "Librarian", "Geocoder", "Thumbnailer", "Backup"]


@pytest.mark.parametrize(
    ("counts", "state"),
    [
        ({}, "idle"),
        ({"running": 1}, "working"),
        ({"pending": 1, "oldest_pending_seconds": 5.0}, "waiting"),
        ({"pending": 1, "oldest_pending_seconds": 4000.0}, "stuck"),
        ({"pending": 1, "oldest_pending_seconds": 4000.0, "done_last_hour": 9}, "waiting"),
    ],
)
def test_a_stage_says_what_it_does(counts: dict[str, float], state: str) -> None:
    assert card(with_stage(CALM, "geocoder", **counts), "Geocoder").state == state


def test_a_stage_whose_service_is_down_does_not_look_idle() -> None:
    shown = card(with_service(CALM, "geocoder", "down"), "Geocoder")
    assert (shown.tone, shown.state) == (Tone.BAD, "down")


def test_a_pause_tells_its_reason() -> None:
    shown = card(
        with_service(CALM, "librarian", "paused", "The inbox is not mounted."), "Librarian"
    )
    assert shown.note == "The inbox is not mounted."


def test_alerts_count_among_what_needs_a_person() -> None:
    watch = Alert("b", "librarian", "warning", "watch_limit", "Too many folders.", SEEN_AT)
    seen = replace(with_stage(CALM, "thumbnailer", failed=2), alerts=(watch,))
    tile = tiles(seen, 0)[2]
    assert (tile.value, tile.tone) == ("3", Tone.NOTICE)
    assert tile.detail.replace("\u00a0", " ") == "1 alert · 2 at thumbnailer"
    critical = replace(CALM, alerts=(replace(watch, severity="critical"),))
    assert tiles(critical, 0)[2].tone is Tone.BAD
