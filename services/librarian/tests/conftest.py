"""What stories of the librarian share: the household, and the sentences that many begin with."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from household import Household
from ingest_runs import files_below
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection
from pytest_bdd import given, parsers, then, when


@pytest.fixture
def household(tmp_path: Path, database_url: str, connection: Connection) -> Iterator[Household]:
    """A household whose librarian takes files in at once."""
    signal.signal(signal.SIGIO, signal.SIG_IGN)  # as the service does, whose leases may be broken
    settings = LibrarianSettings(
        data_dir=tmp_path,
        database_url=database_url,
        stability_seconds=0,
        incomplete_seconds=0,
        watch_mode="poll",
        poll_scan_seconds=1,
    )
    one = Household(settings, connection)
    yield one
    one.close()


@given("an empty library")
def empty_library(household: Household) -> None:
    household.wait()
    assert household.stored == {}


@given("a library with a photo")
def library_with_photo(household: Household) -> None:
    household.drop_photo("IMG_1.jpg")
    household.wait()
    assert list(household.stored.values()) == [household.photo]


@given(parsers.parse("a folder of the phone that is called {name} and only read"))
def kept_inbox(household: Household, name: str) -> None:
    household.change(more_inboxes=f"{name}:keep:{household.settings.data / name}")
    household.turn()


@when("six hours pass")
def hours_pass(household: Household) -> None:
    household.pass_hours(6)
    household.wait()


@then("the inbox is empty")
def inbox_is_empty(household: Household) -> None:
    assert files_below(household.settings.inbox) == []


@then("the library holds one photo")
def holds_one(household: Household) -> None:
    assert list(household.stored.values()) == [household.photo]
    assert household.holds(household.photo)


@then(parsers.re(r"the library holds (?P<names>[^ ]+(?:, [^ ]+)*) side by side"))
def side_by_side(household: Household, names: str) -> None:
    folders = {path.rpartition("/")[0] for path in household.stored}
    assert len(folders) == 1
    assert household.stored_names() >= set(names.split(", "))


@then(parsers.parse('{name} is explained: "{sentence}"'))
def is_explained(household: Household, name: str, sentence: str) -> None:
    assert sentence in household.explained()[name][1]


@given("somebody deletes the original from the library")
@when("somebody deletes the original from the library")
def delete_original(household: Household) -> None:
    (path,) = household.stored
    (household.settings.library / path).unlink()
    household.wait()


@then(parsers.re("the library holds (?P<count>two|three) photos"))
def holds_several(household: Household, count: str) -> None:
    contents = set(household.stored.values())
    assert len(household.stored) == len(contents) == {"two": 2, "three": 3}[count]
    assert all(household.holds(content) for content in contents)


@then("no alert is left")
def no_alert(household: Household) -> None:
    household.watch_over()
    assert household.ask("SELECT code FROM alerts WHERE resolved_at IS NULL") == []
    assert household.librarian.status().state == "healthy"
