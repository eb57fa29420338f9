"""What the lists say."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from dashboard import rows
from dashboard.queries import LatestAsset, Work
from dashboard.standing import Tone
from line_states import SEEN_AT, service_state
from photo_factory.alerts import Alert
from photo_factory.overview import Problem, ProblemGroup, ServiceState

pytestmark = pytest.mark.unit

ASSET = LatestAsset(
    id=7,
    name="a.jpg",
    media_type="photo",
    captured_local=datetime(2024, 5, 4, 18, 30),  # noqa: DTZ001 - wall-clock time by design
    captured_source="EXIF",
    ingested_at=SEEN_AT,
    duration_seconds=None,
    place="Lisbon",
    country="Portugal",
    thumb_made=255,
    work=None,
    reason=None,
)


def volume(name: str, free: int, total: int = 10**12) -> ServiceState:
    details = {"free_bytes": free, "total_bytes": total}
    return replace(service_state("volume"), instance=name, kind="volume", details=details)


def test_a_picture_has_an_address_that_changes_when_it_is_made_anew() -> None:
    shown = rows.photo(ASSET)
    assert shown.picture == "/thumb/7?kind=thumb&v=ff"
    assert shown.page == "photo?id=7"
    assert (shown.day, shown.place) == ("4 May 2024", "Lisbon, Portugal")


@pytest.mark.parametrize(
    ("work", "reason", "tone", "excuse"),
    [
        ("ready", None, Tone.BUSY, "Its thumbnail waits for its turn."),
        ("leased", None, Tone.BUSY, "Its thumbnail is being made."),
        ("dead", "The file is cut off.", Tone.NOTICE, "The file is cut off."),
        ("dead", None, Tone.NOTICE, "No thumbnail could be made."),
        ("skipped", "No picture in it.", Tone.QUIET, "No picture in it."),
        (None, None, Tone.BUSY, "Its thumbnail waits for its turn."),
    ],
)
def test_a_missing_thumbnail_says_why(
    work: Work | None, reason: str | None, tone: Tone, excuse: str
) -> None:
    shown = rows.photo(replace(ASSET, thumb_made=None, work=work, reason=reason))
    assert (shown.picture, shown.tone, shown.excuse) == (None, tone, excuse)


def test_a_place_of_which_only_the_country_is_known_is_named_once() -> None:
    assert rows.photo(replace(ASSET, place="Portugal")).place == "Portugal"


def test_a_heartbeat_has_its_age_in_words_and_its_exact_time() -> None:
    (row,) = rows.service_rows([service_state("geocoder")], SEEN_AT, "UTC")
    assert row.age == "7 min ago"
    assert row.seen == "2026-05-04 11:53:00 (UTC)"


def test_a_service_that_was_never_seen_has_no_time() -> None:
    (row,) = rows.service_rows([service_state("geocoder", "never_seen")], SEEN_AT, "UTC")
    assert (row.age, row.seen, row.state) == ("never", "", "never seen")


def test_folders_on_one_disk_are_shown_once() -> None:
    shown = rows.disks([volume("inbox", 10**11), volume("library", 10**11 + 4096)])
    assert [disk.folders for disk in shown] == ["inbox, library"]
    assert (shown[0].used, shown[0].words) == (90, "100\u202fGB free of 1.0\u202fTB")


def test_folders_on_two_disks_are_shown_apart() -> None:
    shown = rows.disks([volume("inbox", 10**11), volume("library", 5 * 10**11)])
    assert [disk.folders for disk in shown] == ["inbox", "library"]


def test_a_disk_without_figures_is_unknown() -> None:
    (disk,) = rows.disks([replace(volume("inbox", 0), details={})])
    assert (disk.used, disk.words) == (None, "unknown")


def test_a_cause_counts_what_it_does_not_name() -> None:
    since = SEEN_AT - timedelta(hours=3)
    group = ProblemGroup("inbox", "file_empty", 5, since, SEEN_AT, "The file is empty.")
    example = Problem("inbox", "file_empty", "a.jpg", "The file is empty.", since, 1, 1)
    shown = rows.cause(group, [example], SEEN_AT, "UTC")
    assert (shown.scope, shown.number, shown.more) == ("In the inbox", 5, 4)
    assert (shown.since, shown.examples) == ("3 h", ("a.jpg",))


def test_an_alert_says_since_when_and_what_to_do() -> None:
    began = SEEN_AT - timedelta(minutes=12)
    full = Alert("librarian.disk", "librarian", "critical", "disk_full", "It is full.", began)
    shown = rows.alert(full, SEEN_AT, "UTC")
    assert (shown.tone, shown.state, shown.since) == (Tone.BAD, "Critical", "12 min")
    assert shown.since_exact == "2026-05-04 11:48:00 (UTC)"
    assert shown.remedy.startswith("Make room on that disk")
    assert rows.alert(replace(full, severity="warning"), SEEN_AT, "UTC").tone is Tone.NOTICE
