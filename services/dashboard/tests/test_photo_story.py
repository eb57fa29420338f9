"""The story of a photo's date."""

from pathlib import Path

import dashboard
import pytest
import streamlit as st
from asset_rows import insert_assets
from dashboard.reader import Reader, share
from dashboard.settings import DashboardSettings
from dated_rows import correct, doubt, insert_well_known
from photo_factory.database import Connection
from pytest_bdd import given, parsers, scenarios, then, when
from streamlit.testing.v1 import AppTest

pytestmark = pytest.mark.integration
scenarios("features/photo.feature")


class Screen:
    """What was shown last."""

    def __init__(self) -> None:
        self.html = ""

    def open(self, page: str, **query: str) -> None:
        """Open a page of the dashboard."""
        main = Path(dashboard.__file__).parent / "main.py"
        visit = AppTest.from_file(str(main), default_timeout=30)
        for name, value in query.items():
            visit.query_params[name] = value
        visit.run().switch_page(page).run()
        assert not visit.exception
        self.html = "".join(element.proto.body for element in visit.get("html"))


@pytest.fixture
def screen(reader: Reader) -> Screen:
    share(reader)
    st.cache_data.clear()
    return Screen()


@given("a photo that its camera dated, in a zone known by its place", target_fixture="photo")
def _(connection: Connection, settings: DashboardSettings) -> int:
    return insert_well_known(connection, settings.derivatives, "a.jpg")


@given("a photo of which nothing says when it was taken", target_fixture="photo")
def _(connection: Connection) -> int:
    (asset_id,) = insert_assets(connection, ["a.jpg"])
    doubt(connection, [asset_id], "none")
    return asset_id


@given(parsers.parse('a photo whose date was corrected by "{author}"'), target_fixture="photo")
def _(connection: Connection, author: str) -> int:
    (asset_id,) = insert_assets(connection, ["a.jpg"])
    correct(connection, asset_id, author)
    return asset_id


@when("I open its page")
def _(screen: Screen, photo: int) -> None:
    screen.open("screens/asset.py", id=str(photo))


@when("I open Needs attention")
def _(screen: Screen) -> None:
    screen.open("screens/attention.py")


@then(parsers.parse('I read "{words}"'))
def _(screen: Screen, words: str) -> None:
    assert words in screen.html.replace("&#x27;", "'")


@then(parsers.parse('I do not read "{words}"'))
def _(screen: Screen, words: str) -> None:
    assert words not in screen.html
