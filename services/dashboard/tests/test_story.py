"""The story of Home."""

from pathlib import Path

import dashboard
import pytest
import streamlit as st
from asset_rows import insert_assets
from dashboard.reader import Reader, share
from dashboard.settings import DashboardSettings
from photo_factory.database import Connection
from photo_factory.overview import SERVICES
from picture_rows import beat, fail_thumbnail, insert_pictured
from pytest_bdd import given, parsers, scenarios, then, when
from streamlit.testing.v1 import AppTest

pytestmark = pytest.mark.integration
scenarios("features/home.feature")


@pytest.fixture(autouse=True)
def _shared(reader: Reader) -> None:
    share(reader)
    st.cache_data.clear()


@given("every service sends its heartbeat")
def _(connection: Connection) -> None:
    for service in SERVICES:
        beat(connection, service)


@given("backup is not set up")
def _(connection: Connection) -> None:
    beat(connection, "backup", "not_configured")


@given(parsers.parse('a photo "{name}" with a thumbnail in the library'))
def _(connection: Connection, settings: DashboardSettings, name: str) -> None:
    insert_pictured(connection, settings.derivatives, [name])


@given(parsers.parse('a photo "{name}" whose thumbnail failed because "{reason}"'))
def _(connection: Connection, name: str, reason: str) -> None:
    (asset_id,) = insert_assets(connection, [name])
    fail_thumbnail(connection, asset_id, "file_truncated", reason)


@given("the database is away")
def _(tmp_path: Path) -> None:
    share(Reader(DashboardSettings.model_validate({"data_dir": tmp_path / "elsewhere"})))


@when("I open Home", target_fixture="shown")
def _() -> str:
    main = Path(dashboard.__file__).parent / "main.py"
    page = AppTest.from_file(str(main), default_timeout=30).run()
    assert not page.exception
    return "".join(element.proto.body for element in page.get("html"))


@then(parsers.parse('I read "{words}"'))
def _(shown: str, words: str) -> None:
    assert words in shown


@then(parsers.parse('I do not read "{words}"'))
def _(shown: str, words: str) -> None:
    assert words not in shown


@then(parsers.parse('I see the thumbnail of "{name}"'))
def _(shown: str, name: str) -> None:
    assert f'alt="{name}"' in shown
    assert "/thumb/" in shown
