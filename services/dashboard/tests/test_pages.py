"""The pages, run by Streamlit on a real database."""

from pathlib import Path

import dashboard
import pytest
import streamlit as st
from asset_rows import insert_assets
from dashboard.reader import Reader, share
from dashboard.settings import DashboardSettings
from dated_rows import attach_everything, doubt, insert_well_known
from inbox_rows import Row, alone, insert_row, put_aside, unfinished
from photo_factory.alerts import raise_alert
from photo_factory.database import Connection
from photo_factory.overview import SERVICES
from picture_rows import beat, fail_inbox_file, fail_thumbnail, insert_pictured
from streamlit.testing.v1 import AppTest

pytestmark = pytest.mark.integration
MAIN = Path(dashboard.__file__).parent / "main.py"


@pytest.fixture
def page(reader: Reader) -> AppTest:
    share(reader)
    st.cache_data.clear()
    return AppTest.from_file(str(MAIN), default_timeout=30)


def html(page: AppTest) -> str:
    assert not page.exception
    return "".join(element.proto.body for element in page.get("html"))


def test_home_of_an_empty_library_says_what_to_do(page: AppTest, connection: Connection) -> None:
    for service in SERVICES:
        beat(connection, service)
    shown = html(page.run())
    assert "The library is empty. Everything is ready." in shown
    assert "Nothing here yet." in shown


def test_home_shows_photos_services_and_counts(
    page: AppTest, connection: Connection, settings: DashboardSettings
) -> None:
    (made,) = insert_pictured(connection, settings.derivatives, ["beach.jpg"])
    insert_assets(connection, ["waiting.jpg"])
    beat(connection, "librarian")
    beat(connection, "backup", "not_configured", "No backup target is set.")
    shown = html(page.run())
    assert f'src="/thumb/{made}?kind=thumb&amp;v=' in shown
    assert "Its thumbnail waits for its turn." in shown
    assert '<strong class="pf-value">2</strong>' in shown
    assert "Not set up" in shown
    assert "never seen" in shown


def test_home_shows_names_as_text(page: AppTest, connection: Connection) -> None:
    insert_assets(connection, ['"><script>alert(1)</script>.jpg'])
    shown = html(page.run())
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


def test_needs_attention_tells_what_happened_and_to_which(
    page: AppTest, connection: Connection
) -> None:
    (asset_id,) = insert_assets(connection, ["clip.mov"])
    fail_thumbnail(connection, asset_id, "codec_unsupported", "This codec is not known.")
    fail_inbox_file(connection, "<b>.jpg", "not_a_photo", "This is no photo.")
    shown = html(page.run().switch_page("screens/attention.py").run())
    assert "2 files need you." in shown
    assert "This codec is not known." in shown
    assert "&lt;b&gt;.jpg" in shown
    assert "not_a_photo" in shown


def test_needs_attention_shows_alerts_on_top_with_what_to_do(
    page: AppTest, connection: Connection
) -> None:
    fail_inbox_file(connection, "a.jpg", "truncated", "It ends too early.")
    raise_alert(
        connection, "librarian.disk", "librarian", "critical", "disk_full", "<i>The disk</i>."
    )
    shown = html(page.run().switch_page("screens/attention.py").run())
    assert "1 alert, and 1 file that failed." in shown
    assert shown.index("&lt;i&gt;The disk&lt;/i&gt;.") < shown.index("It ends too early.")
    assert "What to do:</strong> Make room on that disk" in shown
    assert "pf-verdict pf-bad" in shown


def test_needs_attention_tells_why_files_wait(page: AppTest, connection: Connection) -> None:
    for row in (alone("<i>.xmp"), unfinished("b.jpg"), put_aside("notes.txt")):
        insert_row(connection, row)
    shown = html(page.run().switch_page("screens/attention.py").run())
    assert "Nothing needs you." in shown
    assert shown.index("Waiting in the inbox") < shown.index("In the quarantine")
    assert "&lt;i&gt;.xmp" in shown
    assert "again in 3 h" in shown
    assert "Looks unfinished: it ends before its end marker." in shown
    assert "notes.txt" in shown


