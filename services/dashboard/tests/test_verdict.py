"""The sentence at the top: what decides when several things are wrong."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from dashboard.standing import Tone, service_heads
from dashboard.verdict import Away, verdict, verdict_away
from line_states import SEEN_AT, calm_line, service_state, with_service, with_stage
from photo_factory.alerts import Alert
from photo_factory.overview import InboxCounts

pytestmark = pytest.mark.unit
CALM = calm_line()
ROOT = Alert("a", "librarian", "critical", "root_missing", "The library is away.", SEEN_AT)
WATCH = Alert("b", "librarian", "warning", "watch_limit", "Too many folders.", SEEN_AT)


def test_all_well_says_stored_and_backed_up() -> None:
    said = verdict(CALM)
    assert said.tone is Tone.GOOD
    assert said.headline == "All 10 assets are stored and backed up."


def test_backup_is_never_claimed_when_it_is_not_set_up() -> None:
    said = verdict(with_service(with_stage(CALM, "backup", done=0), "backup", "not_configured"))
    assert said.headline == "All 10 assets are stored."
    assert "the only copy" in said.detail


def test_a_backup_that_is_not_complete_is_counted() -> None:
    said = verdict(with_stage(CALM, "backup", done=9))
    assert "backed up" not in said.headline
    assert "9 of 10 are backed up." in said.detail


def test_troubles_are_told_in_the_order_of_their_severity() -> None:
    """Each step mends the worst trouble; the next one is told then."""
    worst = with_stage(CALM, "thumbnailer", failed=2, pending=5)
    worst = with_service(worst, "geocoder", "degraded", "Its data is damaged.")
    worst = with_service(worst, "thumbnailer", "paused", "The library is not mounted.")
    worst = with_service(worst, "librarian", "down")
    full = replace(service_state("volume", "degraded", "1.2 GB are free."), kind="volume")
    worst = replace(worst, volumes=(full,), alerts=(ROOT, WATCH))
    told = []
    for mend in (
        lambda seen: with_service(seen, "librarian"),
        lambda seen: replace(seen, alerts=(WATCH,)),
        lambda seen: replace(seen, volumes=()),
        lambda seen: with_service(seen, "thumbnailer"),
        lambda seen: with_stage(seen, "thumbnailer", failed=0),
        lambda seen: replace(seen, alerts=()),
        lambda seen: with_service(seen, "geocoder"),
        lambda seen: with_stage(seen, "thumbnailer", pending=0),
    ):
        told.append(verdict(worst).headline)
        worst = mend(worst)
    assert told == [
        "The librarian is down.",
        "The librarian needs you.",
        "The home folder is in trouble.",
        "The thumbnailer is paused.",
        "2 files need you.",
        "The librarian needs you.",
        "The geocoder is in trouble.",
        "All 10 assets are stored. The last touches are being made.",
    ]
    assert verdict(worst) == verdict(CALM)


def test_a_critical_alert_makes_the_verdict_red_and_leads_to_the_page() -> None:
    paused = with_service(CALM, "librarian", "paused", "The library is away.")
    said = verdict(replace(paused, alerts=(ROOT,)))
    assert (said.tone, said.link) == (Tone.BAD, "attention")
    assert said.detail == "The library is away."


def test_a_warning_is_told_and_no_alarm() -> None:
    said = verdict(replace(CALM, alerts=(WATCH,)))
    assert (said.tone, said.link) == (Tone.NOTICE, "attention")


def test_the_other_alerts_are_counted() -> None:
    assert verdict(replace(CALM, alerts=(ROOT, WATCH))).detail.endswith(" There is 1 more alert.")
    assert verdict(replace(CALM, alerts=(WATCH,) * 3)).detail.endswith(" There are 2 more alerts.")


def test_a_service_that_a_person_paused_says_who_and_how_it_goes_on() -> None:
    sentence = "Paused by anna since 12:00; resume with photo-factory resume geocoder."
    said = verdict(with_service(CALM, "geocoder", "paused", sentence))
    assert (said.tone, said.headline) == (Tone.NOTICE, "The geocoder is paused.")
    assert said.detail == sentence


def test_several_services_that_are_down_are_all_named() -> None:
    said = verdict(with_service(with_service(CALM, "librarian", "down"), "geocoder", "down"))
    assert said.headline == "The librarian and the geocoder are down."
    assert said.tone is Tone.BAD
    assert "No heartbeat for 7 min" in said.detail


def test_many_services_that_are_down_are_counted() -> None:
    line = CALM
    for service in ("librarian", "geocoder", "thumbnailer", "backup"):
        line = with_service(line, service, "down")
    assert verdict(line).headline == "4 services are down."


def test_a_service_that_was_never_seen_is_unknown_and_not_well() -> None:
    said = verdict(with_service(CALM, "service-monitor", "never_seen"))
    assert said.tone is Tone.UNKNOWN
    assert said.headline == "The service-monitor has not been heard of yet."


def test_an_empty_library_says_what_to_do() -> None:
    said = verdict(replace(CALM, assets=0, photos=0, videos=0))
    assert said.headline == "The library is empty. Everything is ready."
    assert "inbox" in said.detail


def test_files_in_the_inbox_are_on_their_way() -> None:
    said = verdict(replace(CALM, inbox=InboxCounts(3, 0, 5.0)))
    assert said.headline == "3 new files on the way into the library."
    assert said.tone is Tone.BUSY


def test_files_of_an_import_are_on_their_way_too() -> None:
    said = verdict(replace(CALM, assets=0, inbox=InboxCounts(0, 0, None, importing=3)))
    assert said.headline == "3 new files on the way into the library."


def test_a_sidecar_without_its_photo_is_no_work_and_not_kept_silent() -> None:
    said = verdict(replace(CALM, inbox=InboxCounts(0, 0, None, sidecars=1)))
    assert said.tone is Tone.GOOD
    assert said.detail == "Nothing needs you. 1 sidecar waits for a photo."


def test_files_that_were_put_aside_do_not_disturb() -> None:
    assert verdict(replace(CALM, inbox=InboxCounts(0, 0, None, put_aside=9))) == verdict(CALM)


def test_failures_lead_to_the_page_that_explains_them() -> None:
    said = verdict(replace(CALM, inbox=InboxCounts(0, 1, None)))
    assert said.headline == "1 file needs you."
    assert said.link == "attention"


def test_one_living_copy_of_a_service_speaks_for_it() -> None:
    """A copy that died is no alarm while another does the work."""
    copies = (service_state("geocoder", "down"), service_state("geocoder", "healthy"))
    assert [head.status for head in service_heads(copies)] == ["healthy"]
    living = (service_state("geocoder", "healthy"), service_state("geocoder", "degraded"))
    assert [head.status for head in service_heads(living)] == ["degraded"]


def test_an_outage_tells_since_when() -> None:
    now = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
    since = datetime(2026, 5, 4, 12, 3, tzinfo=UTC)
    said = verdict_away(Away(since, is_unprepared=False), now, "UTC")
    assert said.headline == "The database has not answered since 12:03."
    assert said.tone is Tone.BAD


def test_missing_tables_are_no_outage() -> None:
    now = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
    said = verdict_away(Away(now, is_unprepared=True), now, "UTC")
    assert said.headline == "The database is not prepared for this version yet."
