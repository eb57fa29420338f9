"""The stories of features/pace.feature, on real files and a real PostgreSQL."""

import time

import pytest
from household import Household
from ingest_runs import hashes_below
from photo_factory import pauses
from photo_files import save_photo
from pytest_bdd import scenarios, then, when

pytestmark = pytest.mark.integration
scenarios("features/pace.feature")

HUGE_BYTES = 3 << 29
"""Zeros that take no room on disk, and a second or so to be read."""


@when("I pause the librarian")
def pause(household: Household) -> None:
    assert pauses.pause(household.connection, "librarian", "me")


@when("I resume the librarian")
def resume(household: Household) -> None:
    assert pauses.resume(household.connection, "librarian")
    household.wait()


@when("a photo is dropped into the inbox")
def drop_photo(household: Household) -> None:
    household.drop_photo("a.jpg")
    household.look_around()


@when("a huge film and 20 photos are dropped into the inbox")
def drop_all(household: Household) -> None:
    household.drop_photo("0 comes first.jpg", "black")
    with (household.settings.inbox / "0 comes first.jpg").open("ab") as film:
        film.truncate(HUGE_BYTES)
    for number in range(20):
        save_photo(household.settings.inbox / f"{number}.jpg", f"#0000{number:02x}")
    time.sleep(1.1)


@then("the photo stays in the inbox and waits")
def it_waits(household: Household) -> None:
    assert household.stored == {}
    assert (household.settings.inbox / "a.jpg").read_bytes() == household.photo
    assert household.explained()["a.jpg"][0] == "in_line"


@then("the photos are stored while the film is still being read")
def photos_first(household: Household) -> None:
    deadline = time.monotonic() + 30
    while len(household.ask("SELECT id FROM media_assets")) < 20:
        assert time.monotonic() < deadline
        household.turn()
    states = household.ask("SELECT state FROM inbox_files WHERE path = '0 comes first.jpg'")
    assert states == [("ingesting",)]


@then("in the end the film is stored as well")
def film_too(household: Household) -> None:
    household.wait()
    assert len(household.stored_names()) == 21
    assert hashes_below(household.settings.inbox) == {}