def test_needs_attention_says_nothing_of_what_comes_in_as_usual(
    page: AppTest, connection: Connection
) -> None:
    insert_row(connection, Row("a.jpg"))
    insert_row(connection, Row("b.jpg", next_in=60, state="ingesting"))
    assert "Waiting" not in html(page.run().switch_page("screens/attention.py").run())


def test_home_turns_red_while_a_critical_alert_is_open(
    page: AppTest, connection: Connection
) -> None:
    for service in SERVICES:
        beat(connection, service)
    raise_alert(connection, "a", "librarian", "critical", "disk_full", "The disk is full.")
    shown = html(page.run())
    assert "pf-verdict pf-bad" in shown
    assert "The disk is full." in shown
    st.cache_data.clear()
    connection.execute("UPDATE alerts SET resolved_at = now()")
    assert "pf-verdict pf-bad" not in html(page.run())


def test_needs_attention_is_calm_when_nothing_failed(page: AppTest) -> None:
    assert "Nothing needs you." in html(page.run().switch_page("screens/attention.py").run())


def test_pages_survive_an_outage_without_a_number_and_recover(
    page: AppTest, tmp_path: Path, database_url: str
) -> None:
    settings = DashboardSettings.model_validate({"data_dir": tmp_path})
    away = Reader(settings)
    share(away)
    shown = html(page.run())
    assert "The database has not answered since" in shown
    assert "unknown" in shown
    assert ">0<" not in shown
    settings.state.mkdir()
    settings.local_database_url_file.write_text(database_url)
    st.cache_data.clear()
    assert "The database has not answered" not in html(page.run())
    away.close()


def test_pages_say_when_the_tables_are_missing(page: AppTest, connection: Connection) -> None:
    connection.execute("DROP TABLE media_assets CASCADE")
    assert "not prepared for this version" in html(page.run())


def test_needs_attention_lists_doubtful_dates_with_what_to_do(
    page: AppTest, connection: Connection, settings: DashboardSettings
) -> None:
    ids = insert_pictured(connection, settings.derivatives, ["a.jpg", "b.jpg"])
    doubt(connection, ids, "none")
    shown = html(page.run().switch_page("screens/attention.py").run())
    assert "Dates to check" in shown
    assert "Only a guess" in shown
    assert "2 files" in shown
    assert f'href="photo?id={ids[0]}"' in shown
    assert "photo-factory correct PATH --date" in shown


def open_photo(page: AppTest, asset_id: object) -> str:
    page.query_params["id"] = str(asset_id)
    return html(page.run().switch_page("screens/asset.py").run())


def test_the_page_of_a_photo_says_how_its_date_was_decided(
    page: AppTest, connection: Connection, settings: DashboardSettings
) -> None:
    asset_id = insert_well_known(connection, settings.derivatives, "<i>a</i>.jpg")
    attach_everything(connection, asset_id)
    shown = open_photo(page, asset_id)
    for words in (
        "&lt;i&gt;a&lt;/i&gt;.jpg",
        "Sunday, 14 July 2019",
        "UTC+2, from the place",
        "High confidence",
        "The camera wrote it.",
        "Before GPS existed.",
        "Best &lt;of&gt;",
        "It is no JSON.",
        "waits for the librarian",
    ):
        assert words in shown
    assert shown.count("Taken as the date") == 1


@pytest.mark.parametrize("asset_id", ["99", "-1", "x", "", "\u0661", "9" * 30])
def test_there_is_no_page_of_a_photo_that_is_not_there(page: AppTest, asset_id: str) -> None:
    assert "There is no such photo." in open_photo(page, asset_id)


def test_the_page_of_a_photo_survives_an_outage(page: AppTest, tmp_path: Path) -> None:
    away = Reader(DashboardSettings.model_validate({"data_dir": tmp_path}))
    share(away)
    assert "The database has not answered since" in open_photo(page, 1)
    away.close()
